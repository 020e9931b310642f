# Derived from spec/physical-devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: Registering

  @registration.register @must @driver @basis.document
  Rule: registration.register
    Registering a physical device with its ops MUST make it a parent.

    Scenario: A physical device that becomes a parent
      Given a physical device P
      When P is registered
      Then the registration succeeds
      And "{P}" of the mdev_bus class leads to P
      And "mdev_supported_types" of P is a directory

    Scenario: A parent beside others
      Given a registered physical device P
      And a physical device Q
      When Q is registered
      Then the registration succeeds
      And "{Q}" of the mdev_bus class leads to Q
      And "mdev_supported_types" of P is a directory
      And "mdev_supported_types" of Q is a directory

  @registration.mandatory @must @driver @basis.kernel @until.5.12
  Rule: registration.mandatory
    Registering a physical device without something that the table names MUST fail with EINVAL.

    Scenario Outline: What is missing when a physical device is registered, until 5.12 [<case>]
      Given a physical device P
      When P is registered <how>
      Then the registration fails with EINVAL
      And P has no "mdev_supported_types"
      And nothing else changed

      Examples: mandatory-ops
        | case                  | how                             |
        | ops                   | without ops                     |
        | create                | without "create"                |
        | remove                | without "remove"                |
        | supported_type_groups | without "supported_type_groups" |

  @registration.optional @must @driver @basis.kernel
  Rule: registration.optional
    Registering a physical device MUST succeed without any one, and without all, of the members that the
    table names.

    Scenario Outline: What may be missing when a physical device is registered [<case>]
      Given a physical device P
      When P is registered without "<members>"
      Then the registration succeeds
      And "{P}" of the mdev_bus class leads to P

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
        | all of them      | owner, dev_attr_groups, mdev_attr_groups, open, release, read, write, ioctl, mmap |

  @registration.no-device @must @driver @basis.kernel @until.5.12
  Rule: registration.no-device
    Registering nothing, with complete ops, MUST fail with EINVAL.

    Scenario: Registering no device, until 5.12
      When no device is registered as a parent
      Then the registration fails with EINVAL
      And nothing else changed

  @registration.twice @must @driver @basis.kernel @until.5.12
  Rule: registration.twice
    Registering a physical device that is registered MUST fail with EEXIST.

    Scenario: Registering a physical device twice, until 5.12
      Given a registered physical device P
      When P is registered
      Then the registration fails with EEXIST
      And nothing else changed

  @registration.twice-harmless @must @driver @basis.kernel @until.5.12
  Rule: registration.twice-harmless
    A physical device that was registered twice MUST go on being served by the ops that it was
    registered with first.

    Scenario: Creating after a second registration was refused, until 5.12
      Given a registered physical device P with the types "a"
      When P is registered with the types "b"
      And "{uuid}" is written to "create" of the type
      Then the write succeeds
      And "mdev_supported_types" of P holds "{type}" and nothing else
      And "devices/{uuid}" of the type is a link

  @registration.silent @must @driver @basis.kernel
  Rule: registration.silent
    Registering and unregistering a physical device that has no mediated devices MUST NOT call any of
    its callbacks.

    Scenario: The callbacks of a parent that comes and goes
      Given a physical device P
      When P is registered
      And P is unregistered
      Then no callback of P was called

  @registration.name-taken @must @driver @basis.kernel
  Rule: registration.name-taken
    Registering a physical device MUST succeed even if a parent on another bus has the same name.

    The class has room for one link of a name. The other parent is found through its own directory only.

    Scenario: Two parents of a name
      Given a physical device P named "0000:00:02.0" on the bus "slots"
      And a physical device Q named "0000:00:02.0" on the bus "sockets"
      When P is registered
      And Q is registered
      Then the registration succeeds
      And "mdev_supported_types" of Q is a directory

  @registration.name-taken-first-stays @must @driver @basis.kernel
  Rule: registration.name-taken-first-stays
    Of several parents of a name, the link in class/mdev_bus MUST lead to the one that was registered
    first.

    Scenario: The link of two parents of a name
      Given a physical device P named "0000:00:02.0" on the bus "slots"
      And a physical device Q named "0000:00:02.0" on the bus "sockets"
      When P is registered
      And Q is registered
      Then "{P}" of the mdev_bus class leads to P

  @registration.name-taken-told @should @driver @basis.kernel
  Rule: registration.name-taken-told
    When the link of a parent cannot be made, the kernel log SHOULD say so, with the name of the parent.

    Scenario: The log when a parent has no link
      Given a physical device P named "0000:00:02.0" on the bus "slots"
      And a physical device Q named "0000:00:02.0" on the bus "sockets"
      When P is registered
      And Q is registered
      Then a line of the kernel log names "{Q}" and "link"
