# Derived from spec/bus-drivers.rst by `mdevref derive`; edit the spec, not this file.
Feature: Modules

  @bus-driver.module-in-use @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.module-in-use
    While a user has a mediated device open, unloading the module of the bus driver MUST fail with
    EAGAIN.

    Scenario: Unloading the bus driver of a device that is in use
      Given a mediated device A
      And a user holds A open
      When unloading the module "vfio_mdev" begins
      Then the unloading ends at once and has failed with EAGAIN
      And nothing else changed

  @bus-driver.module-idle @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.module-idle
    A device that nobody has open MUST NOT keep the module of its bus driver from being unloaded.

    Scenario: Unloading the bus driver of a device that was in use
      Given a mediated device A
      And a user holds A open
      When the user closes A
      And unloading the module "vfio_mdev" begins
      Then the unloading ends at once and has succeeded
      And A has no "driver"

  @bus-driver.module-core @must @driver @basis.kernel
  Rule: bus-driver.module-core
    While a driver is loaded that registers with the core, unloading the core's module MUST fail with
    EAGAIN.

    Scenario: Unloading the core under its drivers
      Given a parent
      When unloading the module "mdev" begins
      Then the unloading ends at once and has failed with EAGAIN
      And nothing else changed
