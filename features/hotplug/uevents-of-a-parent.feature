# Derived from spec/hotplug.rst by `mdevref derive`; edit the spec, not this file.
Feature: Uevents of a parent

  @hotplug.parent-registered @must @management @basis.kernel @since.5.3
  Rule: hotplug.parent-registered
    Registering a parent MUST send a uevent change of the parent with MDEV_STATE=registered.

    On this uevent, management tools create the devices that are configured to start automatically.

    Scenario: Uevent of a registered parent, from 5.3 on
      Given a parent whose vendor driver can be unloaded
      When the vendor driver of the parent is unloaded
      And the uevents so far are discarded
      And the vendor driver of the parent is loaded again
      Then one uevent "change" of the parent was sent, with MDEV_STATE "registered"

  @hotplug.parent-unregistered @must @management @basis.kernel @since.5.3
  Rule: hotplug.parent-unregistered
    Unregistering a parent MUST send its uevent change with MDEV_STATE=unregistered after the uevents of
    its mediated devices.

    Scenario: Uevent of an unregistered parent, from 5.3 on
      Given a parent whose vendor driver can be unloaded
      And a mediated device A
      When the vendor driver of the parent is unloaded
      Then one uevent "change" of the parent was sent, with MDEV_STATE "unregistered"
      And the uevent "change" of the parent came after the uevent "remove" of A

  @hotplug.parent-silent @must @management @basis.kernel @until.5.2
  Rule: hotplug.parent-silent
    Registering or unregistering a parent MUST NOT send a uevent change.

    Scenario: Uevents of a parent, until 5.2
      Given a parent whose vendor driver can be unloaded
      When the vendor driver of the parent is unloaded
      And the vendor driver of the parent is loaded again
      Then no uevent "change" of the parent was sent
