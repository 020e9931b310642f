# Derived from spec/binding.rst by `mdevref derive`; edit the spec, not this file.
Feature: Rebinding

  @binding.bind @must @management @basis.kernel @until.5.12
  Rule: binding.bind
    Writing the UUID of an unbound mediated device to bind of a driver MUST bind the device to that
    driver.

    Scenario: Rebind of an unbound device, until 5.12
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      And A is unbound
      When the UUID of A is written to "bind" of the driver of A
      Then the write succeeds
      And "driver" of A is a link
      And "iommu_group" of A points to an entry of "kernel/iommu_groups"
      And "{A}" of the driver of A points to A

  @binding.bind-impossible @must @management @basis.kernel @since.6.1
  Rule: binding.bind-impossible
    Writing the UUID of a mediated device to bind of a driver MUST fail with ENODEV.

    From 6.1 on a mediated device cannot be bound manually.

    Scenario: Rebind of an unbound device, from 6.1 on
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      And A is unbound
      When the UUID of A is written to "bind" of the driver of A
      Then the write fails with ENODEV
      And "driver" of A does not exist
      And nothing else changed

  @binding.bind-refused @must @management @basis.kernel
  Rule: binding.bind-refused
    Writing anything other than the name of an unbound mediated device to bind MUST fail with ENODEV.

    Scenario: UUID of a bound device
      Given a mediated device A
      When the UUID of A is written to "bind" of the driver of A
      Then the write fails with ENODEV
      And nothing else changed

    Scenario: Unused UUID
      Given a mediated device A
      When "{uuid}" is written to "bind" of the driver of A
      Then the write fails with ENODEV
      And nothing else changed

  @binding.probe @must @management @basis.kernel @until.5.12
  Rule: binding.probe
    Writing the UUID of an unbound mediated device to drivers_probe of the bus MUST bind the device.

    Scenario: drivers_probe of an unbound device, until 5.12
      Given a mediated device A
      And A is unbound
      When the UUID of A is written to "drivers_probe" of the mdev bus
      Then the write succeeds
      And "driver" of A is a link

  @binding.probe-idle @must @management @basis.kernel @since.6.1
  Rule: binding.probe-idle
    Writing the UUID of a mediated device to drivers_probe of the bus MUST succeed and have no effect.

    Scenario: drivers_probe of an unbound device, from 6.1 on
      Given a mediated device A
      And A is unbound
      When the UUID of A is written to "drivers_probe" of the mdev bus
      Then the write succeeds
      And "driver" of A does not exist
      And nothing else changed
