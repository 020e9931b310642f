# Derived from spec/hotplug.rst by `mdevref derive`; edit the spec, not this file.
Feature: Uevents on request

  @hotplug.on-request @must @management @basis.kernel
  Rule: hotplug.on-request
    Writing change or add to uevent of a mediated device MUST send a uevent of that action for the
    device.

    udevadm trigger does this for each device when a machine starts.

    Scenario Outline: Uevent on request [<case>]
      Given a mediated device A
      And the uevents so far are discarded
      When "<action>" is written to "uevent" of A
      Then the write succeeds
      And one uevent "<action>" of A was sent

      Examples: requested-uevents
        | case   | action |
        | change | change |
        | add    | add    |
