# Derived from spec/hotplug.rst by `mdevref derive`; edit the spec, not this file.
Feature: A creation that fails

  @hotplug.refused-input-silent @must @management @basis.kernel
  Rule: hotplug.refused-input-silent
    A write to create that the core refuses MUST NOT send a uevent.

    Scenario Outline: The uevents of a write that the core refuses [<case>]
      Given two types with an instance available
      And a mediated device A of the first type
      And the uevents so far are passed over
      When "<written>" is written to "create" of the second type
      Then the write fails with <errno>
      And no uevent was sent

      Examples: silent-refusals
        | case                 | written    | errno  |
        | a word               | mtty       | EINVAL |
        | too long             | {uuid}\r\n | EINVAL |
        | a UUID that is taken | {A}        | EEXIST |

  @hotplug.refused-in-pairs @must @management @basis.kernel
  Rule: hotplug.refused-in-pairs
    When a creation fails, each uevent add that it has sent MUST be followed by a uevent remove.

    Scenario: The uevents of one device too many
      Given the type with the fewest instances available
      When a device is created for every available instance of the type
      And "{uuid}" is written to "create" of the type
      Then the write fails
      And each uevent "add" of the mediated device "{uuid}" was followed by "remove"

  @hotplug.vendor-refusal-seen @must @management @basis.kernel @until.5.1
  Rule: hotplug.vendor-refusal-seen
    When a vendor driver refuses to create a mediated device, there MUST be the uevents add and remove
    of it.

    Scenario: The uevents of a device that its vendor driver refuses, until 5.1
      Given the scripted vendor driver
      And the vendor driver refuses to create with ENOSPC
      When "{uuid}" is written to "create" of the type
      Then the write fails with ENOSPC
      And the uevents of the mediated device "{uuid}" were "add, remove"

  @hotplug.vendor-refusal-silent @must @management @basis.kernel @since.5.2 @until.5.12
  Rule: hotplug.vendor-refusal-silent
    When a vendor driver refuses to create a mediated device, there MUST NOT be a uevent.

    Scenario: The uevents of a device that its vendor driver refuses, from 5.2 to 5.12
      Given the scripted vendor driver
      And the vendor driver refuses to create with ENOSPC
      And the uevents so far are passed over
      When "{uuid}" is written to "create" of the type
      Then the write fails with ENOSPC
      And no uevent was sent
