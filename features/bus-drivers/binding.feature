# Derived from spec/bus-drivers.rst by `mdevref derive`; edit the spec, not this file.
Feature: Binding

  @bus-driver.probe-new @must @driver @basis.document
  Rule: bus-driver.probe-new
    The kernel MUST call the probe of a bus driver for each new mediated device.

    Scenario: New device
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      When "{uuid}" is written to "create" of the type
      Then the write succeeds
      And probe of one was called once for the mediated device "{uuid}"

  @bus-driver.probe-unbound @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.probe-unbound
    Registering a bus driver MUST bind it to each unbound mediated device.

    Scenario: Two unbound devices
      Given no bus driver is loaded
      And a registered physical device P
      And a mediated device A of the type
      And a mediated device B of the type
      When the bus driver "one" is registered
      Then probe of one was called once for A
      And probe of one was called once for B
      And "driver" of A points to "bus/mdev/drivers/one"
      And "driver" of B points to "bus/mdev/drivers/one"

  @bus-driver.probe-bound @must @driver @basis.kernel
  Rule: bus-driver.probe-bound
    Registering a bus driver MUST NOT call its probe for a device that is bound to another one.

    Scenario: Device bound to another bus driver
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      When the bus driver "one" is registered
      Then probe of one was not called
      And "{A}" of the driver of A points to A

  @bus-driver.probe-autoprobe-off @must @driver @basis.kernel
  Rule: bus-driver.probe-autoprobe-off
    While drivers_autoprobe is 0, registering a bus driver MUST NOT call its probe.

    Scenario: Registering a bus driver while drivers_autoprobe is 0
      Given no bus driver is loaded
      And a registered physical device P
      And a mediated device A of the type
      And automatic binding of new devices is disabled
      When the bus driver "one" is registered
      Then the registration succeeds
      And probe of one was not called

  @bus-driver.order @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.order
    The kernel MUST offer a new device to the bus drivers in their order of registration.

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
    The kernel MUST NOT offer a device to another bus driver after one has accepted it.

    Scenario: Two bus drivers that accept
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And the bus driver "two" is registered
      And a registered physical device P
      When "{uuid}" is written to "create" of the type
      Then the calls of probe for the mediated device "{uuid}" were "probe of one"
      And "{uuid}/driver" of P points to "bus/mdev/drivers/one"

  @bus-driver.next-after-refusal @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.next-after-refusal
    The kernel MUST offer a device that one bus driver refused to the next one.

    The errno of the refusal makes no difference.

    Scenario Outline: Next bus driver after a refusal [<case>]
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And the bus driver "two" is registered
      And a registered physical device P
      And probe of one fails with <errno>
      When "{uuid}" is written to "create" of the type
      Then the calls of probe for the mediated device "{uuid}" were "probe of one, probe of two"
      And "{uuid}/driver" of P points to "bus/mdev/drivers/two"

      Examples: probe-refusals
        | case                      | errno  |
        | no such device            | ENODEV |
        | no such device or address | ENXIO  |
        | I/O error                 | EIO    |
        | out of memory             | ENOMEM |

  @bus-driver.register-despite-refusal @must @driver @basis.kernel
  Rule: bus-driver.register-despite-refusal
    Registering a bus driver MUST succeed even if its probe refuses the existing devices.

    Scenario: Bus driver that refuses every device
      Given no bus driver is loaded
      And a registered physical device P
      And a mediated device A of the type
      And probe of one fails with EIO
      When the bus driver "one" is registered
      Then the registration succeeds
      And "drivers/one" of the mdev bus is a directory
      And "drivers/one/{A}" of the mdev bus does not exist

  @bus-driver.refusal-no-remove @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.refusal-no-remove
    The kernel MUST NOT call a bus driver's remove for a device that its probe refused.

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
