# Derived from spec/removing.rst by `mdevref derive`; edit the spec, not this file.
Feature: State after remove returns

  @remove.complete @must @management @basis.kernel
  Rule: remove.complete
    A write that removes a device MUST remove each entry in the table below before it returns.

    Scenario Outline: Entries of a device when remove returns [<case>]
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      When "1" is written to "remove" of A
      Then the write succeeds
      And "<entry>" of <place> does not exist

      Examples: gone-entries
        | case                    | entry       | place                |
        | directory               | {A}         | the parent           |
        | link on the bus         | devices/{A} | the mdev bus         |
        | link in the type        | devices/{A} | the type             |
        | link in the driver      | {A}         | the driver of A      |
        | link in the IOMMU group | devices/{A} | the IOMMU group of A |

  @remove.others-stay @must @management @basis.kernel
  Rule: remove.others-stay
    Removing a mediated device MUST NOT change any other mediated device.

    Scenario: Another device of the same type
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      When A is removed
      Then A does not exist
      And B exists
      And "mdev_type" of B points to the type
      And nothing else changed

  @remove.path-gone @must @management @basis.kernel
  Rule: remove.path-gone
    Opening remove of a removed mediated device MUST fail with ENOENT.

    Scenario: Second removal through the path
      Given a mediated device A
      When A is removed
      And "1" is written to "remove" of A
      Then the write fails with ENOENT
      And A does not exist
      And nothing else changed

  @remove.open-file-dead @must @management @basis.kernel
  Rule: remove.open-file-dead
    Writing to a file remove that was opened before its mediated device was removed MUST fail with
    ENODEV.

    Scenario: Write after the device was removed
      Given a mediated device A
      And "remove" of A is open for writing
      When A is removed
      And "1" is written to the open file
      Then the write fails with ENODEV
      And A does not exist
      And nothing else changed

    Scenario: Second write to the same open file
      Given a mediated device A
      And "remove" of A is open for writing
      When "1" is written to the open file
      And "1" is written to the open file
      Then the write fails with ENODEV
      And A does not exist

    Scenario: Write after the UUID was reused
      Given a mediated device A of the type
      And "remove" of A is open for writing
      When A is removed
      And the UUID of A is written to "create" of the type
      And "1" is written to the open file
      Then the write fails with ENODEV
      And A exists

  @remove.uuid-free-again @must @management @basis.kernel
  Rule: remove.uuid-free-again
    Creating a mediated device with the UUID of a removed device MUST succeed.

    Scenario: UUID of a removed device under the same type
      Given a mediated device A of the type
      When A is removed
      And the UUID of A is written to "create" of the type
      Then the write succeeds
      And A exists
      And nothing else changed

    Scenario: UUID of a removed device under another type
      Given two types with an instance available
      And a mediated device A of the first type
      When A is removed
      And the UUID of A is written to "create" of the second type
      Then the write succeeds
      And "mdev_type" of A points to the second type

    Scenario: UUID of a removed device under another parent
      Given two types of different parents
      And a mediated device A of the first type
      When A is removed
      And the UUID of A is written to "create" of the second type
      Then the write succeeds
      And "devices/{A}" of the second type is a link

  @remove.one-winner @must @management @basis.kernel
  Rule: remove.one-winner
    At least one of several concurrent writes that remove the same mediated device MUST succeed.

    A writer that arrives during the removal waits for it and also succeeds. A successful write
    therefore does not show which writer removed the device.

    Scenario: Four concurrent writers
      Given a mediated device A
      When four writers concurrently write "1" to "remove" of A, each through a file opened earlier
      Then at least one writer succeeds
      And A does not exist

  @remove.other-writers @must @management @basis.kernel
  Rule: remove.other-writers
    Each of several concurrent writes that remove the same mediated device MUST either succeed or fail
    with ENODEV.

    Scenario: Errno of the other concurrent writers
      Given a mediated device A
      When four writers concurrently write "1" to "remove" of A, each through a file opened earlier
      Then the other writers succeed or fail with ENODEV

  @remove.vendor-asked-once @must @management @basis.kernel
  Rule: remove.vendor-asked-once
    The core MUST call the vendor driver's remove callback exactly once when several writers remove the
    same device concurrently.

    Scenario: Calls of the vendor driver for four concurrent writers
      Given the scripted vendor driver
      And a mediated device A
      When four writers concurrently write "1" to "remove" of A, each through a file opened earlier
      Then remove of the vendor driver was called once for A
