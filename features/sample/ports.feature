# Derived from spec/sample.rst by `mdevref derive`; edit the spec, not this file.
Feature: Ports

  @sample.ports @must @sample @basis.kernel
  Rule: sample.ports
    available_instances MUST show 24 for mtty-1 and 12 for mtty-2 while no card exists.

    All cards share the driver's 24 ports.

    Scenario: Available instances before the first card
      Given the types of cards with one port and with two ports
      When "available_instances" of the first type is read
      Then the text is "24\n"
      When "available_instances" of the second type is read
      Then the text is "12\n"

  @sample.ports-shared @must @sample @basis.kernel
  Rule: sample.ports-shared
    available_instances of each type MUST show how many more cards the unused ports suffice for.

    Scenario: Available instances after cards of both types
      Given the types of cards with one port and with two ports
      When a mediated device A of the second type is created
      And "available_instances" of the first type is read
      Then the text is "22\n"
      When a mediated device B of the first type is created
      And "available_instances" of the first type is read
      Then the text is "21\n"
      When "available_instances" of the second type is read
      Then the text is "10\n"

  @sample.ports-come-back @must @sample @basis.kernel
  Rule: sample.ports-come-back
    Removing a card MUST free all its ports.

    Scenario: Available instances after a removal
      Given the types of cards with one port and with two ports
      When a mediated device A of the second type is created
      And A is removed
      And "available_instances" of the first type is read
      Then the text is "24\n"

  @sample.ports-overdrawn @must @sample @basis.kernel @until.5.12
  Rule: sample.ports-overdrawn
    Creating a card MUST succeed even if it needs more ports than are unused.

    Scenario: Creation of 25 cards with one port
      Given the types of cards with one port and with two ports
      When 25 devices of the first type are created
      Then every write succeeds

  @sample.ports-negative @must @sample @basis.kernel @until.5.12
  Rule: sample.ports-negative
    available_instances MUST show a negative number for mtty-1 while all cards together have more than
    24 ports.

    The value is 24 minus the ports in use, divided by the number of ports of a card and rounded towards
    zero. With 25 ports in use it is -1 for mtty-1 and 0 for mtty-2.

    Scenario: Available instances after 25 cards with one port
      Given the types of cards with one port and with two ports
      When 25 devices of the first type are created
      Then every write succeeds
      When "available_instances" of the first type is read
      Then the text is "-1\n"
      When "available_instances" of the second type is read
      Then the text is "0\n"

  @sample.ports-exhausted @must @sample @basis.kernel @since.6.1
  Rule: sample.ports-exhausted
    Creating a card MUST fail with ENOSPC if it needs more ports than are unused.

    Scenario: Creation of a 25th card with one port
      Given the types of cards with one port and with two ports
      When 24 devices of the first type are created
      Then every write succeeds
      When "{uuid}" is written to "create" of the first type
      Then the write fails with ENOSPC

    Scenario: Creation of a card with two ports while one port is unused
      Given the types of cards with one port and with two ports
      When 23 devices of the first type are created
      And "{uuid}" is written to "create" of the second type
      Then the write fails with ENOSPC
      When "available_instances" of the first type is read
      Then the text is "1\n"

  @sample.card @must @sample @basis.document
  Rule: sample.card
    Writing a UUID to create of mtty-2 MUST create a card that the mdev bus lists by that UUID.

    Scenario: Creation of the walk-through's card
      Given the type of cards with two ports
      When "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001\n" is written to "create" of the type
      Then the write succeeds
      And "devices/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001" of the mdev bus is a link

  @sample.card-destroyed @must @sample @basis.document
  Rule: sample.card-destroyed
    Writing 1 to remove of a card that is not in use MUST remove the card.

    Scenario: Removal of the walk-through's card
      Given the type of cards with two ports
      And a mediated device A of the type
      When "1\n" is written to "devices/{A}/remove" of the mdev bus
      Then the write succeeds
      And A does not exist

  @sample.card-attribute @must @sample @basis.kernel
  Rule: sample.card-attribute
    While a card is bound, its vendor/sample_mdev_dev MUST show This is MDEV, a space, the card's UUID
    and a newline.

    Scenario: Text of a card's attribute
      Given the type of cards with two ports
      And a mediated device A of the type
      When "vendor/sample_mdev_dev" of A is read
      Then the text is "This is MDEV {A}\n"
