# Derived from spec/hotplug.rst by `mdevref derive`; edit the spec, not this file.
Feature: Hot plug

  @hotplug.at-runtime @must @management @basis.document
  Rule: hotplug.at-runtime
    Creating and opening a mediated device MUST succeed while other mediated devices are in use.

    Scenario: Create and open while another device is in use
      Given a type with at least two instances available
      And a mediated device A of the type
      And a user holds A open
      When "{uuid}" is written to "create" of the type
      And a user opens the mediated device "{uuid}"
      Then a mediated device "{uuid}" exists
      And A exists

  @hotplug.unplug-at-runtime @must @management @basis.document
  Rule: hotplug.unplug-at-runtime
    Removing a mediated device that is not in use MUST succeed while other mediated devices are in use.

    Scenario: Remove while another device is in use
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And a user holds A open
      When B is removed
      Then B does not exist
      And A exists
      And nothing else changed
