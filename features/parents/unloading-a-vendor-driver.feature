# Derived from spec/parents.rst by `mdevref derive`; edit the spec, not this file.
Feature: Unloading a vendor driver

  @parents.unload-class-link @must @management @basis.document
  Rule: parents.unload-class-link
    The core MUST remove the link of a parent from class/mdev_bus when the parent is unregistered.

    Scenario: Link of an unregistered parent
      Given a parent whose vendor driver can be unloaded
      When the vendor driver of the parent is unloaded
      Then "{parent}" of the mdev_bus class does not exist

  @parents.unload-types @must @management @basis.kernel
  Rule: parents.unload-types
    The core MUST remove the directory mdev_supported_types of a parent when the parent is unregistered.

    Scenario: Types of an unregistered parent
      Given a parent whose vendor driver can be unloaded
      When the vendor driver of the parent is unloaded
      Then "mdev_supported_types" of the parent does not exist

  @parents.unload-devices @must @management @basis.kernel
  Rule: parents.unload-devices
    Unregistering a parent MUST remove each of its mediated devices.

    Scenario: Devices of an unregistered parent
      Given a parent whose vendor driver can be unloaded
      And a mediated device A
      And a mediated device B
      When the vendor driver of the parent is unloaded
      Then A does not exist
      And B does not exist

  @parents.unload-others @must @management @basis.kernel
  Rule: parents.unload-others
    Unregistering a parent MUST NOT change the mediated devices of other parents.

    Scenario: Device of another parent
      Given a parent whose vendor driver can be unloaded
      And a mediated device A of another parent
      When the vendor driver of the parent is unloaded
      Then A exists
      And "remove" of A is a file
      And "driver" of A is a link

  @parents.unload-despite-refusal @must @management @basis.kernel @until.5.12
  Rule: parents.unload-despite-refusal
    Unregistering a parent MUST remove its mediated devices even if the vendor driver refuses.

    A vendor driver that unregisters its parent is about to be unloaded. After that, no driver could
    serve the device.

    Scenario: Unload while the vendor driver refuses removal, until 5.12
      Given the scripted vendor driver
      And a mediated device A
      And remove of the vendor driver fails with EBUSY
      When the vendor driver of the parent is unloaded
      Then A does not exist

  @parents.unload-in-use-waits @must @management @basis.kernel @until.5.12
  Rule: parents.unload-in-use-waits
    Unloading a vendor driver that does not hold its own module MUST block while one of its mediated
    devices is in use.

    A vendor driver that holds its module while a device is open cannot be unloaded during that time.
    The attempt fails with EAGAIN. Two of the kernel's sample drivers hold their module in this way.

    Scenario: Unload while a device is in use, until 5.12
      Given the scripted vendor driver
      And a mediated device A
      And a user holds A open
      When unloading of the vendor driver of the parent begins
      Then the unloading is blocked
      When the user closes A
      Then the unloading returns successfully
      And A does not exist

  @parents.unload-in-use-refused @must @management @basis.kernel @since.6.1
  Rule: parents.unload-in-use-refused
    Unloading a vendor driver MUST fail with EAGAIN while one of its mediated devices is in use.

    Scenario: Unload while a device is in use, from 6.1 on
      Given a parent whose vendor driver can be unloaded
      And a mediated device A
      And a user holds A open
      When unloading of the vendor driver of the parent begins
      Then the unloading fails with EAGAIN without blocking
      And A exists
      And nothing else changed

  @parents.unload-ends-creating @must @management @basis.kernel @since.5.2
  Rule: parents.unload-ends-creating
    A write to create MUST fail with ENODEV while the parent is being unregistered.

    Scenario: Create while the parent is being unregistered
      Given the scripted vendor driver
      And a mediated device A
      And "create" of the type is open for writing
      And remove of the vendor driver blocks
      When unloading of the vendor driver of the parent begins
      Then the unloading is blocked
      When a second writer starts to write "{uuid}" to the open file
      Then the second writer fails with ENODEV without blocking
      And no mediated device "{uuid}" exists
