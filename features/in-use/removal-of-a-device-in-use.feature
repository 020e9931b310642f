# Derived from spec/in-use.rst by `mdevref derive`; edit the spec, not this file.
Feature: Removal of a device in use

  @remove.in-use-waits @must @management @basis.kernel
  Rule: remove.in-use-waits
    A write that removes a mediated device MUST NOT return successfully while the device is in use.

    Scenario: Remove a device in use
      Given a mediated device A
      And a user holds A open
      When a writer starts to write "1" to "remove" of A
      Then the writer is blocked
      When the user closes A
      Then the writer returns successfully
      And A does not exist

  @remove.in-use-gone @must @management @basis.kernel
  Rule: remove.in-use-gone
    The kernel MUST remove the entries in the table below before it waits for the user to close the
    device.

    Scenario Outline: Removed entries while a removal waits [<case>]
      Given a mediated device A
      And the removal of A is blocked by its user
      Then "<entry>" of <place> does not exist

      Examples: gone-while-waiting
        | case             | entry         | place        |
        | link of the bus  | devices/{A}   | the mdev bus |
        | link of the type | devices/{A}   | the type     |
        | remove           | {A}/remove    | the parent   |
        | mdev_type        | {A}/mdev_type | the parent   |

  @remove.in-use-stays @must @management @basis.kernel
  Rule: remove.in-use-stays
    The directory and the iommu_group link of a mediated device MUST remain while its removal waits.

    Scenario: Remaining entries while a removal waits
      Given a mediated device A
      And the removal of A is blocked by its user
      Then "{A}" of the parent is a directory
      And "{A}/iommu_group" of the parent is a link
