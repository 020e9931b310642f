# Derived from spec/translation.rst by `mdevref derive`; edit the spec, not this file.
Feature: Mapping

  @map.page-size @must @translation @basis.kernel
  Rule: map.page-size
    VFIO_IOMMU_GET_INFO MUST report 4096 bytes as the smallest page size of a container with only
    mediated devices.

    Scenario: Smallest page size
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      Then the smallest mappable page has 4096 bytes

  @map.info-argsz @must @translation @basis.kernel
  Rule: map.info-argsz
    VFIO_IOMMU_GET_INFO MUST fail with EINVAL if argsz is less than 16.

    The oldest form of its structure has 16 bytes.

    Scenario: argsz of 15 bytes
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      When VFIO_IOMMU_GET_INFO of the container is called with argsz 15
      Then the call fails with EINVAL

  @map.info-room @must @translation @basis.kernel
  Rule: map.info-room
    VFIO_IOMMU_GET_INFO MUST NOT write beyond the argsz bytes of the caller's structure.

    This also holds when the information does not fit.

    Scenario Outline: Structure of limited size [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      When VFIO_IOMMU_GET_INFO of the container is called with argsz <room>
      Then the call succeeds
      And the memory behind the structure is unchanged

      Examples: info-rooms
        | case                           | room |
        | oldest form                    | 16   |
        | part of the later fields       | 20   |
        | all fields but no capabilities | 24   |
        | part of the capabilities       | 40   |
        | more than needed               | 4000 |

  @map.info-available @must @translation @basis.kernel @since.5.10
  Rule: map.info-available
    VFIO_IOMMU_GET_INFO MUST report in a capability how many more mappings the container can hold.

    Scenario: Number of remaining mappings
      Given the scripted vendor driver
      And a mediated device A
      And containers are limited to 5 mappings
      And A is held open
      And the user has mapped 2 pages of memory at page 16
      And the user has mapped 2 pages of memory at page 20
      Then VFIO_IOMMU_GET_INFO reports room for 3 more mappings

  @map.pins-nothing @must @translation @basis.kernel
  Rule: map.pins-nothing
    VFIO_IOMMU_MAP_DMA MUST NOT pin or lock memory.

    Scenario: Map memory
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      When the user maps 4 pages of memory at page 16
      Then the call succeeds
      And the host has 0 pages pinned
      And the user has 0 pages locked

  @map.without-memory @must @translation @basis.kernel
  Rule: map.without-memory
    VFIO_IOMMU_MAP_DMA MUST accept addresses at which the user has no memory.

    Scenario: Map addresses without memory
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      When the user maps 4 pages without memory at page 16
      Then the call succeeds

  @map.pointer @must @translation @basis.kernel
  Rule: map.pointer
    Each request in the table below MUST fail with EFAULT if its argument points to no memory of the
    caller.

    Scenario Outline: Pass an invalid pointer [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      When <request> of the container is called with a bad pointer
      Then the call fails with EFAULT

      Examples: pointers-of-back-ends
        | case        | request              |
        | information | VFIO_IOMMU_GET_INFO  |
        | mapping     | VFIO_IOMMU_MAP_DMA   |
        | unmapping   | VFIO_IOMMU_UNMAP_DMA |

  @map.arguments @must @translation @basis.kernel
  Rule: map.arguments
    VFIO_IOMMU_MAP_DMA MUST fail with EINVAL for each set of fields in the table below.

    The errno is the same when the range overlaps an existing mapping.

    Scenario Outline: Map with invalid fields [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      When the user maps a page with "<fields>"
      Then the call fails with EINVAL

      Examples: refused-mappings
        | case                        | fields        |
        | argsz too small             | argsz 31      |
        | unknown flag                | flags 67      |
        | neither reading nor writing | flags 0       |
        | size 0                      | size 0        |
        | unaligned size              | size 0x1001   |
        | unaligned address           | vaddr 0x10010 |
        | unaligned IOVA              | iova 0x10800  |

    Scenario Outline: Map with invalid fields over a mapping [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 4 pages of memory at page 15
      When the user maps a page with "<fields>"
      Then the call fails with EINVAL

      Examples: refused-mappings
        | case                        | fields        |
        | argsz too small             | argsz 31      |
        | unknown flag                | flags 67      |
        | neither reading nor writing | flags 0       |
        | size 0                      | size 0        |
        | unaligned size              | size 0x1001   |
        | unaligned address           | vaddr 0x10010 |
        | unaligned IOVA              | iova 0x10800  |

  @map.beyond @must @translation @basis.kernel @until.6.12
  Rule: map.beyond
    VFIO_IOMMU_MAP_DMA MUST fail with EINVAL for a range that ends beyond the last address or the last
    IOVA.

    Linux 7.3 fails with EOVERFLOW instead.

    Scenario Outline: Map beyond the last byte [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      When the user maps a page with "<fields>"
      Then the call fails with EINVAL

      Examples: endless-mappings
        | case                    | fields                                |
        | beyond the last IOVA    | iova 0xfffffffffffff000, size 0x2000  |
        | beyond the last address | vaddr 0xfffffffffffff000, size 0x2000 |

  @map.overlap @must @translation @basis.kernel
  Rule: map.overlap
    Mapping a range that overlaps an existing mapping MUST fail with EEXIST.

    Scenario Outline: Map pages that are already mapped [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 4 pages of memory at page 16
      When the user maps a page with "<fields>"
      Then the call fails with EEXIST

      Examples: overlaps
        | case                | fields                    |
        | the same range      | iova 0x10000, size 0x4000 |
        | a part of the range | iova 0x11000, size 0x2000 |
        | the first page      | iova 0xf000, size 0x2000  |
        | the last page       | iova 0x13000, size 0x2000 |
        | a larger range      | iova 0xf000, size 0x6000  |

  @map.neighbours @must @translation @basis.kernel
  Rule: map.neighbours
    VFIO_IOMMU_MAP_DMA MUST accept a range in which no page is mapped.

    The range can be next to an existing mapping. It can also include the first or the last page of the
    IOVA space.

    Scenario Outline: Map pages that are not mapped [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 4 pages of memory at page 16
      When the user maps a page with "<fields>"
      Then the call succeeds

      Examples: neighbours
        | case            | fields                    |
        | directly before | iova 0xe000, size 0x2000  |
        | directly after  | iova 0x14000, size 0x2000 |
        | the first page  | iova 0                    |
        | the last page   | iova 0xfffffffffffff000   |

  @map.room @must @translation @basis.kernel @since.5.1
  Rule: map.room
    VFIO_IOMMU_MAP_DMA MUST fail with ENOSPC in a full container, unless the range overlaps a mapping.

    A container is full when it holds the maximum number of mappings. An overlapping range fails with
    EEXIST.

    Scenario Outline: Map one page too many [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And containers are limited to 2 mappings
      And A is held open
      And the user has mapped 1 page of memory at page 1
      And the user has mapped 1 page of memory at page 2
      When the user maps 1 page of memory at <page>
      Then the call fails with <errno>
      When the user unmaps 1 page from page 1
      And the user maps 1 page of memory at page 3
      Then the call succeeds

      Examples: mappings-too-many
        | case          | page   | errno  |
        | unmapped page | page 3 | ENOSPC |
        | mapped page   | page 2 | EEXIST |
