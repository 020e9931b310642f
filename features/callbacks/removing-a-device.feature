# Derived from spec/callbacks.rst by `mdevref derive`; edit the spec, not this file.
Feature: Removing a device

  @callback.remove @must @driver @basis.document
  Rule: callback.remove
    The core MUST call the vendor driver's remove once for each mediated device that is removed.

    Scenario: Remove one of two devices
      Given a registered physical device P
      And a mediated device A of the type
      And a mediated device B of the type
      When A is removed
      Then remove of P was called once for A
      And the callbacks for B were "create of P"

  @callback.remove-not-asked @must @driver @basis.kernel
  Rule: callback.remove-not-asked
    Writing any value in the table below to remove MUST NOT call the vendor driver's remove.

    These writes remove no device.

    Scenario Outline: Write to remove that removes nothing [<case>]
      Given a registered physical device P
      And a mediated device A of the type
      When "<written>" is written to "remove" of A
      Then remove of P was not called
      And A exists

      Examples: removing-nothing
        | case            | written |
        | zero            | 0       |
        | word            | yes     |
        | negative number | -1      |

  @callback.remove-before-unbinding @must @driver @basis.kernel @until.5.1
  Rule: callback.remove-before-unbinding
    The core MUST call the vendor driver's remove before it unbinds the device from its bus driver.

    Scenario: Order of remove and unbinding, until 5.1
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      When A is removed
      Then the calls of remove for A were "remove of P, remove of one"

  @callback.remove-after-unbinding @must @driver @basis.kernel @since.5.2 @until.5.12
  Rule: callback.remove-after-unbinding
    The core MUST unbind a device from its bus driver before it calls the vendor driver's remove.

    Scenario: Order of unbinding and remove, from 5.2 to 5.12
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      When A is removed
      Then the calls of remove for A were "remove of one, remove of P"

  @callback.remove-sees-device @must @driver @basis.kernel @until.5.1
  Rule: callback.remove-sees-device
    Each entry in the table below MUST still exist while the vendor driver's remove runs.

    The device keeps its links, its driver and its attributes until remove has returned.

    Scenario Outline: Entries of a device during remove, until 5.1 [<case>]
      Given a registered physical device P with the device attributes "serial"
      And a mediated device A of the first type
      And remove of P blocks
      When a writer starts to write "1" to "remove" of A
      And a caller is blocked in remove of P
      Then "<entry>" of <place> is a <kind>
      When remove of P continues
      Then the writer returns successfully

      Examples: seen-in-remove
        | case                    | entry       | place          | kind |
        | device attribute        | serial      | A              | file |
        | link to the type        | mdev_type   | A              | link |
        | link to the driver      | driver      | A              | link |
        | link to the IOMMU group | iommu_group | A              | link |
        | link from the type      | devices/{A} | the first type | link |
        | link from the bus       | devices/{A} | the mdev bus   | link |

  @callback.remove-after-device @must @driver @basis.kernel @since.5.2 @until.5.12
  Rule: callback.remove-after-device
    The core MUST remove a device from sysfs before it calls the vendor driver's remove.

    Scenario: Sysfs during remove, from 5.2 to 5.12
      Given a registered physical device P
      And a mediated device A of the type
      And remove of P blocks
      When a writer starts to write "1" to "remove" of A
      And a caller is blocked in remove of P
      Then "{A}" of P does not exist
      And "devices/{A}" of the mdev bus does not exist
      And "devices/{A}" of the type does not exist
      When remove of P continues
      Then the writer returns successfully

  @callback.remove-after-event @must @driver @basis.kernel @since.5.2 @until.5.12
  Rule: callback.remove-after-event
    The kernel MUST send the uevent remove of a device before it calls the vendor driver's remove.

    Scenario: Uevents during remove, from 5.2 to 5.12
      Given a registered physical device P
      And a mediated device A of the type
      And remove of P blocks
      When a writer starts to write "1" to "remove" of A
      And a caller is blocked in remove of P
      Then one uevent "remove" of A was sent
      When remove of P continues
      Then the writer returns successfully

  @callback.remove-refused-stays-bound @must @driver @basis.kernel @until.5.1
  Rule: callback.remove-refused-stays-bound
    The core MUST NOT unbind a device from its bus driver if the vendor driver refuses to remove it.

    Scenario: Bus driver after a refused removal, until 5.1
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      And remove of P fails with EBUSY
      When "1" is written to "remove" of A
      Then the write fails with EBUSY
      And "driver" of A points to "bus/mdev/drivers/one"
      And remove of one was not called

  @callback.remove-after-create @must @driver @basis.kernel
  Rule: callback.remove-after-create
    The core MUST NOT call the vendor driver's remove for a device before create of that device has
    returned.

    Scenario: Write to remove during create
      Given a registered physical device P
      And create of P blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And a caller is blocked in create of P
      And a second writer starts to write "1" to "{uuid}/remove" of P
      Then the second writer fails without blocking
      And remove of P was not called
      When create of P continues
      Then the writer returns successfully
