# Derived from spec/translation.rst by `mdevref derive`; edit the spec, not this file.
Feature: Unpinning

  @unpin.releases @must @translation @basis.document
  Rule: unpin.releases
    Unpinning a page that was pinned once MUST release it.

    Scenario: Unpin pages
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the vendor driver of A has pinned pages 16 to 19
      When the vendor driver of A unpins pages 17, 16
      Then the host has 2 pages pinned
      When the vendor driver of A unpins pages 18, 19
      Then the host has 0 pages pinned

  @unpin.references @must @translation @basis.kernel
  Rule: unpin.references
    A page MUST stay pinned until it has been unpinned as often as it was pinned.

    Scenario: Page pinned by three calls
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      And the vendor driver of A has pinned page 16
      And the vendor driver of A has pinned pages 16, 17
      When the vendor driver of A unpins page 16
      And the vendor driver of A unpins pages 16, 17
      Then the host has 1 page pinned
      When the vendor driver of A unpins page 16
      Then the host has 0 pages pinned

    Scenario: Page pinned twice by one call
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned pages 16, 16
      When the vendor driver of A unpins page 16
      Then the host has 1 page pinned
      When the vendor driver of A unpins page 16
      Then the host has 0 pages pinned

  @unpin.count @must @translation @basis.kernel @until.5.18
  Rule: unpin.count
    vfio_unpin_pages MUST return the number of pages before the first page that is not mapped.

    Pages that are mapped but not pinned count, too. If all pages are mapped, the call returns their
    total number.

    Scenario Outline: Number returned by unpinning [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the vendor driver of A has pinned pages 16, 17
      When the vendor driver of A unpins <pages>
      Then the call returns <count>
      And the host has <pinned> pinned

      Examples: unpinned-pages
        | case                | pages            | count | pinned  |
        | all pinned          | pages 16, 17     | 2     | 0 pages |
        | one not pinned      | pages 16, 18     | 2     | 1 page  |
        | none pinned         | pages 18, 19     | 2     | 2 pages |
        | one not mapped      | pages 16, 20, 17 | 1     | 1 page  |
        | last one not mapped | pages 16 to 20   | 4     | 0 pages |

  @unpin.nothing @must @translation @basis.kernel @until.5.18
  Rule: unpin.nothing
    vfio_unpin_pages MUST fail with EINVAL if the first page is not mapped.

    Scenario: First page not mapped
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      When the vendor driver of A unpins pages 20, 16
      Then the call fails with EINVAL
      And the host has 1 page pinned

  @unpin.arguments @must @translation @basis.kernel @until.5.18
  Rule: unpin.arguments
    vfio_unpin_pages with an argument in the table below MUST fail with the errno listed there.

    Scenario Outline: Unpin with an invalid argument [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 600 pages of memory at page 0
      And the vendor driver of A has pinned page 0
      When unpinning is called with <flaw> for A
      Then the call fails with <errno>
      And the host has 1 page pinned

      Examples: unpin-arguments
        | case                                 | flaw           | errno  |
        | no device                            | no device      | EINVAL |
        | no user pages                        | no user pages  | EINVAL |
        | a count of 0                         | a count of 0   | EINVAL |
        | more page numbers than fit in a page | a count of 513 | E2BIG  |

  @unpin.state @must @translation @basis.kernel @until.5.18
  Rule: unpin.state
    Unpinning for a device in a state listed below MUST fail with the errno listed there.

    Scenario Outline: Unpin for a device in an unsuitable state [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And <state>
      When the vendor driver of A unpins page 16
      Then the call fails with <errno>

      Examples: unpin-states
        | case                              | state                                               | errno  |
        | unbound                           | A is unbound                                        | ENODEV |
        | in no container                   | the group of A has left the container               | EINVAL |
        | in a noiommu group                | the noiommu group of A is in the container          | EPERM  |
        | in a container without a back end | the group of A is in the container                  | EINVAL |
        | back end without callbacks        | A is in a container with a back end that cannot pin | ENOTTY |
        | version 1 of type 1               | A is in a container with the back end 1             | EACCES |
        | no page mapped                    | A is in a container with the back end 3             | EINVAL |

  @unpin.gone @must @translation @basis.kernel
  Rule: unpin.gone
    Unpinning MUST release pages of a process that has exited.

    Scenario: Unpin pages of a process that has exited
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And another process has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned pages 16, 17
      When the other process exits without closing anything
      And the vendor driver of A unpins pages 16, 17
      Then the call succeeds
      And the host has 0 pages pinned
