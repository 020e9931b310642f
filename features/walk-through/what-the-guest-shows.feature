# Derived from spec/walk-through.rst by `mdevref derive`; edit the spec, not this file.
Feature: What the guest shows

  @walk-through.dump @must @sample @basis.document
  Rule: walk-through.dump
    When the firmware of a guest has found out how large the ports of a card are, and has given them the
    addresses of the document's guest, the first 64 bytes of configuration space MUST be those that the
    document shows.

    Scenario Outline: A row of what lspci shows [<case>]
      Given a card A with two ports
      When the firmware of the guest gives A the ports 0xc150 and 0xc158 and the interrupt line 0x0a
      Then lspci in the guest shows "<row>" of A

      Examples: walk-through-dump
        | case      | row                                                 |
        | identity  | 00: 48 43 53 32 01 00 00 02 10 02 00 07 00 00 00 00 |
        | ports     | 10: 51 c1 00 00 59 c1 00 00 00 00 00 00 00 00 00 00 |
        | subsystem | 20: 00 00 00 00 00 00 00 00 00 00 00 00 48 43 53 32 |
        | interrupt | 30: 00 00 00 00 00 00 00 00 00 00 00 00 0a 01 00 00 |

  @walk-through.typed @must @sample @basis.document
  Rule: walk-through.typed
    A driver that reads when it is interrupted, and only then, MUST get every byte that was typed.

    Scenario Outline: Every byte at a port [<case>]
      Given a card A with two ports
      When a driver types every byte at port <port> of A
      Then what a driver typed at port <port> of A came back

      Examples: walk-through-ports
        | case  | port |
        | ttyS1 | 0    |
        | ttyS2 | 1    |

  @walk-through.plugged @must @sample @basis.kernel
  Rule: walk-through.plugged
    A card that is plugged in while another one is in use, and unplugged, MUST leave that one as it was.

    Scenario: A second card comes and goes
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
