# Derived from spec/physical-devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: Registering

  @registration.register @must @driver @basis.document
  Rule: registration.register
    Registering a physical device with its ops MUST make it a parent device.

    Scenario: First parent device
      Given a physical device P
      When P is registered
      Then the registration succeeds
      And "{P}" of the mdev_bus class points to P
      And "mdev_supported_types" of P is a directory

    Scenario: Second parent device
      Given a registered physical device P
      And a physical device Q
      When Q is registered
      Then the registration succeeds
      And "{Q}" of the mdev_bus class points to Q
      And "mdev_supported_types" of P is a directory
      And "mdev_supported_types" of Q is a directory

  @registration.mandatory @must @driver @basis.kernel @until.5.12
  Rule: registration.mandatory
    Registering a physical device MUST fail with EINVAL if an item in the table below is missing.

    Scenario Outline: Missing mandatory item, until 5.12 [<case>]
      Given a physical device P
      When P is registered <how>
      Then the registration fails with EINVAL
      And "mdev_supported_types" of P does not exist
      And nothing else changed

      Examples: mandatory-ops
        | case                  | how                             |
        | ops                   | without ops                     |
        | create                | without "create"                |
        | remove                | without "remove"                |
        | supported_type_groups | without "supported_type_groups" |

  @registration.optional @must @driver @basis.kernel
  Rule: registration.optional
    Registering a physical device MUST succeed even if its ops lack the members in a row of the table
    below.

    Scenario Outline: Missing optional members [<case>]
      Given a physical device P
      When P is registered without "<members>"
      Then the registration succeeds
      And "{P}" of the mdev_bus class points to P

      Examples: optional-ops
        | case             | members                                                                           |
        | owner            | owner                                                                             |
        | dev_attr_groups  | dev_attr_groups                                                                   |
        | mdev_attr_groups | mdev_attr_groups                                                                  |
        | open             | open                                                                              |
        | release          | release                                                                           |
        | read             | read                                                                              |
        | write            | write                                                                             |
        | ioctl            | ioctl                                                                             |
        | mmap             | mmap                                                                              |
        | all              | owner, dev_attr_groups, mdev_attr_groups, open, release, read, write, ioctl, mmap |

  @registration.no-device @must @driver @basis.kernel @until.5.12
  Rule: registration.no-device
    Registering a NULL device with complete ops MUST fail with EINVAL.

    Scenario: NULL device, until 5.12
      When a NULL device is registered
      Then the registration fails with EINVAL
      And nothing else changed

  @registration.twice @must @driver @basis.kernel @until.5.12
  Rule: registration.twice
    Registering a physical device that is already registered MUST fail with EEXIST.

    Scenario: Registering a physical device twice, until 5.12
      Given a registered physical device P
      When P is registered
      Then the registration fails with EEXIST
      And nothing else changed

  @registration.twice-harmless @must @driver @basis.kernel @until.5.12
  Rule: registration.twice-harmless
    A parent MUST keep the ops of its first registration after a second one has failed.

    Scenario: Creating a device after a failed second registration, until 5.12
      Given a registered physical device P with the types "a"
      When P is registered with the types "b"
      And "{uuid}" is written to "create" of the type
      Then the write succeeds
      And "mdev_supported_types" of P contains exactly "{type}"
      And "devices/{uuid}" of the type is a link

  @registration.silent @must @driver @basis.kernel
  Rule: registration.silent
    Registering or unregistering a physical device without mediated devices MUST NOT call any of its
    callbacks.

    Scenario: Registering and unregistering a physical device
      Given a physical device P
      When P is registered
      And P is unregistered
      Then no callback of P was called

  @registration.name-taken @must @driver @basis.kernel
  Rule: registration.name-taken
    Registering a physical device MUST succeed even if a parent on another bus has the same name.

    The class can hold only one link with that name. The other parent can be found only through its own
    directory.

    Scenario: Two parents with the same name
      Given a physical device P named "0000:00:02.0" on the bus "slots"
      And a physical device Q named "0000:00:02.0" on the bus "sockets"
      When P is registered
      And Q is registered
      Then the registration succeeds
      And "mdev_supported_types" of Q is a directory

  @registration.name-taken-first-stays @must @driver @basis.kernel
  Rule: registration.name-taken-first-stays
    When several parents have the same name, the link in class/mdev_bus MUST lead to the first one
    registered.

    Scenario: Class link of two parents with the same name
      Given a physical device P named "0000:00:02.0" on the bus "slots"
      And a physical device Q named "0000:00:02.0" on the bus "sockets"
      When P is registered
      And Q is registered
      Then "{P}" of the mdev_bus class points to P

  @registration.name-taken-told @should @driver @basis.kernel
  Rule: registration.name-taken-told
    If the class link of a parent cannot be created, the kernel log SHOULD report this with the parent's
    name.

    Scenario: Kernel log for a parent without a link
      Given a physical device P named "0000:00:02.0" on the bus "slots"
      And a physical device Q named "0000:00:02.0" on the bus "sockets"
      When P is registered
      And Q is registered
      Then a line of the kernel log contains "{Q}" and "link"
