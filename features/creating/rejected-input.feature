# Derived from spec/creating.rst by `mdevref derive`; edit the spec, not this file.
Feature: Rejected input

  @create.refused-forms @must @management @basis.kernel
  Rule: create.refused-forms
    Writing any text other than a UUID in an accepted form to create MUST fail with EINVAL.

    Scenario Outline: Input that is not a UUID in an accepted form [<case>]
      Given a type with an instance available
      When "<written>" is written to "create" of the type
      Then the write fails with EINVAL
      And nothing else changed

      Examples: refused-uuids
        | case                             | written                                         |
        | newline only                     | \n                                              |
        | word                             | mtty                                            |
        | one character too short          | 83b8f4f2-509f-382f-3c1e-e6bfe0fa100             |
        | one character too short, newline | 83b8f4f2-509f-382f-3c1e-e6bfe0fa100\n           |
        | two characters too long          | {uuid}00                                        |
        | carriage return and newline      | {uuid}\r\n                                      |
        | two newlines                     | {uuid}\n\n                                      |
        | space and newline                | {uuid}\x20\n                                    |
        | space at the start               | \x20{uuid}                                      |
        | newline at the start             | \n{uuid}                                        |
        | braces                           | {{uuid}}                                        |
        | URN                              | urn:uuid:{uuid}                                 |
        | no hyphens                       | 83b8f4f2509f382f3c1ee6bfe0fa1001                |
        | no hyphens and 36 digits         | 83b8f4f2509f382f3c1ee6bfe0fa10010000            |
        | misplaced hyphen                 | 83b8f4f-2509f-382f-3c1e-e6bfe0fa1001            |
        | underscores                      | 83b8f4f2_509f_382f_3c1e_e6bfe0fa1001            |
        | invalid digit at the start       | g3b8f4f2-509f-382f-3c1e-e6bfe0fa1001            |
        | invalid digit at the end         | 83b8f4f2-509f-382f-3c1e-e6bfe0fa100z            |
        | hexadecimal prefix               | 0xb8f4f2-509f-382f-3c1e-e6bfe0fa1001            |
        | NUL in the middle                | 83b8f4f2-509f-382f-3\x001e-e6bfe0fa1001         |
        | non-ASCII bytes                  | \xff\xff\xff\xff4f2-509f-382f-3c1e-e6bfe0fa1001 |

  @create.longer-than-page @must @management @basis.kernel
  Rule: create.longer-than-page
    Writing more than one page to create MUST fail with EINVAL, even if the text begins with a valid
    UUID.

    Scenario: Write longer than a page
      Given a type with an instance available
      When 200 copies of "{uuid}\n" are written to "create" of the type in one write
      Then the write fails with EINVAL
      And no mediated device "{uuid}" exists
      And nothing else changed

  @create.syntax-first @must @management @basis.kernel
  Rule: create.syntax-first
    Writing a duplicate UUID in a form that is not accepted MUST fail with EINVAL.

    The syntax is checked first, so that the error is not EEXIST.

    Scenario: Duplicate UUID followed by two newlines
      Given a type with at least two instances available
      And a mediated device A of the type
      When "{A}\n\n" is written to "create" of the type
      Then the write fails with EINVAL
      And nothing else changed
