# Derived from spec/removing.rst by `mdevref derive`; edit the spec, not this file.
Feature: Accepted and rejected input

  @remove.one @must @management @basis.document
  Rule: remove.one
    Writing 1 to remove of a mediated device MUST remove that device.

    Scenario: 1 without a newline
      Given a mediated device A
      When "1" is written to "remove" of A
      Then the write succeeds
      And A does not exist
      And nothing else changed

    Scenario: 1 and newline, as echo writes them
      Given a mediated device A
      When "1\n" is written to "remove" of A
      Then the write succeeds
      And A does not exist
      And nothing else changed

  @remove.other-numbers @must @management @basis.kernel
  Rule: remove.other-numbers
    Writing a number other than 0 to remove, in a form listed in the table below, MUST remove the
    mediated device.

    Numbers are written as in C. The prefix 0x introduces hexadecimal digits, and any other leading 0
    introduces octal digits. The text ends at the first NUL. One newline at its end is ignored.

    Scenario Outline: Number other than 0 [<case>]
      Given a mediated device A
      When "<written>" is written to "remove" of A
      Then the write succeeds
      And A does not exist

      Examples: removing-numbers
        | case                    | written              |
        | two                     | 2                    |
        | plus sign               | +1                   |
        | hexadecimal             | 0x1                  |
        | hexadecimal and newline | 0x10\n               |
        | octal                   | 010                  |
        | largest number          | 18446744073709551615 |
        | NUL at the end          | 1\x00                |
        | NUL and more text       | 1\x00no              |

  @remove.zero @must @management @basis.kernel
  Rule: remove.zero
    Writing the number 0 to remove MUST succeed and have no effect.

    Scenario Outline: Number 0 [<case>]
      Given a mediated device A
      When "<written>" is written to "remove" of A
      Then the write succeeds
      And nothing else changed

      Examples: zeros
        | case             | written |
        | zero             | 0       |
        | zero and newline | 0\n     |
        | octal            | 00      |
        | hexadecimal      | 0x0     |

  @remove.empty-write @must @management @basis.kernel
  Rule: remove.empty-write
    A write of 0 bytes to remove MUST succeed and have no effect.

    Scenario: Empty write to remove
      Given a mediated device A
      When "" is written to "remove" of A
      Then the write returns 0
      And nothing else changed

  @remove.refused-values @must @management @basis.kernel
  Rule: remove.refused-values
    Writing any text other than a number in an accepted form to remove MUST fail with EINVAL.

    Scenario Outline: Input that is not a number in an accepted form [<case>]
      Given a mediated device A
      When "<written>" is written to "remove" of A
      Then the write fails with EINVAL
      And nothing else changed

      Examples: refused-values
        | case                        | written              |
        | newline only                | \n                   |
        | word                        | yes                  |
        | digit and letter            | 1x                   |
        | negative number             | -1                   |
        | space at the start          | \x201                |
        | space at the end            | 1\x20                |
        | two newlines                | 1\n\n                |
        | carriage return and newline | 1\r\n                |
        | two signs                   | ++1                  |
        | prefix only                 | 0x                   |
        | invalid octal digit         | 08                   |
        | binary number               | 0b1                  |
        | number too large            | 18446744073709551616 |

  @remove.through-links @must @management @basis.kernel
  Rule: remove.through-links
    Writing to remove MUST have the same effect through each path that leads to it.

    Scenario Outline: Removal through a path [<case>]
      Given a mediated device A
      When "1" is written to "<entry>" of <place>
      Then the write succeeds
      And A does not exist

      Examples: paths-to-remove
        | case   | entry              | place           |
        | parent | {A}/remove         | the parent      |
        | bus    | devices/{A}/remove | the mdev bus    |
        | type   | devices/{A}/remove | the type        |
        | driver | {A}/remove         | the driver of A |
