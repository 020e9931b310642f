# Derived from spec/hotplug.rst by `mdevref derive`; edit the spec, not this file.
Feature: Hot plug

  @hotplug.at-runtime @must @management @basis.document
  Rule: hotplug.at-runtime
    A mediated device MUST be possible to create, and to hand to a user, while others are in use.

    Scenario: Creating and opening a device while another one is in use
      Given a type with at least two instances available
      And a mediated device A of the type
      And a user holds A open
      When "{uuid}" is written to "create" of the type
      And a user opens the mediated device "{uuid}"
      Then a mediated device "{uuid}" exists
      And A exists

  @hotplug.unplug-at-runtime @must @management @basis.document
  Rule: hotplug.unplug-at-runtime
    A mediated device that is not in use MUST be possible to remove while others are in use.

    Scenario: Removing a device while another one is in use
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And a user holds A open
      When B is removed
      Then B does not exist
      And A exists
      And nothing else changed
