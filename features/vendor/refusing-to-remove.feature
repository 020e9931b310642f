# Derived from spec/vendor.rst by `mdevref derive`; edit the spec, not this file.
Feature: Refusing to remove

  @remove.vendor-refusal @must @management @basis.document
  Rule: remove.vendor-refusal
    When the vendor driver refuses to remove a mediated device, the write to remove MUST fail and the
    device stay.

    Scenario: A refusal, and the device after it
      Given the scripted vendor driver
      And a mediated device A
      And the vendor driver refuses to remove with EBUSY
      When "1" is written to "remove" of A
      Then the write fails
      And A exists
      And "remove" of A is a file
      And nothing else changed

  @remove.vendor-refusal-errno @must @management @basis.kernel @until.5.1
  Rule: remove.vendor-refusal-errno
    When the vendor driver refuses to remove a mediated device, the write MUST fail with EBUSY, whatever
    errno it gave.

    Scenario Outline: The errno of a vendor driver that refuses to remove, until 5.1 [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And the vendor driver refuses to remove with <errno>
      When "1" is written to "remove" of A
      Then the write fails with EBUSY

      Examples: refusals-to-remove
        | case          | errno |
        | device busy   | EBUSY |
        | not permitted | EPERM |
        | input error   | EIO   |

  @remove.vendor-refusal-again @must @management @basis.kernel @until.5.1
  Rule: remove.vendor-refusal-again
    After the vendor driver has refused to remove a mediated device, remove MUST reach the vendor driver
    again.

    Scenario: Asking a second time, until 5.1
      Given the scripted vendor driver
      And a mediated device A
      And the vendor driver refuses to remove with EBUSY
      When "1" is written to "remove" of A
      And "1" is written to "remove" of A
      Then every write failed with EBUSY
      And A exists

  @remove.vendor-refusal-open-file @must @management @basis.kernel @until.5.1
  Rule: remove.vendor-refusal-open-file
    After the vendor driver has refused to remove a mediated device, a remove that was opened before
    MUST give ENODEV: the file that is there now is a new one.

    Scenario: A file opened before the refusal, until 5.1
      Given the scripted vendor driver
      And a mediated device A
      And the vendor driver refuses to remove with EBUSY
      And "remove" of A is open for writing
      When "1" is written to "remove" of A
      And "1" is written to the open file
      Then the write fails with ENODEV
      And A exists

  @remove.vendor-refusal-ignored @must @management @basis.kernel @since.5.2 @until.5.12
  Rule: remove.vendor-refusal-ignored
    A vendor driver MUST NOT be able to keep a mediated device from being removed.

    Scenario: A refusal that nobody heeds, from 5.2 to 5.12
      Given the scripted vendor driver
      And a mediated device A
      And the vendor driver refuses to remove with EBUSY
      When "1" is written to "remove" of A
      Then the write succeeds
      And A does not exist
