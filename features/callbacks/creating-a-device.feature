# Derived from spec/callbacks.rst by `mdevref derive`; edit the spec, not this file.
Feature: Creating a device

  @callback.create @must @driver @basis.document
  Rule: callback.create
    The core MUST call the vendor driver's create once for each mediated device that is created.

    Scenario: Create two devices
      Given a registered physical device P
      When "{uuid}" is written to "create" of the first type
      And "ABcdEF01-2345-6789-abCD-EF0123456789" is written to "create" of the second type
      Then every write succeeds
      And create of P was called once for the mediated device "{uuid}"
      And create of P was called once for the mediated device "abcdef01-2345-6789-abcd-ef0123456789"

  @callback.create-type @must @driver @basis.kernel
  Rule: callback.create-type
    The core MUST pass the requested type to the vendor driver's create.

    Scenario Outline: Type passed to create [<case>]
      Given a registered physical device P of the class "toys" with the types "red, blue"
      When "{uuid}" is written to "create" of <type>
      Then create of P received the type "<id>"

      Examples: both-types
        | case   | type            | id        |
        | first  | the first type  | toys-red  |
        | second | the second type | toys-blue |

  @callback.create-own-parent @must @driver @basis.kernel
  Rule: callback.create-own-parent
    Creating a mediated device MUST NOT call a callback of another parent.

    Scenario: Create a device under one of two parents
      Given a registered physical device P
      And a registered physical device Q
      When "{uuid}" is written to "mdev_supported_types/{type}/create" of Q
      Then create of Q was called once for the mediated device "{uuid}"
      And no callback of P was called

  @callback.create-refused-by-core @must @driver @basis.kernel
  Rule: callback.create-refused-by-core
    A write to create that the core rejects MUST NOT call the vendor driver's create.

    Scenario Outline: Write to create that the core rejects [<case>]
      Given a registered physical device P
      And a mediated device A of the first type
      When "<written>" is written to "create" of the second type
      Then the write fails with <errno>
      And create of P was called once

      Examples: refused-by-core
        | case                | written                             | errno  |
        | word                | mtty                                | EINVAL |
        | one character short | 83b8f4f2-509f-382f-3c1e-e6bfe0fa100 | EINVAL |
        | UUID already in use | {A}                                 | EEXIST |

  @callback.create-after-probe @must @driver @basis.kernel @until.5.1
  Rule: callback.create-after-probe
    The kernel MUST call a bus driver's probe for a new device before the vendor driver's create.

    Scenario: Order of probe and create, until 5.1
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      When "{uuid}" is written to "create" of the type
      Then the callbacks for the mediated device "{uuid}" were "probe of one, create of P"

  @callback.create-before-probe @must @driver @basis.kernel @since.5.2 @until.5.12
  Rule: callback.create-before-probe
    The kernel MUST NOT call a bus driver's probe for a new device before the vendor driver's create has
    accepted it.

    Scenario: Order of create and probe, from 5.2 to 5.12
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      When "{uuid}" is written to "create" of the type
      Then the callbacks for the mediated device "{uuid}" were "create of P, probe of one"

    Scenario: Creation that the vendor driver refuses, from 5.2 to 5.12
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And create of P fails with ENOSPC
      When "{uuid}" is written to "create" of the type
      Then the write fails with ENOSPC
      And the callbacks for the mediated device "{uuid}" were "create of P"

  @callback.create-after-event @must @driver @basis.kernel @until.5.1
  Rule: callback.create-after-event
    The kernel MUST send the uevent add of a new device before it calls the vendor driver's create.

    Scenario: Uevents during create, until 5.1
      Given a registered physical device P
      And create of P blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And a caller is blocked in create of P
      Then one uevent "add" of the mediated device "{uuid}" was sent
      When create of P continues
      Then the writer returns successfully

  @callback.create-before-event @must @driver @basis.kernel @since.5.2 @until.5.12
  Rule: callback.create-before-event
    The kernel MUST NOT send a uevent of a new device before the vendor driver's create has returned.

    Scenario: Uevents during create, from 5.2 to 5.12
      Given a registered physical device P
      And create of P blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And a caller is blocked in create of P
      Then no uevent of the mediated device "{uuid}" was sent
      When create of P continues
      Then the writer returns successfully
      And one uevent "add" of the mediated device "{uuid}" was sent

  @callback.create-as-probe-after-event @must @driver @basis.kernel @since.6.1
  Rule: callback.create-as-probe-after-event
    The kernel MUST send the uevent add of a new device before it calls the vendor driver's probe.

    From 6.1 on probe takes the place of create. The uevent bind follows after probe has succeeded.

    Scenario: Uevents during probe, from 6.1 on
      Given a registered physical device P
      And create of P blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And a caller is blocked in create of P
      Then the uevents of the mediated device "{uuid}" were "add"
      When create of P continues
      Then the writer returns successfully
      And the uevents of the mediated device "{uuid}" were "add, bind"

  @callback.create-refused-unbinds @must @driver @basis.kernel @until.5.1
  Rule: callback.create-refused-unbinds
    When the vendor driver refuses to create a device, the kernel MUST call remove of the device's bus
    driver.

    Scenario: Bus driver of a refused device, until 5.1
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And create of P fails with ENOSPC
      When "{uuid}" is written to "create" of the type
      Then the write fails with ENOSPC
      And the callbacks for the mediated device "{uuid}" were "probe of one, create of P, remove of one"

  @callback.create-refused-no-remove @must @driver @basis.kernel
  Rule: callback.create-refused-no-remove
    The core MUST NOT call the vendor driver's remove for a device that its create refused.

    Scenario: Creation that the vendor driver refuses
      Given a registered physical device P
      And create of P fails with ENOSPC
      When "{uuid}" is written to "create" of the type
      Then the write fails with ENOSPC
      And create of P was called once for the mediated device "{uuid}"
      And remove of P was not called

  @callback.create-before-attributes @must @driver @basis.kernel @until.5.1
  Rule: callback.create-before-attributes
    A new device MUST NOT have the attributes of mdev_attr_groups before the vendor driver's create has
    returned.

    Scenario: Device attributes during create, until 5.1
      Given a registered physical device P with the device attributes "serial"
      And create of P blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And a caller is blocked in create of P
      Then "{uuid}" of P is a directory
      And "{uuid}/serial" of P does not exist
      When create of P continues
      Then the writer returns successfully
      And "{uuid}/serial" of P is a file

  @callback.attributes-before-probe @must @driver @basis.kernel @since.5.2 @until.5.12
  Rule: callback.attributes-before-probe
    A new device MUST have the attributes of mdev_attr_groups before a bus driver's probe is called for
    it.

    Scenario: Device attributes during probe, from 5.2 to 5.12
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P with the device attributes "serial"
      And probe of one blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And a caller is blocked in probe of one
      Then "{uuid}/serial" of P is a file
      When probe of one continues
      Then the writer returns successfully

  @callback.attributes-fail @must @driver @basis.kernel @until.5.12
  Rule: callback.attributes-fail
    When adding the attributes of mdev_attr_groups fails, the write to create MUST fail with the same
    errno.

    Scenario: Device attribute with a name already in use, until 5.12
      Given a registered physical device P with the device attributes "uevent"
      When "{uuid}" is written to "create" of the type
      Then the write fails with EEXIST
      And no mediated device "{uuid}" exists

  @callback.attributes-fail-remove @must @driver @basis.kernel @until.5.12
  Rule: callback.attributes-fail-remove
    The core MUST call the vendor driver's remove if creation fails after create has accepted the
    device.

    Scenario: Creation that fails after create, until 5.12
      Given a registered physical device P with the device attributes "uevent"
      When "{uuid}" is written to "create" of the type
      Then the write fails
      And the callbacks for the mediated device "{uuid}" were "create of P, remove of P"
