# Derived from spec/sample.rst by `mdevref derive`; edit the spec, not this file.
Feature: Ports

  @sample.ports @must @sample @basis.kernel
  Rule: sample.ports
    While there is no card, available_instances MUST show 24 for mtty-1 and 12 for mtty-2.

    The driver has 24 ports for all its cards.

    Scenario: Instances of the sample before the first card
      Given the types of cards with one port and with two ports
      When "available_instances" of the first type is read
      Then the text is "24\n"
      When "available_instances" of the second type is read
      Then the text is "12\n"

  @sample.ports-shared @must @sample @basis.kernel
  Rule: sample.ports-shared
    available_instances of both types MUST show how many cards the ports are enough for that no card
    has.

    Scenario: Instances of the sample as cards come
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
    A card that is removed MUST give back all its ports.

    Scenario: Instances of the sample as a card goes
      Given the types of cards with one port and with two ports
      When a mediated device A of the second type is created
      And A is removed
      And "available_instances" of the first type is read
      Then the text is "24\n"

  @sample.ports-overdrawn @must @sample @basis.kernel @until.5.12
  Rule: sample.ports-overdrawn
    Creating a card for which there are no ports any more MUST succeed all the same, and leave
    available_instances less than 0.

    What is shown is the number of ports that are left, divided by those of a card and cut towards zero.

    Scenario: More cards than there are ports
      Given the types of cards with one port and with two ports
      When 25 devices of the first type are created
      Then every write succeeded
      When "available_instances" of the first type is read
      Then the text is "-1\n"
      When "available_instances" of the second type is read
      Then the text is "0\n"

  @sample.ports-exhausted @must @sample @basis.kernel @since.6.1
  Rule: sample.ports-exhausted
    Creating a card for which there are no ports any more MUST fail with ENOSPC.

    Scenario: A card more than there are ports
      Given the types of cards with one port and with two ports
      When 24 devices of the first type are created
      Then every write succeeded
      When "{uuid}" is written to "create" of the first type
      Then the write fails with ENOSPC

    Scenario: A card of two ports where there is one port left
      Given the types of cards with one port and with two ports
      When 23 devices of the first type are created
      And "{uuid}" is written to "create" of the second type
      Then the write fails with ENOSPC
      When "available_instances" of the first type is read
      Then the text is "1\n"

  @sample.card @must @sample @basis.document
  Rule: sample.card
    Writing a UUID to create of mtty-2 MUST create a card that the bus lists by that UUID.

    Scenario: The card of the walk-through comes
      Given the type of cards with two ports
      When "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001\n" is written to "create" of the type
      Then the write succeeds
      And "devices/83b8f4f2-509f-382f-3c1e-e6bfe0fa1001" of the mdev bus is a link

  @sample.card-destroyed @must @sample @basis.document
  Rule: sample.card-destroyed
    Writing 1 to remove of a card that nobody uses MUST destroy it.

    Scenario: The card of the walk-through goes
      Given the type of cards with two ports
      And a mediated device A of the type
      When "1\n" is written to "devices/{A}/remove" of the mdev bus
      Then the write succeeds
      And A does not exist

  @sample.card-attribute @must @sample @basis.kernel
  Rule: sample.card-attribute
    A card that is bound to its driver MUST have a file vendor/sample_mdev_dev that shows This is MDEV,
    a blank, its UUID and a newline.

    Scenario: The attribute of a card
      Given the type of cards with two ports
      And a mediated device A of the type
      When "vendor/sample_mdev_dev" of A is read
      Then the text is "This is MDEV {A}\n"
