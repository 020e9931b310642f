# Derived from spec/callbacks.rst by `mdevref derive`; edit the spec, not this file.
Feature: Using a device

  @callback.open @must @driver @basis.document
  Rule: callback.open
    The kernel MUST call the vendor driver's open when a user opens a mediated device.

    Scenario: Open a device
      Given a registered physical device P
      And a mediated device A of the type
      When a device file of A is opened
      Then the call succeeds
      And open of P was called once for A

  @callback.release @must @driver @basis.document
  Rule: callback.release
    The kernel MUST call the vendor driver's release when the user closes a mediated device.

    Scenario: Close a device
      Given a registered physical device P
      And a mediated device A of the type
      When a device file of A is opened
      And the device file of A is closed
      Then the callbacks for A were "create of P, open of P, release of P"

  @callback.open-each @must @driver @basis.kernel @until.5.12
  Rule: callback.open-each
    The kernel MUST call the vendor driver's open and release once for each device file.

    Other open files of the same device make no difference.

    Scenario: Two open files of one device, until 5.12
      Given a registered physical device P
      And a mediated device A of the type
      When a device file of A is opened
      And a device file of A is opened
      And the device file of A is closed
      And the device file of A is closed
      Then the callbacks for A were "create of P, open of P, open of P, release of P, release of P"

  @callback.open-first @must @driver @basis.kernel @since.6.1
  Rule: callback.open-first
    The kernel MUST call the vendor driver's open only for the first open file of a device.

    Scenario: Two open files of one device, from 6.1 on
      Given a registered physical device P
      And a mediated device A of the type
      When a device file of A is opened
      And a device file of A is opened
      And the device file of A is closed
      And the device file of A is closed
      Then the callbacks for A were "create of P, open of P, release of P"

  @callback.release-last @must @driver @basis.kernel @since.6.1
  Rule: callback.release-last
    The kernel MUST call the vendor driver's release only when the last open file of a device is closed.

    Scenario: Closing two files of one device, from 6.1 on
      Given a registered physical device P
      And a mediated device A of the type
      When a device file of A is opened
      And a device file of A is opened
      And the device file of A is closed
      Then release of P was not called
      When the device file of A is closed
      Then the callbacks for A were "create of P, open of P, release of P"

  @callback.open-refused @must @driver @basis.kernel
  Rule: callback.open-refused
    Opening a device MUST fail with the errno that the vendor driver's open returns.

    Scenario Outline: Open that the vendor driver refuses [<case>]
      Given a registered physical device P
      And a mediated device A of the type
      And open of P fails with <errno>
      When a device file of A is opened
      Then the call fails with <errno>

      Examples: open-refusals
        | case          | errno  |
        | in use        | EBUSY  |
        | out of memory | ENOMEM |
        | I/O error     | EIO    |

  @callback.open-refused-no-release @must @driver @basis.kernel
  Rule: callback.open-refused-no-release
    The kernel MUST NOT call the vendor driver's release after its open has failed.

    Scenario: Release after a failed open
      Given a registered physical device P
      And a mediated device A of the type
      And open of P fails with EBUSY
      When a device file of A is opened
      Then release of P was not called

  @callback.open-refused-not-in-use @must @driver @basis.kernel
  Rule: callback.open-refused-not-in-use
    A failed open MUST NOT mark the device as in use.

    Removing the device afterwards does not block.

    Scenario: Immediate removal after a failed open
      Given a registered physical device P
      And a mediated device A of the type
      And open of P fails with EBUSY
      When a device file of A is opened
      And a writer starts to write "1" to "remove" of A
      Then the writer succeeds without blocking
      And A does not exist

  @callback.open-missing @must @driver @basis.kernel @until.5.12
  Rule: callback.open-missing
    Opening a device MUST fail with EINVAL if the vendor driver lacks open.

    Scenario: Vendor driver without open, until 5.12
      Given a registered physical device P without "open"
      And a mediated device A of the type
      When a device file of A is opened
      Then the call fails with EINVAL

  @callback.release-missing @must @driver @basis.kernel
  Rule: callback.release-missing
    Closing a device MUST succeed even if the vendor driver lacks release.

    Scenario: Vendor driver without release
      Given a registered physical device P without "release"
      And a mediated device A of the type
      When a device file of A is opened
      And the device file of A is closed
      And a writer starts to write "1" to "remove" of A
      Then the writer succeeds without blocking
      And A does not exist

  @callback.read @must @driver @basis.document
  Rule: callback.read
    The kernel MUST call the vendor driver's read when a user reads a mediated device.

    Scenario: Read from a device
      Given a registered physical device P
      And a mediated device A of the type
      And read of P returns "abcd"
      When 4 bytes are read from the device file of A at offset 16
      Then read of P was called once for A

  @callback.read-data @must @driver @basis.document
  Rule: callback.read-data
    A read of a mediated device MUST return the bytes that the vendor driver's read supplies.

    Scenario: Data of a read
      Given a registered physical device P
      And a mediated device A of the type
      And read of P returns "abcd"
      When 4 bytes are read from the device file of A at offset 16
      Then the call returns "abcd"

  @callback.write @must @driver @basis.document
  Rule: callback.write
    The kernel MUST pass the bytes that a user writes to a mediated device to the vendor driver's write.

    Scenario: Write to a device
      Given a registered physical device P
      And a mediated device A of the type
      When "wxyz" is written to the device file of A at offset 32
      Then the call returns 4
      And write of P received the data "wxyz"

  @callback.ioctl @must @driver @basis.document
  Rule: callback.ioctl
    The kernel MUST pass the number of an ioctl on a mediated device to the vendor driver's ioctl.

    Scenario: Call an ioctl of a device
      Given a registered physical device P
      And a mediated device A of the type
      And ioctl of P returns 7
      When ioctl 15211 of the device file of A is called
      Then the call returns 7
      And ioctl of P received the request 15211

  @callback.mmap @must @driver @basis.document
  Rule: callback.mmap
    The kernel MUST call the vendor driver's mmap when a user maps a part of a mediated device.

    Scenario: Map a part of a device
      Given a registered physical device P
      And a mediated device A of the type
      When 8192 bytes of the device file of A are mapped at offset 4096
      Then the call succeeds
      And mmap of P was called once for A
      And mmap of P received the count 8192

  @callback.raw-offset @must @driver @basis.kernel
  Rule: callback.raw-offset
    The kernel MUST pass the offset in the device file unchanged to the vendor driver's read, write and
    mmap.

    The vendor driver defines the regions of the device and their offsets.

    Scenario: Offset of a read
      Given a registered physical device P
      And a mediated device A of the type
      When 4 bytes are read from the device file of A at offset 7696581394439
      Then read of P received the offset 7696581394439

    Scenario: Offset of a write
      Given a registered physical device P
      And a mediated device A of the type
      When "wxyz" is written to the device file of A at offset 7696581394439
      Then write of P received the offset 7696581394439

    Scenario: Offset of a mapping
      Given a registered physical device P
      And a mediated device A of the type
      When 4096 bytes of the device file of A are mapped at offset 7696581394432
      Then mmap of P received the offset 7696581394432

  @callback.short-count @must @driver @basis.kernel
  Rule: callback.short-count
    A write to a mediated device MUST return the count that the vendor driver's write returns.

    The count may be smaller than the number of bytes written.

    Scenario: Partial write
      Given a registered physical device P
      And a mediated device A of the type
      And write of P returns 3
      When "wxyz" is written to the device file of A at offset 0
      Then the call returns 3

  @callback.operation-refused @must @driver @basis.kernel
  Rule: callback.operation-refused
    Each operation in the table below MUST fail with the errno that the vendor driver's callback
    returns.

    Scenario Outline: Operation that the vendor driver refuses [<case>]
      Given a registered physical device P
      And a mediated device A of the type
      And <callback> of P fails with ENOTTY
      When <operation>
      Then the call fails with ENOTTY

      Examples: operations
        | case  | callback | operation                                                 |
        | read  | read     | 4 bytes are read from the device file of A at offset 0    |
        | write | write    | "wxyz" is written to the device file of A at offset 0     |
        | ioctl | ioctl    | ioctl 15211 of the device file of A is called             |
        | mmap  | mmap     | 4096 bytes of the device file of A are mapped at offset 0 |

  @callback.operation-missing @must @driver @basis.kernel
  Rule: callback.operation-missing
    Each operation in the table below MUST fail with EINVAL if the vendor driver lacks its callback.

    Scenario Outline: Operation without a callback [<case>]
      Given a registered physical device P without "<callback>"
      And a mediated device A of the type
      When <operation>
      Then the call fails with EINVAL

      Examples: operations
        | case  | callback | operation                                                 |
        | read  | read     | 4 bytes are read from the device file of A at offset 0    |
        | write | write    | "wxyz" is written to the device file of A at offset 0     |
        | ioctl | ioctl    | ioctl 15211 of the device file of A is called             |
        | mmap  | mmap     | 4096 bytes of the device file of A are mapped at offset 0 |
