# Derived from spec/bus-drivers.rst by `mdevref derive`; edit the spec, not this file.
Feature: Groups

  @bus-driver.group-before-probe @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.group-before-probe
    A device MUST be in its IOMMU group before a bus driver's probe is called for it.

    Scenario: IOMMU group during probe
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And probe of one blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And a caller is blocked in probe of one
      Then "{uuid}/iommu_group" of P is a link
      When probe of one continues
      Then the writer returns successfully

  @bus-driver.group-without-probe @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.group-without-probe
    A device that is bound to a bus driver without probe MUST be in an IOMMU group.

    Scenario: Bus driver without probe
      Given no bus driver is loaded
      And the bus driver "one" is registered without "probe"
      And a registered physical device P
      And a mediated device A of the type
      Then "driver" of A points to "bus/mdev/drivers/one"
      And "iommu_group" of A points to an entry of "kernel/iommu_groups"

  @bus-driver.group-after-refusal @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.group-after-refusal
    A device that every bus driver refused MUST NOT be in an IOMMU group.

    Scenario: IOMMU group after a refusal
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And probe of one fails with EIO
      When "{uuid}" is written to "create" of the type
      Then "{uuid}/iommu_group" of P does not exist
      And no IOMMU group is empty

  @bus-driver.group-until-removed @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.group-until-removed
    A device MUST remain in its IOMMU group while the remove of its bus driver runs.

    Scenario: IOMMU group during remove
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      And remove of one blocks
      When a writer starts to write "{A}" to "drivers/one/unbind" of the mdev bus
      And a caller is blocked in remove of one
      Then "iommu_group" of A is a link
      When remove of one continues
      Then the writer returns successfully
      And "iommu_group" of A does not exist

  @bus-driver.vfio-group @must @driver @basis.document
  Rule: bus-driver.vfio-group
    A device that is bound to the VFIO bus driver MUST have a VFIO group with the name of its IOMMU
    group.

    Scenario: VFIO group of a bound device
      Given a mediated device A
      Then A has a VFIO group

  @bus-driver.vfio-group-gone @must @driver @basis.document
  Rule: bus-driver.vfio-group-gone
    Unbinding a device from the VFIO bus driver MUST remove its VFIO group.

    Scenario: VFIO group after unbinding
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      When the UUID of A is written to "unbind" of the driver of A
      Then A has no VFIO group

  @bus-driver.vfio-group-drivers-own @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.vfio-group-drivers-own
    The core MUST NOT create a VFIO group.

    Only a bus driver creates one.

    Scenario: Bus driver that creates no VFIO group
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      Then "iommu_group" of A is a link
      And A has no VFIO group
