# Derived from spec/bus-drivers.rst by `mdevref derive`; edit the spec, not this file.
Feature: Binding

  @bus-driver.probe-new @must @driver @basis.document
  Rule: bus-driver.probe-new
    When a mediated device is created, probe of a bus driver MUST be called for it.

    Scenario: probe for a new device
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      When "{uuid}" is written to "create" of the type
      Then the write succeeds
      And probe of one was called once for the mediated device "{uuid}"

  @bus-driver.probe-unbound @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.probe-unbound
    Registering a bus driver MUST bind it to each mediated device that is bound to none.

    Scenario: Two devices that wait for a bus driver
      Given no bus driver is loaded
      And a registered physical device P
      And a mediated device A of the type
      And a mediated device B of the type
      When the bus driver "one" is registered
      Then probe of one was called once for A
      And probe of one was called once for B
      And "driver" of A leads to "bus/mdev/drivers/one"
      And "driver" of B leads to "bus/mdev/drivers/one"

  @bus-driver.probe-bound @must @driver @basis.kernel
  Rule: bus-driver.probe-bound
    Registering a bus driver MUST NOT call its probe for a device that is bound to another one.

    Scenario: A device that has a driver
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      When the bus driver "one" is registered
      Then probe of one was not called
      And "{A}" of the driver of A leads to A

  @bus-driver.probe-autoprobe-off @must @driver @basis.kernel
  Rule: bus-driver.probe-autoprobe-off
    While drivers_autoprobe is 0, registering a bus driver MUST NOT call its probe.

    Scenario: Registering a bus driver while drivers_autoprobe is 0
      Given no bus driver is loaded
      And a registered physical device P
      And a mediated device A of the type
      And new devices are not bound to a driver by themselves
      When the bus driver "one" is registered
      Then the registration succeeds
      And probe of one was not called

  @bus-driver.order @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.order
    A new device MUST be offered to the bus drivers in the order in which they were registered.

    Scenario: Two bus drivers that refuse
      Given no bus driver is loaded
      And the bus driver "two" is registered
      And the bus driver "one" is registered
      And a registered physical device P
      And probe of one fails with ENODEV
      And probe of two fails with ENODEV
      When "{uuid}" is written to "create" of the type
      Then the calls of probe for the mediated device "{uuid}" were "probe of two, probe of one"

  @bus-driver.first-wins @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.first-wins
    A device that a bus driver accepted MUST NOT be offered to another one.

    Scenario: Two bus drivers that accept
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And the bus driver "two" is registered
      And a registered physical device P
      When "{uuid}" is written to "create" of the type
      Then the calls of probe for the mediated device "{uuid}" were "probe of one"
      And "{uuid}/driver" of P leads to "bus/mdev/drivers/one"

  @bus-driver.next-after-refusal @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.next-after-refusal
    A device that a bus driver refused MUST be offered to the next one, whatever the errno was.

    Scenario Outline: The next bus driver after a refusal [<case>]
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And the bus driver "two" is registered
      And a registered physical device P
      And probe of one fails with <errno>
      When "{uuid}" is written to "create" of the type
      Then the calls of probe for the mediated device "{uuid}" were "probe of one, probe of two"
      And "{uuid}/driver" of P leads to "bus/mdev/drivers/two"

      Examples: probe-refusals
        | case           | errno  |
        | not its device | ENODEV |
        | nothing there  | ENXIO  |
        | input error    | EIO    |
        | out of memory  | ENOMEM |

  @bus-driver.register-despite-refusal @must @driver @basis.kernel
  Rule: bus-driver.register-despite-refusal
    Registering a bus driver MUST succeed even if its probe refuses the devices that are there.

    Scenario: A bus driver that wants no device
      Given no bus driver is loaded
      And a registered physical device P
      And a mediated device A of the type
      And probe of one fails with EIO
      When the bus driver "one" is registered
      Then the registration succeeds
      And "drivers/one" of the mdev bus is a directory
      And the mdev bus has no "drivers/one/{A}"

  @bus-driver.refusal-no-remove @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.refusal-no-remove
    For a device that its probe refused, remove of a bus driver MUST NOT be called.

    Scenario: Removing a device that the bus driver refused
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And probe of one fails with EIO
      And a mediated device A of the type
      When A is removed
      Then A does not exist
      And probe of one was called once for A
      And remove of one was not called
