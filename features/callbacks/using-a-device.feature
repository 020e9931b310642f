# Derived from spec/callbacks.rst by `mdevref derive`; edit the spec, not this file.
Feature: Using a device

  @callback.open @must @driver @basis.document
  Rule: callback.open
    When a user opens a mediated device, open of its parent's ops MUST be called for it.

    Scenario: open
      Given a registered physical device P
      And a mediated device A of the type
      When a device file of A is opened
      Then the opening succeeds
      And open of P was called once for A

  @callback.release @must @driver @basis.document
  Rule: callback.release
    When the user closes a mediated device, release of its parent's ops MUST be called for it.

    Scenario: release
      Given a registered physical device P
      And a mediated device A of the type
      When a device file of A is opened
      And the device file of A is closed
      Then the callbacks for A were "create of P, open of P, release of P"

  @callback.open-each @must @driver @basis.kernel @until.5.12
  Rule: callback.open-each
    open and release of the ops MUST be called for each device file, whether there is another one or
    not.

    Scenario: Two device files of one device, until 5.12
      Given a registered physical device P
      And a mediated device A of the type
      When a device file of A is opened
      And a device file of A is opened
      And the device file of A is closed
      And the device file of A is closed
      Then the callbacks for A were "create of P, open of P, open of P, release of P, release of P"

  @callback.open-first @must @driver @basis.kernel @since.6.1
  Rule: callback.open-first
    open MUST be called for the first device file only, and release for the last one only.

    Scenario: Two device files of one device, from 6.1 on
      Given a registered physical device P
      And a mediated device A of the type
      When a device file of A is opened
      And a device file of A is opened
      And the device file of A is closed
      And the device file of A is closed
      Then the callbacks for A were "create of P, open of P, release of P"

  @callback.open-refused @must @driver @basis.kernel
  Rule: callback.open-refused
    When open of the ops fails, opening the device MUST fail with the errno that it gave.

    Scenario Outline: A vendor driver that refuses to open [<case>]
      Given a registered physical device P
      And a mediated device A of the type
      And open of P fails with <errno>
      When a device file of A is opened
      Then the opening fails with <errno>

      Examples: open-refusals
        | case          | errno  |
        | in use        | EBUSY  |
        | out of memory | ENOMEM |
        | input error   | EIO    |

  @callback.open-refused-no-release @must @driver @basis.kernel
  Rule: callback.open-refused-no-release
    After open of the ops has failed, release MUST NOT be called, and the device not be taken for in
    use.

    Scenario: Removing a device after open failed
      Given a registered physical device P
      And a mediated device A of the type
      And open of P fails with EBUSY
      When a device file of A is opened
      And a writer starts to write "1" to "remove" of A
      Then the writer ends at once and has succeeded
      And A does not exist
      And release of P was not called

  @callback.open-missing @must @driver @basis.kernel @until.5.12
  Rule: callback.open-missing
    Opening a device whose parent's ops have no open MUST fail with EINVAL.

    Scenario: A vendor driver without open, until 5.12
      Given a registered physical device P without "open"
      And a mediated device A of the type
      When a device file of A is opened
      Then the opening fails with EINVAL

  @callback.release-missing @must @driver @basis.kernel
  Rule: callback.release-missing
    Closing a device whose parent's ops have no release MUST NOT fail.

    Scenario: A vendor driver without release
      Given a registered physical device P without "release"
      And a mediated device A of the type
      When a device file of A is opened
      And the device file of A is closed
      And a writer starts to write "1" to "remove" of A
      Then the writer ends at once and has succeeded
      And A does not exist

  @callback.read @must @driver @basis.document
  Rule: callback.read
    When a user reads a mediated device, read of the ops MUST be called, and what it gives be what the
    user gets.

    Scenario: Reading a device
      Given a registered physical device P
      And a mediated device A of the type
      And read of P gives "abcd"
      When 4 bytes of the device file of A are read at 16
      Then the call gives "abcd"
      And read of P was called once for A

  @callback.write @must @driver @basis.document
  Rule: callback.write
    When a user writes to a mediated device, write of the ops MUST be called with the bytes that the
    user gave.

    Scenario: Writing to a device
      Given a registered physical device P
      And a mediated device A of the type
      When "wxyz" is written to the device file of A at 32
      Then the call gives 4
      And write of P was given the data "wxyz"

  @callback.ioctl @must @driver @basis.document
  Rule: callback.ioctl
    When a user calls an ioctl of a mediated device, ioctl of the ops MUST be called with its number.

    Scenario: An ioctl of a device
      Given a registered physical device P
      And a mediated device A of the type
      And ioctl of P gives 7
      When ioctl 15211 of the device file of A is called
      Then the call gives 7
      And ioctl of P was given the request 15211

  @callback.mmap @must @driver @basis.document
  Rule: callback.mmap
    When a user maps a part of a mediated device into memory, mmap of the ops MUST be called for it.

    Scenario: Mapping a device
      Given a registered physical device P
      And a mediated device A of the type
      When 8192 bytes of the device file of A are mapped at 4096
      Then the call succeeds
      And mmap of P was called once for A
      And mmap of P was given the count 8192

  @callback.raw-offset @must @driver @basis.kernel
  Rule: callback.raw-offset
    read, write and mmap of the ops MUST be given the offset in the device file as the user gave it.

    What is a region and where it begins is for the vendor driver to say.

    Scenario: The offset of a read
      Given a registered physical device P
      And a mediated device A of the type
      When 4 bytes of the device file of A are read at 7696581394439
      Then read of P was given the offset 7696581394439

    Scenario: The offset of a write
      Given a registered physical device P
      And a mediated device A of the type
      When "wxyz" is written to the device file of A at 7696581394439
      Then write of P was given the offset 7696581394439

    Scenario: The offset of a mapping
      Given a registered physical device P
      And a mediated device A of the type
      When 4096 bytes of the device file of A are mapped at 7696581394432
      Then mmap of P was given the offset 7696581394432

  @callback.short-count @must @driver @basis.kernel
  Rule: callback.short-count
    A count that write of the ops gives MUST be the count that the user gets, be it smaller than was
    asked for or not.

    Scenario: A write that takes only a part
      Given a registered physical device P
      And a mediated device A of the type
      And write of P gives 3
      When "wxyz" is written to the device file of A at 0
      Then the call gives 3

  @callback.operation-refused @must @driver @basis.kernel
  Rule: callback.operation-refused
    When read, write, ioctl or mmap of the ops fails, the user MUST get the errno that it gave.

    Scenario Outline: An operation that the vendor driver refuses [<case>]
      Given a registered physical device P
      And a mediated device A of the type
      And <callback> of P fails with ENOTTY
      When <operation>
      Then the call fails with ENOTTY

      Examples: operations
        | case  | callback | operation                                          |
        | read  | read     | 4 bytes of the device file of A are read at 0      |
        | write | write    | "wxyz" is written to the device file of A at 0     |
        | ioctl | ioctl    | ioctl 15211 of the device file of A is called      |
        | mmap  | mmap     | 4096 bytes of the device file of A are mapped at 0 |

  @callback.operation-missing @must @driver @basis.kernel
  Rule: callback.operation-missing
    An operation for which the ops have no callback MUST fail with EINVAL.

    Scenario Outline: An operation that the vendor driver does not know [<case>]
      Given a registered physical device P without "<callback>"
      And a mediated device A of the type
      When <operation>
      Then the call fails with EINVAL

      Examples: operations
        | case  | callback | operation                                          |
        | read  | read     | 4 bytes of the device file of A are read at 0      |
        | write | write    | "wxyz" is written to the device file of A at 0     |
        | ioctl | ioctl    | ioctl 15211 of the device file of A is called      |
        | mmap  | mmap     | 4096 bytes of the device file of A are mapped at 0 |
