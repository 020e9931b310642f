# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: VFIO devices and their nodes

  @vfio-device.name @must @device @basis.kernel @since.6.1
  Rule: vfio-device.name
    The directory vfio-dev of a mediated device MUST have exactly one entry, named vfio and a number.

    Scenario: Name of the VFIO device, from 6.1 on
      Given a mediated device A
      Then "vfio-dev" of A has one entry, named "vfio" and a number

  @vfio-device.class @must @device @basis.kernel @since.6.1
  Rule: vfio-device.class
    The class vfio-dev MUST have a link to each VFIO device, named like the device.

    Scenario: VFIO device in its class, from 6.1 on
      Given a mediated device A
      Then the class "vfio-dev" links to the VFIO device of A

  @vfio-device.node @may @device @basis.kernel @since.6.6
  Rule: vfio-device.node
    A kernel MAY create a node for each VFIO device, in addition to VFIO groups or instead of them.

    The node of the first VFIO device, for example, is /dev/vfio/devices/vfio0.

  @vfio-device.node-unbound @must @device @basis.kernel @since.6.6
  Rule: vfio-device.node-unbound
    A device request on the node of a VFIO device MUST fail with EINVAL before the node is bound to an
    iommufd.

    VFIO_DEVICE_BIND_IOMMUFD binds the node.

    Scenario: Request on an unbound node, from 6.6 on
      Given a mediated device A
      And A has its own node
      And the node of A is open
      When VFIO_DEVICE_GET_INFO of the node of A is called with argsz 16
      Then the call fails with EINVAL

  @vfio-device.node-bound @must @device @basis.kernel @since.6.6
  Rule: vfio-device.node-bound
    The node of a VFIO device MUST act as a device file after VFIO_DEVICE_BIND_IOMMUFD has bound it.

    Scenario: Use a bound node, from 6.6 on
      Given a mediated device A
      And A has its own node
      And the node of A is bound to an iommufd
      Then the node of A is still usable

  @vfio-device.node-once @must @device @basis.kernel @since.6.6
  Rule: vfio-device.node-once
    VFIO_DEVICE_BIND_IOMMUFD MUST fail with EINVAL on a node that is already bound.

    Scenario: Bind a node twice, from 6.6 on
      Given a mediated device A
      And A has its own node
      And the node of A is bound to an iommufd
      When the node of A is bound to another iommufd
      Then the call fails with EINVAL

  @vfio-device.node-or-group @must @device @basis.kernel @since.6.6
  Rule: vfio-device.node-or-group
    Opening the group of a device MUST fail with EBUSY while the device is in use through its node.

    Scenario: Open the group of a device whose node is bound, from 6.6 on
      Given a mediated device A
      And A has its own node
      And the node of A is bound to an iommufd
      When the group of A is opened
      Then the call fails with EBUSY
      When the node of A is closed
      And the group of A is opened
      Then the call succeeds
