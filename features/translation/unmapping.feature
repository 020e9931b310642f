# Derived from spec/translation.rst by `mdevref derive`; edit the spec, not this file.
Feature: Unmapping

  @unmap.size @must @translation @basis.kernel
  Rule: unmap.size
    VFIO_IOMMU_UNMAP_DMA MUST take away the mappings in its range, all of them, and tell how many bytes
    they had.

    Scenario Outline: A range that has mappings [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the user has mapped 1 page of memory at page 20
      And the user has mapped 2 pages of memory at page 30
      When the user unmaps <range> on
      Then the unmapping tells of <told>
      When the vendor driver of A pins page 16
      Then the call fails with EINVAL

      Examples: unmapped-ranges
        | case         | range                 | told    |
        | one mapping  | 4 pages from page 16  | 4 pages |
        | two mappings | 5 pages from page 16  | 5 pages |
        | and before   | 20 pages from page 0  | 4 pages |
        | and behind   | 12 pages from page 16 | 5 pages |
        | all          | 40 pages from page 0  | 7 pages |

  @unmap.empty @must @translation @basis.kernel
  Rule: unmap.empty
    Unmapping a range in which nothing is mapped MUST succeed and tell of 0 bytes.

    Scenario: A range without mappings
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 4 pages of memory at page 16
      When the user unmaps 16 pages from page 0 on
      Then the unmapping tells of 0 pages

  @unmap.arguments @must @translation @basis.kernel
  Rule: unmap.arguments
    VFIO_IOMMU_UNMAP_DMA with an argument of the table MUST fail with EINVAL.

    Scenario Outline: An unmapping that is refused [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 1 page of memory at page 16
      When the user unmaps a page with "<fields>"
      Then the call fails with EINVAL
      When the user unmaps 1 page from page 16 on
      Then the unmapping tells of 1 page

      Examples: refused-unmappings
        | case                                | fields       |
        | argsz too small                     | argsz 23     |
        | an unknown flag                     | flags 64     |
        | size 0                              | size 0       |
        | a size that is no multiple of pages | size 0x1800  |
        | an IOVA in a page                   | iova 0x10010 |

  @unmap.beyond @must @translation @basis.kernel @until.6.12
  Rule: unmap.beyond
    VFIO_IOMMU_UNMAP_DMA beyond the last IOVA MUST fail with EINVAL. (7.3 says EOVERFLOW.)

    Scenario Outline: An unmapping that does not end [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      When the user unmaps a page with "<fields>"
      Then the call fails with EINVAL

      Examples: endless-unmappings
        | case               | fields                               |
        | a page too many    | iova 0xfffffffffffff000, size 0x2000 |
        | nearly once around | iova 0x2000, size 0xfffffffffffff000 |

  @unmap.whole @must @translation @basis.kernel
  Rule: unmap.whole
    With version 2 of type 1, unmapping a range that begins or ends inside a mapping MUST fail with
    EINVAL.

    Scenario Outline: A range that cuts a mapping [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 4 pages of memory at page 16
      And the user has mapped 4 pages of memory at page 20
      When the user unmaps <range> on
      Then the call fails with EINVAL
      When the user unmaps 8 pages from page 16 on
      Then the unmapping tells of 8 pages

      Examples: cutting-ranges
        | case                  | range                |
        | its beginning is left | 3 pages from page 17 |
        | its end is left       | 3 pages from page 16 |
        | both are left         | 2 pages from page 17 |
        | the second is cut     | 6 pages from page 16 |
        | the first is cut      | 7 pages from page 17 |

  @unmap.version-1 @must @translation @basis.kernel
  Rule: unmap.version-1
    With version 1 of type 1, unmapping MUST take away every mapping that begins in the range, whole,
    and no other.

    Scenario Outline: A range that cuts a mapping, with version 1 [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is in a container of the back end 1
      And the user has mapped 4 pages of memory at page 16
      And the user has mapped 4 pages of memory at page 20
      When the user unmaps <range> on
      Then the unmapping tells of <told>

      Examples: cutting-ranges-of-version-1
        | case             | range                | told    |
        | from the inside  | 3 pages from page 17 | 0 pages |
        | up to the inside | 3 pages from page 16 | 4 pages |
        | into the second  | 6 pages from page 16 | 8 pages |

  @unmap.others @must @translation @basis.kernel @until.5.19
  Rule: unmap.others
    Unmapping MUST stop, without an error, at a mapping that another process has made.

    Scenario: A mapping of another process
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 2 pages of memory at page 16
      And another process has mapped 2 pages of memory at page 18
      And the user has mapped 2 pages of memory at page 20
      When the user unmaps 6 pages from page 16 on
      Then the unmapping tells of 2 pages
      When the vendor driver of A pins pages 18, 20
      Then the call succeeds

  @unmap.anybody @must @translation @basis.kernel @since.6.0
  Rule: unmap.anybody
    A process that has the container MUST be able to unmap what another one has mapped.

    Scenario: A mapping of another process, from 6.0 on
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 2 pages of memory at page 16
      And another process has mapped 2 pages of memory at page 18
      When the user unmaps 4 pages from page 16 on
      Then the unmapping tells of 4 pages

  @unmap.everything @must @translation @basis.kernel @since.5.12
  Rule: unmap.everything
    With the flag ALL, neither IOVA nor size, and no other flag, all mappings MUST go.

    Scenario: Everything at once
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 2 pages of memory at page 0
      And the user has mapped 3 pages of memory at page 90
      When the user unmaps everything at once
      Then the unmapping tells of 5 pages

    Scenario Outline: Everything at once, and a place or a size [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 1 page of memory at page 16
      When the user unmaps a page with "<fields>"
      Then the call fails with EINVAL
      When the user unmaps 1 page from page 16 on
      Then the unmapping tells of 1 page

      Examples: everything-and-more
        | case    | fields                       |
        | a size  | flags 2, iova 0, size 0x1000 |
        | a place | flags 2, iova 0x1000, size 0 |

  @unmap.last-group @must @translation @basis.kernel
  Rule: unmap.last-group
    When the last group leaves a container, its mappings MUST go, and no vendor driver is told.

    Scenario: A device that is closed, and opened in a new container
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 2 pages of memory at page 16
      When the vendor driver of A pins page 16
      And "A, the group of A, the container" are closed one after the other
      Then the vendor driver was told nothing
      And the host has 1 page pinned
