# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Other requests

  @device-request.pointer @must @device @basis.kernel
  Rule: device-request.pointer
    A request of a device MUST fail with EFAULT when its argument is a pointer to no memory of the
    caller's.

    Scenario Outline: A request of a device with a bad pointer [<case>]
      Given a mediated device A held open with an interrupt that signals an eventfd
      When <request> of A is called with a bad pointer
      Then the call fails with EFAULT

      Examples: pointers-of-devices
        | case           | request                     |
        | info           | VFIO_DEVICE_GET_INFO        |
        | region         | VFIO_DEVICE_GET_REGION_INFO |
        | interrupt      | VFIO_DEVICE_GET_IRQ_INFO    |
        | set interrupts | VFIO_DEVICE_SET_IRQS        |

  @device-request.reset @must @device @basis.kernel
  Rule: device-request.reset
    VFIO_DEVICE_RESET MUST leave a device that can be used.

    A device that cannot be reset says so by an error. One without the flag RESET may accept it all the
    same.

    Scenario: Resetting a device
      Given a mediated device A held open
      When VFIO_DEVICE_RESET of A is called
      Then A still answers

  @device-request.unknown @should @device @basis.kernel
  Rule: device-request.unknown
    A request that the vendor driver does not know SHOULD fail with ENOTTY.

    It is the vendor driver that decides; those of the kernel do so.

    Scenario Outline: A request that a device does not know [<case>]
      Given a mediated device A held open
      When <request> of A is called
      Then the call fails with ENOTTY

      Examples: requests-of-no-device
        | case           | request               |
        | of a container | VFIO_GET_API_VERSION  |
        | of a group     | VFIO_GROUP_GET_STATUS |
        | unknown        | an unknown request    |
