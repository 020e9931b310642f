# Derived from spec/binding.rst by `mdevref derive`; edit the spec, not this file.
Feature: Automatic binding of new devices

  @binding.autoprobe @must @management @basis.kernel
  Rule: binding.autoprobe
    drivers_autoprobe of the bus MUST show 1 until it is first written.

    Scenario: Initial value of drivers_autoprobe
      Given a type with an instance available
      When "drivers_autoprobe" of the mdev bus is read
      Then the text is "1\n"

  @binding.autoprobe-off @must @management @basis.kernel @until.5.12
  Rule: binding.autoprobe-off
    A new mediated device MUST NOT be bound to a driver while drivers_autoprobe is 0.

    Scenario: New device while drivers_autoprobe is 0, until 5.12
      Given a type with an instance available
      And automatic binding of new devices is disabled
      When "{uuid}" is written to "create" of the type
      Then the write succeeds
      And a mediated device "{uuid}" exists
      And "{uuid}/driver" of the parent does not exist
      And "{uuid}/iommu_group" of the parent does not exist

  @binding.autoprobe-ignored @must @management @basis.kernel @since.6.1
  Rule: binding.autoprobe-ignored
    A new mediated device MUST be bound to its driver even while drivers_autoprobe is 0.

    Scenario: New device while drivers_autoprobe is 0, from 6.1 on
      Given a type with an instance available
      And automatic binding of new devices is disabled
      When "{uuid}" is written to "create" of the type
      Then the write succeeds
      And "{uuid}/driver" of the parent is a link
