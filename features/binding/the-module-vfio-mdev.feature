# Derived from spec/binding.rst by `mdevref derive`; edit the spec, not this file.
Feature: The module vfio_mdev

  @binding.without-bus-driver @must @management @basis.kernel @until.5.12
  Rule: binding.without-bus-driver
    Creating a mediated device MUST succeed while no bus driver is loaded.

    Scenario: Create without vfio_mdev
      Given a type with an instance available
      And the bus driver "vfio_mdev" is not loaded
      When "{uuid}" is written to "create" of the type
      Then the write succeeds
      And a mediated device "{uuid}" exists
      And "{uuid}/driver" of the parent does not exist
      And "{uuid}/iommu_group" of the parent does not exist

  @binding.bus-driver-comes @must @management @basis.kernel @until.5.12
  Rule: binding.bus-driver-comes
    Loading a bus driver MUST bind it to each unbound mediated device that exists.

    Scenario: Load vfio_mdev while devices exist
      Given a type with an instance available
      And the bus driver "vfio_mdev" is not loaded
      And a mediated device A of the type
      When the bus driver "vfio_mdev" is loaded
      Then "driver" of A points to "bus/mdev/drivers/vfio_mdev"
      And "iommu_group" of A is a link

  @binding.bus-driver-goes @must @management @basis.kernel @until.5.12
  Rule: binding.bus-driver-goes
    Unloading a bus driver MUST unbind its mediated devices without removing them.

    Scenario: Unload vfio_mdev while devices exist
      Given a mediated device A
      When the bus driver "vfio_mdev" is unloaded
      Then A exists
      And "driver" of A does not exist
      And "iommu_group" of A does not exist
