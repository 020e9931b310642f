# Derived from spec/binding.rst by `mdevref derive`; edit the spec, not this file.
Feature: Binding again

  @binding.bind @must @management @basis.kernel @until.5.12
  Rule: binding.bind
    Writing the UUID of a mediated device that is bound to no driver to bind of a driver MUST bind it to
    that one.

    Scenario: Binding a device again, until 5.12
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      And A is bound to no driver
      When the UUID of A is written to "bind" of the driver of A
      Then the write succeeds
      And "driver" of A is a link
      And "iommu_group" of A leads to an entry of "kernel/iommu_groups"
      And "{A}" of the driver of A leads to A

  @binding.bind-impossible @must @management @basis.kernel @since.6.1
  Rule: binding.bind-impossible
    Writing the UUID of a mediated device to bind of a driver MUST fail with ENODEV: to bind one by hand
    is not possible.

    Scenario: Binding a device again, from 6.1 on
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      And A is bound to no driver
      When the UUID of A is written to "bind" of the driver of A
      Then the write fails with ENODEV
      And A has no "driver"
      And nothing else changed

  @binding.bind-refused @must @management @basis.kernel
  Rule: binding.bind-refused
    Writing to bind anything but the name of a mediated device that is bound to no driver MUST fail with
    ENODEV.

    Scenario: Binding what is bound
      Given a mediated device A
      When the UUID of A is written to "bind" of the driver of A
      Then the write fails with ENODEV
      And nothing else changed

    Scenario: Binding what does not exist
      Given a mediated device A
      When "{uuid}" is written to "bind" of the driver of A
      Then the write fails with ENODEV
      And nothing else changed

  @binding.probe @must @management @basis.kernel @until.5.12
  Rule: binding.probe
    Writing the UUID of a mediated device that is bound to no driver to drivers_probe of the bus MUST
    bind it.

    Scenario: Asking the bus for a driver, until 5.12
      Given a mediated device A
      And A is bound to no driver
      When the UUID of A is written to "drivers_probe" of the mdev bus
      Then the write succeeds
      And "driver" of A is a link

  @binding.probe-idle @must @management @basis.kernel @since.6.1
  Rule: binding.probe-idle
    Writing the UUID of a mediated device to drivers_probe of the bus MUST succeed and do nothing.

    Scenario: Asking the bus for a driver, from 6.1 on
      Given a mediated device A
      And A is bound to no driver
      When the UUID of A is written to "drivers_probe" of the mdev bus
      Then the write succeeds
      And A has no "driver"
      And nothing else changed
