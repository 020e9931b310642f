# Derived from spec/management.rst by `mdevref derive`; edit the spec, not this file.
Feature: Reading and writing

  @sysfs.write-only-unreadable @must @management @basis.kernel
  Rule: sysfs.write-only-unreadable
    Opening create or remove for reading MUST fail with EACCES, for root too.

    Scenario: Reading create
      Given a type with an instance available
      When "create" of the type is read
      Then the read fails with EACCES

    Scenario: Reading remove
      Given a mediated device A
      When "remove" of A is read
      Then the read fails with EACCES

  @sysfs.read-only-unwritable @must @management @basis.kernel
  Rule: sysfs.read-only-unwritable
    Opening a read-only attribute of a type for writing MUST fail with EACCES, for root too.

    Scenario Outline: Writing to a read-only attribute [<case>]
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
    Opening a name that a directory of the management interface has not got, so that it be made, MUST
    fail with EACCES.

    Scenario: A file of one's own beside create
      Given a type with an instance available
      When "1" is written to "notes" of the type
      Then the write fails with EACCES
      And the type has no "notes"
      And nothing else changed

    Scenario: A file of one's own beside remove
      Given a mediated device A
      When "1" is written to "notes" of A
      Then the write fails with EACCES
      And A has no "notes"
      And nothing else changed

  @sysfs.read-to-end @must @management @basis.kernel
  Rule: sysfs.read-to-end
    After an attribute has been read to its end, the next read of that open file MUST give 0 bytes.

    Scenario: Reading on after the end
      Given a type with an instance available
      When "device_api" of the type is read twice through one open file
      Then the second read gives nothing

  @sysfs.attribute-size @should @management @basis.kernel
  Rule: sysfs.attribute-size
    The size that stat(2) tells of an attribute SHOULD be 4096, however long its text is.

    Scenario Outline: The size of an attribute [<case>]
      Given a mediated device A
      Then "<entry>" of <place> has a size of 4096 bytes

      Examples: attribute-sizes
        | case                | entry               | place    |
        | create              | create              | the type |
        | available_instances | available_instances | the type |
        | remove              | remove              | A        |
