# Derived from spec/sample.rst by `mdevref derive`; edit the spec, not this file.
Feature: Interrupts of a port

  @sample.received @must @sample @basis.kernel
  Rule: sample.received
    While bit 0 of IER is set, a byte that arrives in an empty FIFO MUST raise an interrupt.

    This applies once FCR has been written. Its trigger level makes no difference.

    Scenario Outline: First byte in an empty FIFO [<case>]
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "FCR <byte>, IER 01" is written to the registers of port 0 of A
      Then MSI of A has not signalled
      When "A" is sent to port 0 of A
      Then MSI of A has signalled once
      When a byte is received from port 0 of A
      Then MSI of A has not signalled
      When "A" is sent to port 0 of A
      Then MSI of A has signalled once

      Examples: sample-trigger-levels
        | case     | byte |
        | 1 byte   | 01   |
        | 4 bytes  | 41   |
        | 8 bytes  | 81   |
        | 14 bytes | c1   |

  @sample.received-more @must @sample @basis.kernel
  Rule: sample.received-more
    A byte that arrives in a FIFO with unread bytes MUST NOT raise a received-data interrupt.

    The trigger level in FCR makes no difference.

    Scenario Outline: Further bytes in a FIFO with unread bytes [<case>]
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "FCR <byte>, IER 01" is written to the registers of port 0 of A
      Then MSI of A has not signalled
      When "A" is sent to port 0 of A
      Then MSI of A has signalled once
      When 14 bytes are sent to port 0 of A
      Then MSI of A has not signalled
      When 15 bytes are received from port 0 of A
      Then MSI of A has not signalled
      When "A" is sent to port 0 of A
      Then MSI of A has signalled once

      Examples: sample-trigger-levels
        | case     | byte |
        | 1 byte   | 01   |
        | 4 bytes  | 41   |
        | 8 bytes  | 81   |
        | 14 bytes | c1   |

  @sample.received-first @must @sample @basis.kernel
  Rule: sample.received-first
    A received byte MUST NOT raise an interrupt before FCR is first written.

    Scenario: Bytes received before FCR is first written
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "IER 01" is written to the registers of port 0 of A
      And 3 bytes are sent to port 0 of A
      Then MSI of A has not signalled

  @sample.empty-enabled @must @sample @basis.kernel
  Rule: sample.empty-enabled
    Writing IER with bit 1 set MUST raise an interrupt while the FIFO is empty.

    Scenario: Bit 1 of IER set while the FIFO is empty
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "FCR 01, IER 02" is written to the registers of port 0 of A
      Then MSI of A has signalled once

  @sample.not-empty-enabled @must @sample @basis.kernel
  Rule: sample.not-empty-enabled
    Writing IER with bit 1 set MUST NOT raise an interrupt while the FIFO holds a byte.

    Scenario: Bit 1 of IER set while the FIFO holds a byte
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "FCR 01, IER 02" is written to the registers of port 0 of A
      Then MSI of A has signalled once
      When "IER 00, TX 61, IER 02" is written to the registers of port 0 of A
      Then MSI of A has not signalled

  @sample.empty-read @must @sample @basis.kernel
  Rule: sample.empty-read
    While bit 1 of IER is set, a read of RX that leaves the FIFO empty MUST raise an interrupt.

    This includes a read that finds the FIFO already empty.

    Scenario: Read of the last byte and of an empty FIFO
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "FCR 01, TX 61, TX 62, IER 02" is written to the registers of port 0 of A
      And a byte is received from port 0 of A
      Then MSI of A has not signalled
      When a byte is received from port 0 of A
      Then MSI of A has signalled once
      When a byte is received from port 0 of A
      Then MSI of A has signalled once

  @sample.lost @must @sample @basis.kernel
  Rule: sample.lost
    While bit 2 of IER is set, each dropped byte MUST raise an interrupt.

    Scenario: Two dropped bytes
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "FCR 00, IER 04, TX 61" is written to the registers of port 0 of A
      Then MSI of A has not signalled
      When "TX 62, TX 63" is written to the registers of port 0 of A
      Then MSI of A has signalled 2 times

  @sample.modem @must @sample @basis.kernel
  Rule: sample.modem
    While bit 3 of IER is set, writing MCR MUST raise one interrupt for OUT2 and one for RTS or DTR.

    RTS and DTR together raise only one interrupt.

    Scenario Outline: Write to MCR [<case>]
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "IER 08, MCR <byte>" is written to the registers of port 0 of A
      Then MSI of A has signalled <count> times

      Examples: sample-modem
        | case              | byte | count |
        | no line           | 00   | 0     |
        | DTR               | 01   | 1     |
        | RTS               | 02   | 1     |
        | DTR and RTS       | 03   | 1     |
        | OUT1              | 04   | 0     |
        | OUT2              | 08   | 1     |
        | OUT2 and DTR      | 09   | 2     |
        | OUT2, RTS and DTR | 0b   | 2     |
        | loop bit          | 10   | 0     |

  @sample.disabled @must @sample @basis.kernel
  Rule: sample.disabled
    An event whose bit in IER is clear MUST NOT raise an interrupt.

    Scenario Outline: Event whose interrupt is not enabled [<case>]
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "<writes>" is written to the registers of port 0 of A
      And a byte is received from port 0 of A
      Then MSI of A has not signalled

      Examples: sample-not-enabled
        | case          | writes                               |
        | received data | FCR 01, IER 0c, TX 61                |
        | empty FIFO    | FCR 01, IER 0d                       |
        | dropped byte  | FCR 00, TX 61, IER 09, TX 62         |
        | modem lines   | FCR 01, TX 61, TX 62, IER 07, MCR 0b |
