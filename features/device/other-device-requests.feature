# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Other device requests

  @device-request.pointer @must @device @basis.kernel
  Rule: device-request.pointer
    Each device request in the table below MUST fail with EFAULT for a pointer outside the caller's
    memory.

    Scenario Outline: Device request with a bad pointer [<case>]
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
    A device MUST remain usable after VFIO_DEVICE_RESET.

    A device that cannot be reset returns an error. A device without the flag RESET may nevertheless
    accept the request.

    Scenario: Reset a device
      Given a mediated device A held open
      When VFIO_DEVICE_RESET of A is called
      Then A is still usable

  @device-request.unknown @should @device @basis.kernel
  Rule: device-request.unknown
    A request that the vendor driver does not know SHOULD fail with ENOTTY.

    The vendor driver chooses the errno. The vendor drivers in the kernel return ENOTTY.

    Scenario Outline: Foreign or unknown request on a device [<case>]
      Given a mediated device A held open
      When <request> of A is called
      Then the call fails with ENOTTY

      Examples: requests-of-no-device
        | case           | request               |
        | of a container | VFIO_GET_API_VERSION  |
        | of a group     | VFIO_GROUP_GET_STATUS |
        | unknown        | an unknown request    |
