# Derived from spec/translation.rst by `mdevref derive`; edit the spec, not this file.
Feature: Unpinning

  @unpin.releases @must @translation @basis.document
  Rule: unpin.releases
    A page that was pinned and is unpinned MUST NOT be pinned any more.

    Scenario: Pages that are unpinned
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the vendor driver of A has pinned pages 16 to 19
      When the vendor driver of A unpins pages 17, 16
      Then the host has 2 pages pinned
      When the vendor driver of A unpins pages 18, 19
      Then the host has 0 pages pinned

  @unpin.references @must @translation @basis.kernel
  Rule: unpin.references
    A page MUST stay pinned until it was unpinned as often as it was pinned.

    Scenario: A page that was pinned by three calls
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      And the vendor driver of A has pinned page 16
      And the vendor driver of A has pinned pages 16, 17
      When the vendor driver of A unpins page 16
      And the vendor driver of A unpins pages 16, 17
      Then the host has 1 page pinned
      When the vendor driver of A unpins page 16
      Then the host has 0 pages pinned

    Scenario: A page that one call pinned twice
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned pages 16, 16
      When the vendor driver of A unpins page 16
      Then the host has 1 page pinned
      When the vendor driver of A unpins page 16
      Then the host has 0 pages pinned

  @unpin.count @must @translation @basis.kernel @until.5.18
  Rule: unpin.count
    Unpinning MUST give the number of pages up to the first that is not mapped, whether they were pinned
    or not.

    Scenario Outline: The number of pages that were gone through [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the vendor driver of A has pinned pages 16, 17
      When the vendor driver of A unpins <pages>
      Then the call gives <count>
      And the host has <pinned> pinned

      Examples: unpinned-pages
        | case                       | pages            | count | pinned  |
        | all that are pinned        | pages 16, 17     | 2     | 0 pages |
        | one that is not pinned     | pages 16, 18     | 2     | 1 page  |
        | none that is pinned        | pages 18, 19     | 2     | 2 pages |
        | one that is not mapped     | pages 16, 20, 17 | 1     | 1 page  |
        | the last one is not mapped | pages 16 to 20   | 4     | 0 pages |

  @unpin.nothing @must @translation @basis.kernel @until.5.18
  Rule: unpin.nothing
    Unpinning MUST fail with EINVAL if the first page is not mapped.

    Scenario: The first page is not mapped
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      When the vendor driver of A unpins pages 20, 16
      Then the call fails with EINVAL
      And the host has 1 page pinned

  @unpin.arguments @must @translation @basis.kernel @until.5.18
  Rule: unpin.arguments
    Unpinning with an argument of the table MUST fail with the error beside it.

    Scenario Outline: An argument of unpinning that is refused [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 600 pages of memory at page 0
      And the vendor driver of A has pinned page 0
      When unpinning is called with <flaw> for A
      Then the call fails with <errno>
      And the host has 1 page pinned

      Examples: unpin-arguments
        | case                           | flaw           | errno  |
        | no device                      | no device      | EINVAL |
        | no user pages                  | no user pages  | EINVAL |
        | no page at all                 | a count of 0   | EINVAL |
        | more numbers than a page holds | a count of 513 | E2BIG  |

  @unpin.state @must @translation @basis.kernel @until.5.18
  Rule: unpin.state
    Unpinning for a device in a state of the table MUST fail with the error beside it.

    Scenario Outline: A state in which no page of a device can be unpinned [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And <state>
      When the vendor driver of A unpins page 16
      Then the call fails with <errno>

      Examples: unpin-states
        | case                            | state                                             | errno  |
        | bound to no driver              | A is bound to no driver                           | ENODEV |
        | in no container                 | the group of A has left the container             | EINVAL |
        | behind no IOMMU                 | A is in a container behind no IOMMU               | EPERM  |
        | in a container without back end | the group of A is in the container                | EINVAL |
        | a back end without callbacks    | A is in a container of a back end that cannot pin | ENOTTY |
        | version 1 of type 1             | A is in a container of the back end 1             | EACCES |
        | no page is mapped               | A is in a container of the back end 3             | EINVAL |

  @unpin.gone @must @translation @basis.kernel
  Rule: unpin.gone
    Pages of a process that is gone MUST be unpinned as others are.

    Scenario: Unpinning pages of a process that is gone
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And another process has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned pages 16, 17
      When the other process ends without closing anything
      And the vendor driver of A unpins pages 16, 17
      Then the call succeeds
      And the host has 0 pages pinned
