# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Closing

  @closing.any-order @must @device @basis.kernel
  Rule: closing.any-order
    Closing a device, its group and its container, in any order, MUST release all three.

    Each close succeeds, and the device can be removed at once afterwards.

    Scenario Outline: Close a device, its group and its container [<case>]
      Given a mediated device A
      And A is held open
      When "<order>" are closed in this order
      And a writer starts to write "1" to "remove" of A
      Then the writer succeeds without blocking
      And A does not exist

      Examples: orders
        | case                     | order                            |
        | device, group, container | A, the group of A, the container |
        | device, container, group | A, the container, the group of A |
        | group, device, container | the group of A, A, the container |
        | group, container, device | the group of A, the container, A |
        | container, device, group | the container, A, the group of A |
        | container, group, device | the container, the group of A, A |

  @closing.device-last @must @device @basis.kernel
  Rule: closing.device-last
    An open device MUST remain usable after its group and its container are closed.

    Scenario: Use a device after its group and container are closed
      Given a mediated device A
      And A is held open
      When "the container, the group of A" are closed in this order
      Then A is still usable

  @closing.group-taken @must @device @basis.kernel
  Rule: closing.group-taken
    Opening a closed group again MUST fail with EBUSY while a file of its device is open.

    Scenario Outline: Open a group while its device is open [<case>]
      Given a mediated device A
      And A is held open
      When "<closed>" are closed in this order
      And the group of A is opened
      Then the call fails with EBUSY

      Examples: closed-before-the-device
        | case                     | closed                        |
        | the group                | the group of A                |
        | the group, the container | the group of A, the container |

  @closing.group-free @must @device @basis.kernel
  Rule: closing.group-free
    Opening a closed group again MUST succeed once the last file of its device is closed.

    Scenario Outline: Open a group after its device is closed [<case>]
      Given a mediated device A
      And A is held open
      When "<closed>" are closed in this order
      And A is closed
      And the group of A is opened
      Then the call succeeds

      Examples: closed-before-the-device
        | case                     | closed                        |
        | the group                | the group of A                |
        | the group, the container | the group of A, the container |

  @closing.dies @must @device @basis.kernel
  Rule: closing.dies
    The end of a process MUST release every device that the process holds open.

    The device can be removed at once afterwards. Another process can open its group.

    Scenario: Remove a device after its user died
      Given a mediated device A
      And A is held open
      And a second file of A is open
      When the process exits without closing anything
      And a writer starts to write "1" to "remove" of A
      Then the writer succeeds without blocking
      And A does not exist

    Scenario: Open the group of a device after its user died
      Given a mediated device A
      And A is held open
      When the process exits without closing anything
      And the group of A is opened by another process
      Then the call succeeds

  @closing.others @must @device @basis.kernel
  Rule: closing.others
    A process that uses or closes its own device, or dies, MUST NOT disturb another process's device.

    Scenario: One of two processes with a device each dies
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And A is held open
      And B is held open by another process
      When the other process exits without closing anything
      Then A is still usable
      When the group of B is opened
      Then the call succeeds

  @closing.second-file @must @device @basis.kernel
  Rule: closing.second-file
    The removal of a device MUST wait until every open file of the device is closed.

    Scenario: Remove a device with two open files
      Given a mediated device A
      And A is held open
      And a second file of A is open
      When "A, the group of A, the container" are closed in this order
      And a writer starts to write "1" to "remove" of A
      Then the writer is blocked
      When the second file of A is closed
      Then the writer returns successfully
      And A does not exist
