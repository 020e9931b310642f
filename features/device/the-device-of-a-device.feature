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

  @vfio-device.node-unbound @must @device @basis.kernel @since.6.6
  Rule: vfio-device.node-unbound
    Where a VFIO device has a node, requests of it MUST fail with EINVAL before it is bound to an
    iommufd.

    Scenario: A node that is bound to nothing, from 6.6 on
      Given a mediated device A
      And A has a node of its own
      And the node of A is open
      When VFIO_DEVICE_GET_INFO of the node of A is called with argsz 16
      Then the call fails with EINVAL

  @vfio-device.node-bound @must @device @basis.kernel @since.6.6
  Rule: vfio-device.node-bound
    Where a VFIO device has a node, the node MUST be a file of the device once VFIO_DEVICE_BIND_IOMMUFD
    has bound it.

    Scenario: A node that is bound, from 6.6 on
      Given a mediated device A
      And A has a node of its own
      And the node of A is bound to an iommufd
      Then the node of A still answers

  @vfio-device.node-once @must @device @basis.kernel @since.6.6
  Rule: vfio-device.node-once
    Binding a node for a second time MUST fail with EINVAL.

    Scenario: A node that is bound twice, from 6.6 on
      Given a mediated device A
      And A has a node of its own
      And the node of A is bound to an iommufd
      When the node of A is bound to another iommufd
      Then the call fails with EINVAL

  @vfio-device.node-or-group @must @device @basis.kernel @since.6.6
  Rule: vfio-device.node-or-group
    While a device is in use by its node, opening its group MUST fail with EBUSY.

    Scenario: The group of a device whose node is bound, from 6.6 on
      Given a mediated device A
      And A has a node of its own
      And the node of A is bound to an iommufd
      When the group of A is opened
      Then the opening fails with EBUSY
      When the node of A is closed
      And the group of A is opened
      Then the opening succeeds
