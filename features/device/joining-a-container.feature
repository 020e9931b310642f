# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Joining a container

  @join.accepted @must @device @basis.kernel
  Rule: join.accepted
    VFIO_GROUP_SET_CONTAINER MUST put a group that is in no container into the one of that descriptor.

    Scenario: A group that joins a container
      Given a mediated device A
      And the group of A is open
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with the descriptor of the container
      Then the call gives 0
      And the group of A is in a container

  @join.negative @must @device @basis.kernel @until.5.12
  Rule: join.negative
    VFIO_GROUP_SET_CONTAINER MUST fail with EINVAL for a descriptor below 0.

    Scenario: A container by a negative number, until 5.12
      Given a mediated device A
      And the group of A is open
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with the descriptor -1
      Then the call fails with EINVAL

  @join.negative-later @must @device @basis.kernel @since.6.1
  Rule: join.negative-later
    VFIO_GROUP_SET_CONTAINER MUST fail with EBADF for a descriptor below 0.

    Scenario: A container by a negative number, from 6.1 on
      Given a mediated device A
      And the group of A is open
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with the descriptor -1
      Then the call fails with EBADF

  @join.not-open @must @device @basis.kernel
  Rule: join.not-open
    VFIO_GROUP_SET_CONTAINER MUST fail with EBADF for a descriptor that is not open.

    Scenario: A container by a descriptor that is not open
      Given a mediated device A
      And the group of A is open
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with a descriptor that is not open
      Then the call fails with EBADF

  @join.no-container @must @device @basis.kernel @until.6.1
  Rule: join.no-container
    VFIO_GROUP_SET_CONTAINER MUST fail with EINVAL for a descriptor that is not one of a container.

    Scenario Outline: A container by another file, until 6.1 [<case>]
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
    VFIO_GROUP_SET_CONTAINER MUST fail with EBADFD for a descriptor that is not one of a container.

    Scenario Outline: A container by another file, from 6.2 on [<case>]
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
    VFIO_GROUP_SET_CONTAINER MUST fail with EINVAL for a group that is in a container.

    Scenario Outline: A group that joins a second container [<case>]
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
    VFIO_GROUP_SET_CONTAINER of a group that is in a container MUST fail with EINVAL even for a
    descriptor that is not open.

    Scenario: A group that joins what is not open after a container, until 5.12
      Given a mediated device A
      And the group of A is in the container
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with a descriptor that is not open
      Then the call fails with EINVAL

  @join.no-iommu @must @device @basis.kernel
  Rule: join.no-iommu
    A group behind no IOMMU and one that has an IOMMU MUST NOT be in one container: the second one fails
    with EPERM.

    Scenario Outline: Groups with and without an IOMMU [<case>]
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And <which> is behind no IOMMU
      And the group of A is in the container
      And the group of B is open
      When VFIO_GROUP_SET_CONTAINER of the group of B is called with the descriptor of the container
      Then the call fails with EPERM

      Examples: without-iommu
        | case   | which |
        | first  | A     |
        | second | B     |

  @leave.accepted @must @device @basis.kernel
  Rule: leave.accepted
    VFIO_GROUP_UNSET_CONTAINER MUST take a group out of its container, so that it can join another one.

    Scenario: A group that changes its container
      Given a mediated device A
      And the group of A is in the container
      And the second container is open
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the call gives 0
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with the descriptor of the second container
      Then the call gives 0
      When VFIO_SET_IOMMU of the second container is called with 3
      Then the call succeeds

  @leave.outside @must @device @basis.kernel
  Rule: leave.outside
    VFIO_GROUP_UNSET_CONTAINER MUST fail with EINVAL for a group that is in no container.

    Scenario: A group that leaves no container
      Given a mediated device A
      And the group of A is open
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the call fails with EINVAL

  @leave.in-use @must @device @basis.kernel
  Rule: leave.in-use
    VFIO_GROUP_UNSET_CONTAINER MUST fail with EBUSY as long as a file of a device of the group is open.

    Scenario: A group that leaves while its device is open
      Given a mediated device A
      And A is held open
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the call fails with EBUSY
      When A is closed
      And VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the call succeeds
