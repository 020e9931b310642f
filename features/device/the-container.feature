# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: The container

  @container.open @must @device @basis.kernel
  Rule: container.open
    Opening /dev/vfio/vfio MUST give a container.

    Scenario: Opening a container
      When the container is opened
      Then the opening succeeds

  @container.api-version @must @device @basis.kernel
  Rule: container.api-version
    VFIO_GET_API_VERSION MUST give 0.

    Scenario: The version of the interface
      Given the container is open
      When VFIO_GET_API_VERSION of the container is called
      Then the call gives 0

  @container.own @must @device @basis.kernel
  Rule: container.own
    Each opening MUST give a container of its own, which has nothing of others.

    Scenario: A group in one of two containers
      Given a mediated device A
      And the group of A is in the container
      And the second container is open
      When VFIO_SET_IOMMU of the second container is called with 3
      Then the call fails with EINVAL
      When VFIO_SET_IOMMU of the container is called with 3
      Then the call succeeds

  @container.extensions @must @device @basis.kernel
  Rule: container.extensions
    VFIO_CHECK_EXTENSION MUST give 1 for each back end of the table.

    Scenario Outline: A back end that there is [<case>]
      Given the container is open
      When VFIO_CHECK_EXTENSION of the container is called with <number>
      Then the call gives 1

      Examples: back-ends
        | case              | number |
        | type 1            | 1      |
        | type 1, version 2 | 3      |

    Scenario Outline: A back end that there is, asked for when one is set [<case>]
      Given a mediated device A
      And the group of A is in the container
      And the container has its back end
      When VFIO_CHECK_EXTENSION of the container is called with <number>
      Then the call gives 1

      Examples: back-ends
        | case              | number |
        | type 1            | 1      |
        | type 1, version 2 | 3      |

  @container.extension-unknown @must @device @basis.kernel
  Rule: container.extension-unknown
    VFIO_CHECK_EXTENSION MUST give 0, and no error, for a number that stands for nothing.

    Scenario Outline: An extension that there is not [<case>]
      Given the container is open
      When VFIO_CHECK_EXTENSION of the container is called with <number>
      Then the call gives 0

      Examples: no-extensions
        | case     | number     |
        | nothing  | 0          |
        | hundred  | 100        |
        | the last | 4294967295 |

    Scenario Outline: An extension that there is not, asked for when a back end is set [<case>]
      Given a mediated device A
      And the group of A is in the container
      And the container has its back end
      When VFIO_CHECK_EXTENSION of the container is called with <number>
      Then the call gives 0

      Examples: no-extensions
        | case     | number     |
        | nothing  | 0          |
        | hundred  | 100        |
        | the last | 4294967295 |

  @container.early-request @must @device @basis.kernel
  Rule: container.early-request
    Before a container has a back end, any other request of it MUST fail with EINVAL.

    Scenario Outline: A request of a container without a back end [<case>]
      Given the container is open
      When <request> of the container is called
      Then the call fails with EINVAL

      Examples: requests-of-back-ends
        | case            | request               |
        | of the back end | VFIO_IOMMU_GET_INFO   |
        | of a group      | VFIO_GROUP_GET_STATUS |
        | unknown         | an unknown request    |

  @container.unknown-request @must @device @basis.kernel
  Rule: container.unknown-request
    A request that the back end does not know MUST fail with ENOTTY.

    Scenario Outline: A request that a back end does not know [<case>]
      Given a mediated device A
      And the group of A is in the container
      And the container has its back end
      When <request> of the container is called
      Then the call fails with ENOTTY

      Examples: requests-of-no-back-end
        | case       | request               |
        | of a group | VFIO_GROUP_GET_STATUS |
        | unknown    | an unknown request    |
