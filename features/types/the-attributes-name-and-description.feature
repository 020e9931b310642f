# Derived from spec/types.rst by `mdevref derive`; edit the spec, not this file.
Feature: The attributes name and description

  @types.name-optional @may @management @basis.document
  Rule: types.name-optional
    A vendor driver MAY omit the name of a type.

    Devices of such a type can still be created.

    Scenario: Create a device of a type without a name
      Given the scripted vendor driver without "name"
      When "{uuid}" is written to "create" of the type
      Then the write succeeds
      And a mediated device "{uuid}" exists

  @types.name-absent @must @management @basis.kernel @until.5.12
  Rule: types.name-absent
    A type whose vendor driver omits name MUST NOT contain a file of that name.

    Scenario: The file name when the vendor driver omits it, until 5.12
      Given the scripted vendor driver without "name"
      Then "name" of the type does not exist

  @types.name-from-id @must @management @basis.kernel @since.6.1
  Rule: types.name-from-id
    A read of name MUST return the type id without driver string and hyphen if the vendor driver omits
    name.

    Scenario: The text of name when the vendor driver omits it, from 6.1 on
      Given the scripted vendor driver without "name"
      When "name" of the type is read
      Then the text is the id of the type without the driver string and the hyphen

  @types.name-text @should @management @basis.document
  Rule: types.name-text
    The text of name SHOULD be one human-readable line.

    Scenario: The text of name
      Given a type that has "name"
      When "name" of the type is read
      Then the text is one line of printable characters

  @types.description-optional @may @management @basis.document
  Rule: types.description-optional
    A vendor driver MAY omit the description of a type.

    Devices of such a type can still be created.

    Scenario: Create a device of a type without a description
      Given the scripted vendor driver without "description"
      When "{uuid}" is written to "create" of the type
      Then the write succeeds
      And a mediated device "{uuid}" exists

  @types.description-absent @must @management @basis.kernel
  Rule: types.description-absent
    A type whose vendor driver omits description MUST NOT contain a file of that name.

    Scenario: The file description when the vendor driver omits it
      Given the scripted vendor driver without "description"
      Then "description" of the type does not exist

  @types.description-text @should @management @basis.document
  Rule: types.description-text
    The text of description SHOULD briefly state what devices of the type can do.

    The text may have several lines. The description of a graphics card lists memory, heads and
    resolution on separate lines.

    Scenario: The text of description
      Given a type that has "description"
      When "description" of the type is read
      Then the text is not empty

  @types.description-mode @must @management @basis.kernel
  Rule: types.description-mode
    The file description of a type, if present, MUST have mode 0444.

    Scenario: The mode of description
      Given a type that has "description"
      Then "description" of the type has mode 0444
