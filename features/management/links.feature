# Derived from spec/management.rst by `mdevref derive`; edit the spec, not this file.
Feature: Links

  @sysfs.links-relative @must @management @basis.kernel
  Rule: sysfs.links-relative
    Each link of the management interface MUST be relative to the directory that contains it.

    Scenario Outline: Target of a link [<case>]
      Given a mediated device A
      Then "<entry>" of <place> is a relative link

      Examples: links
        | case                  | entry       | place              |
        | class to parent       | {parent}    | the mdev_bus class |
        | bus to device         | devices/{A} | the mdev bus       |
        | type to device        | devices/{A} | the type           |
        | device to type        | mdev_type   | A                  |
        | device to bus         | subsystem   | A                  |
        | device to driver      | driver      | A                  |
        | device to IOMMU group | iommu_group | A                  |
