# Derived from spec/in-use.rst by `mdevref derive`; edit the spec, not this file.
Feature: Others meanwhile

  @remove.in-use-second-writer @must @management @basis.kernel
  Rule: remove.in-use-second-writer
    While the removal of a mediated device waits for its user, a second write MUST fail: with ENOENT by
    the path, with ENODEV by a file opened before.

    Scenario: Removing by the path while a removal waits
      Given a mediated device A
      And the removal of A waits for its user
      When a second writer starts to write "1" to "devices/{A}/remove" of the mdev bus
      Then the second writer ends at once and has failed with ENOENT

    Scenario: Removing by an open file while a removal waits
      Given a mediated device A
      And "remove" of A is open for writing
      And the removal of A waits for its user
      When a second writer starts to write "1" to the open file
      Then the second writer ends at once and has failed with ENODEV

  @remove.in-use-uuid-taken @must @management @basis.kernel @since.4.18
  Rule: remove.in-use-uuid-taken
    While the removal of a mediated device waits for its user, writing its UUID to create MUST fail with
    EEXIST.

    Scenario: The UUID of a device whose removal waits
      Given a type with at least two instances available
      And a mediated device A of the type
      And the removal of A waits for its user
      When a second writer starts to write "{A}" to "create" of the type
      Then the second writer ends at once and has failed with EEXIST

  @remove.in-use-others-go-on @must @management @basis.kernel @since.4.18
  Rule: remove.in-use-others-go-on
    While the removal of a mediated device waits for its user, other devices of its parent MUST be
    possible to create and to remove.

    Scenario: Creating and removing beside a removal that waits
      Given a type with at least three instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And the removal of A waits for its user
      When a second writer starts to write "{uuid}" to "create" of the type
      Then the second writer ends at once and has succeeded
      And a mediated device "{uuid}" exists
      When a second writer starts to write "1" to "remove" of B
      Then the second writer ends at once and has succeeded
      And B does not exist

  @remove.in-use-others-wait @must @management @basis.kernel @until.4.17
  Rule: remove.in-use-others-wait
    While the removal of a mediated device waits for its user, whoever creates another one of the same
    parent MUST wait.

    Scenario: Creating beside a removal that waits, until 4.17
      Given a type with at least two instances available
      And a mediated device A of the type
      And the removal of A waits for its user
      When a second writer starts to write "{uuid}" to "create" of the type
      Then the second writer waits
      When the user closes A
      Then the writer ends and has succeeded
      And the second writer ends and has succeeded
      And a mediated device "{uuid}" exists

  @remove.in-use-other-parents @must @management @basis.kernel
  Rule: remove.in-use-other-parents
    A removal that waits for the user of its mediated device MUST NOT keep devices of other parents from
    being created.

    Scenario: Creating under another parent beside a removal that waits
      Given two types of different parents
      And a mediated device A of the first type
      And the removal of A waits for its user
      When a second writer starts to write "{uuid}" to "create" of the second type
      Then the second writer ends at once and has succeeded
      And a mediated device "{uuid}" exists
