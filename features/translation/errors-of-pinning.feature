# Derived from spec/translation.rst by `mdevref derive`; edit the spec, not this file.
Feature: Errors of pinning

  @pin.arguments @must @translation @basis.kernel @until.5.18
  Rule: pin.arguments
    vfio_pin_pages with an argument in the table below MUST fail with the errno listed there.

    The kernel checks these arguments before it checks the state of the device.

    Scenario Outline: Pin with an invalid argument [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 600 pages of memory at page 0
      When pinning is called with <flaw> for A
      Then the call fails with <errno>
      And the host has 0 pages pinned

      Examples: pin-arguments
        | case                                 | flaw                    | errno  |
        | no device                            | no device               | EINVAL |
        | no user pages                        | no user pages           | EINVAL |
        | no array for host pages              | no array for host pages | EINVAL |
        | a count of 0                         | a count of 0            | EINVAL |
        | more page numbers than fit in a page | a count of 513          | E2BIG  |

    Scenario Outline: Pin with an invalid argument for an unbound device [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is unbound
      When pinning is called with <flaw> for A
      Then the call fails with <errno>

      Examples: pin-arguments
        | case                                 | flaw                    | errno  |
        | no device                            | no device               | EINVAL |
        | no user pages                        | no user pages           | EINVAL |
        | no array for host pages              | no array for host pages | EINVAL |
        | a count of 0                         | a count of 0            | EINVAL |
        | more page numbers than fit in a page | a count of 513          | E2BIG  |

  @pin.state @must @translation @basis.kernel @until.5.18
  Rule: pin.state
    Pinning for a device in a state listed below MUST fail with the errno listed there.

    Scenario Outline: Pin for a device in an unsuitable state [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And <state>
      When the vendor driver of A pins page 16
      Then the call fails with <errno>

      Examples: pin-states
        | case                              | state                                               | errno  |
        | unbound                           | A is unbound                                        | ENODEV |
        | in no container                   | the group of A has left the container               | EINVAL |
        | in a noiommu group                | the noiommu group of A is in the container          | EPERM  |
        | in a container without a back end | the group of A is in the container                  | EINVAL |
        | back end without callbacks        | A is in a container with a back end that cannot pin | ENOTTY |
        | version 1 of type 1               | A is in a container with the back end 1             | EACCES |
        | no notifier registered            | A is in a container with the back end 3             | EINVAL |

  @pin.state-later @must @translation @basis.kernel @since.5.19
  Rule: pin.state-later
    Pinning for a device in a state listed below MUST fail with the errno listed there.

    Scenario Outline: Pin for a device in an unsuitable state, from 5.19 on [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And <state>
      When the vendor driver of A pins page 16
      Then the call fails with <errno>

      Examples: pin-states-later
        | case                       | state                                               | errno  |
        | unbound                    | A is unbound                                        | EINVAL |
        | not open                   | A is in a container but not open                    | EINVAL |
        | back end without callbacks | A is in a container with a back end that cannot pin | ENOTTY |
        | version 1 of type 1        | A is in a container with the back end 1             | EACCES |

  @pin.lone-device @must @translation @basis.kernel @since.5.8 @until.5.18
  Rule: pin.lone-device
    Pinning for a device that shares its group MUST fail with EINVAL.

    Scenario Outline: Pin for a device that shares its group [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And a mediated device B
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 2 pages of memory at page 16
      And B shares the group of A
      When the vendor driver of A pins page 16
      Then the call fails with <errno>
      And the host has 0 pages pinned

      Examples: pin-beside-another
        | case          | errno  |
        | more than one | EINVAL |

  @pin.callbacks @must @translation @basis.document
  Rule: pin.callbacks
    The kernel MUST pin and unpin pages through the callbacks of the container's back end.

    The back end type 1 has these callbacks, so both operations succeed there.

    Scenario: Pin and unpin with type 1
      Given the scripted vendor driver
      And a mediated device A
      And A is in a container with the back end 3
      And the vendor driver of A is notified of unmappings
      And the user has mapped 2 pages of memory at page 16
      When the vendor driver of A pins page 16
      Then the call succeeds
      When the vendor driver of A unpins page 16
      Then the call succeeds

  @pin.callbacks-missing @must @translation @basis.document
  Rule: pin.callbacks-missing
    Pinning and unpinning MUST fail with ENOTTY if the back end of the container has no callbacks for
    them.

    Scenario: Pin and unpin with a back end without callbacks
      Given the scripted vendor driver
      And a mediated device A
      And A is in a container with a back end that cannot pin
      When the vendor driver of A pins page 16
      Then the call fails with ENOTTY
      When the vendor driver of A unpins page 16
      Then the call fails with ENOTTY

  @pin.no-operation @must @translation @basis.kernel @since.5.19
  Rule: pin.no-operation
    Pinning MUST fail with EINVAL while no device in the container has a dma_unmap operation.

    The kernel calls this operation to notify the vendor driver of an unmapping.

    Scenario: Pin without a dma_unmap operation
      Given a mediated device A
      And A is held open
      And the user has mapped 2 pages of memory at page 16
      When the vendor driver of A pins page 16
      Then the call fails with EINVAL

  @pin.page @must @translation @basis.kernel
  Rule: pin.page
    Pinning a page in a state listed below MUST fail with the errno listed there.

    Scenario Outline: Pin a page in an unsuitable state [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And <state>
      When the vendor driver of A pins page 16
      Then the call fails with <errno>
      And the host has 0 pages pinned

      Examples: page-states
        | case                                | state                                                                            | errno  |
        | not mapped                          | the user has mapped 2 pages of memory at page 17                                 | EINVAL |
        | mapped for reading only             | the user has mapped 2 pages of memory at page 16 for reading                     | EPERM  |
        | mapped by a process that has exited | a process that has exited had mapped 2 pages of memory at page 16                | ENODEV |
        | mapped without memory               | the user has mapped 2 pages without memory at page 16                            | EFAULT |
        | beyond the limit of locked memory   | the user has mapped 2 pages of memory at page 16 with a locked-memory limit of 0 | ENOMEM |

  @pin.no-mapping @must @translation @basis.kernel
  Rule: pin.no-mapping
    Pinning MUST fail with EINVAL if any requested page is not mapped.

    Scenario Outline: Pin a page that is not mapped [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      When the vendor driver of A pins <pages>
      Then the call fails with EINVAL
      And the host has 0 pages pinned

      Examples: unmapped-pages
        | case                        | pages          |
        | directly before the mapping | page 15        |
        | directly after the mapping  | page 20        |
        | partly after the mapping    | pages 16 to 20 |
        | far from the mapping        | page 4096      |

  @pin.access @must @translation @basis.kernel
  Rule: pin.access
    Pinning a page for access that its mapping does not allow MUST fail with EPERM.

    Scenario Outline: Pin for access that the mapping does not allow [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 2 pages of memory at page 16 for <mapped>
      When the vendor driver of A pins page 16 for <asked>
      Then the call fails with EPERM
      And the host has 0 pages pinned

      Examples: refused-access
        | case                                   | mapped  | asked               |
        | mapped for reading, pinned for writing | reading | writing             |
        | mapped for reading, pinned for both    | reading | reading and writing |
        | mapped for writing, pinned for reading | writing | reading             |

  @pin.process-gone @must @translation @basis.kernel
  Rule: pin.process-gone
    A pinned page MUST remain pinnable after its process has exited.

    Pinning any other page of this process fails with ENODEV.

    Scenario: Pin again after the process has exited
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And another process has mapped 2 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      When the other process exits without closing anything
      And the vendor driver of A pins page 17
      Then the call fails with ENODEV
      When the vendor driver of A pins page 16
      Then the call returns 1

  @pin.memory-gone @must @translation @basis.kernel
  Rule: pin.memory-gone
    Pinning a page that is not yet pinned MUST fail with EFAULT after its user has freed the memory
    behind it.

    Scenario: Pin a page whose memory was freed
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the user has freed the memory at page 16
      When the vendor driver of A pins page 16
      Then the call fails with EFAULT

  @pin.limit @must @translation @basis.kernel
  Rule: pin.limit
    vfio_pin_pages MUST fail with ENOMEM if it would exceed the locked-memory limit of the process.

    The process is the one that mapped the pages. Pages up to the limit can be pinned.

    Scenario: Pin up to the limit and beyond it
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has a locked-memory limit of 2 pages
      And the user has mapped 4 pages of memory at page 16
      When the vendor driver of A pins pages 16, 17, 18
      Then the call fails with ENOMEM
      When the vendor driver of A pins pages 16, 17
      Then the call returns 2
      When the vendor driver of A pins page 18
      Then the call fails with ENOMEM

  @pin.all-or-nothing @must @translation @basis.kernel
  Rule: pin.all-or-nothing
    A failing call of vfio_pin_pages MUST NOT leave an additional pin on any of its pages.

    Scenario Outline: Fail on one of several pages [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 2 pages of memory at page 16
      And the user has mapped 2 pages of memory at page 18 for reading
      And the vendor driver of A has pinned page 16
      When the vendor driver of A pins <pages>
      Then the call fails with <errno>
      And the host has 1 page pinned
      When the vendor driver of A unpins page 16
      Then the host has 0 pages pinned

      Examples: failing-calls
        | case                                         | pages                    | errno  |
        | last page not mapped                         | pages 16 to 17, 20       | EINVAL |
        | first page not mapped                        | pages 15 to 17           | EINVAL |
        | last page not mapped, others requested twice | pages 17, 16, 17, 16, 90 | EINVAL |
        | last pages not writable                      | pages 16 to 19           | EPERM  |

  @pin.failed-array @must @translation @basis.kernel @until.5.18
  Rule: pin.failed-array
    When a page cannot be pinned, vfio_pin_pages MUST clear exactly the host page entries up to and
    including that page.

    A cleared entry is 0. The entries after the failing page keep their content.

    Scenario: Host page entries after a failure
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      When the vendor driver of A pins pages 16, 17, 90, 18, 19
      Then the call fails with EINVAL
      And the first 3 host page entries are 0 and the other 2 are unchanged
