# Derived from spec/physical-devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: Unregistering

  @unregistration.by-device @must @driver @basis.document
  Rule: unregistration.by-device
    Unregistering a physical device MUST succeed with the device as the only argument.

    Scenario: Unregistering a physical device
      Given a registered physical device P
      When P is unregistered
      Then "mdev_supported_types" of P does not exist
      And "{P}" of the mdev_bus class does not exist

  @unregistration.complete @must @driver @basis.kernel
  Rule: unregistration.complete
    Unregistering a physical device MUST undo every change that registering it made.

    Scenario: Entries before and after
      Given a physical device P
      And the entries of P are noted
      When P is registered
      And P is unregistered
      Then nothing else changed
      And the entries of P are as noted

  @unregistration.device-stays @must @driver @basis.kernel
  Rule: unregistration.device-stays
    Unregistering a physical device MUST NOT remove the device or its other attributes.

    Scenario: Physical device after unregistering
      Given a registered physical device P
      When P is unregistered
      Then "uevent" of P is a file

  @unregistration.unknown @must @driver @basis.kernel @until.5.12
  Rule: unregistration.unknown
    Unregistering a physical device that is not registered MUST NOT change anything.

    Scenario: Physical device that was never registered
      Given a registered physical device Q
      And a physical device P
      And the entries of P are noted
      When P is unregistered
      Then nothing else changed
      And the entries of P are as noted

    Scenario: Physical device that is already unregistered
      Given a registered physical device Q
      And a registered physical device P
      When P is unregistered
      And P is unregistered
      Then "mdev_supported_types" of Q is a directory
      And "{Q}" of the mdev_bus class points to Q
      And "uevent" of P is a file

  @unregistration.again @must @driver @basis.kernel
  Rule: unregistration.again
    Registering a physical device again MUST succeed after it has been unregistered.

    Scenario: Registering a physical device again
      Given a registered physical device P
      And a mediated device A of the type
      When P is unregistered
      And P is registered
      Then the registration succeeds
      And "{P}" of the mdev_bus class points to P
      And A does not exist

  @unregistration.devices @must @driver @basis.kernel
  Rule: unregistration.devices
    Unregistering a physical device MUST call its vendor driver's remove once for each of its mediated
    devices.

    Scenario: Two mediated devices of different types
      Given a registered physical device P
      And a mediated device A of the first type
      And a mediated device B of the second type
      When P is unregistered
      Then remove of P was called once for A
      And remove of P was called once for B
      And A does not exist
      And B does not exist

  @unregistration.refusal @must @driver @basis.kernel @since.5.2 @until.5.12
  Rule: unregistration.refusal
    Unregistering a physical device MUST remove all its mediated devices even if the vendor driver's
    remove fails.

    Scenario: Vendor driver that refuses to remove, from 5.2 to 5.12
      Given a registered physical device P
      And a mediated device A of the type
      And a mediated device B of the type
      And remove of P fails with EBUSY
      When P is unregistered
      Then A does not exist
      And B does not exist
      And "mdev_supported_types" of P does not exist

  @unregistration.other-parents @must @driver @basis.kernel
  Rule: unregistration.other-parents
    Unregistering a physical device MUST NOT call a callback of another parent.

    Scenario: Mediated device of another parent
      Given a registered physical device P
      And a registered physical device Q
      And a mediated device A of P
      And a mediated device B of Q
      When P is unregistered
      Then remove of P was called once for A
      And remove of Q was not called
      And B exists

  @unregistration.other-children @must @driver @basis.kernel
  Rule: unregistration.other-children
    Unregistering a physical device MUST NOT change its child devices that are not mediated devices.

    Scenario: Child that is not a mediated device
      Given a registered physical device P
      And a child device "port0" of P that is not a mediated device
      And a mediated device A of the type
      When P is unregistered
      Then A does not exist
      And "port0" of P is a directory

  @unregistration.link-first @must @driver @basis.kernel
  Rule: unregistration.link-first
    Unregistering a physical device MUST remove its link in class/mdev_bus before its first mediated
    device.

    Scenario: Class link while a device is being removed
      Given a registered physical device P
      And a mediated device A of the type
      And remove of P blocks
      When unregistration of P begins
      And a caller is blocked in remove of P
      Then "{P}" of the mdev_bus class does not exist
      When remove of P continues
      Then the unregistration returns successfully

  @unregistration.types-after-devices @must @driver @basis.kernel
  Rule: unregistration.types-after-devices
    Unregistering a physical device MUST keep its types until every mediated device has been removed.

    Scenario: Types while a device is being removed
      Given a registered physical device P
      And a mediated device A of the first type
      And remove of P blocks
      When unregistration of P begins
      And a caller is blocked in remove of P
      Then "mdev_supported_types/{type}/create" of P is a file
      When remove of P continues
      Then the unregistration returns successfully
      And "mdev_supported_types" of P does not exist

  @unregistration.attributes-after-devices @must @driver @basis.kernel @until.5.12
  Rule: unregistration.attributes-after-devices
    Unregistering a physical device MUST keep its dev_attr_groups attributes until every mediated device
    has been removed.

    Scenario: Parent attributes while a device is being removed, until 5.12
      Given a registered physical device P with the parent attributes "serial"
      And a mediated device A of the type
      And remove of P blocks
      When unregistration of P begins
      And a caller is blocked in remove of P
      Then "serial" of P is a file
      When remove of P continues
      Then the unregistration returns successfully
      And "serial" of P does not exist

  @unregistration.remove-refused @must @driver @basis.kernel @since.5.2
  Rule: unregistration.remove-refused
    Writing 1 to remove of a mediated device MUST fail with ENODEV while its parent is being
    unregistered.

    Scenario: Removing a device while its parent is being unregistered, from 5.2 on
      Given a registered physical device P
      And a mediated device A of the type
      And a mediated device B of the type
      And remove of P blocks
      When unregistration of P begins
      And a caller is blocked in remove of P
      And a second writer starts to write "1" to "remove" of B
      Then the second writer fails with ENODEV without blocking
      When remove of P continues
      Then the unregistration returns successfully
      And remove of P was called once for B

  @unregistration.waits-for-create @must @driver @basis.kernel @since.5.2
  Rule: unregistration.waits-for-create
    Unregistering a physical device MUST block until a running create of its vendor driver has returned.

    Scenario: Unregistering a parent during create, from 5.2 on
      Given a registered physical device P
      And create of P blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And a caller is blocked in create of P
      And unregistration of P begins
      Then the unregistration is blocked
      When create of P continues
      Then the writer returns successfully
      And the unregistration returns successfully
      And the callbacks for the mediated device "{uuid}" were "create of P, remove of P"

  @unregistration.register-waits @must @driver @basis.kernel @until.5.1
  Rule: unregistration.register-waits
    Registering a physical device MUST block while another one is being unregistered.

    Scenario: Registering a parent while another one is being unregistered, until 5.1
      Given a registered physical device P
      And a mediated device A of the type
      And a physical device Q
      And remove of P blocks
      When unregistration of P begins
      And a caller is blocked in remove of P
      And registration of Q begins
      Then the registration is blocked
      When remove of P continues
      Then the unregistration returns successfully
      And the registration returns successfully

  @unregistration.register-goes-on @must @driver @basis.kernel @since.5.2
  Rule: unregistration.register-goes-on
    Registering a physical device MUST NOT block while another one is being unregistered.

    Scenario: Registering a parent while another one is being unregistered, from 5.2 on
      Given a registered physical device P
      And a mediated device A of the type
      And a physical device Q
      And remove of P blocks
      When unregistration of P begins
      And a caller is blocked in remove of P
      And registration of Q begins
      Then the registration succeeds without blocking
      When remove of P continues
      Then the unregistration returns successfully
