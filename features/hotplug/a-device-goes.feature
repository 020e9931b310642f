# Derived from spec/hotplug.rst by `mdevref derive`; edit the spec, not this file.
Feature: A device goes

  @hotplug.remove @must @management @basis.kernel
  Rule: hotplug.remove
    Removing a mediated device MUST send one uevent remove of the device.

    Scenario: The uevent of a device that goes
      Given a mediated device A
      When A is removed
      Then one uevent "remove" of A was sent

  @hotplug.remove-last @must @management @basis.kernel
  Rule: hotplug.remove-last
    After the uevent remove of a mediated device there MUST NOT be another one of that device.

    Scenario: The last uevent of a device
      Given a mediated device A
      When A is removed
      Then the last uevent of A is "remove"

  @hotplug.unbind @must @management @basis.kernel @since.4.14
  Rule: hotplug.unbind
    When a mediated device that is bound to a driver is removed, there MUST be a uevent unbind before
    remove.

    Scenario: The uevents of a device from first to last, from 4.14 on
      Given a type with an instance available
      When a mediated device A of the type is created
      And A is removed
      Then the uevents of A were "add, bind, unbind, remove"

  @hotplug.zero-silent @must @management @basis.kernel
  Rule: hotplug.zero-silent
    A write to remove that removes nothing MUST NOT send a uevent.

    Scenario Outline: The uevents of a write that removes nothing [<case>]
      Given a mediated device A
      And the uevents so far are passed over
      When "<written>" is written to "remove" of A
      Then no uevent was sent

      Examples: idle-removals
        | case    | written |
        | zero    | 0       |
        | nothing |         |
        | a word  | yes     |

  @hotplug.unload @must @management @basis.kernel
  Rule: hotplug.unload
    When a parent is unregistered, there MUST be one uevent remove of each of its mediated devices.

    Scenario: The uevents of devices that go with their parent
      Given a parent whose vendor driver can be unloaded
      And a mediated device A
      And a mediated device B
      When the vendor driver of the parent is unloaded
      Then one uevent "remove" of A was sent
      And one uevent "remove" of B was sent
