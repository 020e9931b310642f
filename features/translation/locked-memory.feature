# Derived from spec/translation.rst by `mdevref derive`; edit the spec, not this file.
Feature: Locked memory

  @lock.counted @must @translation @basis.kernel
  Rule: lock.counted
    The kernel MUST account a pinned page once, as locked memory of its process, until it is unpinned.

    The process is the one that mapped the page. A page that is pinned several times counts until its
    last pin is removed.

    Scenario: Locked pages of the user
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      When the vendor driver of A pins pages 16, 17, 18
      Then the user has 3 pages locked
      When the vendor driver of A pins pages 16, 17
      Then the user has 3 pages locked
      When the vendor driver of A unpins pages 16, 17, 18
      Then the user has 2 pages locked
      When the vendor driver of A unpins pages 16, 17
      Then the user has 0 pages locked

    Scenario: Locked pages of another process
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And another process has mapped 2 pages of memory at page 16
      When the vendor driver of A pins pages 16, 17
      Then the user has 0 pages locked

  @lock.failed @must @translation @basis.kernel
  Rule: lock.failed
    A failing call of vfio_pin_pages MUST NOT leave additional pages accounted as locked memory.

    Scenario: Locked pages after a failing call
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has a locked-memory limit of 3 pages
      And the user has mapped 4 pages of memory at page 16
      And the vendor driver of A has pinned page 16
      When the vendor driver of A pins pages 16 to 19
      Then the call fails with ENOMEM
      And the user has 1 page locked
      When the vendor driver of A pins pages 17, 18, 90
      Then the call fails with EINVAL
      And the user has 1 page locked

  @lock.again @must @translation @basis.kernel
  Rule: lock.again
    Pinning a page that is already pinned MUST succeed even at the limit of locked memory.

    Scenario: Pin again at the limit
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has a locked-memory limit of 2 pages
      And the user has mapped 4 pages of memory at page 16
      And the vendor driver of A has pinned pages 16, 17
      When the vendor driver of A pins pages 17, 16
      Then the call returns 2

  @lock.privileged @must @translation @basis.kernel
  Rule: lock.privileged
    The limit of locked memory MUST NOT apply to a process with the capability CAP_IPC_LOCK.

    Scenario: Pin beyond the limit as a privileged user
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has a locked-memory limit of 2 pages
      And the user has CAP_IPC_LOCK
      And the user has mapped 4 pages of memory at page 16
      When the vendor driver of A pins pages 16 to 19
      Then the call returns 4

  @lock.privileged-accounting @must @translation @basis.kernel
  Rule: lock.privileged-accounting
    The kernel MUST account pinned pages as locked memory even for a process with CAP_IPC_LOCK.

    Scenario: Locked pages of a privileged user
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has a locked-memory limit of 2 pages
      And the user has CAP_IPC_LOCK
      And the user has mapped 4 pages of memory at page 16
      When the vendor driver of A pins pages 16 to 19
      Then the call returns 4
      And the user has 4 pages locked

  @lock.remembered @must @translation @basis.kernel @since.5.10
  Rule: lock.remembered
    The kernel MUST check for CAP_IPC_LOCK when a process maps memory, not when its pages are pinned.

    Scenario: Gain the privilege after mapping
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has a locked-memory limit of 2 pages
      And the user has mapped 4 pages of memory at page 16
      And the user has CAP_IPC_LOCK
      When the vendor driver of A pins pages 16 to 19
      Then the call fails with ENOMEM

    Scenario: Lose the privilege after mapping
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is notified of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the user has a locked-memory limit of 2 pages
      When the vendor driver of A pins pages 16 to 19
      Then the call returns 4
