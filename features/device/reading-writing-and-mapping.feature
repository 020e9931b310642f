# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Reading, writing and mapping

  @access.read @must @device @basis.kernel
  Rule: access.read
    A read within a readable region MUST return the requested number of bytes.

    Scenario Outline: Read from a region [<case>]
      Given a mediated device A held open with a readable region of at least 4 bytes
      When <count> bytes are read at offset 0 of the region through A
      Then the call returns <count> bytes

      Examples: counts
        | case | count |
        | one  | 1     |
        | two  | 2     |
        | four | 4     |

  @access.read-nothing @must @device @basis.kernel
  Rule: access.read-nothing
    A read of 0 bytes MUST return 0.

    Scenario: Read of 0 bytes
      Given a mediated device A held open with a readable region of at least 4 bytes
      When 0 bytes are read at offset 0 of the region through A
      Then the call returns 0 bytes

  @access.read-parts @must @device @basis.kernel
  Rule: access.read-parts
    A PCI device MUST return the same identification whether it is read at once or in parts.

    The identification is the vendor and the device ID, the first 4 bytes of configuration space.

    Scenario: Vendor and device ID of a PCI device
      Given a PCI mediated device A held open
      Then the first bytes of region 7 of A are the same in one read and in several

  @access.read-behind @must @device @basis.kernel
  Rule: access.read-behind
    A read at an offset outside all regions MUST fail.

    Scenario: Read beyond the last region
      Given a mediated device A held open
      When 4 bytes are read beyond the last region of A
      Then the call fails

  @access.write @must @device @basis.kernel
  Rule: access.write
    A write within a writable region MUST return the number of bytes written.

    Scenario: Write to the interrupt line of a PCI device
      Given a PCI mediated device A held open
      When "\x0b" is written at offset 60 of region 7 through A
      Then the call returns 1

  @access.no-map @must @device @basis.kernel
  Rule: access.no-map
    Mapping a region without the flag MMAP MUST fail.

    Scenario: Map a region that does not support mapping
      Given a mediated device A held open with a region that cannot be mapped
      When the region is mapped through A
      Then the call fails

  @access.no-seek @must @device @basis.kernel
  Rule: access.no-seek
    lseek(2) on a device file MUST fail with ESPIPE.

    Scenario: Seek in a device file
      Given a mediated device A
      And A is held open
      When the file position of A is set to 0
      Then the call fails with ESPIPE
