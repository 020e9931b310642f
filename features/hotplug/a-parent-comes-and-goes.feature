# Derived from spec/hotplug.rst by `mdevref derive`; edit the spec, not this file.
Feature: A parent comes and goes

  @hotplug.parent-registered @must @management @basis.kernel @since.5.3
  Rule: hotplug.parent-registered
    When a parent has been registered, there MUST be a uevent change of it with MDEV_STATE=registered.

    Management tools create devices that are to be there always when this uevent comes.

    Scenario: The uevent of a parent that comes, from 5.3 on
      Given a parent whose vendor driver can be unloaded
      When the vendor driver of the parent is unloaded
      And the uevents so far are passed over
      And the vendor driver of the parent is loaded again
      Then one uevent "change" of the parent was sent, with MDEV_STATE "registered"

  @hotplug.parent-unregistered @must @management @basis.kernel @since.5.3
  Rule: hotplug.parent-unregistered
    When a parent has been unregistered, there MUST be a uevent change of it with
    MDEV_STATE=unregistered, after those of its mediated devices.

    Scenario: The uevent of a parent that goes, from 5.3 on
      Given a parent whose vendor driver can be unloaded
      And a mediated device A
      When the vendor driver of the parent is unloaded
      Then one uevent "change" of the parent was sent, with MDEV_STATE "unregistered"
      And the uevent "change" of the parent came after the uevent "remove" of A

  @hotplug.parent-silent @must @management @basis.kernel @until.5.2
  Rule: hotplug.parent-silent
    There MUST NOT be a uevent change when a parent is registered or unregistered.

    Scenario: The uevents of a parent, until 5.2
      Given a parent whose vendor driver can be unloaded
      When the vendor driver of the parent is unloaded
      And the vendor driver of the parent is loaded again
      Then no uevent "change" of the parent was sent
