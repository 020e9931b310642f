# Derived from spec/creating.rst by `mdevref derive`; edit the spec, not this file.
Feature: UUIDs that are taken

  @create.duplicate-uuid @must @management @basis.kernel
  Rule: create.duplicate-uuid
    Writing to create the UUID of a mediated device that exists MUST fail with EEXIST.

    Scenario: The same UUID again, under the same type
      Given a type with at least two instances available
      And a mediated device A of the type
      When the UUID of A is written to "create" of the type
      Then the write fails with EEXIST
      And nothing else changed

    Scenario: The same UUID again, under another type
      Given two types with an instance available
      And a mediated device A of the first type
      When the UUID of A is written to "create" of the second type
      Then the write fails with EEXIST
      And nothing else changed

    Scenario: The same UUID again, in upper case
      Given a type with at least two instances available
      And a mediated device A of the type
      When the UUID of A in upper case is written to "create" of the type
      Then the write fails with EEXIST
      And nothing else changed

    Scenario: The same UUID again, with a newline
      Given a type with at least two instances available
      And a mediated device A of the type
      When "{A}\n" is written to "create" of the type
      Then the write fails with EEXIST
      And nothing else changed

  @create.duplicate-uuid-other-parent @must @management @basis.kernel
  Rule: create.duplicate-uuid-other-parent
    Writing to create the UUID of a mediated device that another parent has MUST fail with EEXIST.

    Scenario: The same UUID again, under another parent
      Given two types of different parents
      And a mediated device A of the first type
      When the UUID of A is written to "create" of the second type
      Then the write fails with EEXIST
      And nothing else changed

  @create.one-winner @must @management @basis.kernel
  Rule: create.one-winner
    Of several writers that write one UUID at the same time, exactly one MUST succeed, and the others
    fail with EEXIST.

    Scenario: Four writers of one UUID, one type
      Given a type with at least four instances available
      When four writers write "{uuid}" to "create" of the type at once
      Then exactly one of the writers succeeds
      And the others fail with EEXIST
      And a mediated device "{uuid}" exists
      And nothing else changed

    Scenario: Four writers of one UUID, two types
      Given two types with an instance available
      When four writers write "{uuid}" to "create" of both types in turn, at once
      Then exactly one of the writers succeeds
      And the others fail with EEXIST
      And a mediated device "{uuid}" exists
      And nothing else changed

  @create.unfinished-uuid @must @management @basis.kernel
  Rule: create.unfinished-uuid
    Writing the UUID of a mediated device that is being created MUST fail with EEXIST, unless that
    creation fails.

    Whether the second writer is told at once or waits for the first depends on the release: until 4.17
    it waits.

    Scenario: The UUID of a device that its vendor driver works on
      Given the scripted vendor driver
      And the vendor driver stops inside create
      When a writer starts to write "{uuid}" to "create" of the type
      And the vendor driver has been reached
      And a second writer starts to write "{uuid}" to "create" of the type
      And the vendor driver goes on
      Then the writer ends and has succeeded
      And the second writer ends and has failed with EEXIST
      And a mediated device "{uuid}" exists
