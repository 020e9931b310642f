# Derived from spec/sample.rst by `mdevref derive`; edit the spec, not this file.
Feature: Configuration space

  @sample.config @must @sample @basis.document
  Rule: sample.config
    The configuration space of a new card with two ports MUST have the bytes of the table.

    That is a serial controller 4348:3253 of revision 10 with the interface of a 16550, I/O enabled, no
    capabilities, its interrupt at pin A.

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
    The bytes from 0x40 on of a new card MUST be the sample's own, as in the table.

    Scenario Outline: The vendor's bytes in configuration space [<case>]
      Given a card A with two ports
      Then the configuration space of A has <bytes> at <offset>

      Examples: sample-config-vendor
        | case   | offset | bytes                          |
        | first  | 0x40   | 23000080                       |
        | second | 0x44   | 23000000                       |
        | third  | 0x48   | 23000000                       |
        | fourth | 0x4c   | 23000000                       |
        | text   | 0x60   | 5043492053657269616c2f55415254 |

  @sample.config-zero @must @sample @basis.document
  Rule: sample.config-zero
    The bytes of the standard header that neither table names MUST be zero.

    Scenario Outline: Zeros in the configuration space of a new card [<case>]
      Given a card A with two ports
      Then the configuration space of A has <count> bytes of zero at <offset>

      Examples: sample-config-zero
        | case                    | offset | count |
        | cache line to self test | 0x0c   | 4     |
        | the other BARs          | 0x18   | 16    |
        | card bus                | 0x28   | 4     |
        | ROM                     | 0x30   | 4     |
        | no capabilities         | 0x34   | 1     |
        | reserved                | 0x35   | 7     |
        | no interrupt line yet   | 0x3c   | 1     |
        | latencies               | 0x3e   | 2     |

  @sample.config-one-port @must @sample @basis.kernel
  Rule: sample.config-one-port
    The second BAR of a card with one port MUST be zero, whatever is written to it.

    Scenario: The second BAR of a card with one port
      Given a card A with one port
      Then the configuration space of A has 10020007 at 0x08
      And the configuration space of A has 01000000 at 0x10
      And the configuration space of A has 00000000 at 0x14
      When the bytes ffffffff are written to the configuration space of A at 0x14
      Then the configuration space of A has 00000000 at 0x14

  @sample.config-constant @must @sample @basis.kernel
  Rule: sample.config-constant
    A write to a place of the table MUST be accepted and change nothing.

    Scenario Outline: Writing what cannot be changed [<case>]
      Given a card A with two ports
      When the bytes <written> are written to the configuration space of A at <offset>
      Then the configuration space of A has <bytes> at <offset>

      Examples: sample-config-constant
        | case          | offset | written  | bytes    |
        | IDs           | 0x00   | ffff     | 4843     |
        | command       | 0x04   | 0700     | 0100     |
        | status        | 0x06   | ffff     | 0002     |
        | revision      | 0x08   | ffffffff | 10020007 |
        | third BAR     | 0x18   | ffffffff | 00000000 |
        | fourth BAR    | 0x1c   | ffffffff | 00000000 |
        | fifth BAR     | 0x20   | ffffffff | 00000000 |
        | sixth BAR     | 0x24   | ffffffff | 00000000 |
        | subsystem     | 0x2c   | ffffffff | 48435332 |
        | ROM           | 0x30   | ffffffff | 00000000 |
        | capabilities  | 0x34   | ff       | 00       |
        | interrupt pin | 0x3d   | ff       | 01       |
        | latency       | 0x3e   | ff       | 00       |
        | vendor's      | 0x40   | ff       | 23       |

  @sample.bar-size @must @sample @basis.document
  Rule: sample.bar-size
    After all ones were written to a BAR of a port, it MUST read as an I/O BAR of 8 bytes.

    Scenario Outline: Asking a BAR for its size [<case>]
      Given a card A with two ports
      When the bytes ffffffff are written to the configuration space of A at <offset>
      Then the configuration space of A has f9ffffff at <offset>

      Examples: sample-bars
        | case       | offset |
        | first BAR  | 0x10   |
        | second BAR | 0x14   |

  @sample.bar-address @must @sample @basis.document
  Rule: sample.bar-address
    An address that is written to a BAR of a port MUST be kept, and the bit that makes it an I/O BAR
    with it.

    Scenario Outline: Giving a BAR its address [<case>]
      Given a card A with two ports
      When the bytes ffffffff are written to the configuration space of A at <offset>
      And the bytes <written> are written to the configuration space of A at <offset>
      Then the configuration space of A has <bytes> at <offset>

      Examples: sample-bar-addresses
        | case             | offset | written  | bytes    |
        | document's first | 0x10   | 50c10000 | 51c10000 |
        | document's other | 0x14   | 58c10000 | 59c10000 |
        | another          | 0x10   | 00c00000 | 01c00000 |
        | zero             | 0x10   | 00000000 | 01000000 |

  @sample.bar-unaligned @must @sample @basis.kernel
  Rule: sample.bar-unaligned
    What is written to a BAR of a port, and is not all ones, MUST be kept even where it is no multiple
    of the BAR's size.

    Scenario: An address that is not aligned
      Given a card A with two ports
      When the bytes 04c00000 are written to the configuration space of A at 0x10
      Then the configuration space of A has 05c00000 at 0x10

  @sample.bar-low-bits @must @sample @basis.kernel
  Rule: sample.bar-low-bits
    The low two bits of a BAR of a port MUST stay set once they are.

    Scenario: The low bits of a BAR
      Given a card A with two ports
      When the bytes 02c00000 are written to the configuration space of A at 0x10
      Then the configuration space of A has 03c00000 at 0x10
      When the bytes 00d00000 are written to the configuration space of A at 0x10
      Then the configuration space of A has 03d00000 at 0x10

  @sample.config-line @must @sample @basis.document
  Rule: sample.config-line
    The interrupt line MUST keep what is written to it.

    Scenario: Routing the interrupt
      Given a card A with two ports
      When the bytes 0a are written to the configuration space of A at 0x3c
      Then the configuration space of A has 0a01 at 0x3c

  @sample.config-exact @must @sample @basis.kernel
  Rule: sample.config-exact
    A write that begins within a register of configuration space, and not where it begins, MUST have no
    effect.

    Scenario: Writing the upper half of a BAR
      Given a card A with two ports
      When the bytes ffff are written to the configuration space of A at 0x12
      Then the configuration space of A has 01000000 at 0x10

  @sample.config-wide @must @sample @basis.kernel
  Rule: sample.config-wide
    A write to configuration space that is longer than 4 bytes MUST have the effect of writes of 4
    bytes, one after the other.

    Scenario: Writing both BARs at once
      Given a card A with two ports
      When the bytes ffffffff58c10000 are written to the configuration space of A at 0x10
      Then the configuration space of A has f9ffffff59c10000 at 0x10

  @sample.config-apart @must @sample @basis.kernel
  Rule: sample.config-apart
    What is written to the configuration space of a card MUST NOT be seen in that of another.

    Scenario: Two cards with addresses of their own
      Given a card A with two ports
      And a card B with two ports
      When the bytes 50c10000 are written to the configuration space of A at 0x10
      Then the configuration space of B has 01000000 at 0x10
