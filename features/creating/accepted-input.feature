# Derived from spec/creating.rst by `mdevref derive`; edit the spec, not this file.
Feature: Accepted input

  @create.uuid @must @management @basis.document
  Rule: create.uuid
    Writing a UUID to create of a type MUST create a mediated device of that name and type.

    Scenario: UUID and newline, as echo writes them
      Given a type with an instance available
      When "{uuid}\n" is written to "create" of the type
      Then the write succeeds
      And a mediated device "{uuid}" exists
      And "devices/{uuid}" of the type is a link
      And nothing else changed

  @create.accepted-forms @must @management @basis.kernel
  Rule: create.accepted-forms
    Writing a UUID to create in any form listed in the table below MUST succeed.

    A form has 36 characters, or 37 of which the last is arbitrary. The kernel reads only the first 36.
    The version and variant of the UUID do not matter.

    Scenario Outline: UUID in an accepted form [<case>]
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
        | space at the end       | {uuid}\x20                           | {uuid}                               |
        | letter at the end      | {uuid}x                              | {uuid}                               |
        | digit at the end       | {uuid}0                              | {uuid}                               |
        | nil UUID               | 00000000-0000-0000-0000-000000000000 | 00000000-0000-0000-0000-000000000000 |
        | all ones               | ffffffff-ffff-ffff-ffff-ffffffffffff | ffffffff-ffff-ffff-ffff-ffffffffffff |
        | unknown version        | 83b8f4f2-509f-f82f-0c1e-e6bfe0fa1001 | 83b8f4f2-509f-f82f-0c1e-e6bfe0fa1001 |

  @create.lower-case @must @management @basis.kernel
  Rule: create.lower-case
    The name of a mediated device MUST be in lower case, whatever the case of the UUID that was written.

    Scenario: Name of a device created in upper case
      Given a type with an instance available
      When "{UUID}" is written to "create" of the type
      Then a mediated device "{uuid}" exists
      And no mediated device "{UUID}" exists

  @create.whole-count @must @management @basis.kernel
  Rule: create.whole-count
    A write to create that succeeds MUST return the number of bytes it was passed.

    Otherwise a shell would write the remaining bytes as a request of their own.

    Scenario: Return value of a write of 36 bytes
      Given a type with an instance available
      When "{uuid}" is written to "create" of the type
      Then the write returns 36

    Scenario: Return value of a write of 37 bytes
      Given a type with an instance available
      When "{uuid}\n" is written to "create" of the type
      Then the write returns 37

  @create.open-flags @must @management @basis.kernel
  Rule: create.open-flags
    Opening create with O_CREAT, O_TRUNC or O_APPEND MUST have the same effect as opening it without
    them.

    Shells and run-time libraries open files with these flags whether or not they are useful.

    Scenario Outline: Create through a file opened with flags [<case>]
      Given a type with an instance available
      When "create" of the type is opened with <flags> and "{uuid}" is written
      Then the write succeeds
      And a mediated device "{uuid}" exists

      Examples: open-flags
        | case                  | flags                                |
        | no flags              | O_WRONLY                             |
        | redirection           | O_WRONLY, O_CREAT, O_TRUNC           |
        | appending redirection | O_WRONLY, O_CREAT, O_APPEND          |
        | all flags             | O_WRONLY, O_CREAT, O_TRUNC, O_APPEND |

  @create.each-write @must @management @basis.kernel
  Rule: create.each-write
    The core MUST treat each write to an open file create as a separate request.

    Earlier writes to the same open file have no effect on it.

    Scenario: Two devices through one open file
      Given a type with at least two instances available
      And "create" of the type is open for writing
      When "{uuid}\n" is written to the open file
      And "ABcdEF01-2345-6789-abCD-EF0123456789\n" is written to the open file
      Then every write succeeds
      And a mediated device "{uuid}" exists
      And a mediated device "abcdef01-2345-6789-abcd-ef0123456789" exists

    Scenario: Valid UUID after a rejected write
      Given a type with an instance available
      And "create" of the type is open for writing
      When "no UUID" is written to the open file
      And "{uuid}\n" is written to the open file
      Then the write succeeds
      And a mediated device "{uuid}" exists

    Scenario: UUID split over two writes
      Given a type with an instance available
      And "create" of the type is open for writing
      When "83b8f4f2-509f-382f-" is written to the open file
      And "3c1e-e6bfe0fa1001" is written to the open file
      Then every write fails with EINVAL
      And no mediated device "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001" exists
      And nothing else changed

  @create.empty-write @must @management @basis.kernel
  Rule: create.empty-write
    A write of 0 bytes to create MUST succeed and have no effect.

    Scenario: Empty write to create
      Given a type with an instance available
      When "" is written to "create" of the type
      Then the write returns 0
      And nothing else changed
