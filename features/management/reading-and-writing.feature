# Derived from spec/management.rst by `mdevref derive`; edit the spec, not this file.
Feature: Reading and writing

  @sysfs.write-only-unreadable @must @management @basis.kernel
  Rule: sysfs.write-only-unreadable
    Opening create or remove for reading MUST fail with EACCES, even for root.

    Scenario: Read of create
      Given a type with an instance available
      When "create" of the type is read
      Then the read fails with EACCES

    Scenario: Read of remove
      Given a mediated device A
      When "remove" of A is read
      Then the read fails with EACCES

  @sysfs.read-only-unwritable @must @management @basis.kernel
  Rule: sysfs.read-only-unwritable
    Opening a read-only attribute of a type for writing MUST fail with EACCES, even for root.

    Scenario Outline: Write to a read-only attribute [<case>]
      Given a type with an instance available
      When "1" is written to "<entry>" of the type
      Then the write fails with EACCES
      And nothing else changed

      Examples: read-only-attributes
        | case                | entry               |
        | name                | name                |
        | device_api          | device_api          |
        | available_instances | available_instances |

  @sysfs.no-new-files @must @management @basis.kernel
  Rule: sysfs.no-new-files
    Creating a file (O_CREAT) in a directory of the management interface MUST fail with EACCES.

    Scenario: New file next to create
      Given a type with an instance available
      When "1" is written to "notes" of the type
      Then the write fails with EACCES
      And "notes" of the type does not exist
      And nothing else changed

    Scenario: New file next to remove
      Given a mediated device A
      When "1" is written to "notes" of A
      Then the write fails with EACCES
      And "notes" of A does not exist
      And nothing else changed

  @sysfs.read-to-end @must @management @basis.kernel
  Rule: sysfs.read-to-end
    After an attribute has been read to its end, the next read of the same open file MUST return 0
    bytes.

    Scenario: Second read through one open file
      Given a type with an instance available
      When "device_api" of the type is read twice through one open file
      Then the second read returns 0 bytes

  @sysfs.attribute-size @should @management @basis.kernel
  Rule: sysfs.attribute-size
    stat(2) SHOULD report a size of 4096 bytes for an attribute, whatever the length of its text.

    Scenario Outline: Size of an attribute [<case>]
      Given a mediated device A
      Then "<entry>" of <place> has a size of 4096 bytes

      Examples: attribute-sizes
        | case                | entry               | place    |
        | create              | create              | the type |
        | available_instances | available_instances | the type |
        | remove              | remove              | A        |
