# Derived from spec/bus-drivers.rst by `mdevref derive`; edit the spec, not this file.
Feature: Unbinding

  @bus-driver.remove-destroyed @must @driver @basis.document
  Rule: bus-driver.remove-destroyed
    When a mediated device is removed, remove of the bus driver that it is bound to MUST be called for
    it.

    Scenario: remove for a device that is removed
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      When A is removed
      Then remove of one was called once for A

  @bus-driver.remove-unbound @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.remove-unbound
    When a mediated device is unbound by hand, remove of the bus driver that it is bound to MUST be
    called for it.

    Scenario: remove for a device that is unbound
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      When the UUID of A is written to "drivers/one/unbind" of the mdev bus
      Then the write succeeds
      And remove of one was called once for A

  @bus-driver.remove-once @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.remove-once
    For a device that was unbound, remove of the bus driver MUST NOT be called a second time.

    Scenario: Removing a device that was unbound
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      When the UUID of A is written to "drivers/one/unbind" of the mdev bus
      And A is removed
      Then remove of one was called once for A
