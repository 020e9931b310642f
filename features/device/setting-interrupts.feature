# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Setting interrupts

  @irqs.eventfd @must @device @basis.kernel
  Rule: irqs.eventfd
    An interrupt with the flag EVENTFD MUST accept an eventfd, and not signal it by that alone.

    Scenario: An eventfd for an interrupt
      Given a mediated device A held open with an interrupt that signals an eventfd
      When the interrupt of A is given an eventfd
      Then the call succeeds
      And the eventfd was not signalled

    Scenario: An eventfd for an interrupt, with more payload than it takes
      Given a mediated device A held open with an interrupt that signals an eventfd
      When the interrupt of A is given an eventfd, with 64 bytes of payload
      Then the call succeeds

  @irqs.disable @must @device @basis.kernel
  Rule: irqs.disable
    A count of 0 without data MUST disable an index that has an eventfd, so that it can be given one
    again.

    Scenario: An interrupt that is disabled
      Given a mediated device A held open with an interrupt that signals an eventfd
      When the interrupt of A is given an eventfd
      Then the call succeeds
      When the interrupt of A is given nothing
      Then the call succeeds
      When the interrupt of A is given an eventfd
      Then the call succeeds

  @irqs.eventfd-not-open @must @device @basis.kernel
  Rule: irqs.eventfd-not-open
    For a descriptor that is not open, setting an eventfd MUST fail with EBADF.

    Scenario: A descriptor that is not open for an interrupt
      Given a mediated device A held open with an interrupt that signals an eventfd
      When the interrupt of A is given a descriptor that is not open
      Then the call fails with EBADF

  @irqs.no-eventfd @must @device @basis.kernel
  Rule: irqs.no-eventfd
    For a file that is no eventfd, setting an eventfd MUST fail with EINVAL.

    Scenario: Another file for an interrupt
      Given a mediated device A held open with an interrupt that signals an eventfd
      When the interrupt of A is given the descriptor of the container
      Then the call fails with EINVAL

  @irqs.argsz @must @device @basis.kernel
  Rule: irqs.argsz
    VFIO_DEVICE_SET_IRQS MUST fail with EINVAL for an argsz that has no room for the structure and its
    data.

    Scenario Outline: Interrupts that are set with too little [<case>]
      Given a mediated device A held open with an interrupt that signals an eventfd
      When interrupts of A are set with argsz <argsz>, <flags>, index 0, start 0, count 1
      Then the call fails with EINVAL

      Examples: set-too-short
        | case                     | argsz | flags            |
        | nothing                  | 0     | NONE, TRIGGER    |
        | a byte missing           | 19    | NONE, TRIGGER    |
        | no byte for an interrupt | 20    | BOOL, TRIGGER    |
        | no eventfd               | 20    | EVENTFD, TRIGGER |
        | a part of an eventfd     | 23    | EVENTFD, TRIGGER |

  @irqs.index @must @device @basis.kernel
  Rule: irqs.index
    VFIO_DEVICE_SET_IRQS MUST fail with EINVAL for an index that is not below the number of interrupts.

    Scenario Outline: Interrupts of an index that there is not [<case>]
      Given a mediated device A held open with an interrupt that signals an eventfd
      When interrupts of A are set with argsz 20, NONE, TRIGGER, index <index>, start 0, count 1
      Then the call fails with EINVAL

      Examples: no-interrupts-to-set
        | case               | index                        |
        | the first too many | the number of its interrupts |
        | the last           | 4294967295                   |

  @irqs.range @must @device @basis.kernel
  Rule: irqs.range
    VFIO_DEVICE_SET_IRQS MUST fail with EINVAL for a range that is not within the index.

    Scenario Outline: A range of interrupts that there is not [<case>]
      Given a mediated device A held open with an interrupt that signals an eventfd
      When interrupts of A are set with argsz 20, NONE, TRIGGER, index 0, start <start>, count <count>
      Then the call fails with EINVAL

      Examples: no-ranges
        | case                         | start              | count      |
        | it begins behind             | the limit          | 1          |
        | none, but it would be behind | the limit          | 0          |
        | it ends behind               | the limit less one | 2          |
        | more than can be counted     | 0                  | 4294967295 |
        | its end has gone around      | 2                  | 4294967294 |

  @irqs.flags @must @device @basis.kernel
  Rule: irqs.flags
    VFIO_DEVICE_SET_IRQS MUST fail with EINVAL for a flag that has no meaning.

    Scenario Outline: A flag that there is not [<case>]
      Given a mediated device A held open with an interrupt that signals an eventfd
      When interrupts of A are set with argsz 20, NONE, TRIGGER, <flag>, index 0, start 0, count 0
      Then the call fails with EINVAL

      Examples: no-flags
        | case      | flag       |
        | the first | 64         |
        | the last  | 2147483648 |

  @irqs.data @must @device @basis.kernel
  Rule: irqs.data
    VFIO_DEVICE_SET_IRQS MUST fail with EINVAL unless it is told of one kind of data.

    Scenario Outline: Kinds of data that are not one [<case>]
      Given a mediated device A held open with an interrupt that signals an eventfd
      When interrupts of A are set with argsz 24, <data>, TRIGGER, index 0, start 0, count 1
      Then the call fails with EINVAL

      Examples: not-one-kind
        | case      | data                |
        | none      | no data             |
        | two       | NONE, BOOL          |
        | other two | BOOL, EVENTFD       |
        | all       | NONE, BOOL, EVENTFD |
