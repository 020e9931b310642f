# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Removal

  @removal.answers @must @device @basis.kernel
  Rule: removal.answers
    While the removal of a device waits for its user, the device MUST go on to answer.

    Scenario: Using a device whose removal waits
      Given a mediated device A
      And A is held open
      When a writer starts to write "1" to "remove" of A
      Then the writer waits
      And A still answers
      When "A, the group of A, the container" are closed one after the other
      Then the writer ends and has succeeded

  @removal.group-open @must @device @basis.kernel
  Rule: removal.group-open
    The removal of a device MUST NOT wait for somebody who has nothing but its group open, outside of
    any container.

    Scenario: Removing a device whose group is open
      Given a mediated device A
      And the group of A is open
      When a writer starts to write "1" to "remove" of A
      Then the writer ends at once and has succeeded
      And A does not exist

  @removal.in-container @must @device @basis.kernel @since.6.1
  Rule: removal.in-container
    The removal of a device MUST NOT wait for its group to leave a container.

    Scenario: Removing a device whose group is in a container, from 6.1 on
      Given a mediated device A
      And the group of A is in the container
      And the container has its back end
      When a writer starts to write "1" to "remove" of A
      Then the writer ends at once and has succeeded
      And A does not exist

  @removal.in-container-waits @must @device @basis.kernel @until.5.12
  Rule: removal.in-container-waits
    The removal of a device MUST wait until its group leaves its container.

    Scenario: Removing a device whose group is in a container, until 5.12
      Given a mediated device A
      And the group of A is in the container
      And the container has its back end
      When a writer starts to write "1" to "remove" of A
      Then the writer waits
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the writer ends and has succeeded
      And A does not exist

  @removal.status @must @device @basis.kernel @until.5.12
  Rule: removal.status
    When its device was removed, a group that is still open MUST go on to tell its status.

    Scenario: The status of a group whose device was removed, until 5.12
      Given a mediated device A
      And the group of A is open
      When A is removed
      And VFIO_GROUP_GET_STATUS of the group of A is called with argsz 8
      Then the call succeeds

  @removal.status-gone @must @device @basis.kernel @since.6.1
  Rule: removal.status-gone
    When its device was removed, VFIO_GROUP_GET_STATUS of a group that is still open MUST fail with
    ENODEV.

    Scenario: The status of a group whose device was removed, from 6.1 on
      Given a mediated device A
      And the group of A is open
      When A is removed
      And VFIO_GROUP_GET_STATUS of the group of A is called with argsz 8
      Then the call fails with ENODEV

  @removal.device-fd @must @device @basis.kernel
  Rule: removal.device-fd
    Once the removal of a device has begun, its group MUST NOT give a file of it any more: ENODEV.

    Scenario: Getting a device that is removed
      Given a mediated device A
      And the group of A is in the container
      And the container has its back end
      When a writer starts to write "1" to "remove" of A
      And VFIO_GROUP_GET_DEVICE_FD of the group of A is called with the name "{A}"
      Then the call fails with ENODEV

  @removal.node-stays @must @device @basis.kernel @until.5.12
  Rule: removal.node-stays
    The node of a group MUST stay until whoever has it open has closed it.

    Scenario: The node of a group that is open when its device is removed, until 5.12
      Given a mediated device A
      And the group of A is open
      When A is removed
      Then the group of A has a node
      When the group of A is closed
      Then the group of A has no node

  @removal.node-goes @must @device @basis.kernel @since.6.1
  Rule: removal.node-goes
    The node of a group MUST go with its device, even when somebody has it open.

    Scenario: The node of a group that is open when its device is removed, from 6.1 on
      Given a mediated device A
      And the group of A is open
      When A is removed
      Then the group of A has no node
