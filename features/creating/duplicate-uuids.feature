# Derived from spec/creating.rst by `mdevref derive`; edit the spec, not this file.
Feature: Duplicate UUIDs

  @create.duplicate-uuid @must @management @basis.kernel
  Rule: create.duplicate-uuid
    Writing the UUID of an existing mediated device to create MUST fail with EEXIST.

    Scenario: Same UUID under the same type
      Given a type with at least two instances available
      And a mediated device A of the type
      When the UUID of A is written to "create" of the type
      Then the write fails with EEXIST
      And nothing else changed

    Scenario: Same UUID under another type
      Given two types with an instance available
      And a mediated device A of the first type
      When the UUID of A is written to "create" of the second type
      Then the write fails with EEXIST
      And nothing else changed

    Scenario: Same UUID in upper case
      Given a type with at least two instances available
      And a mediated device A of the type
      When the UUID of A in upper case is written to "create" of the type
      Then the write fails with EEXIST
      And nothing else changed

    Scenario: Same UUID followed by a newline
      Given a type with at least two instances available
      And a mediated device A of the type
      When "{A}\n" is written to "create" of the type
      Then the write fails with EEXIST
      And nothing else changed

  @create.duplicate-uuid-other-parent @must @management @basis.kernel
  Rule: create.duplicate-uuid-other-parent
    Writing the UUID of a mediated device of another parent to create MUST fail with EEXIST.

    Scenario: Same UUID under another parent
      Given two types of different parents
      And a mediated device A of the first type
      When the UUID of A is written to "create" of the second type
      Then the write fails with EEXIST
      And nothing else changed

  @create.one-winner @must @management @basis.kernel
  Rule: create.one-winner
    Exactly one of several concurrent writes of the same UUID to create MUST succeed.

    Scenario: Four concurrent writers, one type
      Given a type with at least four instances available
      When four writers concurrently write "{uuid}" to "create" of the type
      Then exactly one writer succeeds
      And a mediated device "{uuid}" exists
      And nothing else changed

    Scenario: Four concurrent writers, two types
      Given two types with an instance available
      When four writers concurrently write "{uuid}" to "create" of both types alternately
      Then exactly one writer succeeds
      And a mediated device "{uuid}" exists
      And nothing else changed

  @create.other-writers @must @management @basis.kernel
  Rule: create.other-writers
    A write of a UUID to create MUST fail with EEXIST if a concurrent write of this UUID creates the
    device.

    Scenario: Errno of the other concurrent writers, one type
      Given a type with at least four instances available
      When four writers concurrently write "{uuid}" to "create" of the type
      Then the other writers fail with EEXIST

    Scenario: Errno of the other concurrent writers, two types
      Given two types with an instance available
      When four writers concurrently write "{uuid}" to "create" of both types alternately
      Then the other writers fail with EEXIST

  @create.unfinished-uuid @must @management @basis.kernel
  Rule: create.unfinished-uuid
    Writing the UUID of a mediated device that is still being created MUST fail with EEXIST unless that
    creation fails.

    Whether the second write fails immediately or waits for the first depends on the release. Until 4.17
    it waits.

    Scenario: UUID of a device while its vendor driver creates it
      Given the scripted vendor driver
      And create of the vendor driver blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And the writer is blocked in the vendor driver
      And a second writer starts to write "{uuid}" to "create" of the type
      And the vendor driver continues
      Then the writer returns successfully
      And the second writer returns with EEXIST
      And a mediated device "{uuid}" exists
