# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Joining and leaving a container

  @join.accepted @must @device @basis.kernel
  Rule: join.accepted
    VFIO_GROUP_SET_CONTAINER MUST add a group that is in no container to the given container.

    Scenario: Group joins a container
      Given a mediated device A
      And the group of A is open
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with the descriptor of the container
      Then the call returns 0
      And the group of A is in a container

  @join.negative @must @device @basis.kernel @until.5.12
  Rule: join.negative
    VFIO_GROUP_SET_CONTAINER MUST fail with EINVAL for a negative descriptor.

    Scenario Outline: Join a container with a negative descriptor, until 5.12 [<case>]
      Given a mediated device A
      And the group of A is open
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with <file>
      Then the call fails with EINVAL

      Examples: negative-descriptors
        | case        | file                       |
        | minus one   | the descriptor -1          |
        | the minimum | the descriptor -2147483648 |

  @join.negative-later @must @device @basis.kernel @since.6.1
  Rule: join.negative-later
    VFIO_GROUP_SET_CONTAINER MUST fail with EBADF for a negative descriptor.

    Scenario Outline: Join a container with a negative descriptor, from 6.1 on [<case>]
      Given a mediated device A
      And the group of A is open
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with <file>
      Then the call fails with EBADF

      Examples: negative-descriptors
        | case        | file                       |
        | minus one   | the descriptor -1          |
        | the minimum | the descriptor -2147483648 |

  @join.not-open @must @device @basis.kernel
  Rule: join.not-open
    VFIO_GROUP_SET_CONTAINER MUST fail with EBADF for a descriptor that is not open.

    Scenario Outline: Join a container with a descriptor that is not open [<case>]
      Given a mediated device A
      And the group of A is open
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with <file>
      Then the call fails with EBADF

      Examples: descriptors-not-open
        | case         | file                          |
        | never opened | a descriptor that is not open |
        | the maximum  | the descriptor 2147483647     |

  @join.no-container @must @device @basis.kernel @until.6.1
  Rule: join.no-container
    VFIO_GROUP_SET_CONTAINER MUST fail with EINVAL for a descriptor of a file other than a container.

    Scenario Outline: Join with the descriptor of another file, until 6.1 [<case>]
      Given a mediated device A
      And the group of A is open
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with <file>
      Then the call fails with EINVAL

      Examples: no-containers
        | case       | file                             |
        | an eventfd | the descriptor of an eventfd     |
        | the group  | the descriptor of the group of A |

  @join.no-container-later @must @device @basis.kernel @since.6.2
  Rule: join.no-container-later
    VFIO_GROUP_SET_CONTAINER MUST fail with EBADFD for a descriptor of a file other than a container.

    Scenario Outline: Join with the descriptor of another file, from 6.2 on [<case>]
      Given a mediated device A
      And the group of A is open
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with <file>
      Then the call fails with EBADFD

      Examples: no-containers
        | case       | file                             |
        | an eventfd | the descriptor of an eventfd     |
        | the group  | the descriptor of the group of A |

  @join.twice @must @device @basis.kernel
  Rule: join.twice
    VFIO_GROUP_SET_CONTAINER MUST fail with EINVAL for a group that is already in a container.

    Scenario Outline: Group joins a second container [<case>]
      Given a mediated device A
      And the group of A is in the container
      And the second container is open
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with <file>
      Then the call fails with EINVAL
      And the group of A is in a container

      Examples: second-containers
        | case           | file                                   |
        | the same again | the descriptor of the container        |
        | another one    | the descriptor of the second container |

  @join.twice-before-descriptor @must @device @basis.kernel @until.5.12
  Rule: join.twice-before-descriptor
    VFIO_GROUP_SET_CONTAINER MUST fail with EINVAL for a group that is in a container, even if the
    descriptor is not open.

    The kernel checks the state of the group before it looks up the descriptor.

    Scenario Outline: Second join, with a descriptor that is not open, until 5.12 [<case>]
      Given a mediated device A
      And the group of A is in the container
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with <file>
      Then the call fails with EINVAL

      Examples: descriptors-not-open
        | case         | file                          |
        | never opened | a descriptor that is not open |
        | the maximum  | the descriptor 2147483647     |

  @join.no-iommu @must @device @basis.kernel
  Rule: join.no-iommu
    VFIO_GROUP_SET_CONTAINER MUST fail with EPERM if it would mix noiommu groups and groups with an
    IOMMU in one container.

    Scenario Outline: Groups with and without an IOMMU in one container [<case>]
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And the group of <which> is a noiommu group
      And the group of A is in the container
      And the group of B is open
      When VFIO_GROUP_SET_CONTAINER of the group of B is called with the descriptor of the container
      Then the call fails with EPERM

      Examples: without-iommu
        | case   | which |
        | first  | A     |
        | second | B     |

  @join.back-end @must @device @basis.kernel
  Rule: join.back-end
    VFIO_GROUP_SET_CONTAINER MUST fail with the back end's errno when the back end of the container
    refuses the group.

    Scenario Outline: Join a container whose back end refuses the group [<case>]
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And the group of A is in the container
      And the container has a back end that refuses the group of B with <errno>
      And the group of B is open
      When VFIO_GROUP_SET_CONTAINER of the group of B is called with the descriptor of the container
      Then the call fails with <errno>

      Examples: refusals-of-back-ends
        | case           | errno  |
        | not permitted  | EPERM  |
        | out of memory  | ENOMEM |
        | in use         | EBUSY  |
        | no such device | ENODEV |

  @join.refused-stays-out @must @device @basis.kernel
  Rule: join.refused-stays-out
    A group that the back end of a container refuses MUST stay outside the container.

    Scenario Outline: Group that the back end refuses stays outside [<case>]
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And the group of A is in the container
      And the container has a back end that refuses the group of B with <errno>
      And the group of B is open
      When VFIO_GROUP_SET_CONTAINER of the group of B is called with the descriptor of the container
      Then the group of B is in no container

      Examples: refusals-of-back-ends
        | case           | errno  |
        | not permitted  | EPERM  |
        | out of memory  | ENOMEM |
        | in use         | EBUSY  |
        | no such device | ENODEV |

  @leave.accepted @must @device @basis.kernel
  Rule: leave.accepted
    VFIO_GROUP_UNSET_CONTAINER MUST remove a group from its container.

    The group can then join another container.

    Scenario: Group moves to another container
      Given a mediated device A
      And the group of A is in the container
      And the second container is open
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the call returns 0
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with the descriptor of the second container
      Then the call returns 0
      When VFIO_SET_IOMMU of the second container is called with 3
      Then the call succeeds

  @leave.outside @must @device @basis.kernel
  Rule: leave.outside
    VFIO_GROUP_UNSET_CONTAINER MUST fail with EINVAL for a group that is in no container.

    Scenario Outline: Group that is in no container leaves [<case>]
      Given a mediated device A
      And <state>
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the call fails with EINVAL

      Examples: groups-outside
        | case                   | state                                 |
        | never in a container   | the group of A is open                |
        | has left its container | the group of A has left the container |

  @leave.in-use @must @device @basis.kernel
  Rule: leave.in-use
    VFIO_GROUP_UNSET_CONTAINER MUST fail with EBUSY while a device file of the group is open.

    Scenario Outline: Group leaves while its device is open [<case>]
      Given a mediated device A
      And A is held open
      When <event>
      And VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the call fails with EBUSY
      When A is closed
      And VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the call succeeds

      Examples: before-leaving
        | case                    | event                            |
        | the device is reset     | VFIO_DEVICE_RESET of A is called |
        | the container is closed | the container is closed          |

  @leave.pinning @must @device @basis.kernel @until.5.18
  Rule: leave.pinning
    VFIO_GROUP_UNSET_CONTAINER MUST fail with EBUSY while the vendor driver is pinning pages for a
    device of the group.

    This applies even when no device file of the group is open. From 5.19 on, pages are pinned only for
    an open device.

    Scenario Outline: Group leaves while pages are being pinned, until 5.18 [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is in a container but not open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called while the vendor driver of A pins <pages>
      Then the call fails with EBUSY
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the call succeeds

      Examples: pins-in-progress
        | case          | pages          |
        | one page      | page 16        |
        | several pages | pages 16 to 19 |
