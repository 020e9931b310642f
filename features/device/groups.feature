# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Groups

  @group.node @must @device @basis.document
  Rule: group.node
    For a mediated device that is bound to a driver of VFIO there MUST be a group: a file below
    /dev/vfio that has the number of its IOMMU group, and can be opened.

    Scenario: The group of a device
      Given a mediated device A
      When the group of A is opened
      Then the opening succeeds
      And the group of A has a node

  @group.unbound @must @device @basis.document
  Rule: group.unbound
    When a mediated device is unbound from its driver, its group MUST go.

    Scenario: The group of a device that is unbound
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      And A is bound to no driver
      Then the group of A has no node
      When the group of A is opened
      Then the opening fails with ENOENT

  @group.removed @must @device @basis.kernel
  Rule: group.removed
    When a mediated device is removed, its group MUST go.

    Scenario: The group of a device that is removed
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      When A is removed
      Then the group of A has no node
      When the group of A is opened
      Then the opening fails with ENOENT

  @group.nobodys @must @device @basis.kernel @until.5.12
  Rule: group.nobodys
    Opening a node that has the number of no group MUST fail with ENODEV.

    Scenario Outline: A node of no group, until 5.12 [<case>]
      Given a mediated device A
      When a node is opened that has the number of no group, <distance> further along
      Then the opening fails with ENODEV

      Examples: numbers-of-no-group
        | case           | distance |
        | some way along | 77       |
        | far away       | 65536    |

  @group.nobodys-later @must @device @basis.kernel @since.6.1
  Rule: group.nobodys-later
    Opening a node that has the number of no group MUST fail with ENXIO.

    Scenario Outline: A node of no group, from 6.1 on [<case>]
      Given a mediated device A
      When a node is opened that has the number of no group, <distance> further along
      Then the opening fails with ENXIO

      Examples: numbers-of-no-group
        | case           | distance |
        | some way along | 77       |
        | far away       | 65536    |

  @group.one-user @must @device @basis.kernel
  Rule: group.one-user
    Opening a group that is open MUST fail with EBUSY, whoever has it open.

    Scenario Outline: A group that is opened twice [<case>]
      Given a mediated device A
      And the group of A is open
      When <opening>
      Then the opening fails with EBUSY

      Examples: second-openings
        | case             | opening                                     |
        | the same process | the group of A is opened                    |
        | another process  | the group of A is opened by another process |

  @group.again @must @device @basis.kernel
  Rule: group.again
    A group that was closed MUST be possible to open again.

    Scenario: A group that is closed and opened
      Given a mediated device A
      And the group of A is open
      When the group of A is closed
      And the group of A is opened by another process
      Then the opening succeeds

  @group.no-iommu @must @device @basis.kernel
  Rule: group.no-iommu
    Opening a group behind no IOMMU MUST fail with EPERM for a process without the capability
    CAP_SYS_RAWIO.

    Scenario Outline: A group behind no IOMMU that somebody without privileges opens [<case>]
      Given a mediated device A
      And A is behind no IOMMU
      And <state>
      And another process without privileges
      When the group of A is opened by another process
      Then the opening fails with EPERM

      Examples: groups-behind-no-iommu
        | case                 | state                  |
        | nobody has it open   | the container is open  |
        | somebody has it open | the group of A is open |

  @group.viable @must @device @basis.kernel
  Rule: group.viable
    The status of a mediated device's group MUST have the flag VIABLE.

    The device has its IOMMU group to itself, so that there is no other device's driver to be in the
    way.

    Scenario: A group that is viable
      Given a mediated device A
      And the group of A is open
      Then the group of A is viable

  @group.status-outside @must @device @basis.kernel
  Rule: group.status-outside
    The status of a group that is in no container MUST NOT have the flag CONTAINER_SET.

    Scenario: The status of a group that is in no container
      Given a mediated device A
      And the group of A is open
      Then the group of A is in no container

    Scenario: The status of a group that was in a container
      Given a mediated device A
      And the group of A is in the container
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the group of A is in no container

  @group.status-inside @must @device @basis.kernel
  Rule: group.status-inside
    The status of a group that is in a container MUST have the flags CONTAINER_SET and VIABLE.

    Scenario: The status of a group that is in a container
      Given a mediated device A
      And the group of A is in the container
      Then the group of A is in a container
      And the group of A is viable

  @group.status-argsz @must @device @basis.kernel
  Rule: group.status-argsz
    VFIO_GROUP_GET_STATUS MUST fail with EINVAL for an argsz of less than 8.

    Scenario Outline: A status that there is no room for [<case>]
      Given a mediated device A
      And the group of A is open
      When VFIO_GROUP_GET_STATUS of the group of A is called with argsz <argsz>
      Then the call fails with EINVAL

      Examples: status-too-short
        | case           | argsz |
        | none           | 0     |
        | one field      | 4     |
        | a byte missing | 7     |

  @group.status-room @must @device @basis.kernel
  Rule: group.status-room
    VFIO_GROUP_GET_STATUS MUST accept an argsz of 8 or more and write to no more than that.

    Scenario Outline: A status that there is room for [<case>]
      Given a mediated device A
      And the group of A is open
      When VFIO_GROUP_GET_STATUS of the group of A is called with argsz <argsz>
      Then the call succeeds
      And nothing behind the structure was written

      Examples: status-long-enough
        | case   | argsz |
        | exact  | 8     |
        | a byte | 9     |
        | a page | 4096  |

  @group.pointer @must @device @basis.kernel
  Rule: group.pointer
    A request of a group MUST fail with EFAULT when its argument is a pointer to no memory of the
    caller's.

    Scenario Outline: A request of a group with a bad pointer [<case>]
      Given a mediated device A
      And <state>
      When <request> of the group of A is called with a bad pointer
      Then the call fails with EFAULT

      Examples: pointers-of-groups
        | case              | state                              | request                  |
        | status            | the group of A is open             | VFIO_GROUP_GET_STATUS    |
        | joining           | the group of A is open             | VFIO_GROUP_SET_CONTAINER |
        | a name            | the group of A is in the container | VFIO_GROUP_GET_DEVICE_FD |
        | a name, too early | the group of A is open             | VFIO_GROUP_GET_DEVICE_FD |

  @group.unknown-request @must @device @basis.kernel
  Rule: group.unknown-request
    A request that is none of a group's MUST fail with ENOTTY.

    Scenario Outline: A request that a group does not know [<case>]
      Given a mediated device A
      And the group of A is open
      When <request> of the group of A is called
      Then the call fails with ENOTTY

      Examples: requests-of-no-group
        | case           | request              |
        | of a container | VFIO_GET_API_VERSION |
        | of a device    | VFIO_DEVICE_GET_INFO |
        | unknown        | an unknown request   |
