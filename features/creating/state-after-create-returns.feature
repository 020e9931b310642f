# Derived from spec/creating.rst by `mdevref derive`; edit the spec, not this file.
Feature: State after create returns

  @create.complete @must @management @basis.kernel
  Rule: create.complete
    Each entry in the table below MUST exist when a write to create has succeeded.

    Clients do not wait after a write. A client that reacts to uevents has to wait, because the uevent
    is sent before all entries exist.

    Scenario Outline: Entries of a device when create returns [<case>]
      Given a type with an instance available
      When "{uuid}" is written to "create" of the type
      Then "<entry>" of <place> is a <kind>

      Examples: complete-device
        | case             | entry            | place        | kind      |
        | directory        | {uuid}           | the parent   | directory |
        | remove           | {uuid}/remove    | the parent   | file      |
        | uevent           | {uuid}/uevent    | the parent   | file      |
        | mdev_type        | {uuid}/mdev_type | the parent   | link      |
        | subsystem        | {uuid}/subsystem | the parent   | link      |
        | link in the type | devices/{uuid}   | the type     | link      |
        | link on the bus  | devices/{uuid}   | the mdev bus | link      |

  @create.bound @must @management @basis.kernel
  Rule: create.bound
    A mediated device MUST be bound to a driver when the write to create has succeeded, if there is a
    driver for it.

    Scenario: Driver of a device when create returns
      Given a type with an instance available
      When "{uuid}" is written to "create" of the type
      Then "{uuid}/driver" of the parent is a link
      And "{uuid}/iommu_group" of the parent is a link
