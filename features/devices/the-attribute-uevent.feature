# Derived from spec/devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: The attribute uevent

  @device.uevent-names-driver @must @management @basis.kernel
  Rule: device.uevent-names-driver
    The attribute uevent of a bound mediated device MUST show DRIVER= followed by the driver's name.

    Scenario: uevent of a bound device
      Given a mediated device A
      When "uevent" of A is read
      Then the text has a DRIVER line with the driver of A

  @device.uevent-without-driver @must @management @basis.kernel
  Rule: device.uevent-without-driver
    The attribute uevent of an unbound mediated device MUST NOT show a line with DRIVER=.

    Scenario: uevent of an unbound device
      Given a mediated device A
      And A is unbound
      When "uevent" of A is read
      Then the text has no DRIVER line
