# Derived from spec/physical-devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: Types

  @type-group.directory @must @driver @basis.document
  Rule: type-group.directory
    A parent MUST have exactly one type for each group of supported_type_groups, and no other type.

    Scenario: Three types of a parent
      Given a physical device P of the class "toys"
      When P is registered with the types "red, green, blue"
      Then "mdev_supported_types" of P contains exactly "toys-blue, toys-green, toys-red"

  @type-group.none @must @driver @basis.kernel
  Rule: type-group.none
    Registering a physical device with an empty list of types MUST create an empty mdev_supported_types
    directory.

    The registration succeeds, because an empty list is not an error.

    Scenario: Parent without types
      Given a physical device P
      When P is registered with no types
      Then the registration succeeds
      And "mdev_supported_types" of P is empty

  @type-group.bare @must @driver @basis.kernel @until.5.12
  Rule: type-group.bare
    The directory of a type with an empty group MUST contain exactly create and devices.

    The vendor driver is responsible for device_api and available_instances. The core does not check
    that they exist.

    Scenario: Type without attributes, until 5.12
      Given a physical device P of the class "toys"
      When P is registered with the types "bare" and no type attributes
      Then "mdev_supported_types/toys-bare" of P contains exactly "create, devices"

  @type-group.attributes @must @driver @basis.kernel @until.5.12
  Rule: type-group.attributes
    The directory of a type MUST contain each attribute of the type's group as a file.

    Scenario: Attributes of a type, until 5.12
      Given a physical device P
      When P is registered with the type attributes "speed, colour"
      Then "speed" of the type is a file
      And "colour" of the type is a file

  @type-group.attribute-show @must @driver @basis.kernel @until.5.12
  Rule: type-group.attribute-show
    Reading a type attribute that lacks a show callback MUST fail with EIO.

    Scenario: Reading an attribute without a show callback, until 5.12
      Given a registered physical device P with the type attribute "speed" without callbacks
      When "speed" of the type is read
      Then the read fails with EIO

  @type-group.attribute-store @must @driver @basis.kernel @until.5.12
  Rule: type-group.attribute-store
    Writing to a type attribute that lacks a store callback MUST fail with EIO.

    Scenario: Writing to an attribute without a store callback, until 5.12
      Given a registered physical device P with the type attribute "speed" without callbacks
      When "1" is written to "speed" of the type
      Then the write fails with EIO

  @type-group.attribute-taken @must @driver @basis.kernel @until.5.12
  Rule: type-group.attribute-taken
    Registering a physical device MUST fail with ENOMEM if an attribute of a type cannot be created.

    The original errno is lost. A name that is already in use also fails with ENOMEM.

    Scenario Outline: Type attribute with a name already in use, until 5.12 [<case>]
      Given a physical device P
      When P is registered with the type attributes "<names>"
      Then the registration fails with ENOMEM

      Examples: taken-type-attributes
        | case                | names   |
        | used by a file      | create  |
        | used by a directory | devices |

  @type-name.driver-string @must @driver @basis.document
  Rule: type-name.driver-string
    The directory name of a type MUST consist of the parent's driver string, a hyphen and the name of
    the type's group.

    The driver string is the name of the driver that the physical device is bound to. For an unbound
    device it is the name of the bus. Without a bus it is the name of the class, and without a class it
    is empty.

    Scenario Outline: Directory name of a type [<case>]
      Given a physical device P <where>
      When P is registered with the types "<group>"
      Then "mdev_supported_types" of P contains exactly "<name>"

      Examples: type-names
        | case                    | where                                          | group  | name        |
        | driver                  | bound to the driver "cards" on the bus "slots" | 1      | cards-1     |
        | bus without driver      | on the bus "slots"                             | 1      | slots-1     |
        | class without bus       | of the class "toys"                            | 1      | toys-1      |
        | no driver, bus or class | without a bus or a class                       | 1      | -1          |
        | hyphens in the group    | of the class "toys"                            | V5-4-q | toys-V5-4-q |
        | spaces in the group     | of the class "toys"                            | a b    | toys-a b    |

  @type-name.slash @must @driver @basis.kernel
  Rule: type-name.slash
    The directory name of a type MUST contain ! in place of each slash in the group's name.

    Scenario: Type name with slashes
      Given a physical device P of the class "toys"
      When P is registered with the types "a/b/c"
      Then "mdev_supported_types" of P contains exactly "toys-a!b!c"

  @type-name.lasting @must @driver @basis.kernel
  Rule: type-name.lasting
    Binding a parent to a driver MUST NOT change the names of its types.

    Scenario: Parent that is bound after registering
      Given a registered physical device P on the bus "slots" with the types "a, b"
      When P is bound to the driver "cards"
      Then "driver" of P is a link
      And "mdev_supported_types" of P contains exactly "slots-a, slots-b"

  @type-name.missing @must @driver @basis.kernel @until.5.12
  Rule: type-name.missing
    Registering a physical device MUST fail with EINVAL if the group of a type lacks a name.

    Scenario: Type without a name, until 5.12
      Given a physical device P
      When P is registered with the types ""
      Then the registration fails with EINVAL

  @type-name.taken @must @driver @basis.kernel
  Rule: type-name.taken
    Registering a physical device with two types of the same name MUST fail with EEXIST.

    Scenario: Two types with the same name
      Given a physical device P
      When P is registered with the types "a, b, a"
      Then the registration fails with EEXIST
      And "mdev_supported_types" of P does not exist

    Scenario: Two type names that differ in a slash
      Given a physical device P
      When P is registered with the types "a/b, a!b"
      Then the registration fails with EEXIST
      And "mdev_supported_types" of P does not exist

  @type-name.per-parent @must @driver @basis.kernel
  Rule: type-name.per-parent
    Registering a physical device MUST succeed even if another parent has types with the same names.

    Scenario: Same type name under two parents
      Given a registered physical device P of the class "toys" with the types "a"
      And a physical device Q of the class "toys"
      When Q is registered with the types "a"
      Then the registration succeeds
      And "mdev_supported_types/toys-a" of P is a directory
      And "mdev_supported_types/toys-a" of Q is a directory
