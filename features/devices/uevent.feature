# Derived from spec/devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: uevent

  @device.uevent-names-driver @must @management @basis.kernel
  Rule: device.uevent-names-driver
    For a mediated device that is bound to a driver, its file uevent MUST show DRIVER= and the driver's
    name.

    Scenario: The file uevent of a device that is bound
      Given a mediated device A
      When "uevent" of A is read
      Then the text names the driver of A

  @device.uevent-without-driver @must @management @basis.kernel
  Rule: device.uevent-without-driver
    For a mediated device that is bound to no driver, its file uevent MUST NOT show a line with DRIVER=.

    Scenario: The file uevent of a device that is not bound
      Given a mediated device A
      And A is bound to no driver
      When "uevent" of A is read
      Then the text names no driver
