# Derived from spec/callbacks.rst by `mdevref derive`; edit the spec, not this file.
Feature: Concurrency

  @concurrency.creates @must @driver @basis.kernel @since.4.18
  Rule: concurrency.creates
    The core MUST call create for a device even while create runs for another device of the same parent.

    Scenario Outline: Two concurrent creations under one parent, from 4.18 on [<case>]
      Given a registered physical device P
      And create of P blocks
      When a writer starts to write "{uuid}" to "create" of the first type
      And a caller is blocked in create of P
      And a second writer starts to write "ABcdEF01-2345-6789-abCD-EF0123456789" to "create" of <type>
      Then the second writer is blocked
      And create of P was called once for the mediated device "abcdef01-2345-6789-abcd-ef0123456789"
      When create of P continues
      Then the writer returns successfully
      And the second writer returns successfully

      Examples: two-of-one-parent
        | case       | type            |
        | same type  | the first type  |
        | other type | the second type |

  @concurrency.removes @must @driver @basis.kernel @since.4.18
  Rule: concurrency.removes
    The core MUST call remove for a device even while remove runs for another device of the same parent.

    Scenario: Two concurrent removals under one parent, from 4.18 on
      Given a registered physical device P
      And a mediated device A of the type
      And a mediated device B of the type
      And remove of P blocks
      When a writer starts to write "1" to "remove" of A
      And a caller is blocked in remove of P
      And a second writer starts to write "1" to "remove" of B
      Then the second writer is blocked
      And remove of P was called once for B
      When remove of P continues
      Then the writer returns successfully
      And the second writer returns successfully

  @concurrency.create-and-remove @must @driver @basis.kernel @since.4.18
  Rule: concurrency.create-and-remove
    The core MUST call remove for a device even while create runs for another device of the same parent.

    Scenario: Removal during a creation, from 4.18 on
      Given a registered physical device P
      And a mediated device A of the type
      And create of P blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And a caller is blocked in create of P
      And a second writer starts to write "1" to "remove" of A
      Then the second writer succeeds without blocking
      And remove of P was called once for A
      When create of P continues
      Then the writer returns successfully

  @concurrency.one-at-a-time @must @driver @basis.kernel @until.4.17
  Rule: concurrency.one-at-a-time
    The core MUST NOT call create or remove while either runs for another device of the same parent.

    Scenario: Two creations under one parent, until 4.17
      Given a registered physical device P
      And create of P blocks
      When a writer starts to write "{uuid}" to "create" of the first type
      And a caller is blocked in create of P
      And a second writer starts to write "ABcdEF01-2345-6789-abCD-EF0123456789" to "create" of the second type
      Then the second writer is blocked
      And create of P was called once
      When create of P continues
      Then the writer returns successfully
      And the second writer returns successfully

    Scenario: Two removals under one parent, until 4.17
      Given a registered physical device P
      And a mediated device A of the type
      And a mediated device B of the type
      And remove of P blocks
      When a writer starts to write "1" to "remove" of A
      And a caller is blocked in remove of P
      And a second writer starts to write "1" to "remove" of B
      Then the second writer is blocked
      And remove of P was called once
      When remove of P continues
      Then the writer returns successfully
      And the second writer returns successfully

  @concurrency.parents @must @driver @basis.kernel
  Rule: concurrency.parents
    A running callback of one parent MUST NOT block the callbacks of another parent.

    Scenario: Concurrent creations under two parents
      Given a registered physical device P
      And a registered physical device Q
      And create of P blocks
      When a writer starts to write "{uuid}" to "create" of the first type
      And a caller is blocked in create of P
      And a second writer starts to write "ABcdEF01-2345-6789-abCD-EF0123456789" to "mdev_supported_types/{type}/create" of Q
      Then the second writer succeeds without blocking
      And create of Q was called once
      When create of P continues
      Then the writer returns successfully

    Scenario: Concurrent removals under two parents
      Given a registered physical device P
      And a registered physical device Q
      And a mediated device A of P
      And a mediated device B of Q
      And remove of P blocks
      When a writer starts to write "1" to "remove" of A
      And a caller is blocked in remove of P
      And a second writer starts to write "1" to "remove" of B
      Then the second writer succeeds without blocking
      And remove of Q was called once for B
      When remove of P continues
      Then the writer returns successfully

  @concurrency.vendor @should @driver @basis.document
  Rule: concurrency.vendor
    A vendor driver SHOULD protect data that its devices share against concurrent callbacks.

    Scenario: Two concurrent creations of one type
      Given a type with at least two instances available
      And "available_instances" of the type is noted
      When a writer starts to write "{uuid}" to "create" of the type
      And a second writer starts to write "ABcdEF01-2345-6789-abCD-EF0123456789" to "create" of the type
      Then the writer returns successfully
      And the second writer returns successfully
      When "1" is written to "{uuid}/remove" of the parent
      And "1" is written to "abcdef01-2345-6789-abcd-ef0123456789/remove" of the parent
      Then "available_instances" of the type is as noted
