# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Removal

  @removal.answers @must @device @basis.kernel
  Rule: removal.answers
    A device MUST remain usable while its removal waits for its user.

    Scenario: Use a device while its removal waits
      Given a mediated device A
      And A is held open
      When a writer starts to write "1" to "remove" of A
      Then the writer is blocked
      And A is still usable
      When "A, the group of A, the container" are closed in this order
      Then the writer returns successfully

  @removal.group-open @must @device @basis.kernel
  Rule: removal.group-open
    The removal of a device MUST NOT wait for its open group to be closed if the group is in no
    container.

    Scenario: Remove a device whose group is open
      Given a mediated device A
      And the group of A is open
      When a writer starts to write "1" to "remove" of A
      Then the writer succeeds without blocking
      And A does not exist

  @removal.in-container @must @device @basis.kernel @since.6.1
  Rule: removal.in-container
    The removal of a device MUST NOT wait for its group to leave a container.

    Scenario: Remove a device whose group is in a container, from 6.1 on
      Given a mediated device A
      And the group of A is in the container
      And the container has a back end
      When a writer starts to write "1" to "remove" of A
      Then the writer succeeds without blocking
      And A does not exist

  @removal.in-container-waits @must @device @basis.kernel @until.5.12
  Rule: removal.in-container-waits
    The removal of a device MUST wait until its group leaves its container.

    Scenario: Remove a device whose group is in a container, until 5.12
      Given a mediated device A
      And the group of A is in the container
      And the container has a back end
      When a writer starts to write "1" to "remove" of A
      Then the writer is blocked
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the writer returns successfully
      And A does not exist

  @removal.status @must @device @basis.kernel @until.5.12
  Rule: removal.status
    VFIO_GROUP_GET_STATUS MUST succeed for a group that is still open after its device was removed.

    Scenario: Status of a group whose device was removed, until 5.12
      Given a mediated device A
      And the group of A is open
      When A is removed
      And VFIO_GROUP_GET_STATUS of the group of A is called with argsz 8
      Then the call succeeds

  @removal.status-gone @must @device @basis.kernel @since.6.1
  Rule: removal.status-gone
    VFIO_GROUP_GET_STATUS MUST fail with ENODEV for a group that is still open after its device was
    removed.

    Scenario: Status of a group whose device was removed, from 6.1 on
      Given a mediated device A
      And the group of A is open
      When A is removed
      And VFIO_GROUP_GET_STATUS of the group of A is called with argsz 8
      Then the call fails with ENODEV

  @removal.device-fd @must @device @basis.kernel
  Rule: removal.device-fd
    VFIO_GROUP_GET_DEVICE_FD MUST fail with ENODEV once the removal of the device has begun.

    Scenario: Open a device during its removal
      Given a mediated device A
      And the group of A is in the container
      And the container has a back end
      When a writer starts to write "1" to "remove" of A
      And VFIO_GROUP_GET_DEVICE_FD of the group of A is called with the name "{A}"
      Then the call fails with ENODEV

  @removal.node-stays @must @device @basis.kernel @until.5.12
  Rule: removal.node-stays
    The node of an open group MUST remain until the group is closed, even after its device was removed.

    Scenario: Node of an open group whose device is removed, until 5.12
      Given a mediated device A
      And the group of A is open
      When A is removed
      Then the group of A has a node
      When the group of A is closed
      Then the group of A has no node

  @removal.node-goes @must @device @basis.kernel @since.6.1
  Rule: removal.node-goes
    Removing a device MUST remove the node of its group, even while the group is open.

    Scenario: Node of an open group whose device is removed, from 6.1 on
      Given a mediated device A
      And the group of A is open
      When A is removed
      Then the group of A has no node
