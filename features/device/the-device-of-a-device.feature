# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: The device of a device

  @vfio-device.name @must @device @basis.kernel @since.6.1
  Rule: vfio-device.name
    The directory vfio-dev of a mediated device MUST have one entry, named vfio and a number.

    Scenario: The name of a VFIO device, from 6.1 on
      Given a mediated device A
      Then what A has in its directory of VFIO devices is named for VFIO and numbered

  @vfio-device.class @must @device @basis.kernel @since.6.1
  Rule: vfio-device.class
    The class vfio-dev MUST have a link to each VFIO device, by its name.

    Scenario: The VFIO device in its class, from 6.1 on
      Given a mediated device A
      Then the class of VFIO devices lists what A has in its directory of them

  @vfio-device.node @may @device @basis.kernel @since.6.6
  Rule: vfio-device.node
    A kernel MAY give VFIO devices nodes of their own, /dev/vfio/devices/vfio0 for one, and have no
    groups.
