# Derived from spec/removing.rst by `mdevref derive`; edit the spec, not this file.
Feature: When remove returns

  @remove.complete @must @management @basis.kernel
  Rule: remove.complete
    When a write that removes has succeeded, each entry of the table MUST be gone.

    Scenario Outline: What is gone when remove returns [<case>]
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      When "1" is written to "remove" of A
      Then the write succeeds
      And <place> has no "<entry>"

      Examples: gone-entries
        | case               | entry       | place                |
        | directory          | {A}         | the parent           |
        | link of the bus    | devices/{A} | the mdev bus         |
        | link of the type   | devices/{A} | the type             |
        | link of the driver | {A}         | the driver of A      |
        | link of the group  | devices/{A} | the IOMMU group of A |

  @remove.others-stay @must @management @basis.kernel
  Rule: remove.others-stay
    Removing a mediated device MUST NOT change another one.

    Scenario: The other device of a type
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      When A is removed
      Then A does not exist
      And B exists
      And "mdev_type" of B leads to the type
      And nothing else changed

  @remove.path-gone @must @management @basis.kernel
  Rule: remove.path-gone
    Opening remove of a mediated device that was removed MUST fail with ENOENT.

    Scenario: Removing twice
      Given a mediated device A
      When A is removed
      And "1" is written to "remove" of A
      Then the write fails with ENOENT
      And A does not exist
      And nothing else changed

  @remove.open-file-dead @must @management @basis.kernel
  Rule: remove.open-file-dead
    Writing to a remove that was opened before its mediated device was removed MUST fail with ENODEV.

    Scenario: A file opened before, written after
      Given a mediated device A
      And "remove" of A is open for writing
      When A is removed
      And "1" is written to the open file
      Then the write fails with ENODEV
      And A does not exist
      And nothing else changed

    Scenario: Two writes to one open file
      Given a mediated device A
      And "remove" of A is open for writing
      When "1" is written to the open file
      And "1" is written to the open file
      Then the write fails with ENODEV
      And A does not exist

    Scenario: A file opened before, written after the UUID is used again
      Given a mediated device A of the type
      And "remove" of A is open for writing
      When A is removed
      And the UUID of A is written to "create" of the type
      And "1" is written to the open file
      Then the write fails with ENODEV
      And A exists

  @remove.uuid-free-again @must @management @basis.kernel
  Rule: remove.uuid-free-again
    The UUID of a mediated device that was removed MUST be free for a new one.

    Scenario: The UUID again, under the same type
      Given a mediated device A of the type
      When A is removed
      And the UUID of A is written to "create" of the type
      Then the write succeeds
      And A exists
      And nothing else changed

    Scenario: The UUID again, under another type
      Given two types with an instance available
      And a mediated device A of the first type
      When A is removed
      And the UUID of A is written to "create" of the second type
      Then the write succeeds
      And "mdev_type" of A leads to the second type

    Scenario: The UUID again, under another parent
      Given two types of different parents
      And a mediated device A of the first type
      When A is removed
      And the UUID of A is written to "create" of the second type
      Then the write succeeds
      And "devices/{A}" of the second type is a link

  @remove.one-winner @must @management @basis.kernel
  Rule: remove.one-winner
    Of several writers that remove one mediated device at the same time, at least one MUST succeed, and
    any other succeed too or fail with ENODEV.

    A writer that comes in time for the same removal waits for it and is told that it succeeded. So
    success does not tell who did it.

    Scenario: Four writers that remove one device
      Given a mediated device A
      When four writers write "1" to "remove" of A at once, each to a file opened before
      Then at least one of the writers succeeds
      And the others succeed or fail with ENODEV
      And A does not exist

  @remove.vendor-asked-once @must @management @basis.kernel
  Rule: remove.vendor-asked-once
    Of several writers that remove one mediated device at the same time, exactly one MUST reach the
    vendor driver.

    Scenario: What the vendor driver sees of four writers
      Given the scripted vendor driver
      And a mediated device A
      When four writers write "1" to "remove" of A at once, each to a file opened before
      Then the vendor driver was asked once to remove A
