# Derived from spec/vendor.rst by `mdevref derive`; edit the spec, not this file.
Feature: Refusing to remove

  @remove.vendor-refusal @must @management @basis.document
  Rule: remove.vendor-refusal
    Writing 1 to remove MUST fail if the vendor driver refuses to remove the device.

    Scenario: Write that the vendor driver refuses
      Given the scripted vendor driver
      And a mediated device A
      And remove of the vendor driver fails with EBUSY
      When "1" is written to "remove" of A
      Then the write fails

  @remove.vendor-refusal-device-stays @must @management @basis.document
  Rule: remove.vendor-refusal-device-stays
    A mediated device MUST remain after the vendor driver has refused to remove it.

    Scenario: Device after a refusal
      Given the scripted vendor driver
      And a mediated device A
      And remove of the vendor driver fails with EBUSY
      When "1" is written to "remove" of A
      Then A exists
      And "remove" of A is a file
      And nothing else changed

  @remove.vendor-refusal-errno @must @management @basis.kernel @until.5.1
  Rule: remove.vendor-refusal-errno
    Writing 1 to remove MUST fail with EBUSY if the vendor driver refuses to remove the device.

    The writer does not see the errno that the vendor driver returned.

    Scenario Outline: Errno of a refused removal, until 5.1 [<case>]
      Given the scripted vendor driver
      And a mediated device A
      And remove of the vendor driver fails with <errno>
      When "1" is written to "remove" of A
      Then the write fails with EBUSY

      Examples: refusals-to-remove
        | case          | errno |
        | device busy   | EBUSY |
        | not permitted | EPERM |
        | I/O error     | EIO   |

  @remove.vendor-refusal-again @must @management @basis.kernel @until.5.1
  Rule: remove.vendor-refusal-again
    Writing 1 to remove MUST call the vendor driver again after it has refused to remove the device.

    Scenario: Second attempt after a refusal, until 5.1
      Given the scripted vendor driver
      And a mediated device A
      And remove of the vendor driver fails with EBUSY
      When "1" is written to "remove" of A
      And "1" is written to "remove" of A
      Then every write fails with EBUSY
      And A exists

  @remove.vendor-refusal-open-file @must @management @basis.kernel @until.5.1
  Rule: remove.vendor-refusal-open-file
    Writing to a remove file that was opened before a refusal MUST fail with ENODEV.

    After the refusal the kernel creates remove as a new file.

    Scenario: File opened before the refusal, until 5.1
      Given the scripted vendor driver
      And a mediated device A
      And remove of the vendor driver fails with EBUSY
      And "remove" of A is open for writing
      When "1" is written to "remove" of A
      And "1" is written to the open file
      Then the write fails with ENODEV
      And A exists

  @remove.vendor-refusal-ignored @must @management @basis.kernel @since.5.2 @until.5.12
  Rule: remove.vendor-refusal-ignored
    Writing 1 to remove MUST remove the mediated device even if the vendor driver refuses.

    Scenario: Refusal that the kernel ignores, from 5.2 to 5.12
      Given the scripted vendor driver
      And a mediated device A
      And remove of the vendor driver fails with EBUSY
      When "1" is written to "remove" of A
      Then the write succeeds
      And A does not exist
