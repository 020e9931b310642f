# Derived from spec/creating.rst by `mdevref derive`; edit the spec, not this file.
Feature: Several devices

  @create.several @must @management @basis.document
  Rule: create.several
    Creating a mediated device MUST succeed while other devices of the same parent exist.

    Scenario: Two devices of one type
      Given a type with at least two instances available
      And a mediated device A of the type
      When "{uuid}" is written to "create" of the type
      Then the write succeeds
      And a mediated device "{uuid}" exists
      And A exists
      And nothing else changed

    Scenario: Devices of two types of one parent
      Given two types with an instance available
      And a mediated device A of the first type
      When "{uuid}" is written to "create" of the second type
      Then the write succeeds
      And a mediated device "{uuid}" exists
      And A exists
      And nothing else changed

  @create.several-parents @must @management @basis.document
  Rule: create.several-parents
    Creating a mediated device MUST succeed while devices of other parents exist.

    Scenario: Devices of two parents
      Given two types of different parents
      And a mediated device A of the first type
      When "{uuid}" is written to "create" of the second type
      Then the write succeeds
      And a mediated device "{uuid}" exists
      And A exists
      And nothing else changed

  @create.exhausted @should @management @basis.kernel
  Rule: create.exhausted
    A vendor driver SHOULD refuse to create a device of a type whose available_instances shows 0.

    Until 5.12 the core does not check that number. The sample driver mtty of those kernels creates
    devices without limit, and the number becomes negative.

    Scenario: Create on an exhausted type
      Given the type with the fewest instances available
      When a device is created for every available instance of the type
      And "{uuid}" is written to "create" of the type
      Then the write fails
      And no mediated device "{uuid}" exists
