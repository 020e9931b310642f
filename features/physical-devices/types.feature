# Derived from spec/physical-devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: Types

  @type-group.directory @must @driver @basis.document
  Rule: type-group.directory
    A parent MUST have one type for each group of supported_type_groups, and no other.

    Scenario: The types of a parent
      Given a physical device P of the class "toys"
      When P is registered with the types "red, green, blue"
      Then "mdev_supported_types" of P holds "toys-blue, toys-green, toys-red" and nothing else

  @type-group.none @must @driver @basis.kernel
  Rule: type-group.none
    Registering a physical device whose list of types is empty MUST succeed, with an empty
    mdev_supported_types.

    Scenario: A parent without types
      Given a physical device P
      When P is registered with no types
      Then the registration succeeds
      And "mdev_supported_types" of P holds nothing

  @type-group.bare @must @driver @basis.kernel @until.5.12
  Rule: type-group.bare
    A type whose group has no attributes MUST have create and devices, and nothing else.

    That a type has device_api and available_instances is the vendor driver's duty; the core does not
    see to it.

    Scenario: A type of which the vendor driver tells nothing, until 5.12
      Given a physical device P of the class "toys"
      When P is registered with the types "bare" and no type attributes
      Then "mdev_supported_types/toys-bare" of P holds "create, devices" and nothing else

  @type-group.attributes @must @driver @basis.kernel @until.5.12
  Rule: type-group.attributes
    Each attribute of a type's group MUST be a file in the directory of the type.

    Scenario: The attributes of a type, until 5.12
      Given a physical device P
      When P is registered with the type attributes "speed, colour"
      Then "speed" of the type is a file
      And "colour" of the type is a file

  @type-group.attribute-show @must @driver @basis.kernel @until.5.12
  Rule: type-group.attribute-show
    Reading an attribute of a type that the vendor driver gave nothing to show with MUST fail with EIO.

    Scenario: Reading an attribute that shows nothing, until 5.12
      Given a registered physical device P with the mute type attribute "speed"
      When "speed" of the type is read
      Then the read fails with EIO

  @type-group.attribute-store @must @driver @basis.kernel @until.5.12
  Rule: type-group.attribute-store
    Writing to an attribute of a type that the vendor driver gave nothing to store with MUST fail with
    EIO.

    Scenario: Writing to an attribute that stores nothing, until 5.12
      Given a registered physical device P with the mute type attribute "speed"
      When "1" is written to "speed" of the type
      Then the write fails with EIO

  @type-group.attribute-taken @must @driver @basis.kernel @until.5.12
  Rule: type-group.attribute-taken
    Registering a physical device with a type whose attributes cannot be made MUST fail with ENOMEM.

    The true reason is lost: a name that is taken gives ENOMEM too.

    Scenario Outline: A type attribute whose name is taken, until 5.12 [<case>]
      Given a physical device P
      When P is registered with the type attributes "<names>"
      Then the registration fails with ENOMEM

      Examples: taken-type-attributes
        | case           | names   |
        | by the core    | create  |
        | by a directory | devices |

  @type-name.driver-string @must @driver @basis.document
  Rule: type-name.driver-string
    A type's directory MUST be named by the driver string of its parent, a hyphen and the name of the
    type's group.

    The driver string is the name of the driver that the physical device is bound to; without driver
    that of its bus; without bus that of its class; without class nothing.

    Scenario Outline: The name of a type [<case>]
      Given a physical device P <where>
      When P is registered with the types "<group>"
      Then "mdev_supported_types" of P holds "<name>" and nothing else

      Examples: type-names
        | case                 | where                                          | group  | name        |
        | driver               | bound to the driver "cards" on the bus "slots" | 1      | cards-1     |
        | bus, without driver  | on the bus "slots"                             | 1      | slots-1     |
        | class, without bus   | of the class "toys"                            | 1      | toys-1      |
        | nothing of all       | of no bus and no class                         | 1      | -1          |
        | hyphens in the group | of the class "toys"                            | V5-4-q | toys-V5-4-q |
        | blanks in the group  | of the class "toys"                            | a b    | toys-a b    |

  @type-name.slash @must @driver @basis.kernel
  Rule: type-name.slash
    In the name of a type's directory, ! MUST stand for each slash that the vendor driver gave.

    Scenario: A type with slashes in its name
      Given a physical device P of the class "toys"
      When P is registered with the types "a/b/c"
      Then "mdev_supported_types" of P holds "toys-a!b!c" and nothing else

  @type-name.lasting @must @driver @basis.kernel
  Rule: type-name.lasting
    Binding a parent to a driver MUST NOT change the names of its types.

    Scenario: A parent that gets a driver later on
      Given a registered physical device P on the bus "slots" with the types "a, b"
      When P is bound to the driver "cards"
      Then "driver" of P is a link
      And "mdev_supported_types" of P holds "slots-a, slots-b" and nothing else

  @type-name.missing @must @driver @basis.kernel @until.5.12
  Rule: type-name.missing
    Registering a physical device with a type whose group has no name MUST fail with EINVAL.

    Scenario: A type without a name, until 5.12
      Given a physical device P
      When P is registered with the types ""
      Then the registration fails with EINVAL

  @type-name.taken @must @driver @basis.kernel
  Rule: type-name.taken
    Registering a physical device with two types of the same name MUST fail with EEXIST.

    Scenario: Two types of a name
      Given a physical device P
      When P is registered with the types "a, b, a"
      Then the registration fails with EEXIST
      And P has no "mdev_supported_types"

    Scenario: Two types whose names differ in a slash
      Given a physical device P
      When P is registered with the types "a/b, a!b"
      Then the registration fails with EEXIST
      And P has no "mdev_supported_types"

  @type-name.per-parent @must @driver @basis.kernel
  Rule: type-name.per-parent
    Registering a physical device MUST succeed even if its types are named as those of another parent
    are.

    Scenario: Types of a name at two parents
      Given a registered physical device P of the class "toys" with the types "a"
      And a physical device Q of the class "toys"
      When Q is registered with the types "a"
      Then the registration succeeds
      And "mdev_supported_types/toys-a" of P is a directory
      And "mdev_supported_types/toys-a" of Q is a directory
