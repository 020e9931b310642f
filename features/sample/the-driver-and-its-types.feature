# Derived from spec/sample.rst by `mdevref derive`; edit the spec, not this file.
Feature: The driver and its types

  @sample.parent @must @sample @basis.document
  Rule: sample.parent
    While it is loaded, mtty MUST provide a parent of the class mtty at /sys/devices/virtual/mtty/mtty.

    Scenario: Location and class of the parent
      Given the parent of the sample driver
      Then "mtty" of the mdev_bus class points to "devices/virtual/mtty/mtty"
      And "subsystem" of the parent points to "class/mtty"

  @sample.parent-entries @must @sample @basis.document
  Rule: sample.parent-entries
    The directory of the sample's parent MUST contain each entry in the table below.

    Scenario Outline: An entry of the parent's directory [<case>]
      Given the parent of the sample driver
      Then "<entry>" of the parent is a <kind>

      Examples: sample-parent-entries
        | case              | entry                        | kind      |
        | types             | mdev_supported_types         | directory |
        | uevent            | uevent                       | file      |
        | power directory   | power                        | directory |
        | autosuspend delay | power/autosuspend_delay_ms   | file      |
        | power control     | power/control                | file      |
        | active time       | power/runtime_active_time    | file      |
        | runtime status    | power/runtime_status         | file      |
        | suspended time    | power/runtime_suspended_time | file      |

  @sample.parent-attribute @must @sample @basis.document
  Rule: sample.parent-attribute
    The directory of the sample's parent MUST contain a directory mtty_dev with a file sample_mtty_dev.

    Scenario: The parent's own attribute
      Given the parent of the sample driver
      Then "mtty_dev" of the parent is a directory
      And "mtty_dev/sample_mtty_dev" of the parent is a file

  @sample.parent-attribute-text @must @sample @basis.kernel @until.5.12
  Rule: sample.parent-attribute-text
    A read of mtty_dev/sample_mtty_dev MUST return This is phy device and a newline.

    Scenario: Text of the parent's own attribute
      Given the parent of the sample driver
      When "mtty_dev/sample_mtty_dev" of the parent is read
      Then the text is "This is phy device\n"

  @sample.types @must @sample @basis.document
  Rule: sample.types
    The sample's parent MUST have the types mtty-1 and mtty-2.

    Scenario Outline: Directory of a type [<case>]
      Given the parent of the sample driver
      Then "mdev_supported_types/<type>" of the parent is a directory

      Examples: sample-types
        | case      | type   |
        | one port  | mtty-1 |
        | two ports | mtty-2 |

  @sample.type-entries @must @sample @basis.document
  Rule: sample.type-entries
    The directory of each type MUST contain the entries in the table below.

    Scenario Outline: An entry of a type's directory [<case>]
      Given the type of cards with <ports>
      Then "<entry>" of the type is a <kind>

      Examples: sample-type-entries
        | case                           | ports     | entry               | kind      |
        | available_instances, one port  | one port  | available_instances | file      |
        | create, one port               | one port  | create              | file      |
        | device_api, one port           | one port  | device_api          | file      |
        | devices, one port              | one port  | devices             | directory |
        | name, one port                 | one port  | name                | file      |
        | available_instances, two ports | two ports | available_instances | file      |
        | create, two ports              | two ports | create              | file      |
        | device_api, two ports          | two ports | device_api          | file      |
        | devices, two ports             | two ports | devices             | directory |
        | name, two ports                | two ports | name                | file      |

  @sample.no-description @must @sample @basis.document
  Rule: sample.no-description
    The sample's types MUST NOT have a file description.

    Scenario: Both types without a description
      Given the types of cards with one port and with two ports
      Then "description" of the first type does not exist
      And "description" of the second type does not exist

  @sample.type-texts @must @sample @basis.kernel
  Rule: sample.type-texts
    A read of name or device_api of a type MUST return the text listed in the table below.

    Scenario Outline: Text of a type's attribute [<case>]
      Given the type of cards with <ports>
      When "<entry>" of the type is read
      Then the text is "<text>\n"

      Examples: sample-type-texts
        | case                  | ports     | entry      | text               |
        | name, one port        | one port  | name       | Single port serial |
        | name, two ports       | two ports | name       | Dual port serial   |
        | device_api, one port  | one port  | device_api | vfio-pci           |
        | device_api, two ports | two ports | device_api | vfio-pci           |
