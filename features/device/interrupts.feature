# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Interrupts

  @irq.index @must @device @basis.kernel
  Rule: irq.index
    VFIO_DEVICE_GET_IRQ_INFO MUST return the requested index unchanged.

    Scenario: Index in each interrupt's info
      Given a mediated device A held open
      Then the info of each interrupt of A has the requested index

  @irq.beyond @must @device @basis.kernel
  Rule: irq.beyond
    VFIO_DEVICE_GET_IRQ_INFO MUST fail with EINVAL for an index that is not below the number of
    interrupts.

    Scenario Outline: Info of an interrupt that does not exist [<case>]
      Given a mediated device A held open
      When VFIO_DEVICE_GET_IRQ_INFO of A is called with index <index>
      Then the call fails with EINVAL

      Examples: no-interrupts
        | case                  | index                        |
        | the first invalid one | the number of its interrupts |
        | far beyond            | 1000                         |
        | the maximum           | 4294967295                   |

  @irq.automasked @must @device @basis.kernel
  Rule: irq.automasked
    An interrupt with the flag AUTOMASKED MUST also have the flag MASKABLE.

    The device masks such an interrupt when it raises it. The user has to unmask it afterwards.

    Scenario: Flags of automasked interrupts
      Given a mediated device A held open
      Then each AUTOMASKED interrupt of A is MASKABLE

  @irq.argsz @must @device @basis.kernel
  Rule: irq.argsz
    VFIO_DEVICE_GET_IRQ_INFO MUST fail with EINVAL for an argsz of less than 16.

    Scenario Outline: Interrupt info with an argsz that is too small [<case>]
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
    VFIO_DEVICE_GET_IRQ_INFO MUST accept an argsz of 16 or more.

    Scenario Outline: Interrupt info with a sufficient argsz [<case>]
      Given a mediated device A held open with an interrupt that signals an eventfd
      When VFIO_DEVICE_GET_IRQ_INFO of A is called with argsz <argsz>
      Then the call succeeds

      Examples: at-least-16
        | case           | argsz |
        | exact          | 16    |
        | one byte more  | 17    |
        | one field more | 20    |
        | a page         | 4096  |

  @irq.overrun @must @device @basis.kernel
  Rule: irq.overrun
    VFIO_DEVICE_GET_IRQ_INFO MUST NOT write beyond the argsz bytes of its structure.

    Scenario Outline: Memory behind an interrupt's info [<case>]
      Given a mediated device A held open with an interrupt that signals an eventfd
      When VFIO_DEVICE_GET_IRQ_INFO of A is called with argsz <argsz>
      Then the call succeeds
      And the memory behind the structure is unchanged

      Examples: at-least-16
        | case           | argsz |
        | exact          | 16    |
        | one byte more  | 17    |
        | one field more | 20    |
        | a page         | 4096  |
