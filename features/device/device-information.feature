# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Device information

  @device-info.kind @must @device @basis.kernel
  Rule: device-info.kind
    The flags of VFIO_DEVICE_GET_INFO MUST name exactly one kind of device.

    The kinds are PCI, PLATFORM, AMBA, CCW, AP and FSL_MC. A user cannot use a device of an unknown
    kind.

    Scenario: Kind of a device
      Given a mediated device A held open
      Then A reports exactly one kind

  @device-info.kind-of-type @must @device @basis.document
  Rule: device-info.kind-of-type
    The kind of a device MUST match device_api of its type.

    For example, the kind is PCI if device_api is vfio-pci.

    Scenario: Kind of a device and device_api of its type
      Given a mediated device A held open
      Then the kind of A matches "device_api" of its type

  @device-info.pci @must @device @basis.kernel
  Rule: device-info.pci
    A PCI device MUST report at least 8 regions and 3 interrupts.

    These are the regions up to configuration space and the interrupts up to MSI-X. The info of each
    region and interrupt shows whether it is implemented. QEMU refuses a device with fewer regions or
    interrupts.

    Scenario: Numbers of regions and interrupts of a PCI device
      Given a PCI mediated device A held open
      Then A has at least 8 regions and 3 interrupts

  @device-info.steady @must @device @basis.kernel
  Rule: device-info.steady
    Repeated queries of an unchanged device MUST return the same description.

    The description consists of the info of the device and of each region and interrupt.

    Scenario: Query a device twice
      Given a mediated device A held open
      Then A returns the same description again

  @device-info.argsz @must @device @basis.kernel
  Rule: device-info.argsz
    VFIO_DEVICE_GET_INFO MUST fail with EINVAL for an argsz of less than 16.

    Scenario Outline: Device info with an argsz that is too small [<case>]
      Given a mediated device A held open
      When VFIO_DEVICE_GET_INFO of A is called with argsz <argsz>
      Then the call fails with EINVAL

      Examples: less-than-16
        | case           | argsz |
        | none           | 0     |
        | two fields     | 8     |
        | a byte missing | 15    |

  @device-info.room @must @device @basis.kernel
  Rule: device-info.room
    VFIO_DEVICE_GET_INFO MUST accept an argsz of 16 or more.

    Scenario Outline: Device info with a sufficient argsz [<case>]
      Given a mediated device A held open
      When VFIO_DEVICE_GET_INFO of A is called with argsz <argsz>
      Then the call succeeds

      Examples: at-least-16
        | case           | argsz |
        | exact          | 16    |
        | one byte more  | 17    |
        | one field more | 20    |
        | a page         | 4096  |

  @device-info.overrun @must @device @basis.kernel
  Rule: device-info.overrun
    VFIO_DEVICE_GET_INFO MUST NOT write beyond the argsz bytes of its structure.

    Scenario Outline: Memory behind a device's info [<case>]
      Given a mediated device A held open
      When VFIO_DEVICE_GET_INFO of A is called with argsz <argsz>
      Then the call succeeds
      And the memory behind the structure is unchanged

      Examples: at-least-16
        | case           | argsz |
        | exact          | 16    |
        | one byte more  | 17    |
        | one field more | 20    |
        | a page         | 4096  |
