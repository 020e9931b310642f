# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Getting a device

  @device-fd.get @must @device @basis.document
  Rule: device-fd.get
    A group in a container with a back end MUST give a file of its mediated device, whose name is its
    UUID.

    Scenario: A device out of its group
      Given a mediated device A
      And the group of A is in the container
      And the container has its back end
      When VFIO_GROUP_GET_DEVICE_FD of the group of A is called with the name "{A}"
      Then the call succeeds

    Scenario: A device that answers
      Given a mediated device A
      And A is held open
      Then A still answers

  @device-fd.not-ready @must @device @basis.kernel
  Rule: device-fd.not-ready
    VFIO_GROUP_GET_DEVICE_FD MUST fail with EINVAL for a group that is not in a container with a back
    end.

    Scenario Outline: A device out of a group that is not ready [<case>]
      Given a mediated device A
      And <state>
      When VFIO_GROUP_GET_DEVICE_FD of the group of A is called with the name "{A}"
      Then the call fails with EINVAL

      Examples: not-ready
        | case         | state                              |
        | no container | the group of A is open             |
        | no back end  | the group of A is in the container |

  @device-fd.name @must @device @basis.kernel
  Rule: device-fd.name
    VFIO_GROUP_GET_DEVICE_FD MUST fail with ENODEV for a name that no device of the group has.

    Scenario Outline: A device by a name that it has not [<case>]
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And the group of A is in the container
      And the container has its back end
      When VFIO_GROUP_GET_DEVICE_FD of the group of A is called with the name "<name>"
      Then the call fails with ENODEV

      Examples: wrong-names
        | case                  | name                                 |
        | empty                 |                                      |
        | of a device elsewhere | {B}                                  |
        | of no device          | {uuid}                               |
        | upper case            | 83B8F4F2-509F-382F-3C1E-E6BFE0FA1001 |
        | a character more      | {A}0                                 |
        | a newline behind      | {A}\n                                |

  @device-fd.name-long @must @device @basis.kernel
  Rule: device-fd.name-long
    VFIO_GROUP_GET_DEVICE_FD MUST fail with EINVAL for a name that does not end within a page.

    Scenario: A device by a name without an end
      Given a mediated device A
      And the group of A is in the container
      And the container has its back end
      When VFIO_GROUP_GET_DEVICE_FD of the group of A is called with a name without an end
      Then the call fails with EINVAL

  @device-fd.descriptors @must @device @basis.kernel
  Rule: device-fd.descriptors
    VFIO_GROUP_GET_DEVICE_FD MUST fail with EMFILE for a process that has as many files open as it may.

    Scenario: A device for a process that can open nothing more
      Given a mediated device A
      And the group of A is in the container
      And the container has its back end
      When VFIO_GROUP_GET_DEVICE_FD of the group of A is called with the name "{A}" while no descriptor is left
      Then the call fails with EMFILE
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the call succeeds

  @device-fd.several @must @device @basis.kernel
  Rule: device-fd.several
    A group MUST give several files of its device, and all of them be of the same device.

    Scenario: Two files of one device
      Given a mediated device A
      And A is held open
      And a second file of A is open
      Then the second file of A describes itself as A does
      When A is closed
      Then the second file of A still answers
