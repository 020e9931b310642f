# Derived from spec/binding.rst by `mdevref derive`; edit the spec, not this file.
Feature: The module vfio_mdev

  @binding.without-bus-driver @must @management @basis.kernel @until.5.12
  Rule: binding.without-bus-driver
    Creating a mediated device MUST succeed where no bus driver is loaded.

    Scenario: Creating a device without vfio_mdev
      Given a type with an instance available
      And the bus driver "vfio_mdev" is not loaded
      When "{uuid}" is written to "create" of the type
      Then the write succeeds
      And a mediated device "{uuid}" exists
      And the parent has no "{uuid}/driver"
      And the parent has no "{uuid}/iommu_group"

  @binding.bus-driver-comes @must @management @basis.kernel @until.5.12
  Rule: binding.bus-driver-comes
    A bus driver that is loaded MUST be bound to the mediated devices that exist and are bound to none.

    Scenario: Loading vfio_mdev when there are devices
      Given a type with an instance available
      And the bus driver "vfio_mdev" is not loaded
      And a mediated device A of the type
      When the bus driver "vfio_mdev" is loaded
      Then "driver" of A leads to "bus/mdev/drivers/vfio_mdev"
      And "iommu_group" of A is a link

  @binding.bus-driver-goes @must @management @basis.kernel @until.5.12
  Rule: binding.bus-driver-goes
    When a bus driver is unloaded, the mediated devices that were bound to it MUST stay, bound to none.

    Scenario: Unloading vfio_mdev when there are devices
      Given a mediated device A
      When the bus driver "vfio_mdev" is unloaded
      Then A exists
      And A has no "driver"
      And A has no "iommu_group"
