# Derived from spec/translation.rst by `mdevref derive`; edit the spec, not this file.
Feature: Locked memory

  @lock.counted @must @translation @basis.kernel
  Rule: lock.counted
    Each page that is pinned MUST be accounted to the process that mapped it as locked memory, once,
    until it is unpinned.

    Scenario: Locked pages
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
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
      And the vendor driver of A is told of unmappings
      And another process has mapped 2 pages of memory at page 16
      When the vendor driver of A pins pages 16, 17
      Then the user has 0 pages locked

  @lock.failed @must @translation @basis.kernel
  Rule: lock.failed
    Of a call that fails nothing MUST stay accounted.

    Scenario: Pages of a call that fails
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user may lock 3 pages
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
    A page that is pinned already MUST be pinned again even where the limit of locked memory is reached.

    Scenario: A page again at the limit
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user may lock 2 pages
      And the user has mapped 4 pages of memory at page 16
      And the vendor driver of A has pinned pages 16, 17
      When the vendor driver of A pins pages 17, 16
      Then the call gives 2

  @lock.privileged @must @translation @basis.kernel
  Rule: lock.privileged
    The limit MUST NOT concern a process that has the capability CAP_IPC_LOCK; its pages are accounted
    all the same.

    Scenario: A user that is privileged
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user may lock 2 pages
      And the user is privileged to lock more
      And the user has mapped 4 pages of memory at page 16
      When the vendor driver of A pins pages 16 to 19
      Then the call gives 4
      And the user has 4 pages locked

  @lock.remembered @must @translation @basis.kernel @since.5.10
  Rule: lock.remembered
    Whether a process has that capability MUST be asked when it maps, and not when its pages are pinned.

    Scenario: A user that is privileged only later
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user may lock 2 pages
      And the user has mapped 4 pages of memory at page 16
      And the user is privileged to lock more
      When the vendor driver of A pins pages 16 to 19
      Then the call fails with ENOMEM

    Scenario: A user that was privileged
      Given the scripted vendor driver
      And a mediated device A
      And A is held open
      And the vendor driver of A is told of unmappings
      And the user has mapped 4 pages of memory at page 16
      And the user may lock 2 pages
      When the vendor driver of A pins pages 16 to 19
      Then the call gives 4
