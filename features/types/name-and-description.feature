# Derived from spec/types.rst by `mdevref derive`; edit the spec, not this file.
Feature: name and description

  @types.name-optional @may @management @basis.document
  Rule: types.name-optional
    A vendor driver MAY leave out name; devices of the type can be created all the same.

    Scenario: A type whose vendor driver gives it no name
      Given the scripted vendor driver without "name"
      When "{uuid}" is written to "create" of the type
      Then the write succeeds
      And a mediated device "{uuid}" exists

  @types.name-absent @must @management @basis.kernel @until.5.12
  Rule: types.name-absent
    A type whose vendor driver leaves out name MUST NOT have a file of that name.

    Scenario: The missing file of a missing name, until 5.12
      Given the scripted vendor driver without "name"
      Then the type has no "name"

  @types.name-from-id @must @management @basis.kernel @since.6.1
  Rule: types.name-from-id
    A type whose vendor driver leaves out name MUST show there the part of its id that follows the
    driver string.

    Scenario: The text of a missing name, from 6.1 on
      Given the scripted vendor driver without "name"
      When "name" of the type is read
      Then the text is the id of the type without its first part

  @types.name-text @should @management @basis.document
  Rule: types.name-text
    What name shows SHOULD be a name that people can read, on one line.

    Scenario: The text of a name
      Given a type that has "name"
      When "name" of the type is read
      Then the text is one line of printable characters

  @types.description-optional @may @management @basis.document
  Rule: types.description-optional
    A vendor driver MAY leave out description; devices of the type can be created all the same.

    Scenario: A type whose vendor driver gives it no description
      Given the scripted vendor driver without "description"
      When "{uuid}" is written to "create" of the type
      Then the write succeeds
      And a mediated device "{uuid}" exists

  @types.description-absent @must @management @basis.kernel
  Rule: types.description-absent
    A type whose vendor driver leaves out description MUST NOT have a file of that name.

    Scenario: The missing file of a missing description
      Given the scripted vendor driver without "description"
      Then the type has no "description"

  @types.description-text @should @management @basis.document
  Rule: types.description-text
    What description shows SHOULD tell in short what devices of the type can do.

    It may take several lines: that of a graphics card tells memory, heads and resolution one below the
    other.

    Scenario: The text of a description
      Given a type that has "description"
      When "description" of the type is read
      Then the text is not empty

  @types.description-mode @must @management @basis.kernel
  Rule: types.description-mode
    The mode of description, where there is one, MUST be 0444.

    Scenario: The mode of a description
      Given a type that has "description"
      Then "description" of the type has mode 0444
