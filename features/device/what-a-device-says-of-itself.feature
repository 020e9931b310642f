# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: What a device says of itself

  @device-info.kind @must @device @basis.kernel
  Rule: device-info.kind
    The flags of VFIO_DEVICE_GET_INFO MUST name one kind of device.

    The kinds are PCI, PLATFORM, AMBA, CCW, AP and FSL_MC. A client that does not know the kind cannot
    make use of the device.

    Scenario: The kind of a device
      Given a mediated device A held open
      Then A says that it is of one kind

  @device-info.kind-of-type @must @device @basis.document
  Rule: device-info.kind-of-type
    The kind that the flags name MUST be the one that device_api of the type does: PCI for vfio-pci.

    Scenario: The kind of a device and of its type
      Given a mediated device A held open
      Then A says that it is of the kind that "device_api" of the type names

  @device-info.pci @must @device @basis.kernel
  Rule: device-info.pci
    A PCI device MUST have at least the 8 regions up to its configuration space and the 3 interrupts up
    to MSI-X.

    Which of them have anything behind is for their own info to say. QEMU refuses a device that has
    fewer.

    Scenario: The regions and interrupts of a PCI device
      Given a mediated device A held open that says that it is a PCI device
      Then A has 8 regions and 3 interrupts or more

  @device-info.steady @must @device @basis.kernel
  Rule: device-info.steady
    As long as nobody changes anything, a device MUST describe itself the same way each time.

    Scenario: A device that describes itself twice
      Given a mediated device A held open
      Then A describes itself the same way again

  @device-info.argsz @must @device @basis.kernel
  Rule: device-info.argsz
    VFIO_DEVICE_GET_INFO MUST fail with EINVAL for an argsz of less than 16.

    Scenario Outline: An info that there is no room for [<case>]
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
    VFIO_DEVICE_GET_INFO MUST accept an argsz of 16 or more and write to no more than that.

    Scenario Outline: An info that there is room for [<case>]
      Given a mediated device A held open
      When VFIO_DEVICE_GET_INFO of A is called with argsz <argsz>
      Then the call succeeds
      And nothing behind the structure was written

      Examples: at-least-16
        | case    | argsz |
        | exact   | 16    |
        | a byte  | 17    |
        | a field | 20    |
        | a page  | 4096  |
