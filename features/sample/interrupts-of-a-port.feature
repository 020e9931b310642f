# Derived from spec/sample.rst by `mdevref derive`; edit the spec, not this file.
Feature: Interrupts of a port

  @sample.received @must @sample @basis.kernel
  Rule: sample.received
    With bit 0 of IER, the byte that comes into an empty FIFO MUST interrupt, and those that follow it
    do not, whichever trigger level FCR asks for.

    Scenario Outline: Received data [<case>]
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "FCR <byte>, IER 01" is written to the registers of port 0 of A
      Then MSI of A has not signalled
      When 1 bytes are sent to port 0 of A
      Then MSI of A has signalled 1 times
      When 14 bytes are sent to port 0 of A
      Then MSI of A has not signalled
      When 15 bytes are received from port 0 of A
      Then MSI of A has not signalled
      When 1 bytes are sent to port 0 of A
      Then MSI of A has signalled 1 times

      Examples: sample-trigger-levels
        | case     | byte |
        | 1 byte   | 01   |
        | 4 bytes  | 41   |
        | 8 bytes  | 81   |
        | 14 bytes | c1   |

  @sample.received-first @must @sample @basis.kernel
  Rule: sample.received-first
    Until FCR is written for the first time, no byte MUST interrupt.

    Scenario: Received data before the FIFO was set up
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "IER 01" is written to the registers of port 0 of A
      And 3 bytes are sent to port 0 of A
      Then MSI of A has not signalled

  @sample.empty-enabled @must @sample @basis.kernel
  Rule: sample.empty-enabled
    Writing IER with bit 1 while the FIFO is empty MUST interrupt, and does not while it is not.

    Scenario: Enabling the interrupt of an empty FIFO
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "FCR 01, IER 02" is written to the registers of port 0 of A
      Then MSI of A has signalled 1 times
      When "IER 00, TX 61, IER 02" is written to the registers of port 0 of A
      Then MSI of A has not signalled

  @sample.empty-read @must @sample @basis.kernel
  Rule: sample.empty-read
    With bit 1 of IER, each read of RX that leaves the FIFO empty MUST interrupt, even one that finds it
    so.

    Scenario: Reading the last byte, and one more
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "FCR 01, TX 61, TX 62, IER 02" is written to the registers of port 0 of A
      And 1 bytes are received from port 0 of A
      Then MSI of A has not signalled
      When 1 bytes are received from port 0 of A
      Then MSI of A has signalled 1 times
      When 1 bytes are received from port 0 of A
      Then MSI of A has signalled 1 times

  @sample.lost @must @sample @basis.kernel
  Rule: sample.lost
    With bit 2 of IER, each byte that is lost MUST interrupt.

    Scenario: Losing bytes
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "FCR 00, IER 04, TX 61" is written to the registers of port 0 of A
      Then MSI of A has not signalled
      When "TX 62, TX 63" is written to the registers of port 0 of A
      Then MSI of A has signalled 2 times

  @sample.modem @must @sample @basis.kernel
  Rule: sample.modem
    With bit 3 of IER, writing MCR MUST interrupt once for OUT2 and once for RTS or DTR.

    Scenario Outline: Modem lines [<case>]
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "IER 08, MCR <byte>" is written to the registers of port 0 of A
      Then MSI of A has signalled <count> times

      Examples: sample-modem
        | case         | byte | count |
        | none         | 00   | 0     |
        | DTR          | 01   | 1     |
        | RTS          | 02   | 1     |
        | DTR and RTS  | 03   | 1     |
        | OUT1         | 04   | 0     |
        | OUT2         | 08   | 1     |
        | OUT2 and DTR | 09   | 2     |
        | all          | 0b   | 2     |
        | loop         | 10   | 0     |

  @sample.disabled @must @sample @basis.kernel
  Rule: sample.disabled
    What is not enabled in IER MUST NOT interrupt.

    Scenario Outline: Events of interrupts that are not enabled [<case>]
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "<writes>" is written to the registers of port 0 of A
      And 1 bytes are received from port 0 of A
      Then MSI of A has not signalled

      Examples: sample-not-enabled
        | case          | writes                               |
        | received data | FCR 01, IER 0c, TX 61                |
        | empty         | FCR 01, IER 0d                       |
        | lost          | FCR 00, TX 61, IER 09, TX 62         |
        | modem lines   | FCR 01, TX 61, TX 62, IER 07, MCR 0b |
