# Derived from spec/sample.rst by `mdevref derive`; edit the spec, not this file.
Feature: Configuration space

  @sample.config @must @sample @basis.document
  Rule: sample.config
    The configuration space of a new card with two ports MUST contain the bytes in the table above.

    They describe a serial controller 4348:3253, revision 10, with the programming interface of a 16550.
    I/O is enabled, there are no capabilities, and the interrupt pin is A.

    Scenario Outline: Configuration space of a new card [<case>]
      Given a card A with two ports
      Then the configuration space of A has <bytes> at <offset>

      Examples: sample-config
        | case          | offset | bytes    |
        | IDs           | 0x00   | 48435332 |
        | command       | 0x04   | 0100     |
        | status        | 0x06   | 0002     |
        | revision      | 0x08   | 10       |
        | class         | 0x09   | 020007   |
        | first BAR     | 0x10   | 01000000 |
        | second BAR    | 0x14   | 01000000 |
        | subsystem     | 0x2c   | 48435332 |
        | interrupt pin | 0x3d   | 01       |

  @sample.config-vendor @must @sample @basis.kernel
  Rule: sample.config-vendor
    The configuration space of a new card MUST contain the vendor's bytes in the table below, from 0x40
    on.

    Scenario Outline: Vendor's bytes in configuration space [<case>]
      Given a card A with two ports
      Then the configuration space of A has <bytes> at <offset>

      Examples: sample-config-vendor
        | case        | offset | bytes                          |
        | first word  | 0x40   | 23000080                       |
        | second word | 0x44   | 23000000                       |
        | third word  | 0x48   | 23000000                       |
        | fourth word | 0x4c   | 23000000                       |
        | text        | 0x60   | 5043492053657269616c2f55415254 |

  @sample.config-zero @must @sample @basis.document
  Rule: sample.config-zero
    Each byte of a new card's standard header MUST be zero unless the first table of this section lists
    it.

    The standard header consists of the bytes below 0x40.

    Scenario Outline: Zero bytes of a new card's standard header [<case>]
      Given a card A with two ports
      Then the configuration space of A has <count> zero bytes at <offset>

      Examples: sample-config-zero
        | case                         | offset | count |
        | cache line size to self test | 0x0c   | 4     |
        | third to sixth BAR           | 0x18   | 16    |
        | CardBus pointer              | 0x28   | 4     |
        | ROM                          | 0x30   | 4     |
        | capabilities pointer         | 0x34   | 1     |
        | reserved                     | 0x35   | 7     |
        | interrupt line               | 0x3c   | 1     |
        | latencies                    | 0x3e   | 2     |

  @sample.config-one-port @must @sample @basis.kernel
  Rule: sample.config-one-port
    The second BAR of a card with one port MUST read as zero, even after a write to it.

    Scenario: Second BAR of a card with one port
      Given a card A with one port
      Then the configuration space of A has 10020007 at 0x08
      And the configuration space of A has 01000000 at 0x10
      And the configuration space of A has 00000000 at 0x14
      When the bytes ffffffff are written to the configuration space of A at 0x14
      Then the configuration space of A has 00000000 at 0x14

  @sample.config-constant @must @sample @basis.kernel
  Rule: sample.config-constant
    A card MUST accept and ignore each write in the table below to a read-only field of configuration
    space.

    Scenario Outline: Write to a read-only field [<case>]
      Given a card A with two ports
      When the bytes <written> are written to the configuration space of A at <offset>
      Then the configuration space of A has <bytes> at <offset>

      Examples: sample-config-constant
        | case           | offset | written  | bytes    |
        | IDs            | 0x00   | ffff     | 4843     |
        | command        | 0x04   | 0700     | 0100     |
        | status         | 0x06   | ffff     | 0002     |
        | revision       | 0x08   | ffffffff | 10020007 |
        | third BAR      | 0x18   | ffffffff | 00000000 |
        | fourth BAR     | 0x1c   | ffffffff | 00000000 |
        | fifth BAR      | 0x20   | ffffffff | 00000000 |
        | sixth BAR      | 0x24   | ffffffff | 00000000 |
        | subsystem      | 0x2c   | ffffffff | 48435332 |
        | ROM            | 0x30   | ffffffff | 00000000 |
        | capabilities   | 0x34   | ff       | 00       |
        | interrupt pin  | 0x3d   | ff       | 01       |
        | latency        | 0x3e   | ff       | 00       |
        | vendor's bytes | 0x40   | ff       | 23       |

  @sample.bar-size @must @sample @basis.document
  Rule: sample.bar-size
    A BAR of a port MUST read as an I/O BAR of 8 bytes after all ones were written to it.

    Scenario Outline: Size probe of a BAR [<case>]
      Given a card A with two ports
      When the bytes ffffffff are written to the configuration space of A at <offset>
      Then the configuration space of A has f9ffffff at <offset>

      Examples: sample-bars
        | case       | offset |
        | first BAR  | 0x10   |
        | second BAR | 0x14   |

  @sample.bar-address @must @sample @basis.document
  Rule: sample.bar-address
    A BAR of a port MUST read as the address that was written to it, with bit 0 set.

    Bit 0 marks the BAR as an I/O BAR.

    Scenario Outline: Address written to a BAR [<case>]
      Given a card A with two ports
      When the bytes ffffffff are written to the configuration space of A at <offset>
      And the bytes <written> are written to the configuration space of A at <offset>
      Then the configuration space of A has <bytes> at <offset>

      Examples: sample-bar-addresses
        | case                  | offset | written  | bytes    |
        | document's first BAR  | 0x10   | 50c10000 | 51c10000 |
        | document's second BAR | 0x14   | 58c10000 | 59c10000 |
        | another address       | 0x10   | 00c00000 | 01c00000 |
        | zero                  | 0x10   | 00000000 | 01000000 |

  @sample.bar-unaligned @must @sample @basis.kernel
  Rule: sample.bar-unaligned
    A BAR of a port MUST keep a written address that is not a multiple of the BAR's size.

    A write of all ones is the exception, because it probes the size of the BAR.

    Scenario: Unaligned address
      Given a card A with two ports
      When the bytes 04c00000 are written to the configuration space of A at 0x10
      Then the configuration space of A has 05c00000 at 0x10

  @sample.bar-low-bits @must @sample @basis.kernel
  Rule: sample.bar-low-bits
    Each of the low two bits of a port's BAR MUST stay set once it is set.

    Scenario: Low two bits after a second address
      Given a card A with two ports
      When the bytes 02c00000 are written to the configuration space of A at 0x10
      Then the configuration space of A has 03c00000 at 0x10
      When the bytes 00d00000 are written to the configuration space of A at 0x10
      Then the configuration space of A has 03d00000 at 0x10

  @sample.config-line @must @sample @basis.document
  Rule: sample.config-line
    The interrupt line register MUST keep the value that is written to it.

    Scenario: Write to the interrupt line
      Given a card A with two ports
      When the bytes 0a are written to the configuration space of A at 0x3c
      Then the configuration space of A has 0a01 at 0x3c

  @sample.config-exact @must @sample @basis.kernel
  Rule: sample.config-exact
    A write to configuration space that begins in the middle of a register MUST have no effect.

    Only a write that begins at the first byte of a register takes effect.

    Scenario: Write to the upper half of a BAR
      Given a card A with two ports
      When the bytes ffff are written to the configuration space of A at 0x12
      Then the configuration space of A has 01000000 at 0x10

  @sample.config-wide @must @sample @basis.kernel
  Rule: sample.config-wide
    A write of more than 4 bytes to configuration space MUST have the same effect as successive writes
    of 4 bytes.

    Scenario: One write to both BARs
      Given a card A with two ports
      When the bytes ffffffff58c10000 are written to the configuration space of A at 0x10
      Then the configuration space of A has f9ffffff59c10000 at 0x10

  @sample.config-apart @must @sample @basis.kernel
  Rule: sample.config-apart
    A write to the configuration space of a card MUST NOT change the configuration space of another
    card.

    Scenario: Configuration space of two cards
      Given a card A with two ports
      And a card B with two ports
      When the bytes 50c10000 are written to the configuration space of A at 0x10
      Then the configuration space of B has 01000000 at 0x10
