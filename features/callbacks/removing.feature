# Derived from spec/callbacks.rst by `mdevref derive`; edit the spec, not this file.
Feature: Removing

  @callback.remove @must @driver @basis.document
  Rule: callback.remove
    For each mediated device that is removed, remove of its parent's ops MUST be called once.

    Scenario: remove for one of two devices
      Given a registered physical device P
      And a mediated device A of the type
      And a mediated device B of the type
      When A is removed
      Then remove of P was called once for A
      And the callbacks for B were "create of P"

  @callback.remove-not-asked @must @driver @basis.kernel
  Rule: callback.remove-not-asked
    For a write to remove that removes nothing, remove of the ops MUST NOT be called.

    Scenario Outline: A write to remove that never reaches the vendor driver [<case>]
      Given a registered physical device P
      And a mediated device A of the type
      When "<written>" is written to "remove" of A
      Then remove of P was not called
      And A exists

      Examples: removing-nothing
        | case   | written |
        | zero   | 0       |
        | a word | yes     |
        | minus  | -1      |

  @callback.remove-before-unbinding @must @driver @basis.kernel @until.5.1
  Rule: callback.remove-before-unbinding
    remove of the ops MUST be called before the device is unbound from its bus driver.

    Scenario: The order of both removes, until 5.1
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      When A is removed
      Then the calls of remove for A were "remove of P, remove of one"

  @callback.remove-after-unbinding @must @driver @basis.kernel @since.5.2 @until.5.12
  Rule: callback.remove-after-unbinding
    remove of the ops MUST NOT be called before the device is unbound from its bus driver.

    Scenario: The order of both removes, from 5.2 to 5.12
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      When A is removed
      Then the calls of remove for A were "remove of one, remove of P"

  @callback.remove-sees-device @must @driver @basis.kernel @until.5.1
  Rule: callback.remove-sees-device
    While remove of the ops works, the device MUST still be there, with all its links, its driver and
    its attributes.

    Scenario Outline: What is there while remove works, until 5.1 [<case>]
      Given a registered physical device P with the device attributes "serial"
      And a mediated device A of the first type
      And remove of P stops in the middle
      When a writer starts to write "1" to "remove" of A
      And remove of P has been reached
      Then "<entry>" of <place> is a <kind>
      When remove of P goes on
      Then the writer ends and has succeeded

      Examples: seen-in-remove
        | case         | entry       | place          | kind |
        | attribute    | serial      | A              | file |
        | mdev_type    | mdev_type   | A              | link |
        | driver       | driver      | A              | link |
        | group        | iommu_group | A              | link |
        | link of type | devices/{A} | the first type | link |
        | link of bus  | devices/{A} | the mdev bus   | link |

  @callback.remove-after-device @must @driver @basis.kernel @since.5.2 @until.5.12
  Rule: callback.remove-after-device
    When remove of the ops is called, the device MUST be gone from the tree, and its uevent remove sent.

    Scenario: What is left while remove works, from 5.2 to 5.12
      Given a registered physical device P
      And a mediated device A of the type
      And remove of P stops in the middle
      When a writer starts to write "1" to "remove" of A
      And remove of P has been reached
      Then P has no "{A}"
      And the mdev bus has no "devices/{A}"
      And the type has no "devices/{A}"
      And one uevent "remove" of A was sent
      When remove of P goes on
      Then the writer ends and has succeeded

  @callback.remove-refused-stays-bound @must @driver @basis.kernel @until.5.1
  Rule: callback.remove-refused-stays-bound
    When remove of the ops refuses, the device MUST NOT be unbound from its bus driver.

    Scenario: The bus driver of a device that stays, until 5.1
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      And remove of P fails with EBUSY
      When "1" is written to "remove" of A
      Then the write fails with EBUSY
      And "driver" of A leads to "bus/mdev/drivers/one"
      And remove of one was not called

  @callback.remove-after-create @must @driver @basis.kernel
  Rule: callback.remove-after-create
    For a device whose create has not returned, remove of the ops MUST NOT be called.

    Scenario: Removing a device while it is created
      Given a registered physical device P
      And create of P stops in the middle
      When a writer starts to write "{uuid}" to "create" of the type
      And create of P has been reached
      And a second writer starts to write "1" to "{uuid}/remove" of P
      Then the second writer ends at once and has failed
      And remove of P was not called
      When create of P goes on
      Then the writer ends and has succeeded
