# Derived from spec/callbacks.rst by `mdevref derive`; edit the spec, not this file.
Feature: At the same time

  @concurrency.creates @must @driver @basis.kernel @since.4.18
  Rule: concurrency.creates
    While create of the ops works for one device, it MUST be called for another one of the same parent
    too.

    Scenario Outline: Two devices that are created at once, from 4.18 on [<case>]
      Given a registered physical device P
      And create of P stops in the middle
      When a writer starts to write "{uuid}" to "create" of the first type
      And create of P has been reached
      And a second writer starts to write "ABcdEF01-2345-6789-abCD-EF0123456789" to "create" of <type>
      Then the second writer waits
      And create of P was called once for the mediated device "abcdef01-2345-6789-abcd-ef0123456789"
      When create of P goes on
      Then the writer ends and has succeeded
      And the second writer ends and has succeeded

      Examples: two-of-one-parent
        | case       | type            |
        | same type  | the first type  |
        | other type | the second type |

  @concurrency.removes @must @driver @basis.kernel @since.4.18
  Rule: concurrency.removes
    While remove of the ops works for one device, it MUST be called for another one of the same parent
    too.

    Scenario: Two devices that are removed at once, from 4.18 on
      Given a registered physical device P
      And a mediated device A of the type
      And a mediated device B of the type
      And remove of P stops in the middle
      When a writer starts to write "1" to "remove" of A
      And remove of P has been reached
      And a second writer starts to write "1" to "remove" of B
      Then the second writer waits
      And remove of P was called once for B
      When remove of P goes on
      Then the writer ends and has succeeded
      And the second writer ends and has succeeded

  @concurrency.create-and-remove @must @driver @basis.kernel @since.4.18
  Rule: concurrency.create-and-remove
    While create of the ops works for one device, remove MUST be called for another one of the same
    parent too.

    Scenario: A device that is created and one that is removed, from 4.18 on
      Given a registered physical device P
      And a mediated device A of the type
      And create of P stops in the middle
      When a writer starts to write "{uuid}" to "create" of the type
      And create of P has been reached
      And a second writer starts to write "1" to "remove" of A
      Then the second writer ends at once and has succeeded
      And remove of P was called once for A
      When create of P goes on
      Then the writer ends and has succeeded

  @concurrency.one-at-a-time @must @driver @basis.kernel @until.4.17
  Rule: concurrency.one-at-a-time
    While create or remove of the ops works for one device, neither MUST be called for another one of
    the same parent.

    Scenario: Two devices that are created at once, until 4.17
      Given a registered physical device P
      And create of P stops in the middle
      When a writer starts to write "{uuid}" to "create" of the first type
      And create of P has been reached
      And a second writer starts to write "ABcdEF01-2345-6789-abCD-EF0123456789" to "create" of the second type
      Then the second writer waits
      And create of P was called once
      When create of P goes on
      Then the writer ends and has succeeded
      And the second writer ends and has succeeded

    Scenario: Two devices that are removed at once, until 4.17
      Given a registered physical device P
      And a mediated device A of the type
      And a mediated device B of the type
      And remove of P stops in the middle
      When a writer starts to write "1" to "remove" of A
      And remove of P has been reached
      And a second writer starts to write "1" to "remove" of B
      Then the second writer waits
      And remove of P was called once
      When remove of P goes on
      Then the writer ends and has succeeded
      And the second writer ends and has succeeded

  @concurrency.parents @must @driver @basis.kernel
  Rule: concurrency.parents
    While a callback of one parent works, callbacks of other parents MUST NOT be kept waiting.

    Scenario: Two parents that create at once
      Given a registered physical device P
      And a registered physical device Q
      And create of P stops in the middle
      When a writer starts to write "{uuid}" to "create" of the first type
      And create of P has been reached
      And a second writer starts to write "ABcdEF01-2345-6789-abCD-EF0123456789" to "mdev_supported_types/{type}/create" of Q
      Then the second writer ends at once and has succeeded
      And create of Q was called once
      When create of P goes on
      Then the writer ends and has succeeded

    Scenario: Two parents that remove at once
      Given a registered physical device P
      And a registered physical device Q
      And a mediated device A of P
      And a mediated device B of Q
      And remove of P stops in the middle
      When a writer starts to write "1" to "remove" of A
      And remove of P has been reached
      And a second writer starts to write "1" to "remove" of B
      Then the second writer ends at once and has succeeded
      And remove of Q was called once for B
      When remove of P goes on
      Then the writer ends and has succeeded

  @concurrency.vendor @should @driver @basis.document
  Rule: concurrency.vendor
    A vendor driver SHOULD be prepared for callbacks of several devices at once, and guard what they
    share.

    Scenario: Two devices that are created at once, of anybody's type
      Given a type with at least two instances available
      And the available instances of the type are noted
      When a writer starts to write "{uuid}" to "create" of the type
      And a second writer starts to write "ABcdEF01-2345-6789-abCD-EF0123456789" to "create" of the type
      Then the writer ends and has succeeded
      And the second writer ends and has succeeded
      When "1" is written to "{uuid}/remove" of the parent
      And "1" is written to "abcdef01-2345-6789-abcd-ef0123456789/remove" of the parent
      Then as many instances of the type are available as were noted
