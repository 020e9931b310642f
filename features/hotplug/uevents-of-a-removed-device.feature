# Derived from spec/hotplug.rst by `mdevref derive`; edit the spec, not this file.
Feature: Uevents of a removed device

  @hotplug.remove @must @management @basis.kernel
  Rule: hotplug.remove
    Removing a mediated device MUST send one uevent remove for that device.

    Scenario: Uevent remove of a device
      Given a mediated device A
      When A is removed
      Then one uevent "remove" of A was sent

  @hotplug.remove-last @must @management @basis.kernel
  Rule: hotplug.remove-last
    The uevent remove of a mediated device MUST be the last uevent of that device.

    Scenario: Last uevent of a device
      Given a mediated device A
      When A is removed
      Then the last uevent of A is "remove"

  @hotplug.unbind @must @management @basis.kernel @since.4.14
  Rule: hotplug.unbind
    Removing a bound mediated device MUST send a uevent unbind before the uevent remove.

    Scenario: Uevents of a device from creation to removal, from 4.14 on
      Given a type with an instance available
      When a mediated device A of the type is created
      And A is removed
      Then the uevents of A were "add, bind, unbind, remove"

  @hotplug.zero-silent @must @management @basis.kernel
  Rule: hotplug.zero-silent
    A write to remove that does not remove the device MUST NOT send a uevent.

    Scenario Outline: Uevents of a write that does not remove the device [<case>]
      Given a mediated device A
      And the uevents so far are discarded
      When "<written>" is written to "remove" of A
      Then no uevent was sent

      Examples: idle-removals
        | case        | written |
        | zero        | 0       |
        | empty write |         |
        | word        | yes     |

  @hotplug.unload @must @management @basis.kernel
  Rule: hotplug.unload
    Unregistering a parent MUST send one uevent remove for each of its mediated devices.

    Scenario: Uevents of the devices of an unregistered parent
      Given a parent whose vendor driver can be unloaded
      And a mediated device A
      And a mediated device B
      When the vendor driver of the parent is unloaded
      Then one uevent "remove" of A was sent
      And one uevent "remove" of B was sent
