# Derived from spec/bus-drivers.rst by `mdevref derive`; edit the spec, not this file.
Feature: Unbinding

  @bus-driver.remove-destroyed @must @driver @basis.document
  Rule: bus-driver.remove-destroyed
    When a mediated device is removed, the kernel MUST call the remove of its bus driver.

    Scenario: Removing a bound device
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      When A is removed
      Then remove of one was called once for A

  @bus-driver.remove-unbound @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.remove-unbound
    When a mediated device is unbound through unbind, the kernel MUST call the remove of its bus driver.

    Scenario: Unbinding a device
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      When the UUID of A is written to "drivers/one/unbind" of the mdev bus
      Then the write succeeds
      And remove of one was called once for A

  @bus-driver.remove-once @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.remove-once
    After a device has been unbound, the kernel MUST NOT call the bus driver's remove for it a second
    time.

    Scenario: Removing an unbound device
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      When the UUID of A is written to "drivers/one/unbind" of the mdev bus
      And A is removed
      Then remove of one was called once for A
