# Derived from spec/translation.rst by `mdevref derive`; edit the spec, not this file.
Feature: Pinning

  @pin.host-pages @must @translation @basis.document
  Rule: pin.host-pages
    Pinning user pages MUST return the corresponding host page frame numbers.

    Scenario: Read what the user wrote
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      When the user writes "hello" into page 17
      And the vendor driver of A pins pages 16, 17
      Then the call succeeds
      And the vendor driver reads "hello" from page 17

  @pin.shared @must @translation @basis.kernel
  Rule: pin.shared
    The vendor driver and the user MUST see each other's writes to a pinned page.

    Scenario: Write to a pinned page from both sides
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the vendor driver of A has pinned page 18
      When the vendor driver writes "hello" into page 18
      Then the user reads "hello" from page 18
      When the user writes "there" into page 18
      Then the vendor driver reads "there" from page 18

  @pin.order @must @translation @basis.kernel
  Rule: pin.order
    vfio_pin_pages MUST return the host pages in the order of the requested pages.

    Scenario: Pin pages in arbitrary order
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      When the user writes "one" into page 16
      And the user writes "two" into page 19
      And the vendor driver of A pins pages 19, 16, 17
      Then the vendor driver reads "two" from page 19
      And the vendor driver reads "one" from page 16

  @pin.count @must @translation @basis.kernel
  Rule: pin.count
    A successful call of vfio_pin_pages MUST return the number of requested pages.

    A page that is requested twice counts twice.

    Scenario Outline: Number returned by pinning [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 600 pages of memory at page 0
      When the vendor driver of A pins <pages>
      Then the call returns <count>
      And the host has <pinned> pinned

      Examples: numbers-of-pages
        | case                        | pages          | count | pinned    |
        | one page                    | page 7         | 1     | 1 page    |
        | adjacent pages              | pages 7 to 9   | 3     | 3 pages   |
        | scattered pages             | pages 7, 2, 90 | 3     | 3 pages   |
        | one page requested twice    | pages 7, 8, 7  | 3     | 2 pages   |
        | the maximum number of pages | pages 0 to 511 | 512   | 512 pages |

  @pin.mappings @must @translation @basis.kernel @until.5.18
  Rule: pin.mappings
    vfio_pin_pages MUST accept pages of several mappings in one call.

    Scenario: Pin pages of three mappings
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the user has mapped 2 pages of memory at page 18
      And the user has mapped 1 page of memory at page 40
      When the vendor driver of A pins pages 17, 18, 40
      Then the call returns 3
      And 3 different host pages were returned

  @pin.again @must @translation @basis.kernel
  Rule: pin.again
    Pinning a page that is already pinned MUST return the same host page.

    Scenario: Pin the same pages twice
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the vendor driver of A has pinned pages 16, 18
      When the vendor driver of A pins pages 16, 18
      Then both calls returned the same host pages
      And the host has 2 pages pinned

  @pin.stays @must @translation @basis.kernel
  Rule: pin.stays
    A pinned page MUST keep its host page after its user has freed the memory behind it.

    The user frees its memory with munmap(2). The mapping in the container remains.

    Scenario: Free the memory of a pinned page
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      And the user has freed the memory at page 16
      When the vendor driver of A pins page 16
      Then both calls returned the same host pages
      When the vendor driver writes "mine" into page 16
      Then the vendor driver reads "mine" from page 16

  @pin.less-access @must @translation @basis.kernel
  Rule: pin.less-access
    Pinning MUST succeed for any subset of the access that the mapping allows.

    Scenario Outline: Pin for access that the mapping allows [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 2 pages of memory at page 16 for <mapped>
      When the vendor driver of A pins page 16 for <asked>
      Then the call returns 1

      Examples: less-access
        | case                                   | mapped              | asked               |
        | mapped for both, pinned for both       | reading and writing | reading and writing |
        | mapped for both, pinned for reading    | reading and writing | reading             |
        | mapped for both, pinned for writing    | reading and writing | writing             |
        | mapped for both, pinned for nothing    | reading and writing | nothing             |
        | mapped and pinned for reading          | reading             | reading             |
        | mapped for reading, pinned for nothing | reading             | nothing             |
        | mapped and pinned for writing          | writing             | writing             |

  @pin.negative @must @translation @basis.kernel @until.5.18
  Rule: pin.negative
    vfio_pin_pages with a negative number of pages MUST return 0 and pin no page.

    Scenario: Pin -1 pages
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 2 pages of memory at page 0
      When pinning is called with a count of -1 for A
      Then the call returns 0
      And the host has 0 pages pinned
