# Derived from spec/devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: Driver

  @device.driver @must @management @basis.kernel
  Rule: device.driver
    A mediated device that is bound to a driver MUST have a link driver that leads to it in
    bus/mdev/drivers.

    Scenario: The link of a device to its driver
      Given a mediated device A
      Then "driver" of A leads to an entry of "bus/mdev/drivers"

  @device.driver-lists-it @must @management @basis.kernel
  Rule: device.driver-lists-it
    The directory of a driver MUST have a link for each mediated device that is bound to it, named by
    the UUID.

    Scenario: The link of a driver to its device
      Given a mediated device A
      Then "{A}" of the driver of A leads to A

  @device.driver-vfio-mdev @must @management @basis.kernel @until.5.12
  Rule: device.driver-vfio-mdev
    The driver that a mediated device is bound to MUST be vfio_mdev, unless another one was registered.

    Scenario: The name of the driver, until 5.12
      Given a mediated device A
      Then "driver" of A leads to "bus/mdev/drivers/vfio_mdev"

  @device.vfio-dev @must @management @basis.kernel @since.6.1
  Rule: device.vfio-dev
    A mediated device that is bound to a driver MUST have a directory vfio-dev.

    What it holds, vfio0 for one, is the device of class vfio-dev that newer clients open.

    Scenario: The directory of the VFIO device, from 6.1 on
      Given a mediated device A
      Then "vfio-dev" of A is a directory
