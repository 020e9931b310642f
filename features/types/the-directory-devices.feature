# Derived from spec/types.rst by `mdevref derive`; edit the spec, not this file.
Feature: The directory devices

  @types.devices-links @must @management @basis.document
  Rule: types.devices-links
    The directory devices of a type MUST contain a link to each device of that type, named after the
    device.

    Scenario: Link to one device
      Given a mediated device A
      Then "devices/{A}" of the type points to A

    Scenario: Links to two devices
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      Then "devices/{A}" of the type points to A
      And "devices/{B}" of the type points to B

  @types.devices-own @must @management @basis.document
  Rule: types.devices-own
    The directory devices of a type MUST NOT contain a link to a device of another type.

    Scenario: Device of another type
      Given two types with an instance available
      And a mediated device A of the first type
      Then "devices/{A}" of the second type does not exist

  @types.devices-removed @must @management @basis.kernel
  Rule: types.devices-removed
    The directory devices of a type MUST NOT contain a link to a removed device.

    Scenario: Link to a device after its removal
      Given a mediated device A
      When A is removed
      Then "devices/{A}" of the type does not exist
