# Derived from spec/devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: Directory and links

  @device.directory @must @management @basis.document
  Rule: device.directory
    The directory of a parent MUST contain a directory for each of its mediated devices, named after the
    device's UUID.

    Scenario: Directory of a device
      Given a mediated device A
      Then "{A}" of the parent is a directory

  @device.bus-link @must @management @basis.document
  Rule: device.bus-link
    bus/mdev/devices MUST contain a link to the directory of each mediated device, named after the
    device's UUID.

    Scenario: Link from the bus to a device
      Given a mediated device A
      Then "devices/{A}" of the mdev bus points to A

  @device.mdev-type @must @management @basis.document
  Rule: device.mdev-type
    A mediated device MUST have a link mdev_type that leads to its type.

    Scenario: Link from a device to its type
      Given a mediated device A
      Then "mdev_type" of A points to the type

    Scenario: Links from two devices to their types
      Given two types with an instance available
      And a mediated device A of the first type
      And a mediated device B of the second type
      Then "mdev_type" of A points to the first type
      And "mdev_type" of B points to the second type

  @device.subsystem @must @management @basis.kernel
  Rule: device.subsystem
    A mediated device MUST have a link subsystem that leads to bus/mdev.

    Scenario: Link from a device to its bus
      Given a mediated device A
      Then "subsystem" of A points to the mdev bus

  @device.vendor-attributes @may @management @basis.document
  Rule: device.vendor-attributes
    A mediated device MAY have attributes of its vendor.

    From 6.1 on these attributes exist only while the device is bound to its driver.
