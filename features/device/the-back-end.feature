# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: The back end

  @back-end.set @must @device @basis.kernel
  Rule: back-end.set
    For a container with a group, VFIO_SET_IOMMU MUST accept each back end of the table.

    Scenario Outline: A back end that is set [<case>]
      Given a mediated device A
      And the group of A is in the container
      When VFIO_SET_IOMMU of the container is called with <number>
      Then the call gives 0

      Examples: back-ends
        | case              | number |
        | type 1            | 1      |
        | type 1, version 2 | 3      |

  @back-end.no-group @must @device @basis.kernel
  Rule: back-end.no-group
    VFIO_SET_IOMMU MUST fail with EINVAL for a container without a group.

    Scenario Outline: A back end for an empty container [<case>]
      Given the container is open
      When VFIO_SET_IOMMU of the container is called with <number>
      Then the call fails with EINVAL

      Examples: back-ends
        | case              | number |
        | type 1            | 1      |
        | type 1, version 2 | 3      |

  @back-end.unknown @must @device @basis.kernel
  Rule: back-end.unknown
    VFIO_SET_IOMMU MUST fail with ENODEV for a number that is none of a back end.

    Scenario Outline: A back end that there is not [<case>]
      Given a mediated device A
      And the group of A is in the container
      When VFIO_SET_IOMMU of the container is called with <number>
      Then the call fails with ENODEV

      Examples: no-extensions
        | case     | number     |
        | nothing  | 0          |
        | hundred  | 100        |
        | the last | 4294967295 |

  @back-end.twice @must @device @basis.kernel
  Rule: back-end.twice
    VFIO_SET_IOMMU MUST fail with EINVAL for a container that has a back end.

    Scenario Outline: A second back end [<case>]
      Given a mediated device A
      And the group of A is in the container
      And the container has its back end
      When VFIO_SET_IOMMU of the container is called with <number>
      Then the call fails with EINVAL

      Examples: second-back-ends
        | case           | number |
        | the same again | 3      |
        | another one    | 1      |
        | none there is  | 100    |

  @back-end.shared @must @device @basis.kernel
  Rule: back-end.shared
    A group that joins a container with a back end MUST have it without another VFIO_SET_IOMMU.

    Scenario: Two groups in one container
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And A is held open
      And the group of B is in the container
      When VFIO_GROUP_GET_DEVICE_FD of the group of B is called with the name "{B}"
      Then the call succeeds

  @back-end.stays @must @device @basis.kernel
  Rule: back-end.stays
    A container MUST NOT lose its back end while a group is in it, whichever leaves.

    Scenario: One of two groups leaves
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And the group of A is in the container
      And the container has its back end
      And the group of B is in the container
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the call succeeds
      When VFIO_GROUP_GET_DEVICE_FD of the group of B is called with the name "{B}"
      Then the call succeeds

  @back-end.dropped @must @device @basis.kernel
  Rule: back-end.dropped
    When the last group leaves a container, the container MUST lose its back end.

    Scenario: The last group leaves and comes back
      Given a mediated device A
      And the group of A is in the container
      And the container has its back end
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
