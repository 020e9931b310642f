# Derived from spec/removing.rst by `mdevref derive`; edit the spec, not this file.
Feature: What remove accepts

  @remove.one @must @management @basis.document
  Rule: remove.one
    Writing 1 to remove of a mediated device MUST remove it.

    Scenario: The digit 1
      Given a mediated device A
      When "1" is written to "remove" of A
      Then the write succeeds
      And A does not exist
      And nothing else changed

    Scenario: The digit 1 as echo writes it
      Given a mediated device A
      When "1\n" is written to "remove" of A
      Then the write succeeds
      And A does not exist
      And nothing else changed

  @remove.other-numbers @must @management @basis.kernel
  Rule: remove.other-numbers
    Writing any number but 0 to remove, in a form that the table lists, MUST remove the mediated device.

    The number is read as C does: 0x leads in hexadecimal digits, another 0 leads in octal ones. The
    text ends with the first NUL, and one newline at its end is passed over.

    Scenario Outline: A number that is not 0 [<case>]
      Given a mediated device A
      When "<written>" is written to "remove" of A
      Then the write succeeds
      And A does not exist

      Examples: removing-numbers
        | case                    | written              |
        | two                     | 2                    |
        | plus                    | +1                   |
        | hexadecimal             | 0x1                  |
        | hexadecimal and newline | 0x10\n               |
        | octal                   | 010                  |
        | the largest             | 18446744073709551615 |
        | NUL at the end          | 1\x00                |
        | NUL and more            | 1\x00no              |

  @remove.zero @must @management @basis.kernel
  Rule: remove.zero
    Writing the number 0 to remove MUST succeed and do nothing.

    Scenario Outline: The number 0 [<case>]
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
    A write of 0 bytes to remove MUST succeed and do nothing.

    Scenario: No number at all
      Given a mediated device A
      When "" is written to "remove" of A
      Then the write returns 0
      And nothing else changed

  @remove.refused-values @must @management @basis.kernel
  Rule: remove.refused-values
    Writing to remove something that is no number in an accepted form MUST fail with EINVAL.

    Scenario Outline: A text that is no number [<case>]
      Given a mediated device A
      When "<written>" is written to "remove" of A
      Then the write fails with EINVAL
      And nothing else changed

      Examples: refused-values
        | case                        | written              |
        | a newline                   | \n                   |
        | a word                      | yes                  |
        | a digit and a letter        | 1x                   |
        | negative                    | -1                   |
        | blank at the start          | \x201                |
        | blank at the end            | 1\x20                |
        | two newlines                | 1\n\n                |
        | carriage return and newline | 1\r\n                |
        | two signs                   | ++1                  |
        | a prefix alone              | 0x                   |
        | no octal digit              | 08                   |
        | binary                      | 0b1                  |
        | too large                   | 18446744073709551616 |

  @remove.through-links @must @management @basis.kernel
  Rule: remove.through-links
    Writing to remove MUST have the same effect by whatever links it is reached.

    Scenario Outline: Removing by a path [<case>]
      Given a mediated device A
      When "1" is written to "<entry>" of <place>
      Then the write succeeds
      And A does not exist

      Examples: paths-to-remove
        | case          | entry              | place           |
        | of the parent | {A}/remove         | the parent      |
        | of the bus    | devices/{A}/remove | the mdev bus    |
        | of the type   | devices/{A}/remove | the type        |
        | of the driver | {A}/remove         | the driver of A |
