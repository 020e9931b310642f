# Derived from spec/callbacks.rst by `mdevref derive`; edit the spec, not this file.
Feature: Creating

  @callback.create @must @driver @basis.document
  Rule: callback.create
    For each mediated device that is created, create of its parent's ops MUST be called once.

    Scenario: create for two devices
      Given a registered physical device P
      When "{uuid}" is written to "create" of the first type
      And "ABcdEF01-2345-6789-abCD-EF0123456789" is written to "create" of the second type
      Then every write succeeded
      And create of P was called once for the mediated device "{uuid}"
      And create of P was called once for the mediated device "abcdef01-2345-6789-abcd-ef0123456789"

  @callback.create-type @must @driver @basis.kernel
  Rule: callback.create-type
    To create MUST be given the type that the device is to be of.

    Scenario Outline: The type that create is given [<case>]
      Given a registered physical device P of the class "toys" with the types "red, blue"
      When "{uuid}" is written to "create" of <type>
      Then create of P was given the type "<id>"

      Examples: both-types
        | case   | type            | id        |
        | first  | the first type  | toys-red  |
        | second | the second type | toys-blue |

  @callback.create-own-parent @must @driver @basis.kernel
  Rule: callback.create-own-parent
    When a mediated device is created, callbacks of other parents MUST NOT be called.

    Scenario: create at one of two parents
      Given a registered physical device P
      And a registered physical device Q
      When "{uuid}" is written to "mdev_supported_types/{type}/create" of Q
      Then create of Q was called once for the mediated device "{uuid}"
      And no callback of P was called

  @callback.create-refused-by-core @must @driver @basis.kernel
  Rule: callback.create-refused-by-core
    For a write to create that the core refuses, create of the ops MUST NOT be called.

    Scenario Outline: A write to create that never reaches the vendor driver [<case>]
      Given a registered physical device P
      And a mediated device A of the first type
      When "<written>" is written to "create" of the second type
      Then the write fails with <errno>
      And create of P was called once

      Examples: refused-by-core
        | case                 | written                             | errno  |
        | a word               | mtty                                | EINVAL |
        | a character short    | 83b8f4f2-509f-382f-3c1e-e6bfe0fa100 | EINVAL |
        | a UUID that is taken | {A}                                 | EEXIST |

  @callback.create-after-probe @must @driver @basis.kernel @until.5.1
  Rule: callback.create-after-probe
    A bus driver MUST have been asked for a new device before create of the ops is.

    Scenario: The order of probe and create, until 5.1
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      When "{uuid}" is written to "create" of the type
      Then the callbacks for the mediated device "{uuid}" were "probe of one, create of P"

  @callback.create-before-probe @must @driver @basis.kernel @since.5.2 @until.5.12
  Rule: callback.create-before-probe
    A bus driver MUST NOT be asked for a new device before create of the ops has accepted it.

    Scenario: The order of create and probe, from 5.2 to 5.12
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      When "{uuid}" is written to "create" of the type
      Then the callbacks for the mediated device "{uuid}" were "create of P, probe of one"

    Scenario: probe after a refusal, from 5.2 to 5.12
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And create of P fails with ENOSPC
      When "{uuid}" is written to "create" of the type
      Then the write fails with ENOSPC
      And the callbacks for the mediated device "{uuid}" were "create of P"

  @callback.create-after-event @must @driver @basis.kernel @until.5.1
  Rule: callback.create-after-event
    When create of the ops is called, the uevent add of the device MUST have been sent.

    Scenario: The uevent of a device while create works, until 5.1
      Given a registered physical device P
      And create of P stops in the middle
      When a writer starts to write "{uuid}" to "create" of the type
      And create of P has been reached
      Then one uevent "add" of the mediated device "{uuid}" was sent
      When create of P goes on
      Then the writer ends and has succeeded

  @callback.create-before-event @must @driver @basis.kernel @since.5.2 @until.5.12
  Rule: callback.create-before-event
    Before create of the ops has returned, a uevent of the device MUST NOT be sent.

    Scenario: The uevents of a device while create works, from 5.2 to 5.12
      Given a registered physical device P
      And create of P stops in the middle
      When a writer starts to write "{uuid}" to "create" of the type
      And create of P has been reached
      Then no uevent of the mediated device "{uuid}" was sent
      When create of P goes on
      Then the writer ends and has succeeded
      And one uevent "add" of the mediated device "{uuid}" was sent

  @callback.create-as-probe-after-event @must @driver @basis.kernel @since.6.1
  Rule: callback.create-as-probe-after-event
    When probe of the vendor driver is called in place of create, the uevent add of the device MUST have
    been sent.

    Scenario: The uevent of a device while its driver is bound, from 6.1 on
      Given a registered physical device P
      And create of P stops in the middle
      When a writer starts to write "{uuid}" to "create" of the type
      And create of P has been reached
      Then the uevents of the mediated device "{uuid}" were "add"
      When create of P goes on
      Then the writer ends and has succeeded
      And the uevents of the mediated device "{uuid}" were "add, bind"

  @callback.create-refused-unbinds @must @driver @basis.kernel @until.5.1
  Rule: callback.create-refused-unbinds
    When create of the ops refuses a device, remove of the bus driver that it is bound to MUST be called
    for it.

    Scenario: The bus driver of a device that is refused, until 5.1
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And create of P fails with ENOSPC
      When "{uuid}" is written to "create" of the type
      Then the write fails with ENOSPC
      And the callbacks for the mediated device "{uuid}" were "probe of one, create of P, remove of one"

  @callback.create-refused-no-remove @must @driver @basis.kernel
  Rule: callback.create-refused-no-remove
    For a device that create of the ops refused, remove of the ops MUST NOT be called.

    Scenario: remove after a refusal
      Given a registered physical device P
      And create of P fails with ENOSPC
      When "{uuid}" is written to "create" of the type
      Then the write fails with ENOSPC
      And create of P was called once for the mediated device "{uuid}"
      And remove of P was not called

  @callback.create-before-attributes @must @driver @basis.kernel @until.5.1
  Rule: callback.create-before-attributes
    A new device MUST NOT have the attributes of mdev_attr_groups before create of the ops has returned.

    Scenario: The attributes of a device while create works, until 5.1
      Given a registered physical device P with the device attributes "serial"
      And create of P stops in the middle
      When a writer starts to write "{uuid}" to "create" of the type
      And create of P has been reached
      Then "{uuid}" of P is a directory
      And P has no "{uuid}/serial"
      When create of P goes on
      Then the writer ends and has succeeded
      And "{uuid}/serial" of P is a file

  @callback.attributes-before-probe @must @driver @basis.kernel @since.5.2 @until.5.12
  Rule: callback.attributes-before-probe
    A new device MUST have the attributes of mdev_attr_groups when probe of a bus driver is called for
    it.

    Scenario: The attributes of a device while probe works, from 5.2 to 5.12
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P with the device attributes "serial"
      And probe of one stops in the middle
      When a writer starts to write "{uuid}" to "create" of the type
      And probe of one has been reached
      Then "{uuid}/serial" of P is a file
      When probe of one goes on
      Then the writer ends and has succeeded

  @callback.attributes-fail @must @driver @basis.kernel @until.5.12
  Rule: callback.attributes-fail
    When the attributes of mdev_attr_groups cannot be made, the write to create MUST fail with the errno
    of that.

    Scenario: A device attribute whose name is taken, until 5.12
      Given a registered physical device P with the device attributes "uevent"
      When "{uuid}" is written to "create" of the type
      Then the write fails with EEXIST
      And no mediated device "{uuid}" exists

  @callback.attributes-fail-remove @must @driver @basis.kernel @until.5.12
  Rule: callback.attributes-fail-remove
    When creating a device fails after create of the ops has accepted it, remove of the ops MUST be
    called for it.

    Scenario: remove for a device that did not come to be, until 5.12
      Given a registered physical device P with the device attributes "uevent"
      When "{uuid}" is written to "create" of the type
      Then the write fails
      And the callbacks for the mediated device "{uuid}" were "create of P, remove of P"
