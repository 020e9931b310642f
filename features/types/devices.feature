# Derived from spec/types.rst by `mdevref derive`; edit the spec, not this file.
Feature: devices

  @types.devices-links @must @management @basis.document
  Rule: types.devices-links
    For each device of a type, devices of that type MUST have a link of the device's name that leads to
    it.

    Scenario: The link of a type to its device
      Given a mediated device A
      Then "devices/{A}" of the type leads to A

    Scenario: The links of a type to two devices
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      Then "devices/{A}" of the type leads to A
      And "devices/{B}" of the type leads to B

  @types.devices-own @must @management @basis.document
  Rule: types.devices-own
    In devices of a type there MUST NOT be a link to a device of another type.

    Scenario: A device of one type in the list of another
      Given two types with an instance available
      And a mediated device A of the first type
      Then the second type has no "devices/{A}"

  @types.devices-removed @must @management @basis.kernel
  Rule: types.devices-removed
    In devices of a type there MUST NOT be a link to a device that was removed.

    Scenario: A removed device in the list of its type
      Given a mediated device A
      When A is removed
      Then the type has no "devices/{A}"
