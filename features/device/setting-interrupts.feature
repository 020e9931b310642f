# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Setting interrupts

  @irqs.eventfd @must @device @basis.kernel
  Rule: irqs.eventfd
    VFIO_DEVICE_SET_IRQS MUST accept an eventfd for an interrupt with the flag EVENTFD.

    Scenario: Set an eventfd
      Given a mediated device A held open with an interrupt that signals an eventfd
      When an eventfd is set for the interrupt of A
      Then the call succeeds

    Scenario: Set an eventfd with extra payload
      Given a mediated device A held open with an interrupt that signals an eventfd
      When an eventfd is set for the interrupt of A with 64 bytes of payload
      Then the call succeeds

  @irqs.eventfd-not-signalled @must @device @basis.kernel
  Rule: irqs.eventfd-not-signalled
    Setting an eventfd with VFIO_DEVICE_SET_IRQS MUST NOT signal that eventfd.

    Scenario: Counter of an eventfd after it is set
      Given a mediated device A held open with an interrupt that signals an eventfd
      When an eventfd is set for the interrupt of A
      Then the call succeeds
      And the eventfd was not signalled

  @irqs.disable @must @device @basis.kernel
  Rule: irqs.disable
    VFIO_DEVICE_SET_IRQS with a count of 0 and without data MUST disable an index that has an eventfd.

    The user can then set an eventfd for the index again.

    Scenario: Disable an interrupt and set its eventfd again
      Given a mediated device A held open with an interrupt that signals an eventfd
      When an eventfd is set for the interrupt of A
      Then the call succeeds
      When the interrupt of A is disabled
      Then the call succeeds
      When an eventfd is set for the interrupt of A
      Then the call succeeds

  @irqs.eventfd-not-open @must @device @basis.kernel
  Rule: irqs.eventfd-not-open
    Setting an eventfd MUST fail with EBADF for a descriptor that is not open.

    Scenario: Set an eventfd with a descriptor that is not open
      Given a mediated device A held open with an interrupt that signals an eventfd
      When a descriptor that is not open is set for the interrupt of A
      Then the call fails with EBADF

  @irqs.no-eventfd @must @device @basis.kernel
  Rule: irqs.no-eventfd
    Setting an eventfd MUST fail with EINVAL for a file that is not an eventfd.

    Scenario: Set an eventfd with the descriptor of another file
      Given a mediated device A held open with an interrupt that signals an eventfd
      When the descriptor of the container is set for the interrupt of A
      Then the call fails with EINVAL

  @irqs.argsz @must @device @basis.kernel
  Rule: irqs.argsz
    VFIO_DEVICE_SET_IRQS MUST fail with EINVAL for an argsz that is too small for the structure and its
    data.

    Scenario Outline: Set interrupts with an argsz that is too small [<case>]
      Given a mediated device A held open with an interrupt that signals an eventfd
      When interrupts of A are set with argsz <argsz>, <flags>, index 0, start 0, count 1
      Then the call fails with EINVAL

      Examples: set-too-short
        | case                     | argsz | flags            |
        | zero                     | 0     | NONE, TRIGGER    |
        | a byte missing           | 19    | NONE, TRIGGER    |
        | no byte for an interrupt | 20    | BOOL, TRIGGER    |
        | no eventfd               | 20    | EVENTFD, TRIGGER |
        | part of an eventfd       | 23    | EVENTFD, TRIGGER |

  @irqs.index @must @device @basis.kernel
  Rule: irqs.index
    VFIO_DEVICE_SET_IRQS MUST fail with EINVAL for an index that is not below the number of interrupts.

    Scenario Outline: Set an interrupt that does not exist [<case>]
      Given a mediated device A held open with an interrupt that signals an eventfd
      When interrupts of A are set with argsz 20, NONE, TRIGGER, index <index>, start 0, count 1
      Then the call fails with EINVAL

      Examples: no-interrupts-to-set
        | case                  | index                        |
        | the first invalid one | the number of its interrupts |
        | the maximum           | 4294967295                   |

  @irqs.range @must @device @basis.kernel
  Rule: irqs.range
    VFIO_DEVICE_SET_IRQS MUST fail with EINVAL for a range that is not within the index.

    Scenario Outline: Set a range of interrupts outside the index [<case>]
      Given a mediated device A held open with an interrupt that signals an eventfd
      When interrupts of A are set with argsz 20, NONE, TRIGGER, index 0, start <start>, count <count>
      Then the call fails with EINVAL

      Examples: no-ranges
        | case                  | start               | count      |
        | starts at the limit   | the limit           | 1          |
        | empty, at the limit   | the limit           | 0          |
        | ends beyond the limit | the limit minus one | 2          |
        | the maximum count     | 0                   | 4294967295 |
        | the end wraps around  | 2                   | 4294967294 |

  @irqs.flags @must @device @basis.kernel
  Rule: irqs.flags
    VFIO_DEVICE_SET_IRQS MUST fail with EINVAL for an undefined flag.

    Scenario Outline: Set interrupts with an undefined flag [<case>]
      Given a mediated device A held open with an interrupt that signals an eventfd
      When interrupts of A are set with argsz 20, NONE, TRIGGER, <flag>, index 0, start 0, count 0
      Then the call fails with EINVAL

      Examples: no-flags
        | case        | flag       |
        | the lowest  | 64         |
        | the highest | 2147483648 |

  @irqs.data @must @device @basis.kernel
  Rule: irqs.data
    VFIO_DEVICE_SET_IRQS MUST fail with EINVAL unless its flags name exactly one kind of data.

    Scenario Outline: Set interrupts without exactly one kind of data [<case>]
      Given a mediated device A held open with an interrupt that signals an eventfd
      When interrupts of A are set with argsz 24, <data>, TRIGGER, index 0, start 0, count 1
      Then the call fails with EINVAL

      Examples: not-one-kind
        | case       | data                |
        | none       | no data             |
        | two        | NONE, BOOL          |
        | two others | BOOL, EVENTFD       |
        | all        | NONE, BOOL, EVENTFD |
