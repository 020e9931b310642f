# Derived from spec/parents.rst by `mdevref derive`; edit the spec, not this file.
Feature: Unloading a vendor driver

  @parents.unload-class-link @must @management @basis.document
  Rule: parents.unload-class-link
    A device that is no longer registered MUST NOT have a link in class/mdev_bus.

    Scenario: The link of a parent that was unregistered
      Given a parent whose vendor driver can be unloaded
      When the vendor driver of the parent is unloaded
      Then the mdev_bus class has no "{parent}"

  @parents.unload-types @must @management @basis.kernel
  Rule: parents.unload-types
    A device that is no longer registered MUST NOT have a directory mdev_supported_types.

    Scenario: The types of a parent that was unregistered
      Given a parent whose vendor driver can be unloaded
      When the vendor driver of the parent is unloaded
      Then the parent has no "mdev_supported_types"

  @parents.unload-devices @must @management @basis.kernel
  Rule: parents.unload-devices
    When a parent is unregistered, each of its mediated devices MUST be removed.

    Scenario: Devices of a parent that is unregistered
      Given a parent whose vendor driver can be unloaded
      And a mediated device A
      And a mediated device B
      When the vendor driver of the parent is unloaded
      Then A does not exist
      And B does not exist

  @parents.unload-others @must @management @basis.kernel
  Rule: parents.unload-others
    When a parent is unregistered, the mediated devices of other parents MUST stay as they are.

    Scenario: Devices of other parents when one is unregistered
      Given a parent whose vendor driver can be unloaded
      And a mediated device A of another parent
      When the vendor driver of the parent is unloaded
      Then A exists
      And "remove" of A is a file
      And "driver" of A is a link

  @parents.unload-despite-refusal @must @management @basis.kernel @until.5.12
  Rule: parents.unload-despite-refusal
    When a parent is unregistered, its mediated devices MUST be removed, even if its vendor driver
    refuses.

    A vendor driver that unregisters its parent is about to go: nobody would be left to serve the
    device.

    Scenario: A vendor driver that refuses to remove, and is unloaded, until 5.12
      Given the scripted vendor driver
      And a mediated device A
      And the vendor driver refuses to remove with EBUSY
      When the vendor driver of the parent is unloaded
      Then A does not exist

  @parents.unload-in-use-waits @must @management @basis.kernel @until.5.12
  Rule: parents.unload-in-use-waits
    Unloading a vendor driver that does not hold its own module MUST wait until none of its mediated
    devices is in use.

    A driver that holds its module while a device is open, as two of the kernel's samples do, cannot be
    unloaded meanwhile at all: the attempt fails with EAGAIN.

    Scenario: Unloading a vendor driver whose device is in use, until 5.12
      Given the scripted vendor driver
      And a mediated device A
      And a user holds A open
      When unloading the vendor driver of the parent begins
      Then the unloading waits
      When the user closes A
      Then the unloading ends and has succeeded
      And A does not exist

  @parents.unload-in-use-refused @must @management @basis.kernel @since.6.1
  Rule: parents.unload-in-use-refused
    Unloading a vendor driver MUST fail with EAGAIN while one of its mediated devices is in use.

    Scenario: Unloading a vendor driver whose device is in use, from 6.1 on
      Given a parent whose vendor driver can be unloaded
      And a mediated device A
      And a user holds A open
      When unloading the vendor driver of the parent begins
      Then the unloading ends at once and has failed with EAGAIN
      And A exists
      And nothing else changed

  @parents.unload-ends-creating @must @management @basis.kernel @since.5.2
  Rule: parents.unload-ends-creating
    A write to create MUST fail with ENODEV while the parent is being unregistered.

    Scenario: Creating while the parent is being unregistered
      Given the scripted vendor driver
      And a mediated device A
      And "create" of the type is open for writing
      And the vendor driver stops inside remove
      When unloading the vendor driver of the parent begins
      Then the unloading waits
      When a second writer starts to write "{uuid}" to the open file
      Then the second writer ends at once and has failed with ENODEV
      And no mediated device "{uuid}" exists
