# Derived from spec/creating.rst by `mdevref derive`; edit the spec, not this file.
Feature: When create returns

  @create.complete @must @management @basis.kernel
  Rule: create.complete
    When a write to create has succeeded, each entry of the table MUST be there.

    Clients do not wait after they have written. Those that listen to uevents have to: the uevent comes
    first.

    Scenario Outline: What is there when create returns [<case>]
      Given a type with an instance available
      When "{uuid}" is written to "create" of the type
      Then "<entry>" of <place> is a <kind>

      Examples: complete-device
        | case         | entry            | place        | kind      |
        | directory    | {uuid}           | the parent   | directory |
        | remove       | {uuid}/remove    | the parent   | file      |
        | uevent       | {uuid}/uevent    | the parent   | file      |
        | mdev_type    | {uuid}/mdev_type | the parent   | link      |
        | subsystem    | {uuid}/subsystem | the parent   | link      |
        | link of type | devices/{uuid}   | the type     | link      |
        | link of bus  | devices/{uuid}   | the mdev bus | link      |

  @create.bound @must @management @basis.kernel
  Rule: create.bound
    When a write to create has succeeded, the mediated device MUST be bound to a driver, if there is one
    for it.

    Scenario: The driver when create returns
      Given a type with an instance available
      When "{uuid}" is written to "create" of the type
      Then "{uuid}/driver" of the parent is a link
      And "{uuid}/iommu_group" of the parent is a link
