# Derived from spec/sample.rst by `mdevref derive`; edit the spec, not this file.
Feature: Loop-back

  @sample.loop-back @must @sample @basis.document
  Rule: sample.loop-back
    Each byte that is sent to a port MUST be received from the same port, unchanged and in order.

    Scenario Outline: What comes back from a port [<case>]
      Given a card A with two ports
      When "FCR 07, LCR 03" is written to the registers of port <port> of A
      And "<text>" is sent to port <port> of A
      Then what was sent to port <port> of A is received from it

      Examples: sample-loop-back
        | case               | port | text                             |
        | a word             | 0    | mdev                             |
        | at the second port | 1    | mdev                             |
        | every bit          | 0    | \x01\x02\x04\x08\x10\x20\x40\x80 |
        | none and all       | 0    | \x00\xff\x00\xff\x55\xaa         |
        | ends of lines      | 1    | \r\n\n\r                         |
        | flow control       | 1    | \x11\x13\x03\x04\x1a             |

  @sample.loop-back-again @must @sample @basis.document
  Rule: sample.loop-back-again
    A port MUST go on giving back what is sent to it, however much that was before.

    Scenario: Many bytes, a few at a time
      Given a card A with two ports
      When "FCR 07" is written to the registers of port 0 of A
      And 12 bytes are sent to port 0 of A
      And 10 bytes are received from port 0 of A
      And 12 bytes are sent to port 0 of A
      And 10 bytes are received from port 0 of A
      And 10 bytes are sent to port 0 of A
      Then what was sent to port 0 of A is received from it

  @sample.loop-back-depth @must @sample @basis.kernel
  Rule: sample.loop-back-depth
    A port whose FIFO is enabled MUST keep 15 bytes until they are received.

    Scenario: As many bytes as can wait
      Given a card A with two ports
      When "FCR 07" is written to the registers of port 0 of A
      And 15 bytes are sent to port 0 of A
      Then LSR of port 0 of A reads 01
      And what was sent to port 0 of A is received from it
      And LSR of port 0 of A reads 60

  @sample.loop-back-always @must @sample @basis.kernel
  Rule: sample.loop-back-always
    The loop bit of MCR, the divisor and the format in LCR MUST make no difference to what is received.

    Scenario Outline: Settings that a line would mind [<case>]
      Given a card A with two ports
      When "<writes>" is written to the registers of port 0 of A
      And "mdev" is sent to port 0 of A
      Then "mdev" is received from port 0 of A

      Examples: sample-settings
        | case           | writes                         |
        | nothing set up | SCR 00                         |
        | loop           | MCR 10                         |
        | no loop        | MCR 0b                         |
        | 5 bits, break  | LCR 40                         |
        | slowest        | LCR 83, DLL ff, DLM ff, LCR 03 |
