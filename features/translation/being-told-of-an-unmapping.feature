# Derived from spec/translation.rst by `mdevref derive`; edit the spec, not this file.
Feature: Being told of an unmapping

  @told.mapping @must @translation @basis.kernel
  Rule: told.mapping
    Before a mapping with pinned pages goes, the vendor driver MUST be told of the whole of it.

    Scenario Outline: Pages of some mappings are pinned [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the user has mapped 2 pages of memory at page 20
      And the vendor driver of A has pinned <pages>
      When the user unmaps 6 pages from page 16 on
      Then the vendor driver was told "<told>"
      And the unmapping tells of 6 pages

      Examples: tellings
        | case               | pages            | told             |
        | one page of one    | page 18          | 4 at 16          |
        | some of one, often | pages 16, 17, 16 | 4 at 16          |
        | the second         | page 21          | 2 at 20          |
        | both               | pages 19, 20     | 4 at 16, 2 at 20 |

  @told.not @must @translation @basis.kernel
  Rule: told.not
    Of a mapping without pinned pages no vendor driver MUST be told.

    Scenario: A mapping whose pages were unpinned, and one whose pages never were pinned
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the user has mapped 2 pages of memory at page 18
      And the vendor driver of A has pinned page 16
      When the vendor driver of A unpins page 16
      And the user unmaps 4 pages from page 16 on
      Then the unmapping tells of 4 pages
      And the vendor driver was told nothing

  @told.waits @must @translation @basis.kernel
  Rule: told.waits
    An unmapping MUST NOT end before the vendor driver has unpinned what it was told of, which it can do
    while it is told.

    Scenario: Pages that are unpinned in time
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the vendor driver of A has pinned pages 16, 17, 17
      When the user unmaps 4 pages from page 16 on
      Then the unmapping tells of 4 pages
      And the host has 0 pages pinned
      And the user has 0 pages locked

  @told.again @must @translation @basis.kernel
  Rule: told.again
    A vendor driver that keeps pages of a mapping MUST be told of it again, up to ten times.

    Scenario Outline: A vendor driver that keeps its pages for a while [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the vendor driver unpins only when it was told <times> times
      And the user has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      When the user unmaps 2 pages from page 16 on
      Then the unmapping tells of 2 pages
      And the vendor driver was told "<told>"

      Examples: patience
        | case               | times | told                                                                                              |
        | twice              | 2     | 2 at 16, 2 at 16                                                                                  |
        | as often as can be | 11    | 2 at 16, 2 at 16, 2 at 16, 2 at 16, 2 at 16, 2 at 16, 2 at 16, 2 at 16, 2 at 16, 2 at 16, 2 at 16 |

  @told.every-driver @must @translation @basis.kernel
  Rule: told.every-driver
    The vendor drivers of all devices in the container MUST be told, not only those that have pages
    pinned.

    Scenario: Two devices in one container
      Given the scripted vendor driver
      And a mediated device A
      And a mediated device B
      And A is held open
      And B is held open
      And the vendor driver of A is told of unmappings
      And the vendor driver of B is told of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      When the user unmaps 2 pages from page 16 on
      Then the vendor driver of A was told
      And the vendor driver of B was told

  @told.own-container @must @translation @basis.kernel
  Rule: told.own-container
    Vendor drivers of devices in other containers MUST NOT be told.

    Scenario: Two devices in two containers
      Given the scripted vendor driver
      And a mediated device A
      And a mediated device B
      And A is held open
      And B is held open by another process
      And the vendor driver of A is told of unmappings
      And the vendor driver of B is told of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      When the user unmaps 2 pages from page 16 on
      Then the vendor driver was told "2 at 16"

  @notifier.registered @must @translation @basis.kernel @until.5.18
  Rule: notifier.registered
    When a notifier for unmappings is registered, no event MUST be left in the mask of those that it
    asked for.

    Scenario: A notifier that is registered
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 2 pages of memory at page 16
      When the vendor driver of A registers a notifier with nothing wrong
      Then the call gives 0
      When the vendor driver of A pins page 16
      Then the call gives 1

  @notifier.refused @must @translation @basis.kernel @until.5.18
  Rule: notifier.refused
    Registering a notifier with an argument of the table MUST fail with EINVAL.

    Scenario Outline: A notifier that is refused [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 2 pages of memory at page 16
      When the vendor driver of A registers a notifier with <flaw>
      Then the call fails with EINVAL
      When the vendor driver of A pins page 16
      Then the call fails with EINVAL

      Examples: refused-notifiers
        | case                       | flaw                       |
        | no device                  | no device                  |
        | no function                | no function                |
        | nothing to tell events by  | no mask                    |
        | no events                  | no events                  |
        | an event that there is not | an event that there is not |
        | another kind of notifier   | another kind               |

  @notifier.state @must @translation @basis.kernel @until.5.18
  Rule: notifier.state
    Registering a notifier for a device in a state of the table MUST fail with the error beside it.

    Scenario Outline: A state in which no notifier can be registered [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And <state>
      When the vendor driver of A registers a notifier with nothing wrong
      Then the call fails with <errno>

      Examples: notifier-states
        | case                            | state                                             | errno  |
        | bound to no driver              | A is bound to no driver                           | ENODEV |
        | in no container                 | the group of A has left the container             | EINVAL |
        | behind no IOMMU                 | A is in a container behind no IOMMU               | EINVAL |
        | in a container without back end | the group of A is in the container                | EINVAL |
        | a back end without callbacks    | A is in a container of a back end that cannot pin | ENOTTY |

  @notifier.gone @must @translation @basis.kernel @until.5.18
  Rule: notifier.gone
    A notifier that was unregistered MUST NOT be called, and no page can be pinned on its account.

    Scenario: A notifier that was unregistered
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      When the vendor driver of A unregisters its notifier with another kind
      Then the call fails with EINVAL
      When the vendor driver of A registers a notifier with nothing wrong
      And the vendor driver of A unregisters its notifier with nothing wrong
      Then the call succeeds
      When the vendor driver of A unregisters its notifier with nothing wrong
      Then the call fails with ENOENT
      When the user unmaps 2 pages from page 16 on
      Then the vendor driver was told "2 at 16"

    Scenario: Pinning when the only notifier was unregistered
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 2 pages of memory at page 16
      When the vendor driver of A registers a notifier with nothing wrong
      And the vendor driver of A pins page 16
      Then the call succeeds
      When the vendor driver of A unregisters its notifier with nothing wrong
      And the vendor driver of A pins page 17
      Then the call fails with EINVAL
      When the vendor driver of A unpins page 16
      Then the call gives 1
