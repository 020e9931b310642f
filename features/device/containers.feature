# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Containers

  @container.open @must @device @basis.kernel
  Rule: container.open
    Opening /dev/vfio/vfio MUST return a container.

    Scenario: Open a container
      When the container is opened
      Then the call succeeds

  @container.api-version @must @device @basis.kernel
  Rule: container.api-version
    VFIO_GET_API_VERSION MUST return 0.

    Scenario: API version of a container
      Given the container is open
      When VFIO_GET_API_VERSION of the container is called
      Then the call returns 0

  @container.own @must @device @basis.kernel
  Rule: container.own
    Each open of /dev/vfio/vfio MUST return a separate, empty container.

    Two containers share neither groups nor a back end.

    Scenario: Group in one of two containers
      Given a mediated device A
      And the group of A is in the container
      And the second container is open
      When VFIO_SET_IOMMU of the second container is called with 3
      Then the call fails with EINVAL
      When VFIO_SET_IOMMU of the container is called with 3
      Then the call succeeds

  @container.extensions @must @device @basis.kernel
  Rule: container.extensions
    VFIO_CHECK_EXTENSION MUST return 1 for each back end in the table below.

    Scenario Outline: Check for a supported back end [<case>]
      Given the container is open
      When VFIO_CHECK_EXTENSION of the container is called with <number>
      Then the call returns 1

      Examples: back-ends
        | case              | number |
        | type 1            | 1      |
        | type 1, version 2 | 3      |

    Scenario Outline: Check for a supported back end after one is set [<case>]
      Given a mediated device A
      And the group of A is in the container
      And the container has a back end
      When VFIO_CHECK_EXTENSION of the container is called with <number>
      Then the call returns 1

      Examples: back-ends
        | case              | number |
        | type 1            | 1      |
        | type 1, version 2 | 3      |

  @container.extension-unknown @must @device @basis.kernel
  Rule: container.extension-unknown
    VFIO_CHECK_EXTENSION MUST return 0, not an error, for a number that is not assigned to an extension.

    Scenario Outline: Check for an unknown extension [<case>]
      Given the container is open
      When VFIO_CHECK_EXTENSION of the container is called with <number>
      Then the call returns 0

      Examples: no-extensions
        | case        | number     |
        | zero        | 0          |
        | one hundred | 100        |
        | the maximum | 4294967295 |

    Scenario Outline: Check for an unknown extension after a back end is set [<case>]
      Given a mediated device A
      And the group of A is in the container
      And the container has a back end
      When VFIO_CHECK_EXTENSION of the container is called with <number>
      Then the call returns 0

      Examples: no-extensions
        | case        | number     |
        | zero        | 0          |
        | one hundred | 100        |
        | the maximum | 4294967295 |

  @container.early-request @must @device @basis.kernel
  Rule: container.early-request
    While a container has no back end, requests that it does not handle itself MUST fail with EINVAL.

    A container itself handles VFIO_GET_API_VERSION, VFIO_CHECK_EXTENSION and VFIO_SET_IOMMU. It passes
    every other request to its back end.

    Scenario Outline: Request on a container without a back end [<case>]
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

    Scenario Outline: Request that the back end does not know [<case>]
      Given a mediated device A
      And the group of A is in the container
      And the container has a back end
      When <request> of the container is called
      Then the call fails with ENOTTY

      Examples: requests-of-no-back-end
        | case       | request               |
        | of a group | VFIO_GROUP_GET_STATUS |
        | unknown    | an unknown request    |
