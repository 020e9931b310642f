# Derived from spec/translation.rst by `mdevref derive`; edit the spec, not this file.
Feature: Unmapping

  @unmap.size @must @translation @basis.kernel
  Rule: unmap.size
    VFIO_IOMMU_UNMAP_DMA MUST remove all mappings in its range.

    Scenario: Unmap a range with three mappings
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the user has mapped 1 page of memory at page 20
      And the user has mapped 2 pages of memory at page 30
      When the user unmaps 40 pages from page 0
      And the vendor driver of A pins page 16
      Then the call fails with EINVAL
      When the vendor driver of A pins page 20
      Then the call fails with EINVAL
      When the vendor driver of A pins page 30
      Then the call fails with EINVAL

  @unmap.size-reported @must @translation @basis.kernel
  Rule: unmap.size-reported
    VFIO_IOMMU_UNMAP_DMA MUST report the total size of the removed mappings in bytes.

    It stores the number in the field size of its structure.

    Scenario Outline: Unmap a range that contains mappings [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the user has mapped 1 page of memory at page 20
      And the user has mapped 2 pages of memory at page 30
      When the user unmaps <range>
      Then the unmapping reports <told>
      When the vendor driver of A pins page 16
      Then the call fails with EINVAL

      Examples: unmapped-ranges
        | case                              | range                 | told    |
        | one mapping                       | 4 pages from page 16  | 4 pages |
        | two mappings                      | 5 pages from page 16  | 5 pages |
        | one mapping and pages before it   | 20 pages from page 0  | 4 pages |
        | two mappings and pages after them | 12 pages from page 16 | 5 pages |
        | all mappings                      | 40 pages from page 0  | 7 pages |

  @unmap.empty @must @translation @basis.kernel
  Rule: unmap.empty
    Unmapping a range without mappings MUST succeed and report 0 bytes.

    Scenario: Unmap a range without mappings
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 4 pages of memory at page 16
      When the user unmaps 16 pages from page 0
      Then the unmapping reports 0 pages

  @unmap.arguments @must @translation @basis.kernel
  Rule: unmap.arguments
    VFIO_IOMMU_UNMAP_DMA MUST fail with EINVAL for each set of fields in the table below.

    Scenario Outline: Unmap with invalid fields [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 1 page of memory at page 16
      When the user unmaps a page with "<fields>"
      Then the call fails with EINVAL
      When the user unmaps 1 page from page 16
      Then the unmapping reports 1 page

      Examples: refused-unmappings
        | case            | fields       |
        | argsz too small | argsz 23     |
        | unknown flag    | flags 64     |
        | size 0          | size 0       |
        | unaligned size  | size 0x1800  |
        | unaligned IOVA  | iova 0x10010 |

  @unmap.beyond @must @translation @basis.kernel @until.6.12
  Rule: unmap.beyond
    VFIO_IOMMU_UNMAP_DMA MUST fail with EINVAL for a range that ends beyond the last IOVA.

    Linux 7.3 fails with EOVERFLOW instead.

    Scenario Outline: Unmap beyond the last IOVA [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      When the user unmaps a page with "<fields>"
      Then the call fails with EINVAL

      Examples: endless-unmappings
        | case                               | fields                               |
        | one page too many                  | iova 0xfffffffffffff000, size 0x2000 |
        | nearly all IOVAs, with wrap-around | iova 0x2000, size 0xfffffffffffff000 |

  @unmap.whole @must @translation @basis.kernel
  Rule: unmap.whole
    Unmapping a range that begins or ends inside a mapping MUST fail with EINVAL under version 2 of type
    1.

    Scenario Outline: Unmap part of a mapping [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 4 pages of memory at page 16
      And the user has mapped 4 pages of memory at page 20
      When the user unmaps <range>
      Then the call fails with EINVAL
      When the user unmaps 8 pages from page 16
      Then the unmapping reports 8 pages

      Examples: cutting-ranges
        | case                            | range                |
        | without the first page          | 3 pages from page 17 |
        | without the last page           | 3 pages from page 16 |
        | without the first and last page | 2 pages from page 17 |
        | part of the second mapping      | 6 pages from page 16 |
        | part of the first mapping       | 7 pages from page 17 |

  @unmap.version-1 @must @translation @basis.kernel
  Rule: unmap.version-1
    Version 1 of type 1 MUST remove exactly the mappings that begin in the range, each as a whole.

    Scenario Outline: Unmap part of a mapping with version 1 [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is in a container with the back end 1
      And the user has mapped 4 pages of memory at page 16
      And the user has mapped 4 pages of memory at page 20
      When the user unmaps <range>
      Then the unmapping reports <told>

      Examples: cutting-ranges-of-version-1
        | case                           | range                | told    |
        | begins inside a mapping        | 3 pages from page 17 | 0 pages |
        | ends inside a mapping          | 3 pages from page 16 | 4 pages |
        | ends inside the second mapping | 6 pages from page 16 | 8 pages |

  @unmap.others @must @translation @basis.kernel @until.5.19
  Rule: unmap.others
    VFIO_IOMMU_UNMAP_DMA MUST stop without an error at a mapping that another process made.

    This mapping and those after it remain.

    Scenario: Unmap across a mapping of another process
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 2 pages of memory at page 16
      And another process has mapped 2 pages of memory at page 18
      And the user has mapped 2 pages of memory at page 20
      When the user unmaps 6 pages from page 16
      Then the unmapping reports 2 pages
      When the vendor driver of A pins pages 18, 20
      Then the call succeeds

  @unmap.anybody @must @translation @basis.kernel @since.6.0
  Rule: unmap.anybody
    VFIO_IOMMU_UNMAP_DMA MUST also remove mappings that another process made.

    Both processes share the container.

    Scenario: Unmap across a mapping of another process, from 6.0 on
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 2 pages of memory at page 16
      And another process has mapped 2 pages of memory at page 18
      When the user unmaps 4 pages from page 16
      Then the unmapping reports 4 pages

  @unmap.everything @must @translation @basis.kernel @since.5.12
  Rule: unmap.everything
    VFIO_IOMMU_UNMAP_DMA MUST remove all mappings when its only flag is VFIO_DMA_UNMAP_FLAG_ALL and IOVA
    and size are 0.

    Scenario: Unmap everything
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 2 pages of memory at page 0
      And the user has mapped 3 pages of memory at page 90
      When the user unmaps everything at once
      Then the unmapping reports 5 pages

  @unmap.everything-fields @must @translation @basis.kernel @since.5.12
  Rule: unmap.everything-fields
    VFIO_IOMMU_UNMAP_DMA with the flag VFIO_DMA_UNMAP_FLAG_ALL MUST fail with EINVAL if the IOVA or the
    size is not 0.

    Scenario Outline: Unmap everything with an IOVA or a size [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 1 page of memory at page 16
      When the user unmaps a page with "<fields>"
      Then the call fails with EINVAL
      When the user unmaps 1 page from page 16
      Then the unmapping reports 1 page

      Examples: everything-and-more
        | case       | fields                       |
        | size not 0 | flags 2, iova 0, size 0x1000 |
        | IOVA not 0 | flags 2, iova 0x1000, size 0 |

  @unmap.last-group @must @translation @basis.kernel
  Rule: unmap.last-group
    The kernel MUST remove all mappings of a container when its last group leaves.

    Scenario: Map the same pages after the last group has left
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 2 pages of memory at page 16
      When A is closed
      And VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      And VFIO_GROUP_SET_CONTAINER of the group of A is called with the descriptor of the container
      And VFIO_SET_IOMMU of the container is called with 3
      Then the call succeeds
      When the user maps 2 pages of memory at page 16
      Then the call succeeds

  @unmap.last-group-silent @must @translation @basis.kernel
  Rule: unmap.last-group-silent
    The kernel MUST NOT notify vendor drivers of removed mappings when the last group leaves a
    container.

    A page that the vendor driver has not unpinned stays pinned.

    Scenario: Close a device with a pinned page
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 2 pages of memory at page 16
      When the vendor driver of A pins page 16
      And "A, the group of A, the container" are closed in this order
      Then the vendor driver was not notified
      And the host has 1 page pinned
