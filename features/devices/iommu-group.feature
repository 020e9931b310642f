# Derived from spec/devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: IOMMU group

  @device.iommu-group @must @management @basis.document
  Rule: device.iommu-group
    A bound mediated device MUST have a link iommu_group that leads to an IOMMU group.

    Scenario: Link from a device to its IOMMU group
      Given a mediated device A
      Then "iommu_group" of A points to an entry of "kernel/iommu_groups"

  @device.iommu-group-number @must @management @basis.kernel
  Rule: device.iommu-group-number
    The name of a mediated device's IOMMU group MUST be a number.

    Clients append this number to /dev/vfio/ and open the resulting path.

    Scenario: Name of an IOMMU group
      Given a mediated device A
      Then the name of the IOMMU group of A is a number

  @device.iommu-group-own @must @management @basis.kernel
  Rule: device.iommu-group-own
    Two mediated devices MUST NOT be in the same IOMMU group.

    Scenario: IOMMU groups of two devices
      Given a type with at least two instances available
      And a mediated device A of the type
      And a mediated device B of the type
      Then A and B are in different IOMMU groups

  @device.iommu-group-lists-it @must @management @basis.kernel
  Rule: device.iommu-group-lists-it
    The directory devices of an IOMMU group MUST contain a link to the mediated device in that group.

    Scenario: Link from an IOMMU group to its device
      Given a mediated device A
      Then "devices/{A}" of the IOMMU group of A points to A
