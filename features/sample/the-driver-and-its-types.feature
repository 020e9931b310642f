# Derived from spec/sample.rst by `mdevref derive`; edit the spec, not this file.
Feature: The driver and its types

  @sample.parent @must @sample @basis.document
  Rule: sample.parent
    While mtty is loaded there MUST be a parent at /sys/devices/virtual/mtty/mtty, of the class mtty.

    Scenario: The parent of the sample driver
      Given the parent of the sample driver
      Then "mtty" of the mdev_bus class leads to "devices/virtual/mtty/mtty"
      And "subsystem" of the parent leads to "class/mtty"

  @sample.parent-entries @must @sample @basis.document
  Rule: sample.parent-entries
    The directory of the sample's parent MUST have each entry of the table.

    Scenario Outline: An entry of the sample's parent [<case>]
      Given the parent of the sample driver
      Then "<entry>" of the parent is a <kind>

      Examples: sample-parent-entries
        | case           | entry                        | kind      |
        | types          | mdev_supported_types         | directory |
        | uevent         | uevent                       | file      |
        | power          | power                        | directory |
        | autosuspend    | power/autosuspend_delay_ms   | file      |
        | control        | power/control                | file      |
        | time active    | power/runtime_active_time    | file      |
        | status         | power/runtime_status         | file      |
        | time suspended | power/runtime_suspended_time | file      |

  @sample.parent-attribute @must @sample @basis.document
  Rule: sample.parent-attribute
    The directory of the sample's parent MUST have a directory mtty_dev with a file sample_mtty_dev.

    Scenario: The attribute of the sample's parent
      Given the parent of the sample driver
      Then "mtty_dev" of the parent is a directory
      And "mtty_dev/sample_mtty_dev" of the parent is a file

  @sample.parent-attribute-text @must @sample @basis.kernel @until.5.12
  Rule: sample.parent-attribute-text
    mtty_dev/sample_mtty_dev MUST show This is phy device and a newline.

    Scenario: The text of the sample's parent
      Given the parent of the sample driver
      When "mtty_dev/sample_mtty_dev" of the parent is read
      Then the text is "This is phy device\n"

  @sample.types @must @sample @basis.document
  Rule: sample.types
    The sample's parent MUST have the types mtty-1 and mtty-2.

    Scenario Outline: A type of the sample [<case>]
      Given the parent of the sample driver
      Then "mdev_supported_types/<type>" of the parent is a directory

      Examples: sample-types
        | case      | type   |
        | one port  | mtty-1 |
        | two ports | mtty-2 |

  @sample.type-entries @must @sample @basis.document
  Rule: sample.type-entries
    Each type of the sample MUST have the entries of the table.

    Scenario Outline: An entry of a type of the sample [<case>]
      Given the type of cards with <ports>
      Then "<entry>" of the type is a <kind>

      Examples: sample-type-entries
        | case                   | ports     | entry               | kind      |
        | instances of one port  | one port  | available_instances | file      |
        | create of one port     | one port  | create              | file      |
        | API of one port        | one port  | device_api          | file      |
        | devices of one port    | one port  | devices             | directory |
        | name of one port       | one port  | name                | file      |
        | instances of two ports | two ports | available_instances | file      |
        | create of two ports    | two ports | create              | file      |
        | API of two ports       | two ports | device_api          | file      |
        | devices of two ports   | two ports | devices             | directory |
        | name of two ports      | two ports | name                | file      |

  @sample.no-description @must @sample @basis.document
  Rule: sample.no-description
    A type of the sample MUST NOT have a file description.

    Scenario: A type of the sample without description
      Given the types of cards with one port and with two ports
      Then the first type has no "description"
      And the second type has no "description"

  @sample.type-texts @must @sample @basis.kernel
  Rule: sample.type-texts
    name and device_api of the sample's types MUST show the texts of the table.

    Scenario Outline: A text of a type of the sample [<case>]
      Given the type of cards with <ports>
      When "<entry>" of the type is read
      Then the text is "<text>\n"

      Examples: sample-type-texts
        | case              | ports     | entry      | text               |
        | name of one port  | one port  | name       | Single port serial |
        | name of two ports | two ports | name       | Dual port serial   |
        | API of one port   | one port  | device_api | vfio-pci           |
        | API of two ports  | two ports | device_api | vfio-pci           |
