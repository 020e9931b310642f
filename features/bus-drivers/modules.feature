# Derived from spec/bus-drivers.rst by `mdevref derive`; edit the spec, not this file.
Feature: Modules

  @bus-driver.module-in-use @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.module-in-use
    Unloading the module of a bus driver MUST fail with EAGAIN while a user holds one of its devices
    open.

    Scenario: Unloading the bus driver of a device in use
      Given a mediated device A
      And a user holds A open
      When unloading of the module "vfio_mdev" begins
      Then the unloading fails with EAGAIN without blocking
      And nothing else changed

  @bus-driver.module-idle @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.module-idle
    Unloading the module of a bus driver MUST succeed while no user holds any of its devices open.

    Scenario: Unloading the bus driver after the device is closed
      Given a mediated device A
      And a user holds A open
      When the user closes A
      And unloading of the module "vfio_mdev" begins
      Then the unloading succeeds without blocking
      And "driver" of A does not exist

  @bus-driver.module-core @must @driver @basis.kernel
  Rule: bus-driver.module-core
    Unloading the core's module MUST fail with EAGAIN while a driver that registers with the core is
    loaded.

    Scenario: Unloading the core while its drivers are loaded
      Given a parent
      When unloading of the module "mdev" begins
      Then the unloading fails with EAGAIN without blocking
      And nothing else changed
