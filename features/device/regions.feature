# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Regions

  @region.index @must @device @basis.kernel
  Rule: region.index
    VFIO_DEVICE_GET_REGION_INFO MUST leave the index as it was asked for.

    Scenario: The index of each region
      Given a mediated device A held open
      Then each region of A answers with its own index

  @region.beyond @must @device @basis.kernel
  Rule: region.beyond
    VFIO_DEVICE_GET_REGION_INFO MUST fail with EINVAL for an index that is not below the number of
    regions.

    Scenario Outline: A region that there is not [<case>]
      Given a mediated device A held open
      When VFIO_DEVICE_GET_REGION_INFO of A is called with index <index>
      Then the call fails with EINVAL

      Examples: no-regions
        | case               | index                     |
        | the first too many | the number of its regions |
        | far beyond         | 1000                      |
        | the last           | 4294967295                |

  @region.apart @must @device @basis.kernel
  Rule: region.apart
    Regions MUST NOT share offsets of the device's file.

    Scenario: The ranges of all regions
      Given a mediated device A held open
      Then no two regions of A overlap

  @region.capabilities @must @device @basis.kernel
  Rule: region.capabilities
    Without the flag CAPS, a region MUST NOT point to capabilities: cap_offset is 0.

    Scenario: Capabilities of regions that have none
      Given a mediated device A held open
      Then no region of A points to capabilities that it has not

  @region.pci-config @must @device @basis.kernel
  Rule: region.pci-config
    Region 7 of a PCI device MUST be its configuration space, at least 64 bytes that can be read and
    written.

    Scenario: The configuration space of a PCI device
      Given a mediated device A held open that says that it is a PCI device
      Then region 7 of A has 64 bytes or more, to be read and to be written

  @region.argsz @must @device @basis.kernel
  Rule: region.argsz
    VFIO_DEVICE_GET_REGION_INFO MUST fail with EINVAL for an argsz of less than 32.

    Scenario Outline: A region's info that there is no room for [<case>]
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
    VFIO_DEVICE_GET_REGION_INFO MUST accept an argsz of 32 or more and write to no more than that.

    Scenario Outline: A region's info that there is room for [<case>]
      Given a mediated device A held open
      When VFIO_DEVICE_GET_REGION_INFO of A is called with argsz <argsz>
      Then the call succeeds
      And nothing behind the structure was written

      Examples: at-least-32
        | case    | argsz |
        | exact   | 32    |
        | a byte  | 33    |
        | a field | 40    |
