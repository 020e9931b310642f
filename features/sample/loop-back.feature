# Derived from spec/sample.rst by `mdevref derive`; edit the spec, not this file.
Feature: Loop-back

  @sample.loop-back @must @sample @basis.document
  Rule: sample.loop-back
    Each byte that is sent to a port MUST be received from the same port, unchanged and in order.

    Scenario Outline: Text sent and received [<case>]
      Given a card A with two ports
      When "FCR 07, LCR 03" is written to the registers of port <port> of A
      And "<text>" is sent to port <port> of A
      Then every byte sent to port <port> of A is received from it

      Examples: sample-loop-back
        | case                   | port | text                             |
        | word                   | 0    | mdev                             |
        | word, second port      | 1    | mdev                             |
        | each bit alone         | 0    | \x01\x02\x04\x08\x10\x20\x40\x80 |
        | all bits clear and set | 0    | \x00\xff\x00\xff\x55\xaa         |
        | line endings           | 1    | \r\n\n\r                         |
        | control characters     | 1    | \x11\x13\x03\x04\x1a             |

  @sample.loop-back-again @must @sample @basis.document
  Rule: sample.loop-back-again
    A port MUST return the bytes that are sent to it, regardless of how many were sent before.

    Scenario: 34 bytes sent in three parts
      Given a card A with two ports
      When "FCR 07" is written to the registers of port 0 of A
      And 12 bytes are sent to port 0 of A
      And 10 bytes are received from port 0 of A
      And 12 bytes are sent to port 0 of A
      And 10 bytes are received from port 0 of A
      And 10 bytes are sent to port 0 of A
      Then every byte sent to port 0 of A is received from it

  @sample.loop-back-depth @must @sample @basis.kernel
  Rule: sample.loop-back-depth
    A port whose FIFO is enabled MUST hold 15 bytes until they are received.

    Scenario: 15 unread bytes
      Given a card A with two ports
      When "FCR 07" is written to the registers of port 0 of A
      And 15 bytes are sent to port 0 of A
      Then LSR of port 0 of A reads 01
      And every byte sent to port 0 of A is received from it
      And LSR of port 0 of A reads 60

  @sample.loop-back-always @must @sample @basis.kernel
  Rule: sample.loop-back-always
    The loop bit of MCR, the divisor and the format in LCR MUST NOT affect the bytes received.

    Scenario Outline: Loop-back with other line settings [<case>]
      Given a card A with two ports
      When "<writes>" is written to the registers of port 0 of A
      And "mdev" is sent to port 0 of A
      Then "mdev" is received from port 0 of A

      Examples: sample-settings
        | case          | writes                         |
        | no setup      | SCR 00                         |
        | loop          | MCR 10                         |
        | no loop       | MCR 0b                         |
        | 5 bits, break | LCR 40                         |
        | lowest speed  | LCR 83, DLL ff, DLM ff, LCR 03 |
