# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Back ends

  @back-end.set @must @device @basis.kernel
  Rule: back-end.set
    VFIO_SET_IOMMU MUST accept each supported back end for a container with a group.

    The supported back ends are type 1 (number 1) and version 2 of type 1 (number 3).

    Scenario Outline: Set a supported back end [<case>]
      Given a mediated device A
      And the group of A is in the container
      When VFIO_SET_IOMMU of the container is called with <number>
      Then the call returns 0

      Examples: back-ends
        | case              | number |
        | type 1            | 1      |
        | type 1, version 2 | 3      |

  @back-end.no-group @must @device @basis.kernel
  Rule: back-end.no-group
    VFIO_SET_IOMMU MUST fail with EINVAL for a container without a group.

    Scenario Outline: Set the back end of an empty container [<case>]
      Given the container is open
      When VFIO_SET_IOMMU of the container is called with <number>
      Then the call fails with EINVAL

      Examples: back-ends
        | case              | number |
        | type 1            | 1      |
        | type 1, version 2 | 3      |

  @back-end.unknown @must @device @basis.kernel
  Rule: back-end.unknown
    VFIO_SET_IOMMU MUST fail with ENODEV for a number that is not assigned to a back end.

    Scenario Outline: Set an unknown back end [<case>]
      Given a mediated device A
      And the group of A is in the container
      When VFIO_SET_IOMMU of the container is called with <number>
      Then the call fails with ENODEV

      Examples: no-extensions
        | case        | number     |
        | zero        | 0          |
        | one hundred | 100        |
        | the maximum | 4294967295 |

  @back-end.twice @must @device @basis.kernel
  Rule: back-end.twice
    VFIO_SET_IOMMU MUST fail with EINVAL for a container that already has a back end.

    Scenario Outline: Set a second back end [<case>]
      Given a mediated device A
      And the group of A is in the container
      And the container has a back end
      When VFIO_SET_IOMMU of the container is called with <number>
      Then the call fails with EINVAL

      Examples: second-back-ends
        | case           | number |
        | the same again | 3      |
        | another one    | 1      |
        | an unknown one | 100    |

  @back-end.shared @must @device @basis.kernel
  Rule: back-end.shared
    A group that joins a container with a back end MUST use that back end without another
    VFIO_SET_IOMMU.

    Scenario: Second group in a container with a back end
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And A is held open
      And the group of B is in the container
      When VFIO_GROUP_GET_DEVICE_FD of the group of B is called with the name "{B}"
      Then the call succeeds

  @back-end.stays @must @device @basis.kernel
  Rule: back-end.stays
    A container MUST keep its back end until its last group leaves.

    Scenario: One of two groups leaves the container
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And the group of A is in the container
      And the container has a back end
      And the group of B is in the container
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the call succeeds
      When VFIO_GROUP_GET_DEVICE_FD of the group of B is called with the name "{B}"
      Then the call succeeds

  @back-end.dropped @must @device @basis.kernel
  Rule: back-end.dropped
    A container MUST lose its back end when its last group leaves.

    Scenario: Last group leaves the container and joins it again
      Given a mediated device A
      And the group of A is in the container
      And the container has a back end
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the call succeeds
      When VFIO_IOMMU_GET_INFO of the container is called
      Then the call fails with EINVAL
      When VFIO_GROUP_SET_CONTAINER of the group of A is called with the descriptor of the container
      Then the call succeeds
      When VFIO_GROUP_GET_DEVICE_FD of the group of A is called with the name "{A}"
      Then the call fails with EINVAL
      When VFIO_SET_IOMMU of the container is called with 1
      Then the call succeeds
