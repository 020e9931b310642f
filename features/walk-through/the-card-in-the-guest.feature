# Derived from spec/walk-through.rst by `mdevref derive`; edit the spec, not this file.
Feature: The card in the guest

  @walk-through.dump @must @sample @basis.document
  Rule: walk-through.dump
    After the guest's firmware has configured a card, the first 64 bytes of configuration space MUST
    match the document's dump.

    The firmware probes the sizes of the card's BARs. It then assigns the same addresses and interrupt
    line as in the document.

    Scenario Outline: A row of the lspci dump [<case>]
      Given a card A with two ports
      When the firmware of the guest assigns the ports 0xc150 and 0xc158 and the interrupt line 0x0a to A
      Then lspci in the guest shows "<row>" for A

      Examples: walk-through-dump
        | case           | row                                                 |
        | identification | 00: 48 43 53 32 01 00 00 02 10 02 00 07 00 00 00 00 |
        | ports          | 10: 51 c1 00 00 59 c1 00 00 00 00 00 00 00 00 00 00 |
        | subsystem      | 20: 00 00 00 00 00 00 00 00 00 00 00 00 48 43 53 32 |
        | interrupt      | 30: 00 00 00 00 00 00 00 00 00 00 00 00 0a 01 00 00 |

  @walk-through.typed @must @sample @basis.document
  Rule: walk-through.typed
    A port MUST deliver every typed byte to a driver that reads the port only when it is interrupted.

    Scenario Outline: Every byte value typed at a port [<case>]
      Given a card A with two ports
      When a driver sends every byte value to port <port> of A
      Then the driver received every byte value from port <port> of A

      Examples: walk-through-ports
        | case  | port |
        | ttyS1 | 0    |
        | ttyS2 | 1    |

  @walk-through.plugged @must @sample @basis.kernel
  Rule: walk-through.plugged
    Plugging in or unplugging a card MUST NOT change another card that is in use.

    Scenario: Second card plugged in and unplugged
      Given the type of cards with one port
      And a card A with two ports
      When "SCR 5a, FCR 07" is written to the registers of port 0 of A
      And "mdev" is sent to port 0 of A
      And a mediated device B of the type is created
      And a guest is started with B
      And "SCR ff, FCR 07" is written to the registers of port 0 of B
      And the user closes B
      And B is removed
      Then SCR of port 0 of A reads 5a
      And "mdev" is received from port 0 of A
