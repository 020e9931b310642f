# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Regions

  @region.index @must @device @basis.kernel
  Rule: region.index
    VFIO_DEVICE_GET_REGION_INFO MUST return the requested index unchanged.

    Scenario: Index in each region's info
      Given a mediated device A held open
      Then the info of each region of A has the requested index

  @region.beyond @must @device @basis.kernel
  Rule: region.beyond
    VFIO_DEVICE_GET_REGION_INFO MUST fail with EINVAL for an index that is not below the number of
    regions.

    Scenario Outline: Info of a region that does not exist [<case>]
      Given a mediated device A held open
      When VFIO_DEVICE_GET_REGION_INFO of A is called with index <index>
      Then the call fails with EINVAL

      Examples: no-regions
        | case                  | index                     |
        | the first invalid one | the number of its regions |
        | far beyond            | 1000                      |
        | the maximum           | 4294967295                |

  @region.apart @must @device @basis.kernel
  Rule: region.apart
    The regions of a device MUST NOT overlap in the device file.

    Scenario: Offsets of all regions
      Given a mediated device A held open
      Then no two regions of A overlap

  @region.capabilities @must @device @basis.kernel
  Rule: region.capabilities
    The info of a region without the flag CAPS MUST have a cap_offset of 0.

    Scenario: Capability offset of regions without capabilities
      Given a mediated device A held open
      Then every region of A without CAPS has cap_offset 0

  @region.pci-config @must @device @basis.kernel
  Rule: region.pci-config
    Region 7 of a PCI device MUST be at least 64 bytes long, readable and writable.

    This region is the device's configuration space.

    Scenario: Configuration space of a PCI device
      Given a PCI mediated device A held open
      Then region 7 of A is readable, writable and at least 64 bytes long

  @region.argsz @must @device @basis.kernel
  Rule: region.argsz
    VFIO_DEVICE_GET_REGION_INFO MUST fail with EINVAL for an argsz of less than 32.

    Scenario Outline: Region info with an argsz that is too small [<case>]
      Given a mediated device A held open
      When VFIO_DEVICE_GET_REGION_INFO of A is called with argsz <argsz>
      Then the call fails with EINVAL

      Examples: less-than-32
        | case             | argsz |
        | none             | 0     |
        | without the size | 16    |
        | a byte missing   | 31    |

  @region.room @must @device @basis.kernel
  Rule: region.room
    VFIO_DEVICE_GET_REGION_INFO MUST accept an argsz of 32 or more.

    Scenario Outline: Region info with a sufficient argsz [<case>]
      Given a mediated device A held open
      When VFIO_DEVICE_GET_REGION_INFO of A is called with argsz <argsz>
      Then the call succeeds

      Examples: at-least-32
        | case           | argsz |
        | exact          | 32    |
        | one byte more  | 33    |
        | one field more | 40    |

  @region.overrun @must @device @basis.kernel
  Rule: region.overrun
    VFIO_DEVICE_GET_REGION_INFO MUST NOT write beyond the argsz bytes of its structure.

    Scenario Outline: Memory behind a region's info [<case>]
      Given a mediated device A held open
      When VFIO_DEVICE_GET_REGION_INFO of A is called with argsz <argsz>
      Then the call succeeds
      And the memory behind the structure is unchanged

      Examples: at-least-32
        | case           | argsz |
        | exact          | 32    |
        | one byte more  | 33    |
        | one field more | 40    |
