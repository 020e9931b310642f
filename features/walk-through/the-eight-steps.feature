# Derived from spec/walk-through.rst by `mdevref derive`; edit the spec, not this file.
Feature: The eight steps

  @walk-through.session @must @sample @basis.document
  Rule: walk-through.session
    The eight steps MUST succeed in order on one machine, each with the result listed in the table
    above.

    Scenario: All eight steps in order
      Given the parent of the sample driver
      And the type of cards with two ports
      When the vendor driver of the parent is unloaded
      Then "mtty" of the mdev_bus class does not exist
      When the vendor driver of the parent is loaded again
      Then "mtty" of the mdev_bus class points to "devices/virtual/mtty/mtty"
      When a mediated device A of the type is created
      Then "devices/{A}" of the mdev bus is a link
      When a guest is started with A
      And the firmware of the guest assigns the ports 0xc150 and 0xc158 and the interrupt line 0x0a to A
      Then lspci in the guest shows "10: 51 c1 00 00 59 c1 00 00 00 00 00 00 00 00 00 00" for A
      When "SCR ff, FCR 07" is written to the registers of port 0 of A
      Then IIR of port 0 of A reads c1
      And SCR of port 0 of A reads ff
      When "mdev" is sent to port 0 of A
      Then "mdev" is received from port 0 of A
      When a writer starts to write "1\n" to "remove" of A
      Then the writer is blocked
      When the user closes A
      Then the writer returns successfully
      And A does not exist

  @walk-through.again @must @sample @basis.kernel
  Rule: walk-through.again
    A card that is created with the UUID of a removed card MUST start in the state of a new card.

    Scenario: Second card with the same UUID
      Given the type of cards with two ports
      And a card A with two ports
      When "SCR 5a, FCR 07" is written to the registers of port 0 of A
      And "mdev" is sent to port 0 of A
      And the user closes A
      And A is removed
      And the UUID of A is written to "create" of the type
      Then the write succeeds
      When a guest is started with A
      Then SCR of port 0 of A reads 00
      And LSR of port 0 of A reads 60
