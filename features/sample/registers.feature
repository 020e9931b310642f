# Derived from spec/sample.rst by `mdevref derive`; edit the spec, not this file.
Feature: Registers

  @sample.reset-state @must @sample @basis.kernel
  Rule: sample.reset-state
    The registers of a new card's ports MUST have the bytes of the table.

    Scenario Outline: A register of a new card [<case>]
      Given a card A with two ports
      Then <register> of port <port> of A reads <byte>

      Examples: sample-reset-state
        | case       | port | register | byte |
        | IER        | 0    | IER      | 00   |
        | IIR        | 0    | IIR      | c1   |
        | LCR        | 0    | LCR      | 00   |
        | MCR        | 0    | MCR      | 00   |
        | LSR        | 0    | LSR      | 60   |
        | MSR        | 0    | MSR      | b3   |
        | SCR        | 0    | SCR      | 00   |
        | second IIR | 1    | IIR      | c1   |
        | second LSR | 1    | LSR      | 60   |
        | second MSR | 1    | MSR      | b3   |

  @sample.16550a @must @sample @basis.document
  Rule: sample.16550a
    Each port MUST be what drivers take for a 16550A: the two high bits of IIR are set once the FIFO is
    enabled, and SCR keeps any byte.

    Scenario Outline: A port that is taken for a 16550A [<case>]
      Given a card A with two ports
      When "SCR 00, FCR 01" is written to the registers of port <port> of A
      Then SCR of port <port> of A reads 00
      And IIR of port <port> of A reads c1
      When "SCR ff" is written to the registers of port <port> of A
      Then SCR of port <port> of A reads ff

      Examples: sample-ports
        | case   | port |
        | first  | 0    |
        | second | 1    |

  @sample.kept @must @sample @basis.kernel
  Rule: sample.kept
    A register of the table MUST read as what was written to it.

    Scenario Outline: A register that keeps what is written [<case>]
      Given a card A with two ports
      When "<register> <byte>" is written to the registers of port 0 of A
      Then <register> of port 0 of A reads <byte>

      Examples: sample-kept
        | case                | register | byte |
        | line control        | LCR      | 03   |
        | line control, DLAB  | LCR      | 83   |
        | line control, break | LCR      | 5f   |
        | modem control       | MCR      | 0b   |
        | modem control, loop | MCR      | 10   |
        | modem control, all  | MCR      | ff   |
        | scratch             | SCR      | 5a   |
        | scratch, none       | SCR      | 00   |
        | scratch, all        | SCR      | ff   |

  @sample.ier @must @sample @basis.kernel
  Rule: sample.ier
    IER MUST read as the low four bits of what was written to it.

    Scenario Outline: Enabled interrupts [<case>]
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "IER <written>" is written to the registers of port 0 of A
      Then IER of port 0 of A reads <byte>

      Examples: sample-ier
        | case        | written | byte |
        | one         | 01      | 01   |
        | all four    | 0f      | 0f   |
        | beyond four | f5      | 05   |
        | high ones   | f0      | 00   |

  @sample.status-read-only @must @sample @basis.kernel
  Rule: sample.status-read-only
    A write to LSR or MSR MUST change nothing.

    Scenario: Writing the status registers
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
    LSR MUST read as 01 while there is a byte to receive, and as 60 while there is none.

    Scenario: Line status as bytes come and go
      Given a card A with two ports
      When "FCR 01" is written to the registers of port 0 of A
      And "ab" is sent to port 0 of A
      Then LSR of port 0 of A reads 01
      When 1 bytes are received from port 0 of A
      Then LSR of port 0 of A reads 01
      When 1 bytes are received from port 0 of A
      Then LSR of port 0 of A reads 60

  @sample.msr-flow-control @must @sample @basis.kernel
  Rule: sample.msr-flow-control
    With bit 5 of MCR, automatic flow control, MSR MUST NOT have CTS while the FIFO is full.

    That is why the document has hardware flow control disabled.

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
    While LCR has bit 7, the first two registers MUST be the divisor, and neither data nor enabled
    interrupts.

    Scenario: Setting the divisor
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
    A byte that is written to the divisor MUST be added, bit by bit, to what the divisor has.

    Scenario: Setting the divisor twice
      Given a card A with two ports
      When "LCR 83, DLL 01, DLL 0c, DLM 10, DLM 02" is written to the registers of port 0 of A
      Then DLL of port 0 of A reads 0d
      And DLM of port 0 of A reads 12

  @sample.divisor-zero @must @sample @basis.kernel
  Rule: sample.divisor-zero
    Writing LCR with bit 7 MUST set the divisor to zero.

    Scenario: A new divisor
      Given a card A with two ports
      When "LCR 83, DLL 0c, DLM 01, LCR 03, LCR 83" is written to the registers of port 0 of A
      Then DLL of port 0 of A reads 00
      And DLM of port 0 of A reads 00

  @sample.fifo-clear @must @sample @basis.kernel
  Rule: sample.fifo-clear
    Writing FCR with bit 1 or bit 2 MUST empty the FIFO, of which there is one for both directions.

    Scenario Outline: Clearing the FIFO [<case>]
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
    Writing FCR without these bits MUST leave in the FIFO what is in it.

    Scenario Outline: Switching the FIFO [<case>]
      Given a card A with two ports
      When "abc" is sent to port 0 of A
      And "FCR <byte>" is written to the registers of port 0 of A
      Then "abc" is received from port 0 of A

      Examples: sample-fifo-kept
        | case            | byte |
        | enable          | 01   |
        | disable         | 00   |
        | highest trigger | c1   |

  @sample.fifo-disabled @must @sample @basis.kernel
  Rule: sample.fifo-disabled
    While the FIFO is disabled, a byte that is sent before the last was received MUST be lost.

    Scenario: Two bytes without FIFO
      Given a card A with two ports
      When "FCR 00" is written to the registers of port 0 of A
      And "ab" is sent to port 0 of A
      Then "a" is received from port 0 of A
      When "FCR 01" is written to the registers of port 0 of A
      And "c" is sent to port 0 of A
      Then "c" is received from port 0 of A

  @sample.overrun @must @sample @basis.kernel
  Rule: sample.overrun
    Once a byte was lost, LSR MUST have bit 1 until a byte that is sent is taken, whatever is read or
    cleared meanwhile.

    Scenario: An overrun and its end
      Given a card A with two ports
      When "FCR 00" is written to the registers of port 0 of A
      And "ab" is sent to port 0 of A
      Then LSR of port 0 of A reads 03
      And LSR of port 0 of A reads 03
      When 1 bytes are received from port 0 of A
      Then LSR of port 0 of A reads 62
      When "FCR 07" is written to the registers of port 0 of A
      Then LSR of port 0 of A reads 62
      When "c" is sent to port 0 of A
      Then LSR of port 0 of A reads 01

  @sample.iir @must @sample @basis.kernel
  Rule: sample.iir
    IIR MUST have the causes that are enabled and present all at once, as in the table.

    A cause is 04 for a received byte, 02 for an empty FIFO, 06 for an overrun; 01 says that there is
    none. Reading it ends none of them.

    Scenario Outline: Pending interrupts [<case>]
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "<writes>" is written to the registers of port 0 of A
      Then IIR of port 0 of A reads <byte>
      And IIR of port 0 of A reads <byte>

      Examples: sample-iir
        | case               | writes                       | byte |
        | nothing enabled    | FCR 00, TX 41, TX 42         | c1   |
        | no byte            | FCR 01, IER 01               | c1   |
        | a byte             | FCR 01, IER 01, TX 41        | c4   |
        | empty              | FCR 01, IER 02               | c2   |
        | not empty          | FCR 01, IER 02, TX 41        | c1   |
        | empty, or a byte   | FCR 01, IER 03               | c2   |
        | a byte, or empty   | FCR 01, IER 03, TX 41        | c4   |
        | overrun            | FCR 00, IER 04, TX 41, TX 42 | c6   |
        | overrun and a byte | FCR 00, IER 05, TX 41, TX 42 | c6   |
        | modem lines        | FCR 01, IER 08, MCR 0b       | c1   |

  @sample.iir-first @must @sample @basis.kernel
  Rule: sample.iir-first
    Until FCR is written for the first time, no byte at all MUST be enough to be taken for a received
    one.

    Scenario: Pending interrupts before the FIFO was set up
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When "IER 01" is written to the registers of port 0 of A
      Then IIR of port 0 of A reads c4
      When "IER 03" is written to the registers of port 0 of A
      Then IIR of port 0 of A reads c6

  @sample.wide-write @must @sample @basis.kernel
  Rule: sample.wide-write
    Of bytes that are written at once to a port, the first MUST go to the register at which the write
    begins, and the others of an aligned pair or four nowhere.

    Scenario: Two bytes at once to a port
      Given a card A with two ports
      When "FCR 01" is written to the registers of port 0 of A
      And the bytes 610f are written at once to TX of port 0 of A
      Then "a" is received from port 0 of A
      And LSR of port 0 of A reads 60
      And IER of port 0 of A reads 00

    Scenario: Four bytes at once to a port
      Given a card A with two ports
      When the bytes 0b000055 are written at once to MCR of port 0 of A
      Then MCR of port 0 of A reads 0b
      And SCR of port 0 of A reads 00

  @sample.wide-read @must @sample @basis.kernel
  Rule: sample.wide-read
    Reading an aligned four of bytes at once from a port MUST read only the register at which they
    begin.

    Scenario: Four bytes at once from a port
      Given a card A with two ports
      When "FCR 01" is written to the registers of port 0 of A
      And "ab" is sent to port 0 of A
      And 4 bytes are read at once at RX of port 0 of A
      Then the first byte that was read is 61
      And "b" is received from port 0 of A

  @sample.ungated @must @sample @basis.kernel
  Rule: sample.ungated
    The ports MUST answer whatever the command register and the BARs in configuration space have.

    Scenario: A port without an address
      Given a card A with two ports
      When the bytes 0000 are written to the configuration space of A at 0x04
      And the bytes 00000000 are written to the configuration space of A at 0x10
      And "SCR 5a" is written to the registers of port 0 of A
      Then SCR of port 0 of A reads 5a

  @sample.ports-apart @must @sample @basis.kernel
  Rule: sample.ports-apart
    The ports of a card, and those of two cards, MUST have registers and FIFOs of their own.

    Scenario: Two ports of a card
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
    Closing a card and opening it again MUST NOT change its registers, its FIFOs and its configuration
    space.

    Scenario: A card after it was closed
      Given a card A with two ports
      When "SCR 5a" is written to the registers of port 0 of A
      And "a" is sent to port 1 of A
      And the bytes 00c00000 are written to the configuration space of A at 0x10
      And A is closed and opened again
      Then SCR of port 0 of A reads 5a
      And "a" is received from port 1 of A
      And the configuration space of A has 01c00000 at 0x10
