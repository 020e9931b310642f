# Derived from spec/creating.rst by `mdevref derive`; edit the spec, not this file.
Feature: What create accepts

  @create.uuid @must @management @basis.document
  Rule: create.uuid
    Writing a UUID to create of a type MUST create a mediated device of that name and type.

    Scenario: A UUID as echo writes it
      Given a type with an instance available
      When "{uuid}\n" is written to "create" of the type
      Then the write succeeds
      And a mediated device "{uuid}" exists
      And "devices/{uuid}" of the type is a link
      And nothing else changed

  @create.accepted-forms @must @management @basis.kernel
  Rule: create.accepted-forms
    A UUID in a form that the table lists MUST be accepted.

    A form is 36 characters, or 37, of which the last may be anything: the kernel looks only at the
    first 36. Version and variant of the UUID do not matter.

    Scenario Outline: A UUID in an accepted form [<case>]
      Given a type with an instance available
      When "<written>" is written to "create" of the type
      Then the write succeeds
      And a mediated device "<device>" exists
      And nothing else changed

      Examples: accepted-uuids
        | case                   | written                              | device                               |
        | lower case             | {uuid}                               | {uuid}                               |
        | upper case             | {UUID}                               | {uuid}                               |
        | mixed case             | ABcdEF01-2345-6789-abCD-EF0123456789 | abcdef01-2345-6789-abcd-ef0123456789 |
        | newline                | {uuid}\n                             | {uuid}                               |
        | upper case and newline | {UUID}\n                             | {uuid}                               |
        | NUL at the end         | {uuid}\x00                           | {uuid}                               |
        | blank at the end       | {uuid}\x20                           | {uuid}                               |
        | letter at the end      | {uuid}x                              | {uuid}                               |
        | digit at the end       | {uuid}0                              | {uuid}                               |
        | nil                    | 00000000-0000-0000-0000-000000000000 | 00000000-0000-0000-0000-000000000000 |
        | all ones               | ffffffff-ffff-ffff-ffff-ffffffffffff | ffffffff-ffff-ffff-ffff-ffffffffffff |
        | no known version       | 83b8f4f2-509f-f82f-0c1e-e6bfe0fa1001 | 83b8f4f2-509f-f82f-0c1e-e6bfe0fa1001 |

  @create.lower-case @must @management @basis.kernel
  Rule: create.lower-case
    The name of a mediated device MUST be in lower case, however its UUID was written.

    Scenario: The name of a device created in upper case
      Given a type with an instance available
      When "{UUID}" is written to "create" of the type
      Then a mediated device "{uuid}" exists
      And no mediated device "{UUID}" exists

  @create.whole-count @must @management @basis.kernel
  Rule: create.whole-count
    A write to create that succeeds MUST return the number of bytes that it was given.

    Otherwise a shell would write the rest again, as a request of its own.

    Scenario: The count of a write of 36 bytes
      Given a type with an instance available
      When "{uuid}" is written to "create" of the type
      Then the write returns 36

    Scenario: The count of a write of 37 bytes
      Given a type with an instance available
      When "{uuid}\n" is written to "create" of the type
      Then the write returns 37

  @create.open-flags @must @management @basis.kernel
  Rule: create.open-flags
    Opening create with O_CREAT, O_TRUNC or O_APPEND MUST have the same effect as opening it without.

    Shells and run-time libraries open files so, whether it makes sense or not.

    Scenario Outline: A UUID through a file opened with flags [<case>]
      Given a type with an instance available
      When "create" of the type is opened with <flags> and "{uuid}" is written
      Then the write succeeds
      And a mediated device "{uuid}" exists

      Examples: open-flags
        | case           | flags                                |
        | nothing else   | O_WRONLY                             |
        | as echo does   | O_WRONLY, O_CREAT, O_TRUNC           |
        | as append does | O_WRONLY, O_CREAT, O_APPEND          |
        | all of them    | O_WRONLY, O_CREAT, O_TRUNC, O_APPEND |

  @create.each-write @must @management @basis.kernel
  Rule: create.each-write
    Each write to an open create MUST be a request of its own, whatever was written to that file before.

    Scenario: Two devices through one open file
      Given a type with at least two instances available
      And "create" of the type is open for writing
      When "{uuid}\n" is written to the open file
      And "ABcdEF01-2345-6789-abCD-EF0123456789\n" is written to the open file
      Then every write succeeded
      And a mediated device "{uuid}" exists
      And a mediated device "abcdef01-2345-6789-abcd-ef0123456789" exists

    Scenario: A device through an open file, after a refusal
      Given a type with an instance available
      And "create" of the type is open for writing
      When "no UUID" is written to the open file
      And "{uuid}\n" is written to the open file
      Then the write succeeds
      And a mediated device "{uuid}" exists

    Scenario: Half a UUID, and then the other half
      Given a type with an instance available
      And "create" of the type is open for writing
      When "83b8f4f2-509f-382f-" is written to the open file
      And "3c1e-e6bfe0fa1001" is written to the open file
      Then every write failed with EINVAL
      And no mediated device "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001" exists
      And nothing else changed

  @create.empty-write @must @management @basis.kernel
  Rule: create.empty-write
    A write of 0 bytes to create MUST succeed and do nothing.

    Scenario: Nothing at all
      Given a type with an instance available
      When "" is written to "create" of the type
      Then the write returns 0
      And nothing else changed
