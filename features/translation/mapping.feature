# Derived from spec/translation.rst by `mdevref derive`; edit the spec, not this file.
Feature: Mapping

  @map.page-size @must @translation @basis.kernel
  Rule: map.page-size
    VFIO_IOMMU_GET_INFO MUST tell 4096 bytes as the smallest page of a container that has only mediated
    devices.

    Scenario: The smallest page
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      Then the smallest page that can be mapped has 4096 bytes

  @map.info-argsz @must @translation @basis.kernel
  Rule: map.info-argsz
    VFIO_IOMMU_GET_INFO with less room than its first 16 bytes MUST fail with EINVAL.

    Scenario: Too little room for the information
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      When VFIO_IOMMU_GET_INFO of the container is called with argsz 15
      Then the call fails with EINVAL

  @map.info-room @must @translation @basis.kernel
  Rule: map.info-room
    VFIO_IOMMU_GET_INFO MUST NOT write beyond the room that its argsz tells of, whatever it has to tell.

    Scenario Outline: Room for a part of the information [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      When VFIO_IOMMU_GET_INFO of the container is called with argsz <room>
      Then the call succeeds
      And nothing behind the structure was written

      Examples: info-rooms
        | case                      | room |
        | its first form            | 16   |
        | a part of what came later | 20   |
        | all but capabilities      | 24   |
        | some of the capabilities  | 40   |
        | more than there is        | 4000 |

  @map.info-available @must @translation @basis.kernel @since.5.10
  Rule: map.info-available
    VFIO_IOMMU_GET_INFO MUST tell, as a capability, how many more mappings the container has room for.

    Scenario: Room for mappings
      Given the scripted vendor driver
      And a mediated device A
      And containers have room for 5 mappings
      And A is held open
      And the user has mapped 2 pages of memory at page 16
      And the user has mapped 2 pages of memory at page 20
      Then there is room for 3 more mappings

  @map.pins-nothing @must @translation @basis.kernel
  Rule: map.pins-nothing
    Mapping MUST NOT pin or lock memory, nor ask whether there is any.

    Scenario: Mapping memory
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      When the user maps 4 pages of memory at page 16
      Then the call succeeds
      And the host has 0 pages pinned
      And the user has 0 pages locked

    Scenario: Mapping where the user has no memory
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      When the user maps 4 pages without memory at page 16
      Then the call succeeds

  @map.pointer @must @translation @basis.kernel
  Rule: map.pointer
    A request of the back end MUST fail with EFAULT when its argument is a pointer to no memory of the
    caller's.

    Scenario Outline: A request of the back end with a bad pointer [<case>]
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
    VFIO_IOMMU_MAP_DMA with an argument of the table MUST fail with EINVAL, be there a mapping or not.

    Scenario Outline: A mapping that is refused [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      When the user maps a page with "<fields>"
      Then the call fails with EINVAL

      Examples: refused-mappings
        | case                                | fields        |
        | argsz too small                     | argsz 31      |
        | an unknown flag                     | flags 67      |
        | neither reading nor writing         | flags 0       |
        | size 0                              | size 0        |
        | a size that is no multiple of pages | size 0x1001   |
        | an address in a page                | vaddr 0x10010 |
        | an IOVA in a page                   | iova 0x10800  |

    Scenario Outline: A mapping that is refused where another one is [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 4 pages of memory at page 15
      When the user maps a page with "<fields>"
      Then the call fails with EINVAL

      Examples: refused-mappings
        | case                                | fields        |
        | argsz too small                     | argsz 31      |
        | an unknown flag                     | flags 67      |
        | neither reading nor writing         | flags 0       |
        | size 0                              | size 0        |
        | a size that is no multiple of pages | size 0x1001   |
        | an address in a page                | vaddr 0x10010 |
        | an IOVA in a page                   | iova 0x10800  |

  @map.beyond @must @translation @basis.kernel @until.6.12
  Rule: map.beyond
    VFIO_IOMMU_MAP_DMA beyond the last address, or the last IOVA, MUST fail with EINVAL. (7.3 says
    EOVERFLOW.)

    Scenario Outline: A mapping that does not end [<case>]
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
    Mapping pages some of which are mapped MUST fail with EEXIST.

    Scenario Outline: Pages that are mapped already [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 4 pages of memory at page 16
      When the user maps a page with "<fields>"
      Then the call fails with EEXIST

      Examples: overlaps
        | case          | fields                    |
        | the same      | iova 0x10000, size 0x4000 |
        | a part        | iova 0x11000, size 0x2000 |
        | the beginning | iova 0xf000, size 0x2000  |
        | the end       | iova 0x13000, size 0x2000 |
        | all around    | iova 0xf000, size 0x6000  |

  @map.neighbours @must @translation @basis.kernel
  Rule: map.neighbours
    Pages that are not mapped MUST be accepted, however close to others, and up to the last page that
    there is.

    Scenario Outline: Pages beside others [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 4 pages of memory at page 16
      When the user maps a page with "<fields>"
      Then the call succeeds

      Examples: neighbours
        | case         | fields                    |
        | right before | iova 0xe000, size 0x2000  |
        | right behind | iova 0x14000, size 0x2000 |
        | the first    | iova 0                    |
        | the last     | iova 0xfffffffffffff000   |

  @map.room @must @translation @basis.kernel @since.5.1
  Rule: map.room
    When a container has as many mappings as it has room for, another one MUST fail with ENOSPC, unless
    it overlaps.

    Scenario Outline: A mapping too many [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And containers have room for 2 mappings
      And A is held open
      And the user has mapped 1 page of memory at page 1
      And the user has mapped 1 page of memory at page 2
      When the user maps 1 page of memory at <page>
      Then the call fails with <errno>
      When the user unmaps 1 page from page 1 on
      And the user maps 1 page of memory at page 3
      Then the call succeeds

      Examples: mappings-too-many
        | case              | page   | errno  |
        | beside the others | page 3 | ENOSPC |
        | over another one  | page 2 | EEXIST |
