# Derived from spec/devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: The attribute remove

  @device.remove @must @management @basis.document
  Rule: device.remove
    A mediated device MUST have a file remove.

    Scenario: remove of a device
      Given a mediated device A
      Then "remove" of A is a file

  @device.remove-write-only @must @management @basis.document
  Rule: device.remove-write-only
    The file remove MUST have mode 0200.

    Its owner can write it, and no user can read it.

    Scenario: Mode of remove
      Given a mediated device A
      Then "remove" of A has mode 0200
