# Derived from spec/hotplug.rst by `mdevref derive`; edit the spec, not this file.
Feature: Uevents of a failed creation

  @hotplug.refused-input-silent @must @management @basis.kernel
  Rule: hotplug.refused-input-silent
    A write to create that the core rejects MUST NOT send a uevent.

    Scenario Outline: Uevents of a rejected write [<case>]
      Given two types with an instance available
      And a mediated device A of the first type
      And the uevents so far are discarded
      When "<written>" is written to "create" of the second type
      Then the write fails with <errno>
      And no uevent was sent

      Examples: silent-refusals
        | case           | written    | errno  |
        | word           | mtty       | EINVAL |
        | too long       | {uuid}\r\n | EINVAL |
        | duplicate UUID | {A}        | EEXIST |

  @hotplug.refused-in-pairs @must @management @basis.kernel
  Rule: hotplug.refused-in-pairs
    Each uevent add that a failed creation has sent MUST be followed by a uevent remove.

    Scenario: Uevents of one creation more than there are instances
      Given the type with the fewest instances available
      When a device is created for every available instance of the type
      And "{uuid}" is written to "create" of the type
      Then the write fails
      And each uevent "add" of the mediated device "{uuid}" was followed by "remove"

  @hotplug.vendor-refusal-seen @must @management @basis.kernel @until.5.1
  Rule: hotplug.vendor-refusal-seen
    A creation that the vendor driver refuses MUST send the uevents add and remove of the device.

    Scenario: Uevents of a refused creation, until 5.1
      Given the scripted vendor driver
      And create of the vendor driver fails with ENOSPC
      When "{uuid}" is written to "create" of the type
      Then the write fails with ENOSPC
      And the uevents of the mediated device "{uuid}" were "add, remove"

  @hotplug.vendor-refusal-silent @must @management @basis.kernel @since.5.2 @until.5.12
  Rule: hotplug.vendor-refusal-silent
    A creation that the vendor driver refuses MUST NOT send a uevent.

    Scenario: Uevents of a refused creation, from 5.2 to 5.12
      Given the scripted vendor driver
      And create of the vendor driver fails with ENOSPC
      And the uevents so far are discarded
      When "{uuid}" is written to "create" of the type
      Then the write fails with ENOSPC
      And no uevent was sent
