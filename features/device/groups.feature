# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Groups

  @group.node @must @device @basis.document
  Rule: group.node
    A mediated device that is bound to a VFIO driver MUST have a group, /dev/vfio/N, that a user can
    open.

    N is the number of the device's IOMMU group.

    Scenario: Open the group of a bound device
      Given a mediated device A
      When the group of A is opened
      Then the call succeeds
      And the group of A has a node

  @group.unbound @must @device @basis.document
  Rule: group.unbound
    Unbinding a mediated device from its driver MUST remove its group.

    The node /dev/vfio/N disappears with the group.

    Scenario: Open the group of an unbound device
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      And A is unbound
      Then the group of A has no node
      When the group of A is opened
      Then the call fails with ENOENT

  @group.removed @must @device @basis.kernel
  Rule: group.removed
    Removing a mediated device MUST remove its group.

    Scenario: Open the group of a removed device
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      When A is removed
      Then the group of A has no node
      When the group of A is opened
      Then the call fails with ENOENT

  @group.nobodys @must @device @basis.kernel @until.5.12
  Rule: group.nobodys
    Opening a group node with an unused minor number MUST fail with ENODEV.

    Scenario Outline: Open a node without a group, until 5.12 [<case>]
      Given a mediated device A
      When a group node with an unused minor number, <distance> above a used one, is opened
      Then the call fails with ENODEV

      Examples: numbers-of-no-group
        | case     | distance |
        | nearby   | 77       |
        | far away | 65536    |

  @group.nobodys-later @must @device @basis.kernel @since.6.1
  Rule: group.nobodys-later
    Opening a group node with an unused minor number MUST fail with ENXIO.

    Scenario Outline: Open a node without a group, from 6.1 on [<case>]
      Given a mediated device A
      When a group node with an unused minor number, <distance> above a used one, is opened
      Then the call fails with ENXIO

      Examples: numbers-of-no-group
        | case     | distance |
        | nearby   | 77       |
        | far away | 65536    |

  @group.one-user @must @device @basis.kernel
  Rule: group.one-user
    Opening a group MUST fail with EBUSY while any process holds the group open.

    Scenario Outline: Open a group twice [<case>]
      Given a mediated device A
      And the group of A is open
      When <opening>
      Then the call fails with EBUSY

      Examples: second-openings
        | case             | opening                                     |
        | the same process | the group of A is opened                    |
        | another process  | the group of A is opened by another process |

  @group.again @must @device @basis.kernel
  Rule: group.again
    Opening a closed group again MUST succeed, unless a file of its device is still open.

    Scenario: Open a group after it was closed
      Given a mediated device A
      And the group of A is open
      When the group of A is closed
      And the group of A is opened by another process
      Then the call succeeds

  @group.no-iommu @must @device @basis.kernel
  Rule: group.no-iommu
    Opening a noiommu group MUST fail with EPERM for a process without the capability CAP_SYS_RAWIO.

    A noiommu group is a group without an IOMMU behind it.

    Scenario Outline: Open a noiommu group without privileges [<case>]
      Given a mediated device A
      And the group of A is a noiommu group
      And <state>
      And another process without privileges
      When the group of A is opened by another process
      Then the call fails with EPERM

      Examples: groups-behind-no-iommu
        | case                | state                  |
        | the group is closed | the container is open  |
        | the group is open   | the group of A is open |

  @group.viable @must @device @basis.kernel
  Rule: group.viable
    The status of a mediated device's group MUST have the flag VIABLE.

    A mediated device is alone in its IOMMU group, so the driver of another device cannot make the group
    unviable.

    Scenario: Status of a group with one device
      Given a mediated device A
      And the group of A is open
      Then the group of A is viable

  @group.status-outside @must @device @basis.kernel
  Rule: group.status-outside
    The status of a group outside any container MUST NOT have the flag CONTAINER_SET.

    Scenario: Status of a group that never joined a container
      Given a mediated device A
      And the group of A is open
      Then the group of A is in no container

    Scenario: Status of a group that left its container
      Given a mediated device A
      And the group of A is in the container
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the group of A is in no container

  @group.status-inside @must @device @basis.kernel
  Rule: group.status-inside
    The status of a group in a container MUST have the flags CONTAINER_SET and VIABLE.

    Scenario: Status of a group in a container
      Given a mediated device A
      And the group of A is in the container
      Then the group of A is in a container
      And the group of A is viable

  @group.status-argsz @must @device @basis.kernel
  Rule: group.status-argsz
    VFIO_GROUP_GET_STATUS MUST fail with EINVAL for an argsz of less than 8.

    Scenario Outline: Group status with an argsz that is too small [<case>]
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
    VFIO_GROUP_GET_STATUS MUST accept an argsz of 8 or more.

    Scenario Outline: Group status with a sufficient argsz [<case>]
      Given a mediated device A
      And the group of A is open
      When VFIO_GROUP_GET_STATUS of the group of A is called with argsz <argsz>
      Then the call succeeds

      Examples: status-long-enough
        | case          | argsz |
        | exact         | 8     |
        | one byte more | 9     |
        | a page        | 4096  |

  @group.status-overrun @must @device @basis.kernel
  Rule: group.status-overrun
    VFIO_GROUP_GET_STATUS MUST NOT write beyond the argsz bytes of its structure.

    Scenario Outline: Memory behind a group's status [<case>]
      Given a mediated device A
      And the group of A is open
      When VFIO_GROUP_GET_STATUS of the group of A is called with argsz <argsz>
      Then the call succeeds
      And the memory behind the structure is unchanged

      Examples: status-long-enough
        | case          | argsz |
        | exact         | 8     |
        | one byte more | 9     |
        | a page        | 4096  |

  @group.pointer @must @device @basis.kernel
  Rule: group.pointer
    Each group request in the table below MUST fail with EFAULT for a pointer outside the caller's
    memory.

    Scenario Outline: Group request with a bad pointer [<case>]
      Given a mediated device A
      And <state>
      When <request> of the group of A is called with a bad pointer
      Then the call fails with EFAULT

      Examples: pointers-of-groups
        | case                      | state                              | request                  |
        | status                    | the group of A is open             | VFIO_GROUP_GET_STATUS    |
        | container                 | the group of A is open             | VFIO_GROUP_SET_CONTAINER |
        | device name               | the group of A is in the container | VFIO_GROUP_GET_DEVICE_FD |
        | device name, no container | the group of A is open             | VFIO_GROUP_GET_DEVICE_FD |

  @group.unknown-request @must @device @basis.kernel
  Rule: group.unknown-request
    ioctl(2) on a group MUST fail with ENOTTY for a request that is not a group request.

    Scenario Outline: Foreign or unknown request on a group [<case>]
      Given a mediated device A
      And the group of A is open
      When <request> of the group of A is called
      Then the call fails with ENOTTY

      Examples: requests-of-no-group
        | case           | request              |
        | of a container | VFIO_GET_API_VERSION |
        | of a device    | VFIO_DEVICE_GET_INFO |
        | unknown        | an unknown request   |
