# Derived from spec/translation.rst by `mdevref derive`; edit the spec, not this file.
Feature: Notification of unmapping

  @told.mapping @must @translation @basis.kernel
  Rule: told.mapping
    Before the kernel removes a mapping with pinned pages, it MUST notify the vendor driver of the whole
    mapping.

    Scenario Outline: Unmap mappings with pinned pages [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the user has mapped 2 pages of memory at page 20
      And the vendor driver of A has pinned <pages>
      When the user unmaps 6 pages from page 16
      Then the vendor driver was notified of "<told>"
      And the unmapping reports 6 pages

      Examples: tellings
        | case                                             | pages            | told             |
        | one page of the first mapping                    | page 18          | 4 at 16          |
        | two pages of the first mapping, one pinned twice | pages 16, 17, 16 | 4 at 16          |
        | one page of the second mapping                   | page 21          | 2 at 20          |
        | one page of each mapping                         | pages 19, 20     | 4 at 16, 2 at 20 |

  @told.not @must @translation @basis.kernel
  Rule: told.not
    A vendor driver MUST NOT be notified of the removal of a mapping that contains no pinned page.

    Scenario: Unmap mappings without pinned pages
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the user has mapped 2 pages of memory at page 18
      And the vendor driver of A has pinned page 16
      When the vendor driver of A unpins page 16
      And the user unmaps 4 pages from page 16
      Then the unmapping reports 4 pages
      And the vendor driver was not notified

  @told.waits @must @translation @basis.kernel
  Rule: told.waits
    VFIO_IOMMU_UNMAP_DMA MUST NOT return before the vendor driver has unpinned all pages of the removed
    mappings.

    The vendor driver can unpin the pages while it handles the notification.

    Scenario: Unpin during the notification
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the vendor driver of A has pinned pages 16, 17, 17
      When the user unmaps 4 pages from page 16
      Then the unmapping reports 4 pages
      And the host has 0 pages pinned
      And the user has 0 pages locked

  @told.again @must @translation @basis.kernel
  Rule: told.again
    The kernel MUST repeat the notification, up to ten times, while pages of the mapping are still
    pinned.

    The vendor driver is thus notified of one mapping at most eleven times.

    Scenario Outline: Unpin only after several notifications [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the vendor driver unpins only after <times> notifications
      And the user has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      When the user unmaps 2 pages from page 16
      Then the unmapping reports 2 pages
      And the vendor driver was notified of "<told>"

      Examples: patience
        | case        | times | told                                                                                              |
        | two         | 2     | 2 at 16, 2 at 16                                                                                  |
        | the maximum | 11    | 2 at 16, 2 at 16, 2 at 16, 2 at 16, 2 at 16, 2 at 16, 2 at 16, 2 at 16, 2 at 16, 2 at 16, 2 at 16 |

  @told.every-driver @must @translation @basis.kernel
  Rule: told.every-driver
    The notification MUST reach the vendor driver of every device in the container, even of a device
    without pinned pages.

    Scenario: Unmap with two devices in one container
      Given the scripted vendor driver
      And a mediated device A
      And a mediated device B
      And A is held open
      And B is held open
      And the vendor driver of A is notified of unmappings
      And the vendor driver of B is notified of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      When the user unmaps 2 pages from page 16
      Then the vendor driver of A was notified
      And the vendor driver of B was notified

  @told.own-container @must @translation @basis.kernel
  Rule: told.own-container
    The notification MUST NOT reach the vendor driver of a device in another container.

    Scenario: Unmap with two devices in two containers
      Given the scripted vendor driver
      And a mediated device A
      And a mediated device B
      And A is held open
      And B is held open by another process
      And the vendor driver of A is notified of unmappings
      And the vendor driver of B is notified of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      When the user unmaps 2 pages from page 16
      Then the vendor driver was notified of "2 at 16"

  @notifier.registered @must @translation @basis.kernel @until.5.18
  Rule: notifier.registered
    Registering a notifier MUST clear every recognised event bit in the caller's mask.

    The kernel recognises one event, the removal of a mapping.

    Scenario: Register a notifier
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 2 pages of memory at page 16
      When the vendor driver of A registers a notifier with valid arguments
      Then the call returns 0
      When the vendor driver of A pins page 16
      Then the call returns 1

  @notifier.refused @must @translation @basis.kernel @until.5.18
  Rule: notifier.refused
    Registering a notifier with an argument in the table below MUST fail with EINVAL.

    Scenario Outline: Register a notifier with an invalid argument [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 2 pages of memory at page 16
      When the vendor driver of A registers a notifier with <flaw>
      Then the call fails with EINVAL
      When the vendor driver of A pins page 16
      Then the call fails with EINVAL

      Examples: refused-notifiers
        | case                     | flaw             |
        | no device                | no device        |
        | no function              | no function      |
        | no event mask            | no mask          |
        | no events                | no events        |
        | unknown event            | an unknown event |
        | another kind of notifier | an unknown kind  |

  @notifier.state @must @translation @basis.kernel @until.5.18
  Rule: notifier.state
    Registering a notifier for a device in a state listed below MUST fail with the errno listed there.

    Scenario Outline: Register a notifier for a device in an unsuitable state [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And <state>
      When the vendor driver of A registers a notifier with valid arguments
      Then the call fails with <errno>

      Examples: notifier-states
        | case                              | state                                               | errno  |
        | unbound                           | A is unbound                                        | ENODEV |
        | in no container                   | the group of A has left the container               | EINVAL |
        | in a noiommu group                | the noiommu group of A is in the container          | EINVAL |
        | in a container without a back end | the group of A is in the container                  | EINVAL |
        | back end without callbacks        | A is in a container with a back end that cannot pin | ENOTTY |

  @notifier.gone @must @translation @basis.kernel @until.5.18
  Rule: notifier.gone
    The kernel MUST NOT call a notifier that has been unregistered.

    Unregistering it a second time fails with ENOENT. Unregistering a notifier of another kind fails
    with EINVAL.

    Scenario: Unmap after a notifier was unregistered
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      When the vendor driver of A unregisters its notifier with an unknown kind
      Then the call fails with EINVAL
      When the vendor driver of A registers a notifier with valid arguments
      And the vendor driver of A unregisters its notifier with valid arguments
      Then the call succeeds
      When the vendor driver of A unregisters its notifier with valid arguments
      Then the call fails with ENOENT
      When the user unmaps 2 pages from page 16
      Then the vendor driver was notified of "2 at 16"

  @notifier.gone-pinning @must @translation @basis.kernel @until.5.18
  Rule: notifier.gone-pinning
    Pinning MUST fail with EINVAL after the last notifier of the container has been unregistered.

    Pages that are already pinned can still be unpinned.

    Scenario: Pin after the only notifier was unregistered
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the user has mapped 2 pages of memory at page 16
      When the vendor driver of A registers a notifier with valid arguments
      And the vendor driver of A pins page 16
      Then the call succeeds
      When the vendor driver of A unregisters its notifier with valid arguments
      And the vendor driver of A pins page 17
      Then the call fails with EINVAL
      When the vendor driver of A unpins page 16
      Then the call returns 1
