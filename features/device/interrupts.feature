# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Interrupts

  @irq.index @must @device @basis.kernel
  Rule: irq.index
    VFIO_DEVICE_GET_IRQ_INFO MUST leave the index as it was asked for.

    Scenario: The index of each interrupt
      Given a mediated device A held open
      Then each interrupt of A answers with its own index

  @irq.beyond @must @device @basis.kernel
  Rule: irq.beyond
    VFIO_DEVICE_GET_IRQ_INFO MUST fail with EINVAL for an index that is not below the number of
    interrupts.

    Scenario Outline: An interrupt that there is not [<case>]
      Given a mediated device A held open
      When VFIO_DEVICE_GET_IRQ_INFO of A is called with index <index>
      Then the call fails with EINVAL

      Examples: no-interrupts
        | case               | index                        |
        | the first too many | the number of its interrupts |
        | far beyond         | 1000                         |
        | the last           | 4294967295                   |

  @irq.automasked @must @device @basis.kernel
  Rule: irq.automasked
    An interrupt with the flag AUTOMASKED MUST have the flag MASKABLE, too.

    Whoever is interrupted has to unmask it afterwards.

    Scenario: Interrupts that mask themselves
      Given a mediated device A held open
      Then each interrupt of A that masks itself can be masked

  @irq.argsz @must @device @basis.kernel
  Rule: irq.argsz
    VFIO_DEVICE_GET_IRQ_INFO MUST fail with EINVAL for an argsz of less than 16.

    Scenario Outline: An interrupt's info that there is no room for [<case>]
      Given a mediated device A held open with an interrupt that signals an eventfd
      When VFIO_DEVICE_GET_IRQ_INFO of A is called with argsz <argsz>
      Then the call fails with EINVAL

      Examples: less-than-16
        | case           | argsz |
        | none           | 0     |
        | two fields     | 8     |
        | a byte missing | 15    |

  @irq.room @must @device @basis.kernel
  Rule: irq.room
    VFIO_DEVICE_GET_IRQ_INFO MUST accept an argsz of 16 or more and write to no more than that.

    Scenario Outline: An interrupt's info that there is room for [<case>]
      Given a mediated device A held open with an interrupt that signals an eventfd
      When VFIO_DEVICE_GET_IRQ_INFO of A is called with argsz <argsz>
      Then the call succeeds
      And nothing behind the structure was written

      Examples: at-least-16
        | case    | argsz |
        | exact   | 16    |
        | a byte  | 17    |
        | a field | 20    |
        | a page  | 4096  |
