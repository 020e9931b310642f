# Derived from spec/in-use.rst by `mdevref derive`; edit the spec, not this file.
Feature: Other operations while a removal waits

  @remove.in-use-second-writer @must @management @basis.kernel
  Rule: remove.in-use-second-writer
    Opening remove by its path MUST fail with ENOENT while the removal of the device waits.

    The kernel has already removed the file and the link of the device on the bus.

    Scenario: Remove by path while a removal waits
      Given a mediated device A
      And the removal of A is blocked by its user
      When a second writer starts to write "1" to "devices/{A}/remove" of the mdev bus
      Then the second writer fails with ENOENT without blocking

  @remove.in-use-open-file @must @management @basis.kernel
  Rule: remove.in-use-open-file
    Writing to a remove file that was opened earlier MUST fail with ENODEV while the removal of the
    device waits.

    Scenario: Remove through an open file while a removal waits
      Given a mediated device A
      And "remove" of A is open for writing
      And the removal of A is blocked by its user
      When a second writer starts to write "1" to the open file
      Then the second writer fails with ENODEV without blocking

  @remove.in-use-uuid-taken @must @management @basis.kernel @since.4.18
  Rule: remove.in-use-uuid-taken
    Writing the UUID of a mediated device to create MUST fail with EEXIST while the removal of the
    device waits.

    Scenario: Create with the UUID of a device whose removal waits
      Given a type with at least two instances available
      And a mediated device A of the type
      And the removal of A is blocked by its user
      When a second writer starts to write "{A}" to "create" of the type
      Then the second writer fails with EEXIST without blocking

  @remove.in-use-others-go-on @must @management @basis.kernel @since.4.18
  Rule: remove.in-use-others-go-on
    A waiting removal MUST NOT block the creation or removal of other devices of the same parent.

    Scenario: Create and remove other devices while a removal waits
      Given a type with at least three instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And the removal of A is blocked by its user
      When a second writer starts to write "{uuid}" to "create" of the type
      Then the second writer succeeds without blocking
      And a mediated device "{uuid}" exists
      When a second writer starts to write "1" to "remove" of B
      Then the second writer succeeds without blocking
      And B does not exist

  @remove.in-use-others-wait @must @management @basis.kernel @until.4.17
  Rule: remove.in-use-others-wait
    A waiting removal MUST block the creation of other devices of the same parent.

    Scenario: Create a device while a removal waits, until 4.17
      Given a type with at least two instances available
      And a mediated device A of the type
      And the removal of A is blocked by its user
      When a second writer starts to write "{uuid}" to "create" of the type
      Then the second writer is blocked
      When the user closes A
      Then the writer returns successfully
      And the second writer returns successfully
      And a mediated device "{uuid}" exists

  @remove.in-use-other-parents @must @management @basis.kernel
  Rule: remove.in-use-other-parents
    A waiting removal MUST NOT block the creation of devices of other parents.

    Scenario: Create under another parent while a removal waits
      Given two types of different parents
      And a mediated device A of the first type
      And the removal of A is blocked by its user
      When a second writer starts to write "{uuid}" to "create" of the second type
      Then the second writer succeeds without blocking
      And a mediated device "{uuid}" exists
