# Derived from spec/types.rst by `mdevref derive`; edit the spec, not this file.
Feature: available_instances

  @types.instances-number @must @management @basis.document
  Rule: types.instances-number
    What available_instances shows MUST be a whole number in decimal digits.

    Scenario: The text of available_instances
      Given a type with an instance available
      When "available_instances" of the type is read
      Then the text is a whole number

  @types.instances-can-be-created @must @management @basis.document
  Rule: types.instances-can-be-created
    As many devices of a type as available_instances shows MUST be possible to create, one after the
    other.

    Scenario: Creating as many devices as there are instances
      Given the type with the fewest instances available
      When a device is created for every available instance of the type
      Then every write succeeded

  @types.instances-fall @must @management @basis.document
  Rule: types.instances-fall
    Creating a device of a type MUST lower the available_instances of that type.

    Scenario: One device more, and fewer instances
      Given a type with an instance available
      And the available instances of the type are noted
      When "{uuid}" is written to "create" of the type
      Then fewer instances of the type are available than were noted

  @types.instances-zero @must @management @basis.document
  Rule: types.instances-zero
    When as many devices were created as available_instances showed, and none was removed, it MUST show
    0.

    Scenario: No instance left
      Given the type with the fewest instances available
      When a device is created for every available instance of the type
      And "available_instances" of the type is read
      Then the text is "0\n"

  @types.instances-come-back @must @management @basis.kernel
  Rule: types.instances-come-back
    Once a device is removed, available_instances of its type MUST be what it was before the device was
    created.

    Scenario: One device less, and the instances of before
      Given a type with an instance available
      And the available instances of the type are noted
      And a mediated device A of the type
      When A is removed
      Then as many instances of the type are available as were noted

  @types.instances-after-refusal @must @management @basis.kernel
  Rule: types.instances-after-refusal
    A write to create that fails MUST NOT change available_instances.

    Scenario: Instances after a malformed UUID
      Given a type with an instance available
      And the available instances of the type are noted
      When "no UUID" is written to "create" of the type
      Then the write fails with EINVAL
      And as many instances of the type are available as were noted

    Scenario: Instances after a UUID that is taken
      Given a type with at least two instances available
      And a mediated device A of the type
      And the available instances of the type are noted
      When the UUID of A is written to "create" of the type
      Then the write fails with EEXIST
      And as many instances of the type are available as were noted

  @types.instances-not-negative @must @management @basis.kernel @since.6.1
  Rule: types.instances-not-negative
    What available_instances shows MUST NOT be less than 0.

    Until 5.12 it is the vendor driver that counts. A client has to be prepared for -1 where more
    devices were created than the number promised.

    Scenario: One creation more than there are instances, from 6.1 on
      Given the type with the fewest instances available
      When a device is created for every available instance of the type
      And "{uuid}" is written to "create" of the type
      And "available_instances" of the type is read
      Then the text is a whole number, 0 or more
