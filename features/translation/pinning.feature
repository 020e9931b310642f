# Derived from spec/translation.rst by `mdevref derive`; edit the spec, not this file.
Feature: Pinning

  @pin.host-pages @must @translation @basis.document
  Rule: pin.host-pages
    To a vendor driver that pins pages of its device's user, the host's pages behind them MUST be given.

    Scenario: What the user wrote
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 4 pages of memory at page 16
      When the user writes "hello" into page 17
      And the vendor driver of A pins pages 16, 17
      Then the call succeeds
      And the vendor driver reads "hello" from page 17

  @pin.shared @must @translation @basis.kernel
  Rule: pin.shared
    What a vendor driver writes into a pinned page MUST be what its user reads there, and the other way
    round.

    Scenario: What the vendor driver writes
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the vendor driver of A has pinned page 18
      When the vendor driver writes "hello" into page 18
      Then the user reads "hello" from page 18
      When the user writes "there" into page 18
      Then the vendor driver reads "there" from page 18

  @pin.order @must @translation @basis.kernel
  Rule: pin.order
    Host pages MUST be given in the order of the pages that were asked for.

    Scenario: Pages in any order
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 4 pages of memory at page 16
      When the user writes "one" into page 16
      And the user writes "two" into page 19
      And the vendor driver of A pins pages 19, 16, 17
      Then the vendor driver reads "two" from page 19
      And the vendor driver reads "one" from page 16

  @pin.count @must @translation @basis.kernel
  Rule: pin.count
    Pinning MUST give the number of pages that were asked for.

    Scenario Outline: The number of pages [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 600 pages of memory at page 0
      When the vendor driver of A pins <pages>
      Then the call gives <count>
      And the host has <pinned> pinned

      Examples: numbers-of-pages
        | case              | pages          | count | pinned    |
        | one               | page 7         | 1     | 1 page    |
        | neighbours        | pages 7 to 9   | 3     | 3 pages   |
        | apart             | pages 7, 2, 90 | 3     | 3 pages   |
        | one of them twice | pages 7, 8, 7  | 3     | 2 pages   |
        | as many as can be | pages 0 to 511 | 512   | 512 pages |

  @pin.mappings @must @translation @basis.kernel @until.5.18
  Rule: pin.mappings
    A call MUST be able to have pages of several mappings.

    Scenario: Pages of two mappings
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the user has mapped 2 pages of memory at page 18
      And the user has mapped 1 page of memory at page 40
      When the vendor driver of A pins pages 17, 18, 40
      Then the call gives 3
      And 3 different host pages were given

  @pin.again @must @translation @basis.kernel
  Rule: pin.again
    For a page that is pinned already, the same host page MUST be given.

    Scenario: The same pages twice
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the vendor driver of A has pinned pages 16, 18
      When the vendor driver of A pins pages 16, 18
      Then both calls gave the same host pages
      And the host has 2 pages pinned

  @pin.stays @must @translation @basis.kernel
  Rule: pin.stays
    A pinned page MUST stay what it is when its user gives up the memory that it is of.

    Scenario: The user gives up its memory
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      And the user has given up the memory at page 16
      When the vendor driver of A pins page 16
      Then both calls gave the same host pages
      When the vendor driver writes "mine" into page 16
      Then the vendor driver reads "mine" from page 16

  @pin.less-access @must @translation @basis.kernel
  Rule: pin.less-access
    A page MUST be pinned for any part of the access that its mapping allows.

    Scenario Outline: Less access than the mapping allows [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 2 pages of memory at page 16 for <mapped>
      When the vendor driver of A pins page 16 for <asked>
      Then the call gives 1

      Examples: less-access
        | case                      | mapped              | asked               |
        | all of it                 | reading and writing | reading and writing |
        | reading of both           | reading and writing | reading             |
        | writing of both           | reading and writing | writing             |
        | nothing of both           | reading and writing | nothing             |
        | reading where that is all | reading             | reading             |
        | nothing of reading        | reading             | nothing             |
        | writing where that is all | writing             | writing             |

  @pin.negative @must @translation @basis.kernel @until.5.18
  Rule: pin.negative
    A negative number of pages MUST be taken for none.

    Scenario: A negative number of pages
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 2 pages of memory at page 0
      When pinning is called with a count of -1 for A
      Then the call gives 0
      And the host has 0 pages pinned
