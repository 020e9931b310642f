# Derived from spec/binding.rst by `mdevref derive`; edit the spec, not this file.
Feature: Unbinding

  @binding.unbind @must @management @basis.kernel
  Rule: binding.unbind
    Writing the UUID of a mediated device to unbind of its driver MUST unbind it.

    Scenario: Unbinding a device
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      When the UUID of A is written to "unbind" of the driver of A
      Then the write succeeds
      And A has no "driver"
      And the driver of A has no "{A}"

    Scenario: Unbinding a device as echo does
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      When "{A}\n" is written to "unbind" of the driver of A
      Then the write succeeds
      And A has no "driver"

  @binding.unbind-leaves-group @must @management @basis.document
  Rule: binding.unbind-leaves-group
    A mediated device that is unbound MUST NOT be in an IOMMU group any more.

    Scenario: The IOMMU group of a device that is unbound
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      When the UUID of A is written to "unbind" of the driver of A
      Then A has no "iommu_group"
      And the IOMMU group of A has no "devices/{A}"

  @binding.unbind-keeps-device @must @management @basis.kernel
  Rule: binding.unbind-keeps-device
    A mediated device that is unbound MUST keep its directory, its remove and its links to and from bus
    and type.

    Scenario: What is left of a device that is unbound
      Given a mediated device A
      When the UUID of A is written to "unbind" of the driver of A
      Then A exists
      And "remove" of A is a file
      And "mdev_type" of A leads to the type
      And "devices/{A}" of the type leads to A

  @binding.unbind-refused @must @management @basis.kernel
  Rule: binding.unbind-refused
    Writing to unbind anything but the name of a mediated device that is bound to this driver MUST fail
    with ENODEV.

    Scenario Outline: Unbinding what is not bound [<case>]
      Given a mediated device A
      When "<written>" is written to "unbind" of the driver of A
      Then the write fails with ENODEV
      And nothing else changed

      Examples: names-not-bound
        | case                  | written |
        | UUID of no device     | {uuid}  |
        | a word                | nobody  |
        | UUID and two newlines | {A}\n\n |

    Scenario: Unbinding twice
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      And A is bound to no driver
      When the UUID of A is written to "unbind" of the driver of A
      Then the write fails with ENODEV
      And nothing else changed

    Scenario: Unbinding in upper case
      Given a mediated device A
      When the UUID of A in upper case is written to "unbind" of the driver of A
      Then the write fails with ENODEV
      And nothing else changed

  @binding.unbind-in-use-waits @must @management @basis.kernel
  Rule: binding.unbind-in-use-waits
    A write that unbinds a mediated device MUST NOT return with success while the device is in use.

    Scenario: Unbinding a device that is in use
      Given a mediated device A
      And the driver and the IOMMU group of A are noted
      And a user holds A open
      When a writer starts to write "{A}" to "unbind" of the driver of A
      Then the writer waits
      When the user closes A
      Then the writer ends and has succeeded
      And A has no "driver"

  @binding.remove-unbound @must @management @basis.kernel
  Rule: binding.remove-unbound
    A mediated device that is bound to no driver MUST be possible to remove.

    Scenario: Removing a device that is not bound
      Given a mediated device A
      And A is bound to no driver
      When "1" is written to "remove" of A
      Then the write succeeds
      And A does not exist

  @binding.unbound-counts @must @management @basis.kernel @until.5.12
  Rule: binding.unbound-counts
    A mediated device that is bound to no driver MUST still take an instance of its type.

    From 6.1 on it depends on who counts: a vendor driver that counts its own resources has them back,
    the core has not.

    Scenario: Instances while a device is not bound, until 5.12
      Given a type with an instance available
      And a mediated device A of the type
      And the available instances of the type are noted
      When the UUID of A is written to "unbind" of the driver of A
      Then as many instances of the type are available as were noted
