# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Closing

  @closing.any-order @must @device @basis.kernel
  Rule: closing.any-order
    A device, its group and their container MUST be possible to close in any order, with nothing left
    behind.

    Scenario Outline: Closing everything, in turn [<case>]
      Given a mediated device A
      And A is held open
      When "<order>" are closed one after the other
      And a writer starts to write "1" to "remove" of A
      Then the writer ends at once and has succeeded
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
    A device MUST be usable as long as a file of it is open, even when its group and its container were
    closed.

    Scenario: Using a device whose group and container are closed
      Given a mediated device A
      And A is held open
      When "the container, the group of A" are closed one after the other
      Then A still answers

  @closing.group-taken @must @device @basis.kernel
  Rule: closing.group-taken
    Opening a group that was closed MUST fail with EBUSY as long as a file of its device is open, and
    not after that.

    Scenario Outline: Opening the group of a device that is open [<case>]
      Given a mediated device A
      And A is held open
      When "<closed>" are closed one after the other
      And the group of A is opened
      Then the opening fails with EBUSY
      When A is closed
      And the group of A is opened
      Then the opening succeeds

      Examples: closed-before-the-device
        | case                     | closed                        |
        | the group                | the group of A                |
        | the group, the container | the group of A, the container |

  @closing.dies @must @device @basis.kernel
  Rule: closing.dies
    When a process ends without closing a device, nothing of it MUST be left: the device can be removed
    at once.

    Scenario: A process that dies with a device open
      Given a mediated device A
      And A is held open
      And a second file of A is open
      When the process ends without closing anything
      And a writer starts to write "1" to "remove" of A
      Then the writer ends at once and has succeeded
      And A does not exist

    Scenario: A device after the process that had it open died
      Given a mediated device A
      And A is held open
      When the process ends without closing anything
      And the group of A is opened by another process
      Then the opening succeeds

  @closing.others @must @device @basis.kernel
  Rule: closing.others
    What one process does with its device, dying included, MUST NOT disturb another one's.

    Scenario: Two processes with a device each, one of which dies
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And A is held open
      And B is held open by another process
      When the other process ends without closing anything
      Then A still answers
      When the group of B is opened
      Then the opening succeeds

  @closing.second-file @must @device @basis.kernel
  Rule: closing.second-file
    The removal of a device MUST wait until every file of it is closed, not only the first.

    Scenario: Removing a device of which two files are open
      Given a mediated device A
      And A is held open
      And a second file of A is open
      When "A, the group of A, the container" are closed one after the other
      And a writer starts to write "1" to "remove" of A
      Then the writer waits
      When the second file of A is closed
      Then the writer ends and has succeeded
      And A does not exist
