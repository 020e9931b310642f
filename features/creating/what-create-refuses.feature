# Derived from spec/creating.rst by `mdevref derive`; edit the spec, not this file.
Feature: What create refuses

  @create.refused-forms @must @management @basis.kernel
  Rule: create.refused-forms
    Writing something that is no UUID in an accepted form MUST fail with EINVAL.

    Scenario Outline: A UUID in a form that is not accepted [<case>]
      Given a type with an instance available
      When "<written>" is written to "create" of the type
      Then the write fails with EINVAL
      And nothing else changed

      Examples: refused-uuids
        | case                          | written                                         |
        | a newline                     | \n                                              |
        | a word                        | mtty                                            |
        | a character short             | 83b8f4f2-509f-382f-3c1e-e6bfe0fa100             |
        | a character short and newline | 83b8f4f2-509f-382f-3c1e-e6bfe0fa100\n           |
        | two characters too long       | {uuid}00                                        |
        | carriage return and newline   | {uuid}\r\n                                      |
        | two newlines                  | {uuid}\n\n                                      |
        | blank and newline             | {uuid}\x20\n                                    |
        | blank at the start            | \x20{uuid}                                      |
        | newline at the start          | \n{uuid}                                        |
        | braces                        | {{uuid}}                                        |
        | a URN                         | urn:uuid:{uuid}                                 |
        | no hyphens                    | 83b8f4f2509f382f3c1ee6bfe0fa1001                |
        | no hyphens and 36 digits      | 83b8f4f2509f382f3c1ee6bfe0fa10010000            |
        | a hyphen elsewhere            | 83b8f4f-2509f-382f-3c1e-e6bfe0fa1001            |
        | underscores                   | 83b8f4f2_509f_382f_3c1e_e6bfe0fa1001            |
        | no digit at the start         | g3b8f4f2-509f-382f-3c1e-e6bfe0fa1001            |
        | no digit at the end           | 83b8f4f2-509f-382f-3c1e-e6bfe0fa100z            |
        | a prefix for hexadecimal      | 0xb8f4f2-509f-382f-3c1e-e6bfe0fa1001            |
        | NUL in the middle             | 83b8f4f2-509f-382f-3\x001e-e6bfe0fa1001         |
        | bytes beyond ASCII            | \xff\xff\xff\xff4f2-509f-382f-3c1e-e6bfe0fa1001 |

  @create.longer-than-page @must @management @basis.kernel
  Rule: create.longer-than-page
    Writing more than a page to create MUST fail with EINVAL, whatever it begins with.

    Scenario: More than a page
      Given a type with an instance available
      When "{uuid}\n" is written 200 times over, in one write, to "create" of the type
      Then the write fails with EINVAL
      And no mediated device "{uuid}" exists
      And nothing else changed

  @create.syntax-first @must @management @basis.kernel
  Rule: create.syntax-first
    Writing a UUID that is taken, in a form that is not accepted, MUST fail with EINVAL and not with
    EEXIST.

    Scenario: A UUID that is taken, and two newlines
      Given a type with at least two instances available
      And a mediated device A of the type
      When "{A}\n\n" is written to "create" of the type
      Then the write fails with EINVAL
      And nothing else changed
