# Derived from spec/sample.rst by `mdevref derive`; edit the spec, not this file.
Feature: The device

  @sample.device @must @sample @basis.kernel
  Rule: sample.device
    VFIO_DEVICE_GET_INFO MUST report a card as a PCI device with 9 regions and 5 interrupts.

    PCI is the only flag that is set. The card does not report the flag RESET.

    Scenario Outline: Device information of a card [<case>]
      Given a card A with <ports>
      Then card A is a PCI device with 9 regions and 5 interrupts

      Examples: sample-cards
        | case           | ports     |
        | with one port  | one port  |
        | with two ports | two ports |

  @sample.regions @must @sample @basis.document
  Rule: sample.regions
    The region of each port MUST have a size of 8 bytes.

    Scenario Outline: Size of a port's region [<case>]
      Given a card A with two ports
      Then region <region> of card A has a size of 8 bytes

      Examples: sample-port-regions
        | case        | region |
        | first port  | 0      |
        | second port | 1      |

  @sample.region-sizes @must @sample @basis.kernel
  Rule: sample.region-sizes
    Each region of a card MUST have the size listed in the table below.

    Scenario Outline: Size of a region [<case>]
      Given a card A with <ports>
      Then region <region> of card A has a size of <size> bytes

      Examples: sample-regions
        | case                          | ports     | region | size |
        | first BAR                     | two ports | 0      | 8    |
        | second BAR                    | two ports | 1      | 8    |
        | third BAR                     | two ports | 2      | 0    |
        | fourth BAR                    | two ports | 3      | 0    |
        | fifth BAR                     | two ports | 4      | 0    |
        | sixth BAR                     | two ports | 5      | 0    |
        | ROM                           | two ports | 6      | 0    |
        | configuration space           | two ports | 7      | 255  |
        | VGA                           | two ports | 8      | 0    |
        | first BAR, one port           | one port  | 0      | 8    |
        | second BAR, one port          | one port  | 1      | 0    |
        | configuration space, one port | one port  | 7      | 255  |

  @sample.region-flags @must @sample @basis.kernel
  Rule: sample.region-flags
    VFIO_DEVICE_GET_REGION_INFO MUST report every region as readable and writable but not mappable.

    This includes regions of size 0.

    Scenario Outline: Flags of a region [<case>]
      Given a card A with two ports
      Then region <region> of card A is readable and writable

      Examples: sample-region-indexes
        | case                | region |
        | first BAR           | 0      |
        | second BAR          | 1      |
        | third BAR           | 2      |
        | fourth BAR          | 3      |
        | fifth BAR           | 4      |
        | sixth BAR           | 5      |
        | ROM                 | 6      |
        | configuration space | 7      |
        | VGA                 | 8      |

  @sample.region-offsets @must @sample @basis.kernel
  Rule: sample.region-offsets
    The offset of a region in the device file MUST be its index times 2 to the power of 40.

    Scenario Outline: Offset of a region [<case>]
      Given a card A with two ports
      Then region <region> of card A begins at <offset>

      Examples: sample-region-offsets
        | case                | region | offset        |
        | first BAR           | 0      | 0x0           |
        | second BAR          | 1      | 0x10000000000 |
        | configuration space | 7      | 0x70000000000 |
        | VGA                 | 8      | 0x80000000000 |

  @sample.no-more-regions @must @sample @basis.kernel
  Rule: sample.no-more-regions
    VFIO_DEVICE_GET_REGION_INFO MUST fail with EINVAL for an index of 9 or more.

    Scenario: Information about a tenth region
      Given a card A with two ports
      When the info of region 9 of card A is requested
      Then the call fails with EINVAL

  @sample.region-refused @must @sample @basis.kernel
  Rule: sample.region-refused
    A read or write of the ROM region or the VGA region MUST fail with EFAULT.

    These regions have no registers.

    Scenario Outline: Read of a region without registers [<case>]
      Given a card A with two ports
      When a byte of region <region> of card A is read
      Then the call fails with EFAULT

      Examples: sample-no-regions
        | case | region |
        | ROM  | 6      |
        | VGA  | 8      |

    Scenario Outline: Write to a region without registers [<case>]
      Given a card A with two ports
      When a byte of region <region> of card A is written
      Then the call fails with EFAULT

      Examples: sample-no-regions
        | case | region |
        | ROM  | 6      |
        | VGA  | 8      |

  @sample.no-mapping @must @sample @basis.kernel
  Rule: sample.no-mapping
    Mapping a region of a card MUST fail with EINVAL.

    Scenario: Mapping of a port's region
      Given a card A with two ports
      When region 0 of card A is mapped
      Then the call fails with EINVAL

  @sample.unknown-request @must @sample @basis.kernel
  Rule: sample.unknown-request
    An ioctl that the sample does not implement MUST fail with ENOTTY.

    Scenario: Query of a display plane
      Given a card A with two ports
      When VFIO_DEVICE_QUERY_GFX_PLANE of card A is called
      Then the call fails with ENOTTY

  @sample.reset @must @sample @basis.kernel
  Rule: sample.reset
    A card MUST accept VFIO_DEVICE_RESET without changing its registers, its FIFOs or its configuration
    space.

    The reset succeeds although the card does not report the flag RESET.

    Scenario: State of a card after a reset
      Given a card A with two ports
      When "SCR 5a" is written to the registers of port 0 of A
      And "a" is sent to port 1 of A
      And the bytes 00c00000 are written to the configuration space of A at 0x10
      And card A is reset
      Then the call succeeds
      And SCR of port 0 of A reads 5a
      And "a" is received from port 1 of A
      And the configuration space of A has 01c00000 at 0x10
