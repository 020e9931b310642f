# Derived from spec/device.rst by `mdevref derive`; edit the spec, not this file.
Feature: Reading, writing and mapping

  @access.read @must @device @basis.kernel
  Rule: access.read
    Reading a part of a region that can be read MUST give as many bytes as were asked for.

    Scenario Outline: Reading a region [<case>]
      Given a mediated device A held open with 4 bytes or more to be read
      When <count> bytes at 0 of the region are read through A
      Then the call gives <count> bytes

      Examples: counts
        | case | count |
        | one  | 1     |
        | two  | 2     |
        | four | 4     |

  @access.read-nothing @must @device @basis.kernel
  Rule: access.read-nothing
    Reading no bytes MUST give none, and no error.

    Scenario: Reading nothing of a region
      Given a mediated device A held open with 4 bytes or more to be read
      When 0 bytes at 0 of the region are read through A
      Then the call gives 0 bytes

  @access.read-parts @must @device @basis.kernel
  Rule: access.read-parts
    The identification of a PCI device MUST be the same whether it is read at once or in parts.

    Scenario: Vendor and device of a PCI device
      Given a mediated device A held open that says that it is a PCI device
      Then the bytes at 0 of region 7 of A are the same in one read and in several

  @access.read-behind @must @device @basis.kernel
  Rule: access.read-behind
    Reading at an offset that belongs to no region MUST fail.

    Scenario: Reading behind all regions
      Given a mediated device A held open
      When 4 bytes are read behind all regions of A
      Then the call fails

  @access.write @must @device @basis.kernel
  Rule: access.write
    Writing to a region that can be written MUST give the number of bytes that were taken.

    Scenario: Writing the interrupt line of a PCI device
      Given a mediated device A held open that says that it is a PCI device
      When "\x0b" is written at 60 of region 7 through A
      Then the call gives 1

  @access.no-map @must @device @basis.kernel
  Rule: access.no-map
    Mapping a region without the flag MMAP MUST fail.

    Scenario: Mapping a region that cannot be mapped
      Given a mediated device A held open with a region that cannot be mapped
      When the region is mapped through A
      Then the call fails

  @access.no-seek @must @device @basis.kernel
  Rule: access.no-seek
    The file of a device MUST NOT have a position to be set: lseek(2) fails with ESPIPE.

    Scenario: Setting the position in a device's file
      Given a mediated device A
      And A is held open
      When the position in the file of A is set to 0
      Then the call fails with ESPIPE
