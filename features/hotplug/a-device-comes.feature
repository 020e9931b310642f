# Derived from spec/hotplug.rst by `mdevref derive`; edit the spec, not this file.
Feature: A device comes

  @hotplug.add @must @management @basis.kernel
  Rule: hotplug.add
    Creating a mediated device MUST send one uevent add whose DEVPATH is that of the device's directory.

    Scenario: The uevent of a new device
      Given a type with an instance available
      When a mediated device A of the type is created
      Then one uevent "add" of A was sent

  @hotplug.add-subsystem @must @management @basis.kernel
  Rule: hotplug.add-subsystem
    A uevent of a mediated device MUST name mdev as its SUBSYSTEM.

    Scenario: The subsystem of the uevents of a device
      Given a type with an instance available
      When a mediated device A of the type is created
      And A is removed
      Then each uevent of A has SUBSYSTEM "mdev"

  @hotplug.add-first @must @management @basis.kernel
  Rule: hotplug.add-first
    A mediated device MUST NOT have an earlier uevent than add, nor any of its group.

    Scenario: The first uevent of a creation
      Given a type with an instance available
      And the uevents so far are passed over
      When a mediated device A of the type is created
      Then the first uevent is "add" of A

  @hotplug.bind @must @management @basis.kernel @since.4.14
  Rule: hotplug.bind
    When a driver is bound to a mediated device, there MUST be a uevent bind of the device that names
    the driver in DRIVER.

    Scenario: The uevents of a new device, from 4.14 on
      Given a type with an instance available
      When a mediated device A of the type is created
      Then the uevents of A were "add, bind"
      And the uevent "bind" of A names its driver

  @hotplug.no-bind @must @management @basis.kernel @until.4.13
  Rule: hotplug.no-bind
    There MUST NOT be a uevent bind or unbind of a mediated device.

    Scenario: The uevents of a device, until 4.13
      Given a type with an instance available
      When a mediated device A of the type is created
      And A is removed
      Then the uevents of A were "add, remove"

  @hotplug.types-silent @must @management @basis.kernel
  Rule: hotplug.types-silent
    There MUST NOT be a uevent of a type.

    Neither does a uevent tell that available_instances changed. A client that wants to know has to read
    it.

    Scenario: The uevents of types when a parent is registered
      Given a parent whose vendor driver can be unloaded
      When the vendor driver of the parent is unloaded
      And the vendor driver of the parent is loaded again
      Then no uevent of a type was sent

    Scenario: The uevents of types when a device is created
      Given a type with an instance available
      When a mediated device A of the type is created
      Then no uevent of a type was sent
      And no uevent of the parent was sent
