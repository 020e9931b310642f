# Derived from spec/sample.rst by `mdevref derive`; edit the spec, not this file.
Feature: Interrupts of a card

  @sample.irqs @must @sample @basis.kernel
  Rule: sample.irqs
    After VFIO_DEVICE_GET_INFO, VFIO_DEVICE_GET_IRQ_INFO MUST report each interrupt in the table below
    with the flags listed there and a count of 1.

    Scenario Outline: Information about an interrupt [<case>]
      Given a card A with two ports
      And VFIO_DEVICE_GET_INFO of card A has been called
      Then interrupt <interrupt> of card A has the flags <flags> and a count of 1

      Examples: sample-irqs
        | case | interrupt | flags |
        | INTx | 0         | 0x7   |
        | MSI  | 1         | 0x9   |

  @sample.no-irqs @must @sample @basis.kernel
  Rule: sample.no-irqs
    VFIO_DEVICE_GET_IRQ_INFO MUST fail with EINVAL for each index in the table below.

    Scenario Outline: Information about an unsupported interrupt [<case>]
      Given a card A with two ports
      And VFIO_DEVICE_GET_INFO of card A has been called
      When the info of interrupt <interrupt> of card A is requested
      Then the call fails with EINVAL

      Examples: sample-no-irqs
        | case            | interrupt |
        | MSI-X           | 2         |
        | error           | 3         |
        | beyond the last | 5         |

  @sample.irq-request @must @sample @basis.kernel @until.6.1
  Rule: sample.irq-request
    After VFIO_DEVICE_GET_INFO, VFIO_DEVICE_GET_IRQ_INFO MUST report interrupt 4 with the flags 0x9 and
    a count of 1.

    A driver uses interrupt 4 to ask the user to release the device.

    Scenario: Information about the request interrupt
      Given a card A with two ports
      And VFIO_DEVICE_GET_INFO of card A has been called
      Then interrupt 4 of card A has the flags 0x9 and a count of 1

  @sample.no-irq-request @must @sample @basis.kernel @since.6.12
  Rule: sample.no-irq-request
    VFIO_DEVICE_GET_IRQ_INFO MUST fail with EINVAL for interrupt 4.

    Scenario: Information about the removed request interrupt
      Given a card A with two ports
      And VFIO_DEVICE_GET_INFO of card A has been called
      When the info of interrupt 4 of card A is requested
      Then the call fails with EINVAL

  @sample.irqs-after-info @must @sample @basis.kernel
  Rule: sample.irqs-after-info
    VFIO_DEVICE_GET_IRQ_INFO of a new card MUST fail with EINVAL before VFIO_DEVICE_GET_INFO is first
    called.

    Scenario: Interrupt information before device information
      Given a card A with two ports
      When the info of interrupt 0 of card A is requested
      Then the call fails with EINVAL

  @sample.irqs-remembered @must @sample @basis.kernel
  Rule: sample.irqs-remembered
    After it is closed and reopened, a card MUST remember that VFIO_DEVICE_GET_INFO was called.

    VFIO_DEVICE_GET_IRQ_INFO then succeeds without another call of VFIO_DEVICE_GET_INFO.

    Scenario: Interrupt information after the card is reopened
      Given a card A with two ports
      And VFIO_DEVICE_GET_INFO of card A has been called
      When A is closed and opened again
      Then interrupt 0 of card A has the flags 0x7 and a count of 1

  @sample.connected @must @sample @basis.kernel
  Rule: sample.connected
    A card MUST signal the eventfd connected to INTx or MSI exactly once for each interrupt of a port.

    Connecting an eventfd does not count as an interrupt and does not signal that eventfd. The masking
    of INTx is covered below.

    Scenario Outline: Signal for a received byte [<case>]
      Given a card A with two ports
      And <line> of A is connected to an eventfd
      When "FCR 01, IER 01" is written to the registers of port <port> of A
      Then <line> of A has not signalled
      When "a" is sent to port <port> of A
      Then <line> of A has signalled once

      Examples: sample-lines
        | case              | line | port |
        | INTx, first port  | INTx | 0    |
        | INTx, second port | INTx | 1    |
        | MSI, first port   | MSI  | 0    |
        | MSI, second port  | MSI  | 1    |

  @sample.connected-again @must @sample @basis.kernel
  Rule: sample.connected-again
    Connecting INTx to another eventfd MUST replace the previous eventfd.

    Scenario: INTx connected to a second eventfd
      Given a card A with two ports
      And INTx of A is connected to an eventfd
      When INTx of A is connected to an eventfd
      And "FCR 01, IER 01, TX 61" is written to the registers of port 0 of A
      Then only the last eventfd of INTx of A was signalled

  @sample.msi-stays @must @sample @basis.kernel @until.6.1
  Rule: sample.msi-stays
    A card MUST accept and ignore another eventfd for MSI once MSI was connected, even after MSI was
    disconnected.

    Scenario: MSI connected a second time
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When MSI of A is connected to an eventfd
      Then the call succeeds
      When "FCR 01, IER 01, TX 61" is written to the registers of port 0 of A
      Then only the first eventfd of MSI of A was signalled

    Scenario: MSI connected again after it was disconnected
      Given a card A with two ports
      And INTx of A is connected to an eventfd
      And MSI of A is connected to an eventfd
      When MSI of A is disconnected
      And MSI of A is connected to an eventfd
      Then the call succeeds
      When "FCR 01, IER 01, TX 61" is written to the registers of port 0 of A
      Then MSI of A has not signalled
      And INTx of A has signalled

  @sample.msi-connected-again @must @sample @basis.kernel @since.6.12
  Rule: sample.msi-connected-again
    Connecting MSI to another eventfd MUST replace the previous eventfd.

    Scenario: MSI connected to a second eventfd
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When MSI of A is connected to an eventfd
      And "FCR 01, IER 01, TX 61" is written to the registers of port 0 of A
      Then only the last eventfd of MSI of A was signalled

  @sample.last-connected @must @sample @basis.kernel @until.6.1
  Rule: sample.last-connected
    A card MUST signal its interrupts through INTx or MSI, whichever was connected last.

    Scenario: MSI connected after INTx
      Given a card A with two ports
      And INTx of A is connected to an eventfd
      And MSI of A is connected to an eventfd
      When "FCR 01, IER 01, TX 61" is written to the registers of port 0 of A
      Then MSI of A has signalled
      And INTx of A has not signalled

  @sample.msi-disconnected @must @sample @basis.kernel @until.6.1
  Rule: sample.msi-disconnected
    After MSI is disconnected, a card MUST signal its interrupts through INTx.

    Scenario: MSI disconnected while INTx is connected
      Given a card A with two ports
      And INTx of A is connected to an eventfd
      And MSI of A is connected to an eventfd
      When "FCR 01, IER 01, TX 61" is written to the registers of port 0 of A
      Then MSI of A has signalled
      And INTx of A has not signalled
      When MSI of A is disconnected
      And "FCR 03, TX 61" is written to the registers of port 0 of A
      Then INTx of A has signalled
      And MSI of A has not signalled

  @sample.one-connected @must @sample @basis.kernel @since.6.12
  Rule: sample.one-connected
    Connecting INTx or MSI MUST fail with EINVAL while the other one is connected.

    Scenario: Connection of MSI while INTx is connected
      Given a card A with two ports
      And INTx of A is connected to an eventfd
      When MSI of A is connected to an eventfd
      Then the call fails with EINVAL

    Scenario: Connection of INTx while MSI is connected
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When INTx of A is connected to an eventfd
      Then the call fails with EINVAL

  @sample.disconnected @must @sample @basis.kernel @since.6.12
  Rule: sample.disconnected
    A card MUST NOT signal INTx or MSI after it was disconnected.

    Scenario Outline: Received byte after a disconnection [<case>]
      Given a card A with two ports
      And <line> of A is connected to an eventfd
      When <line> of A is disconnected
      Then the call succeeds
      When "FCR 01, IER 01, TX 61" is written to the registers of port 0 of A
      Then <line> of A has not signalled

      Examples: sample-both-lines
        | case | line |
        | INTx | INTx |
        | MSI  | MSI  |

  @sample.descriptor-refused @must @sample @basis.kernel
  Rule: sample.descriptor-refused
    Connecting INTx or MSI to a file descriptor that is not open MUST fail with EBADF.

    Scenario Outline: Connection to a descriptor that is not open [<case>]
      Given a card A with two ports
      When <line> of A is connected to a descriptor that is not open
      Then the call fails with EBADF

      Examples: sample-both-lines
        | case | line |
        | INTx | INTx |
        | MSI  | MSI  |

  @sample.intx-each-time @must @sample @basis.kernel @until.6.1
  Rule: sample.intx-each-time
    A card MUST signal INTx for every interrupt, even while INTx is masked.

    Scenario: Two interrupts while INTx is masked
      Given a card A with two ports
      And INTx of A is connected to an eventfd
      When INTx of A is masked
      And "FCR 01, IER 01, TX 61, FCR 03, TX 61" is written to the registers of port 0 of A
      Then INTx of A has signalled 2 times

  @sample.intx-mask-accepted @must @sample @basis.kernel @until.6.1
  Rule: sample.intx-mask-accepted
    Masking or unmasking INTx MUST succeed.

    Neither operation has an effect.

    Scenario: INTx masked and unmasked
      Given a card A with two ports
      And INTx of A is connected to an eventfd
      When INTx of A is masked
      Then the call succeeds
      When INTx of A is unmasked
      Then the call succeeds

  @sample.intx-masks-itself @must @sample @basis.kernel @since.6.12
  Rule: sample.intx-masks-itself
    A card that has signalled INTx MUST NOT signal it again until INTx is unmasked.

    Scenario: Two interrupts without unmasking in between
      Given a card A with two ports
      And INTx of A is connected to an eventfd
      When "FCR 01, IER 01, TX 61, FCR 03, TX 61" is written to the registers of port 0 of A
      Then INTx of A has signalled once
      When INTx of A is unmasked
      And "FCR 03, TX 61" is written to the registers of port 0 of A
      Then INTx of A has signalled once

  @sample.intx-masked @must @sample @basis.kernel @since.6.12
  Rule: sample.intx-masked
    A card MUST NOT signal INTx while INTx is masked.

    Scenario: Interrupt while INTx is masked
      Given a card A with two ports
      And INTx of A is connected to an eventfd
      When INTx of A is masked
      And "FCR 01, IER 01, TX 61" is written to the registers of port 0 of A
      Then INTx of A has not signalled

  @sample.mask-unconnected @must @sample @basis.kernel @since.6.12
  Rule: sample.mask-unconnected
    Masking or unmasking INTx MUST fail with EINVAL while INTx is not connected.

    Scenario Outline: Masking and unmasking of INTx while it is not connected [<case>]
      Given a card A with two ports
      And VFIO_DEVICE_GET_INFO of card A has been called
      When INTx of A is <word>
      Then the call fails with EINVAL

      Examples: sample-masking
        | case      | word     |
        | masking   | masked   |
        | unmasking | unmasked |

  @sample.msi-unmaskable @must @sample @basis.kernel @since.6.12
  Rule: sample.msi-unmaskable
    Masking or unmasking MSI MUST fail with ENOTTY.

    Scenario Outline: Masking and unmasking of MSI [<case>]
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When MSI of A is <word>
      Then the call fails with ENOTTY

      Examples: sample-masking
        | case      | word     |
        | masking   | masked   |
        | unmasking | unmasked |

  @sample.triggered @must @sample @basis.kernel @since.6.12
  Rule: sample.triggered
    Triggering a connected INTx or MSI from user space MUST signal its eventfd.

    Scenario Outline: Interrupt triggered by its user [<case>]
      Given a card A with two ports
      And <line> of A is connected to an eventfd
      When <line> of A is triggered by the user
      Then the call succeeds
      And <line> of A has signalled once

      Examples: sample-both-lines
        | case | line |
        | INTx | INTx |
        | MSI  | MSI  |
