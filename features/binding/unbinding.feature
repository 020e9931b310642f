# Derived from spec/binding.rst by `mdevref derive`; edit the spec, not this file.
Feature: Unbinding

  @binding.unbind @must @management @basis.kernel
  Rule: binding.unbind
    Writing the UUID of a mediated device to unbind of its driver MUST unbind the device.

    Scenario: UUID without a newline
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      When the UUID of A is written to "unbind" of the driver of A
      Then the write succeeds
      And "driver" of A does not exist
      And "{A}" of the driver of A does not exist

    Scenario: Unbind by UUID and newline, as echo writes them
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      When "{A}\n" is written to "unbind" of the driver of A
      Then the write succeeds
      And "driver" of A does not exist

  @binding.unbind-leaves-group @must @management @basis.document
  Rule: binding.unbind-leaves-group
    Unbinding a mediated device MUST remove it from its IOMMU group.

    Scenario: IOMMU group of an unbound device
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      When the UUID of A is written to "unbind" of the driver of A
      Then "iommu_group" of A does not exist
      And "devices/{A}" of the IOMMU group of A does not exist

  @binding.unbind-keeps-device @must @management @basis.kernel
  Rule: binding.unbind-keeps-device
    An unbound mediated device MUST keep its directory, its file remove and its links to and from bus
    and type.

    Scenario: Entries of an unbound device
      Given a mediated device A
      When the UUID of A is written to "unbind" of the driver of A
      Then A exists
      And "remove" of A is a file
      And "mdev_type" of A points to the type
      And "devices/{A}" of the type points to A

  @binding.unbind-refused @must @management @basis.kernel
  Rule: binding.unbind-refused
    Writing anything other than the name of a mediated device bound to this driver to unbind MUST fail
    with ENODEV.

    Scenario Outline: Name that is not bound to the driver [<case>]
      Given a mediated device A
      When "<written>" is written to "unbind" of the driver of A
      Then the write fails with ENODEV
      And nothing else changed

      Examples: names-not-bound
        | case                  | written |
        | unused UUID           | {uuid}  |
        | word                  | nobody  |
        | UUID and two newlines | {A}\n\n |

    Scenario: Second unbind
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      And A is unbound
      When the UUID of A is written to "unbind" of the driver of A
      Then the write fails with ENODEV
      And nothing else changed

    Scenario: UUID in upper case
      Given a mediated device A
      When the UUID of A in upper case is written to "unbind" of the driver of A
      Then the write fails with ENODEV
      And nothing else changed

  @binding.unbind-in-use-waits @must @management @basis.kernel
  Rule: binding.unbind-in-use-waits
    A write that unbinds a mediated device MUST NOT return success while the device is in use.

    Scenario: Unbind of a device in use
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      And a user holds A open
      When a writer starts to write "{A}" to "unbind" of the driver of A
      Then the writer is blocked
      When the user closes A
      Then the writer returns successfully
      And "driver" of A does not exist

  @binding.remove-unbound @must @management @basis.kernel
  Rule: binding.remove-unbound
    Writing 1 to remove of an unbound mediated device MUST remove that device.

    Scenario: Remove of an unbound device
      Given a mediated device A
      And A is unbound
      When "1" is written to "remove" of A
      Then the write succeeds
      And A does not exist

  @binding.unbound-counts @must @management @basis.kernel @until.5.12
  Rule: binding.unbound-counts
    An unbound mediated device MUST still occupy an instance of its type.

    From 6.1 on this depends on whether the vendor driver or the core counts the instances. A vendor
    driver that counts its own resources regains them. The core keeps the instance occupied.

    Scenario: Instances while a device is unbound, until 5.12
      Given a type with an instance available
      And a mediated device A of the type
      And "available_instances" of the type is noted
      When the UUID of A is written to "unbind" of the driver of A
      Then "available_instances" of the type is as noted
