# Derived from spec/types.rst by `mdevref derive`; edit the spec, not this file.
Feature: The attribute available_instances

  @types.instances-number @must @management @basis.document
  Rule: types.instances-number
    The text of available_instances MUST be a whole number in decimal digits.

    Scenario: The text of available_instances
      Given a type with an instance available
      When "available_instances" of the type is read
      Then the text is an integer

  @types.instances-can-be-created @must @management @basis.document
  Rule: types.instances-can-be-created
    Creating as many devices of a type as available_instances shows, one after the other, MUST succeed.

    Scenario: Create a device for every available instance
      Given the type with the fewest instances available
      When a device is created for every available instance of the type
      Then every write succeeds

  @types.instances-fall @must @management @basis.document
  Rule: types.instances-fall
    Creating a device of a type MUST lower available_instances of that type.

    Scenario: available_instances after a creation
      Given a type with an instance available
      And "available_instances" of the type is noted
      When "{uuid}" is written to "create" of the type
      Then "available_instances" of the type is lower than noted

  @types.instances-zero @must @management @basis.document
  Rule: types.instances-zero
    available_instances MUST show 0 after a device has been created for every instance that it showed.

    This holds as long as none of these devices has been removed.

    Scenario: available_instances of an exhausted type
      Given the type with the fewest instances available
      When a device is created for every available instance of the type
      And "available_instances" of the type is read
      Then the text is "0\n"

  @types.instances-come-back @must @management @basis.kernel
  Rule: types.instances-come-back
    Removing a device MUST restore available_instances of its type to the value before the device was
    created.

    Scenario: available_instances after a removal
      Given a type with an instance available
      And "available_instances" of the type is noted
      And a mediated device A of the type
      When A is removed
      Then "available_instances" of the type is as noted

  @types.instances-after-refusal @must @management @basis.kernel
  Rule: types.instances-after-refusal
    A write to create that fails MUST NOT change available_instances.

    Scenario: available_instances after a malformed UUID
      Given a type with an instance available
      And "available_instances" of the type is noted
      When "no UUID" is written to "create" of the type
      Then the write fails with EINVAL
      And "available_instances" of the type is as noted

    Scenario: available_instances after a duplicate UUID
      Given a type with at least two instances available
      And a mediated device A of the type
      And "available_instances" of the type is noted
      When the UUID of A is written to "create" of the type
      Then the write fails with EEXIST
      And "available_instances" of the type is as noted

  @types.instances-not-negative @must @management @basis.kernel @since.6.1
  Rule: types.instances-not-negative
    available_instances MUST NOT show a number below 0.

    Until 5.12 the vendor driver counts the instances. There, clients have to expect -1 if more devices
    were created than the number promised.

    Scenario: One creation more than there are instances, from 6.1 on
      Given the type with the fewest instances available
      When a device is created for every available instance of the type
      And "{uuid}" is written to "create" of the type
      And "available_instances" of the type is read
      Then the text is a non-negative integer
