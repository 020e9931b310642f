# Derived from spec/translation.rst by `mdevref derive`; edit the spec, not this file.
Feature: What pinning refuses

  @pin.arguments @must @translation @basis.kernel @until.5.18
  Rule: pin.arguments
    Pinning with an argument of the table MUST fail with the error beside it.

    Scenario Outline: An argument of pinning that is refused [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 600 pages of memory at page 0
      When pinning is called with <flaw> for A
      Then the call fails with <errno>
      And the host has 0 pages pinned

      Examples: pin-arguments
        | case                           | flaw                   | errno  |
        | no device                      | no device              | EINVAL |
        | no user pages                  | no user pages          | EINVAL |
        | no room for host pages         | no room for host pages | EINVAL |
        | no page at all                 | a count of 0           | EINVAL |
        | more numbers than a page holds | a count of 513         | E2BIG  |

    Scenario Outline: An argument of pinning that is refused before the device is looked at [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is bound to no driver
      When pinning is called with <flaw> for A
      Then the call fails with <errno>

      Examples: pin-arguments
        | case                           | flaw                   | errno  |
        | no device                      | no device              | EINVAL |
        | no user pages                  | no user pages          | EINVAL |
        | no room for host pages         | no room for host pages | EINVAL |
        | no page at all                 | a count of 0           | EINVAL |
        | more numbers than a page holds | a count of 513         | E2BIG  |

  @pin.state @must @translation @basis.kernel @until.5.18
  Rule: pin.state
    Pinning for a device in a state of the table MUST fail with the error beside it.

    Scenario Outline: A state in which no page of a device can be pinned [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And <state>
      When the vendor driver of A pins page 16
      Then the call fails with <errno>

      Examples: pin-states
        | case                            | state                                             | errno  |
        | bound to no driver              | A is bound to no driver                           | ENODEV |
        | in no container                 | the group of A has left the container             | EINVAL |
        | behind no IOMMU                 | A is in a container behind no IOMMU               | EPERM  |
        | in a container without back end | the group of A is in the container                | EINVAL |
        | a back end without callbacks    | A is in a container of a back end that cannot pin | ENOTTY |
        | version 1 of type 1             | A is in a container of the back end 1             | EACCES |
        | nobody is told of unmappings    | A is in a container of the back end 3             | EINVAL |

  @pin.state-later @must @translation @basis.kernel @since.5.19
  Rule: pin.state-later
    Pinning for a device in a state of the table MUST fail with the error beside it.

    Scenario Outline: A state in which no page of a device can be pinned, from 5.19 on [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And <state>
      When the vendor driver of A pins page 16
      Then the call fails with <errno>

      Examples: pin-states-later
        | case                         | state                                             | errno  |
        | bound to no driver           | A is bound to no driver                           | EINVAL |
        | not open                     | A is in a container, and not open                 | EINVAL |
        | a back end without callbacks | A is in a container of a back end that cannot pin | ENOTTY |
        | version 1 of type 1          | A is in a container of the back end 1             | EACCES |

  @pin.lone-device @must @translation @basis.kernel @since.5.8 @until.5.18
  Rule: pin.lone-device
    Pinning for a device that is not alone in its group MUST fail with an error of the table.

    Scenario Outline: A device beside another one [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And a mediated device B
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 2 pages of memory at page 16
      And B is in the group of A, too
      When the vendor driver of A pins page 16
      Then the call fails with <errno>
      And the host has 0 pages pinned

      Examples: pin-beside-another
        | case          | errno  |
        | more than one | EINVAL |

  @pin.callbacks @must @translation @basis.document
  Rule: pin.callbacks
    Pages MUST be pinned and unpinned by the callbacks of the container's back end, so that both fail
    with ENOTTY where it has none, and succeed with type 1.

    Scenario: Pinning with type 1
      Given the scripted vendor driver
      And a mediated device A
      And A is in a container of the back end 3
      And the vendor driver of A is told of unmappings
      And the user has mapped 2 pages of memory at page 16
      When the vendor driver of A pins page 16
      Then the call succeeds
      When the vendor driver of A unpins page 16
      Then the call succeeds

    Scenario: Pinning with a back end that has no callbacks
      Given the scripted vendor driver
      And a mediated device A
      And A is in a container of a back end that cannot pin
      When the vendor driver of A pins page 16
      Then the call fails with ENOTTY
      When the vendor driver of A unpins page 16
      Then the call fails with ENOTTY

  @pin.no-operation @must @translation @basis.kernel @since.5.19
  Rule: pin.no-operation
    As long as no device of the container has an operation to be told of unmappings, pinning MUST fail
    with EINVAL.

    Scenario: Pinning with a driver that cannot be told of unmappings
      Given a mediated device A
      And A is held open
      And the user has mapped 2 pages of memory at page 16
      When the vendor driver of A pins page 16
      Then the call fails with EINVAL

  @pin.page @must @translation @basis.kernel
  Rule: pin.page
    Pinning a page in a state of the table MUST fail with the error beside it.

    Scenario Outline: A state in which a page cannot be pinned [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And <state>
      When the vendor driver of A pins page 16
      Then the call fails with <errno>
      And the host has 0 pages pinned

      Examples: page-states
        | case                         | state                                                               | errno  |
        | not in a mapping             | the user has mapped 2 pages of memory at page 17                    | EINVAL |
        | mapped for reading           | the user has mapped 2 pages of memory at page 16 for reading        | EPERM  |
        | of a process that is gone    | a process that is gone has mapped 2 pages of memory at page 16      | ENODEV |
        | of memory that there is not  | the user has mapped 2 pages without memory at page 16               | EFAULT |
        | beyond the limit of the user | the user has mapped 2 pages of memory at page 16, and may lock none | ENOMEM |

  @pin.no-mapping @must @translation @basis.kernel
  Rule: pin.no-mapping
    A call some of whose pages are not mapped MUST fail with EINVAL.

    Scenario Outline: A page that is not mapped [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 4 pages of memory at page 16
      When the vendor driver of A pins <pages>
      Then the call fails with EINVAL
      And the host has 0 pages pinned

      Examples: unmapped-pages
        | case               | pages          |
        | before the mapping | page 15        |
        | behind the mapping | page 20        |
        | reaching beyond it | pages 16 to 20 |
        | far away           | page 4096      |

  @pin.access @must @translation @basis.kernel
  Rule: pin.access
    A page MUST NOT be pinned for access that its mapping does not allow.

    Scenario Outline: Access that the mapping does not allow [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 2 pages of memory at page 16 for <mapped>
      When the vendor driver of A pins page 16 for <asked>
      Then the call fails with EPERM
      And the host has 0 pages pinned

      Examples: refused-access
        | case                        | mapped  | asked               |
        | writing what can be read    | reading | writing             |
        | both of what can be read    | reading | reading and writing |
        | reading what can be written | writing | reading             |

  @pin.process-gone @must @translation @basis.kernel
  Rule: pin.process-gone
    That its process is gone MUST NOT keep a page from being pinned again that is pinned.

    Scenario: A pinned page of a process that is gone
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And another process has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      When the other process ends without closing anything
      And the vendor driver of A pins page 17
      Then the call fails with ENODEV
      When the vendor driver of A pins page 16
      Then the call gives 1

  @pin.memory-gone @must @translation @basis.kernel
  Rule: pin.memory-gone
    A page MUST NOT be pinned whose user has given up the memory that it is of.

    Scenario: A page whose memory the user has given up
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the user has given up the memory at page 16
      When the vendor driver of A pins page 16
      Then the call fails with EFAULT

  @pin.limit @must @translation @basis.kernel
  Rule: pin.limit
    As many pages MUST be pinned as the limit of locked memory of their process allows, and no more.

    Scenario: A page more than the user may lock
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user may lock 2 pages
      And the user has mapped 4 pages of memory at page 16
      When the vendor driver of A pins pages 16, 17, 18
      Then the call fails with ENOMEM
      When the vendor driver of A pins pages 16, 17
      Then the call gives 2
      When the vendor driver of A pins page 18
      Then the call fails with ENOMEM

  @pin.all-or-nothing @must @translation @basis.kernel
  Rule: pin.all-or-nothing
    A call that fails MUST NOT leave any of its pages pinned more often than before.

    Scenario Outline: A call of which one page fails [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the user has mapped 2 pages of memory at page 18 for reading
      And the vendor driver of A has pinned page 16
      When the vendor driver of A pins <pages>
      Then the call fails with <errno>
      And the host has 1 page pinned
      When the vendor driver of A unpins page 16
      Then the host has 0 pages pinned

      Examples: failing-calls
        | case                         | pages                    | errno  |
        | behind those that are mapped | pages 16 to 17, 20       | EINVAL |
        | before those that are mapped | pages 15 to 17           | EINVAL |
        | behind some of them twice    | pages 17, 16, 17, 16, 90 | EINVAL |
        | that cannot be written       | pages 16 to 19           | EPERM  |

  @pin.failed-array @must @translation @basis.kernel @until.5.18
  Rule: pin.failed-array
    When a page fails, the host page given for it and for all before it MUST be 0, and those behind it
    are not touched.

    Scenario: The array of host pages after a failure
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 4 pages of memory at page 16
      When the vendor driver of A pins pages 16, 17, 90, 18, 19
      Then the call fails with EINVAL
      And the first 3 host pages given are 0, and 2 were not touched
