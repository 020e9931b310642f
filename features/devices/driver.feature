# Derived from spec/devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: Driver

  @device.driver @must @management @basis.kernel
  Rule: device.driver
    A bound mediated device MUST have a link driver that leads to its driver in bus/mdev/drivers.

    Scenario: Link from a device to its driver
      Given a mediated device A
      Then "driver" of A points to an entry of "bus/mdev/drivers"

  @device.driver-lists-it @must @management @basis.kernel
  Rule: device.driver-lists-it
    The directory of a driver MUST contain a link to each mediated device bound to it, named after the
    device's UUID.

    Scenario: Link from a driver to its device
      Given a mediated device A
      Then "{A}" of the driver of A points to A

  @device.driver-vfio-mdev @must @management @basis.kernel @until.5.12
  Rule: device.driver-vfio-mdev
    The driver of a bound mediated device MUST be vfio_mdev unless another driver was registered.

    Scenario: Name of the driver, until 5.12
      Given a mediated device A
      Then "driver" of A points to "bus/mdev/drivers/vfio_mdev"

  @device.vfio-dev @must @management @basis.kernel @since.6.1
  Rule: device.vfio-dev
    A bound mediated device MUST have a directory vfio-dev.

    Its entry, for example vfio0, is the device of class vfio-dev that newer clients open.

    Scenario: Directory of the VFIO device, from 6.1 on
      Given a mediated device A
      Then "vfio-dev" of A is a directory
