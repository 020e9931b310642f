# Derived from spec/sample.rst by `mdevref derive`; edit the spec, not this file.
Feature: Registers

  @sample.reset-state @must @sample @basis.kernel
  Rule: sample.reset-state
    The registers of a new card's ports MUST have the values in the table below.

    Scenario Outline: Register of a new card [<case>]
      Given a card A with two ports
      Then <register> of port <port> of A reads <byte>

      Examples: sample-reset-state
        | case               | port | register | byte |
        | IER                | 0    | IER      | 00   |
        | IIR                | 0    | IIR      | c1   |
        | LCR                | 0    | LCR      | 00   |
        | MCR                | 0    | MCR      | 00   |
        | LSR                | 0    | LSR      | 60   |
        | MSR                | 0    | MSR      | b3   |
        | SCR                | 0    | SCR      | 00   |
        | IIR of second port | 1    | IIR      | c1   |
        | LSR of second port | 1    | LSR      | 60   |
        | MSR of second port | 1    | MSR      | b3   |

  @sample.16550a @must @sample @basis.document
  Rule: sample.16550a
    Each port MUST identify itself as a 16550A.

    A driver recognizes a 16550A by two properties. The two high bits of IIR are set once the FIFO is
    enabled, and SCR keeps any byte that is written to it.

    Scenario Outline: Identification of a port [<case>]
      Given a card A with two ports
      When "SCR 00, FCR 01" is written to the registers of port <port> of A
      Then SCR of port <port> of A reads 00
      And IIR of port <port> of A reads c1
      When "SCR ff" is written to the registers of port <port> of A
      Then SCR of port <port> of A reads ff

      Examples: sample-ports
        | case        | port |
        | first port  | 0    |
        | second port | 1    |

  @sample.kept @must @sample @basis.kernel
  Rule: sample.kept
    Each register in the table below MUST read as the byte that was last written to it.

    Scenario Outline: Register that keeps a written byte [<case>]
      Given a card A with two ports
      When "<register> <byte>" is written to the registers of port 0 of A
      Then <register> of port 0 of A reads <byte>

      Examples: sample-kept
        | case                    | register | byte |
        | line control            | LCR      | 03   |
        | line control, DLAB      | LCR      | 83   |
        | line control, break     | LCR      | 5f   |
        | modem control           | MCR      | 0b   |
        | modem control, loop     | MCR      | 10   |
        | modem control, all bits | MCR      | ff   |
        | scratch                 | SCR      | 5a   |
        | scratch, no bits        | SCR      | 00   |
        | scratch, all bits       | SCR      | ff   |

  @sample.ier @must @sample @basis.kernel
  Rule: sample.ier
    A read of IER MUST return the low four bits of the byte that was last written to it.

    Scenario Outline: Read of IER after a write [<case>]
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "IER <written>" is written to the registers of port 0 of A
      Then IER of port 0 of A reads <byte>

      Examples: sample-ier
        | case                | written | byte |
        | one interrupt       | 01      | 01   |
        | all four interrupts | 0f      | 0f   |
        | other bits as well  | f5      | 05   |
        | only other bits     | f0      | 00   |

  @sample.status-read-only @must @sample @basis.kernel
  Rule: sample.status-read-only
    A write to LSR or MSR MUST have no effect.

    Scenario: Write to the status registers
      Given a card A with two ports
      When "a" is sent to port 0 of A
      And "LSR ff, MSR ff" is written to the registers of port 0 of A
      Then LSR of port 0 of A reads 01
      And MSR of port 0 of A reads b3
      When "LSR 00, MSR 00" is written to the registers of port 0 of A
      Then LSR of port 0 of A reads 01
      And MSR of port 0 of A reads b3

  @sample.lsr @must @sample @basis.kernel
  Rule: sample.lsr
    LSR MUST read as 01 while the FIFO holds a byte, and as 60 while the FIFO is empty.

    After an overrun, bit 1 is set as well.

    Scenario: Line status before and after the last byte is received
      Given a card A with two ports
      When "FCR 01" is written to the registers of port 0 of A
      And "ab" is sent to port 0 of A
      Then LSR of port 0 of A reads 01
      When a byte is received from port 0 of A
      Then LSR of port 0 of A reads 01
      When a byte is received from port 0 of A
      Then LSR of port 0 of A reads 60

  @sample.msr-flow-control @must @sample @basis.kernel
  Rule: sample.msr-flow-control
    MSR MUST NOT have CTS set while bit 5 of MCR is set and the FIFO is full.

    Bit 5 of MCR enables automatic flow control. This is why the document's walk-through disables
    hardware flow control.

    Scenario: Modem status with automatic flow control
      Given a card A with two ports
      When "FCR 00, MCR 20" is written to the registers of port 0 of A
      Then MSR of port 0 of A reads b3
      When "a" is sent to port 0 of A
      Then MSR of port 0 of A reads a2
      When "MCR 00" is written to the registers of port 0 of A
      Then MSR of port 0 of A reads b3

  @sample.divisor @must @sample @basis.kernel
  Rule: sample.divisor
    While bit 7 of LCR is set, offsets 0 and 1 MUST access the divisor instead of data and IER.

    Scenario: Write and read of the divisor
      Given a card A with two ports
      When "a" is sent to port 0 of A
      And "LCR 83, DLL 0c, DLM 01" is written to the registers of port 0 of A
      Then DLL of port 0 of A reads 0c
      And DLM of port 0 of A reads 01
      When "LCR 03" is written to the registers of port 0 of A
      Then IER of port 0 of A reads 00
      And "a" is received from port 0 of A
      And LSR of port 0 of A reads 60

  @sample.divisor-adds-up @must @sample @basis.kernel
  Rule: sample.divisor-adds-up
    A write to the divisor MUST combine the written byte with the current byte by bitwise OR.

    Scenario: Two writes to each byte of the divisor
      Given a card A with two ports
      When "LCR 83, DLL 01, DLL 0c, DLM 10, DLM 02" is written to the registers of port 0 of A
      Then DLL of port 0 of A reads 0d
      And DLM of port 0 of A reads 12

  @sample.divisor-zero @must @sample @basis.kernel
  Rule: sample.divisor-zero
    Writing LCR with bit 7 set MUST set the divisor to zero.

    Scenario: Divisor after another write to LCR
      Given a card A with two ports
      When "LCR 83, DLL 0c, DLM 01, LCR 03, LCR 83" is written to the registers of port 0 of A
      Then DLL of port 0 of A reads 00
      And DLM of port 0 of A reads 00

  @sample.fifo-clear @must @sample @basis.kernel
  Rule: sample.fifo-clear
    Writing FCR with bit 1 or bit 2 set MUST empty the FIFO.

    Both directions share one FIFO, so either bit empties it.

    Scenario Outline: Write to FCR that clears the FIFO [<case>]
      Given a card A with two ports
      When "ab" is sent to port 0 of A
      And "FCR <byte>" is written to the registers of port 0 of A
      Then LSR of port 0 of A reads 60
      When "c" is sent to port 0 of A
      Then "c" is received from port 0 of A

      Examples: sample-fifo-clear
        | case              | byte |
        | clear receiver    | 03   |
        | clear transmitter | 05   |
        | clear both        | 07   |
        | clear and disable | 06   |

  @sample.fifo-kept @must @sample @basis.kernel
  Rule: sample.fifo-kept
    Writing FCR with bits 1 and 2 clear MUST NOT change the bytes in the FIFO.

    Scenario Outline: Write to FCR while the FIFO holds bytes [<case>]
      Given a card A with two ports
      When "abc" is sent to port 0 of A
      And "FCR <byte>" is written to the registers of port 0 of A
      Then "abc" is received from port 0 of A

      Examples: sample-fifo-kept
        | case                  | byte |
        | enable                | 01   |
        | disable               | 00   |
        | highest trigger level | c1   |

  @sample.fifo-disabled @must @sample @basis.kernel
  Rule: sample.fifo-disabled
    While its FIFO is disabled, a port MUST drop a byte that is sent while an earlier byte is unread.

    Scenario: Two bytes while the FIFO is disabled
      Given a card A with two ports
      When "FCR 00" is written to the registers of port 0 of A
      And "ab" is sent to port 0 of A
      Then "a" is received from port 0 of A
      When "FCR 01" is written to the registers of port 0 of A
      And "c" is sent to port 0 of A
      Then "c" is received from port 0 of A

  @sample.overrun @must @sample @basis.kernel
  Rule: sample.overrun
    LSR MUST have bit 1 set after a byte is dropped, until the port accepts another byte.

    Bit 1 reports an overrun. Neither reading a register nor clearing the FIFO resets the bit.

    Scenario: Overrun until the next accepted byte
      Given a card A with two ports
      When "FCR 00" is written to the registers of port 0 of A
      And "ab" is sent to port 0 of A
      Then LSR of port 0 of A reads 03
      And LSR of port 0 of A reads 03
      When a byte is received from port 0 of A
      Then LSR of port 0 of A reads 62
      When "FCR 07" is written to the registers of port 0 of A
      Then LSR of port 0 of A reads 62
      When "c" is sent to port 0 of A
      Then LSR of port 0 of A reads 01

  @sample.iir @must @sample @basis.kernel
  Rule: sample.iir
    IIR MUST report the bitwise OR of all causes that are enabled and present.

    The causes are 04 for a received byte, 02 for an empty FIFO and 06 for an overrun. The value 01
    means that there is no cause. The two high bits are always set as well. A read of IIR does not clear
    a cause.

    Scenario Outline: Two reads of IIR [<case>]
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "<writes>" is written to the registers of port 0 of A
      Then IIR of port 0 of A reads <byte>
      And IIR of port 0 of A reads <byte>

      Examples: sample-iir
        | case                           | writes                       | byte |
        | none enabled                   | FCR 00, TX 41, TX 42         | c1   |
        | received data enabled, no byte | FCR 01, IER 01               | c1   |
        | received data enabled, a byte  | FCR 01, IER 01, TX 41        | c4   |
        | empty FIFO enabled, no byte    | FCR 01, IER 02               | c2   |
        | empty FIFO enabled, a byte     | FCR 01, IER 02, TX 41        | c1   |
        | both enabled, no byte          | FCR 01, IER 03               | c2   |
        | both enabled, a byte           | FCR 01, IER 03, TX 41        | c4   |
        | overrun                        | FCR 00, IER 04, TX 41, TX 42 | c6   |
        | overrun and received data      | FCR 00, IER 05, TX 41, TX 42 | c6   |
        | modem lines                    | FCR 01, IER 08, MCR 0b       | c1   |

  @sample.iir-first @must @sample @basis.kernel
  Rule: sample.iir-first
    Before FCR is first written, IIR MUST report an enabled received-data interrupt as pending even
    while the FIFO is empty.

    Scenario: IIR before FCR is first written
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "IER 01" is written to the registers of port 0 of A
      Then IIR of port 0 of A reads c4
      When "IER 03" is written to the registers of port 0 of A
      Then IIR of port 0 of A reads c6

  @sample.wide-write @must @sample @basis.kernel
  Rule: sample.wide-write
    An aligned write of two or four bytes to a port MUST have the effect of writing only its first byte.

    The first byte goes to the register at which the write begins. The other bytes are ignored.

    Scenario: Write of two bytes
      Given a card A with two ports
      When "FCR 01" is written to the registers of port 0 of A
      And the bytes 610f are written to TX of port 0 of A in one write
      Then "a" is received from port 0 of A
      And LSR of port 0 of A reads 60
      And IER of port 0 of A reads 00

    Scenario: Write of four bytes
      Given a card A with two ports
      When the bytes 0b000055 are written to MCR of port 0 of A in one write
      Then MCR of port 0 of A reads 0b
      And SCR of port 0 of A reads 00

  @sample.wide-read @must @sample @basis.kernel
  Rule: sample.wide-read
    An aligned read of four bytes from a port MUST read only the register at which it begins.

    Scenario: Read of four bytes
      Given a card A with two ports
      When "FCR 01" is written to the registers of port 0 of A
      And "ab" is sent to port 0 of A
      And 4 bytes are read from RX of port 0 of A in one read
      Then the first byte read is 61
      And "b" is received from port 0 of A

  @sample.ungated @must @sample @basis.kernel
  Rule: sample.ungated
    A port MUST respond regardless of the command register and the BARs in configuration space.

    Scenario: Port with I/O disabled and no address
      Given a card A with two ports
      When the bytes 0000 are written to the configuration space of A at 0x04
      And the bytes 00000000 are written to the configuration space of A at 0x10
      And "SCR 5a" is written to the registers of port 0 of A
      Then SCR of port 0 of A reads 5a

  @sample.ports-apart @must @sample @basis.kernel
  Rule: sample.ports-apart
    Each port of each card MUST have its own registers and its own FIFO.

    Scenario: Two ports of one card
      Given a card A with two ports
      When "SCR 5a" is written to the registers of port 0 of A
      And "a" is sent to port 0 of A
      Then SCR of port 1 of A reads 00
      And LSR of port 1 of A reads 60
      When "b" is sent to port 1 of A
      Then "a" is received from port 0 of A
      And "b" is received from port 1 of A

    Scenario: Ports of two cards
      Given a card A with one port
      And a card B with one port
      When "SCR 5a" is written to the registers of port 0 of A
      And "a" is sent to port 0 of A
      Then SCR of port 0 of B reads 00
      And LSR of port 0 of B reads 60

  @sample.reopened @must @sample @basis.kernel
  Rule: sample.reopened
    Closing and reopening a card MUST NOT change its registers, its FIFOs or its configuration space.

    Scenario: State of a card after it is reopened
      Given a card A with two ports
      When "SCR 5a" is written to the registers of port 0 of A
      And "a" is sent to port 1 of A
      And the bytes 00c00000 are written to the configuration space of A at 0x10
      And A is closed and opened again
      Then SCR of port 0 of A reads 5a
      And "a" is received from port 1 of A
      And the configuration space of A has 01c00000 at 0x10
