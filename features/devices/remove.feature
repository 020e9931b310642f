# Derived from spec/devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: remove

  @device.remove @must @management @basis.document
  Rule: device.remove
    A mediated device MUST have a file remove.

    Scenario: remove in a device
      Given a mediated device A
      Then "remove" of A is a file

  @device.remove-write-only @must @management @basis.document
  Rule: device.remove-write-only
    The mode of remove MUST let its owner write it, and nobody read it.

    Scenario: The mode of remove
      Given a mediated device A
      Then "remove" of A has mode 0200
