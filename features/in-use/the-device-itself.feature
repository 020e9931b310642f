# Derived from spec/in-use.rst by `mdevref derive`; edit the spec, not this file.
Feature: The device itself

  @remove.in-use-waits @must @management @basis.kernel
  Rule: remove.in-use-waits
    A write that removes a mediated device MUST NOT return with success while the device is in use.

    Scenario: Removing a device that is in use
      Given a mediated device A
      And a user holds A open
      When a writer starts to write "1" to "remove" of A
      Then the writer waits
      When the user closes A
      Then the writer ends and has succeeded
      And A does not exist

  @remove.in-use-gone @must @management @basis.kernel
  Rule: remove.in-use-gone
    While the removal of a mediated device waits for its user, each entry of the table MUST be gone
    already.

    Scenario Outline: What is gone of a device whose removal waits [<case>]
      Given a mediated device A
      And the removal of A waits for its user
      Then <place> has no "<entry>"

      Examples: gone-while-waiting
        | case             | entry         | place        |
        | link of the bus  | devices/{A}   | the mdev bus |
        | link of the type | devices/{A}   | the type     |
        | remove           | {A}/remove    | the parent   |
        | mdev_type        | {A}/mdev_type | the parent   |

  @remove.in-use-stays @must @management @basis.kernel
  Rule: remove.in-use-stays
    While the removal of a mediated device waits for its user, its directory and its link iommu_group
    MUST stay.

    Scenario: What is left of a device whose removal waits
      Given a mediated device A
      And the removal of A waits for its user
      Then "{A}" of the parent is a directory
      And "{A}/iommu_group" of the parent is a link
