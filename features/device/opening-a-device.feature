# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Opening a device

  @device-fd.get @must @device @basis.document
  Rule: device-fd.get
    VFIO_GROUP_GET_DEVICE_FD MUST return a file of the named device for a group in a container with a
    back end.

    The name of a mediated device is its UUID.

    Scenario: Open a device by its UUID
      Given a mediated device A
      And the group of A is in the container
      And the container has a back end
      When VFIO_GROUP_GET_DEVICE_FD of the group of A is called with the name "{A}"
      Then the call succeeds

    Scenario: Query an open device
      Given a mediated device A
      And A is held open
      Then A is still usable

  @device-fd.not-ready @must @device @basis.kernel
  Rule: device-fd.not-ready
    VFIO_GROUP_GET_DEVICE_FD MUST fail with EINVAL unless the group is in a container with a back end.

    Scenario Outline: Open a device of a group that is not ready [<case>]
      Given a mediated device A
      And <state>
      When VFIO_GROUP_GET_DEVICE_FD of the group of A is called with the name "{A}"
      Then the call fails with EINVAL

      Examples: not-ready
        | case         | state                              |
        | no container | the group of A is open             |
        | no back end  | the group of A is in the container |

  @device-fd.not-viable @must @device @basis.kernel @until.5.12
  Rule: device-fd.not-viable
    VFIO_GROUP_GET_DEVICE_FD MUST fail with EINVAL for a group that contains a device with a non-VFIO
    driver.

    Such a group is not viable. The group of a mediated device contains only that device. It is viable
    unless another device is added.

    Scenario Outline: Open a device of a group that is not viable, until 5.12 [<case>]
      Given a mediated device A
      And <state>
      And the container has a back end
      And the group of A also contains a device of another driver
      Then the group of A is not viable
      When VFIO_GROUP_GET_DEVICE_FD of the group of A is called with the name "{A}"
      Then the call fails with EINVAL

      Examples: groups-not-viable
        | case                 | state                              |
        | its device is closed | the group of A is in the container |
        | its device is open   | A is held open                     |

  @device-fd.vendor @must @device @basis.kernel
  Rule: device-fd.vendor
    VFIO_GROUP_GET_DEVICE_FD MUST fail with the vendor driver's errno when the vendor driver refuses to
    open the device.

    The group can still leave its container afterwards.

    Scenario Outline: Open a device that its vendor driver refuses [<case>]
      Given a registered physical device P
      And a mediated device A of the type
      And open of P fails with <errno>
      And the group of A is in the container
      And the container has a back end
      When VFIO_GROUP_GET_DEVICE_FD of the group of A is called with the name "{A}"
      Then the call fails with <errno>
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the call succeeds

      Examples: open-refusals
        | case          | errno  |
        | in use        | EBUSY  |
        | out of memory | ENOMEM |
        | I/O error     | EIO    |

  @device-fd.name @must @device @basis.kernel
  Rule: device-fd.name
    VFIO_GROUP_GET_DEVICE_FD MUST fail with ENODEV for a name that does not match a device of the group.

    Scenario Outline: Open a device by a wrong name [<case>]
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      And the group of A is in the container
      And the container has a back end
      When VFIO_GROUP_GET_DEVICE_FD of the group of A is called with the name "<name>"
      Then the call fails with ENODEV

      Examples: wrong-names
        | case                         | name                                 |
        | empty                        |                                      |
        | of a device in another group | {B}                                  |
        | of no device                 | {uuid}                               |
        | upper case                   | 83B8F4F2-509F-382F-3C1E-E6BFE0FA1001 |
        | one extra character          | {A}0                                 |
        | a trailing newline           | {A}\n                                |

  @device-fd.name-long @must @device @basis.kernel
  Rule: device-fd.name-long
    VFIO_GROUP_GET_DEVICE_FD MUST fail with EINVAL for a name that does not end within a page.

    Scenario Outline: Open a device by a name that is too long [<case>]
      Given a mediated device A
      And the group of A is in the container
      And the container has a back end
      When VFIO_GROUP_GET_DEVICE_FD of the group of A is called with <name>
      Then the call fails with EINVAL

      Examples: long-names
        | case                          | name                      |
        | not terminated                | an unterminated name      |
        | terminated just beyond a page | a name of 4096 characters |

  @device-fd.descriptors @must @device @basis.kernel
  Rule: device-fd.descriptors
    VFIO_GROUP_GET_DEVICE_FD MUST fail with EMFILE when the process is at its limit of open files.

    Scenario Outline: Open a device without a free descriptor [<case>]
      Given a mediated device A
      And the group of A is in the container
      And the container has a back end
      And <state>
      When VFIO_GROUP_GET_DEVICE_FD of the group of A is called with the name "{A}" while no file descriptor is free
      Then the call fails with EMFILE
      When VFIO_GROUP_UNSET_CONTAINER of the group of A is called
      Then the call <outcome>

      Examples: files-before
        | case | state                      | outcome          |
        | none | the group of A is open     | succeeds         |
        | one  | a second file of A is open | fails with EBUSY |

  @device-fd.several @must @device @basis.kernel
  Rule: device-fd.several
    Each call of VFIO_GROUP_GET_DEVICE_FD with the same name MUST return a new file of the same device.

    Scenario: Two files of one device
      Given a mediated device A
      And A is held open
      And a second file of A is open
      Then the second file of A returns the same description as A
      When A is closed
      Then the second file of A is still usable
