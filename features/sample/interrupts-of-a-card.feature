# Derived from spec/sample.rst by `mdevref derive`; edit the spec, not this file.
Feature: Interrupts of a card

  @sample.irqs @must @sample @basis.kernel
  Rule: sample.irqs
    A card that has told of itself MUST know the interrupts of the table.

    Scenario Outline: An interrupt of a card [<case>]
      Given a card A with two ports
      And the card A has told of itself
      Then interrupt <interrupt> of the card A has the flags <flags> and a count of 1

      Examples: sample-irqs
        | case | interrupt | flags |
        | INTx | 0         | 0x7   |
        | MSI  | 1         | 0x9   |

  @sample.no-irqs @must @sample @basis.kernel
  Rule: sample.no-irqs
    Asking for an interrupt of the table MUST fail with EINVAL.

    Scenario Outline: An interrupt that a card has not [<case>]
      Given a card A with two ports
      And the card A has told of itself
      When the card A is asked for interrupt <interrupt>
      Then the call fails with EINVAL

      Examples: sample-no-irqs
        | case          | interrupt |
        | MSI-X         | 2         |
        | error         | 3         |
        | none of PCI's | 5         |

  @sample.irq-request @must @sample @basis.kernel @until.6.1
  Rule: sample.irq-request
    A card that has told of itself MUST know interrupt 4, with the flags 0x9 and a count of 1.

    Scenario: The interrupt by which a driver asks for the device
      Given a card A with two ports
      And the card A has told of itself
      Then interrupt 4 of the card A has the flags 0x9 and a count of 1

  @sample.no-irq-request @must @sample @basis.kernel @since.6.12
  Rule: sample.no-irq-request
    Asking for interrupt 4 MUST fail with EINVAL.

    Scenario: The interrupt by which no driver asks any more
      Given a card A with two ports
      And the card A has told of itself
      When the card A is asked for interrupt 4
      Then the call fails with EINVAL

  @sample.irqs-after-info @must @sample @basis.kernel
  Rule: sample.irqs-after-info
    Asking a new card for an interrupt MUST fail with EINVAL until it was asked for its numbers of
    regions and interrupts.

    Scenario: Interrupts of a card that was asked for nothing else
      Given a card A with two ports
      When the card A is asked for interrupt 0
      Then the call fails with EINVAL

  @sample.irqs-remembered @must @sample @basis.kernel
  Rule: sample.irqs-remembered
    That a card was asked for these numbers MUST be remembered when it is closed and opened again.

    Scenario: Interrupts of a card that was asked before it was closed
      Given a card A with two ports
      And the card A has told of itself
      When A is closed and opened again
      Then interrupt 0 of the card A has the flags 0x7 and a count of 1

  @sample.connected @must @sample @basis.kernel
  Rule: sample.connected
    An interrupt of a port MUST be signalled to the eventfd that INTx or MSI was connected to, and
    connecting alone is none.

    Scenario Outline: A byte that interrupts [<case>]
      Given a card A with two ports
      And <line> of A is connected to an eventfd
      When "FCR 01, IER 01" is written to the registers of port <port> of A
      Then <line> of A has not signalled
      When "a" is sent to port <port> of A
      Then <line> of A has signalled 1 times

      Examples: sample-lines
        | case              | line | port |
        | INTx, first port  | INTx | 0    |
        | INTx, second port | INTx | 1    |
        | MSI, first port   | MSI  | 0    |
        | MSI, second port  | MSI  | 1    |

  @sample.connected-again @must @sample @basis.kernel
  Rule: sample.connected-again
    An eventfd that INTx is connected to MUST take the place of the one before.

    Scenario: INTx with another eventfd
      Given a card A with two ports
      And INTx of A is connected to an eventfd
      When INTx of A is connected to an eventfd
      And "FCR 01, IER 01, TX 61" is written to the registers of port 0 of A
      Then only the last eventfd of INTx of A was signalled

  @sample.msi-stays @must @sample @basis.kernel @until.6.1
  Rule: sample.msi-stays
    Connecting MSI again MUST succeed, and change nothing, be it still connected or disconnected
    meanwhile.

    Scenario: MSI keeps its eventfd
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When MSI of A is connected to an eventfd
      Then the call succeeds
      When "FCR 01, IER 01, TX 61" is written to the registers of port 0 of A
      Then only the first eventfd of MSI of A was signalled

    Scenario: MSI that was disconnected
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
    An eventfd that MSI is connected to MUST take the place of the one before.

    Scenario: MSI with another eventfd
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When MSI of A is connected to an eventfd
      And "FCR 01, IER 01, TX 61" is written to the registers of port 0 of A
      Then only the last eventfd of MSI of A was signalled

  @sample.last-connected @must @sample @basis.kernel @until.6.1
  Rule: sample.last-connected
    Of INTx and MSI, the one that was connected last MUST have the interrupts, and once MSI is
    disconnected INTx.

    Scenario: From INTx to MSI and back
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
    While one of INTx and MSI is connected, connecting the other MUST fail with EINVAL.

    Scenario: MSI while INTx is connected
      Given a card A with two ports
      And INTx of A is connected to an eventfd
      When MSI of A is connected to an eventfd
      Then the call fails with EINVAL

    Scenario: INTx while MSI is connected
      Given a card A with two ports
      And MSI of A is connected to an eventfd
      When INTx of A is connected to an eventfd
      Then the call fails with EINVAL

  @sample.disconnected @must @sample @basis.kernel @since.6.12
  Rule: sample.disconnected
    An interrupt that was disconnected MUST NOT be signalled.

    Scenario Outline: An interrupt without eventfd [<case>]
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

    Scenario Outline: An eventfd that there is not [<case>]
      Given a card A with two ports
      When <line> of A is connected to a descriptor that is not open
      Then the call fails with EBADF

      Examples: sample-both-lines
        | case | line |
        | INTx | INTx |
        | MSI  | MSI  |

  @sample.intx-each-time @must @sample @basis.kernel @until.6.1
  Rule: sample.intx-each-time
    Each interrupt MUST be signalled, whether INTx is masked or not; masking it and unmasking it
    succeed.

    Scenario: INTx that cannot be masked
      Given a card A with two ports
      And INTx of A is connected to an eventfd
      When INTx of A is masked
      Then the call succeeds
      When "FCR 01, IER 01, TX 61, FCR 03, TX 61" is written to the registers of port 0 of A
      Then INTx of A has signalled 2 times
      When INTx of A is unmasked
      Then the call succeeds

  @sample.intx-masks-itself @must @sample @basis.kernel @since.6.12
  Rule: sample.intx-masks-itself
    Once INTx was signalled, it MUST NOT be signalled again until it is unmasked.

    Scenario: INTx that masks itself
      Given a card A with two ports
      And INTx of A is connected to an eventfd
      When "FCR 01, IER 01, TX 61, FCR 03, TX 61" is written to the registers of port 0 of A
      Then INTx of A has signalled 1 times
      When INTx of A is unmasked
      And "FCR 03, TX 61" is written to the registers of port 0 of A
      Then INTx of A has signalled 1 times

  @sample.intx-masked @must @sample @basis.kernel @since.6.12
  Rule: sample.intx-masked
    While INTx is masked, it MUST NOT be signalled.

    Scenario: INTx that is masked
      Given a card A with two ports
      And INTx of A is connected to an eventfd
      When INTx of A is masked
      And "FCR 01, IER 01, TX 61" is written to the registers of port 0 of A
      Then INTx of A has not signalled

  @sample.mask-unconnected @must @sample @basis.kernel @since.6.12
  Rule: sample.mask-unconnected
    Masking and unmasking INTx MUST fail with EINVAL while it is not connected.

    Scenario Outline: Masking what is not connected [<case>]
      Given a card A with two ports
      And the card A has told of itself
      When INTx of A is <word>
      Then the call fails with EINVAL

      Examples: sample-masking
        | case      | word     |
        | masking   | masked   |
        | unmasking | unmasked |

  @sample.msi-unmaskable @must @sample @basis.kernel @since.6.12
  Rule: sample.msi-unmaskable
    Masking and unmasking MSI MUST fail with ENOTTY.

    Scenario Outline: Masking MSI [<case>]
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
    A user who triggers the interrupt that is connected MUST find it signalled.

    Scenario Outline: Triggering an interrupt [<case>]
      Given a card A with two ports
      And <line> of A is connected to an eventfd
      When <line> of A is triggered by its user
      Then the call succeeds
      And <line> of A has signalled 1 times

      Examples: sample-both-lines
        | case | line |
        | INTx | INTx |
        | MSI  | MSI  |
