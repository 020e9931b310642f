# Derived from spec/hotplug.rst by `mdevref derive`; edit the spec, not this file.
Feature: Uevents of a new device

  @hotplug.add @must @management @basis.kernel
  Rule: hotplug.add
    Creating a mediated device MUST send one uevent add whose DEVPATH is the path of the device's
    directory.

    Scenario: Uevent add of a new device
      Given a type with an instance available
      When a mediated device A of the type is created
      Then one uevent "add" of A was sent

  @hotplug.add-subsystem @must @management @basis.kernel
  Rule: hotplug.add-subsystem
    Each uevent of a mediated device MUST name mdev as its SUBSYSTEM.

    Scenario: SUBSYSTEM of the uevents of a device
      Given a type with an instance available
      When a mediated device A of the type is created
      And A is removed
      Then each uevent of A has SUBSYSTEM "mdev"

  @hotplug.add-first @must @management @basis.kernel
  Rule: hotplug.add-first
    The uevent add of a mediated device MUST precede all other uevents of the device and of its IOMMU
    group.

    Scenario: First uevent of a creation
      Given a type with an instance available
      And the uevents so far are discarded
      When a mediated device A of the type is created
      Then the first uevent is "add" of A

  @hotplug.bind @must @management @basis.kernel @since.4.14
  Rule: hotplug.bind
    Binding a driver to a mediated device MUST send a uevent bind that names the driver in DRIVER.

    Scenario: Uevents of a new device, from 4.14 on
      Given a type with an instance available
      When a mediated device A of the type is created
      Then the uevents of A were "add, bind"
      And the uevent "bind" of A contains the name of its driver

  @hotplug.no-bind @must @management @basis.kernel @until.4.13
  Rule: hotplug.no-bind
    The kernel MUST NOT send a uevent bind or unbind for a mediated device.

    Scenario: Uevents of a device, until 4.13
      Given a type with an instance available
      When a mediated device A of the type is created
      And A is removed
      Then the uevents of A were "add, remove"

  @hotplug.types-silent @must @management @basis.kernel
  Rule: hotplug.types-silent
    The core MUST NOT send a uevent for a type.

    The kernel does not report a change of available_instances by a uevent either. A client that needs
    the number has to read it.

    Scenario: Uevents of types when a parent is registered
      Given a parent whose vendor driver can be unloaded
      When the vendor driver of the parent is unloaded
      And the vendor driver of the parent is loaded again
      Then no uevent of a type was sent

    Scenario: Uevents of types when a device is created
      Given a type with an instance available
      When a mediated device A of the type is created
      Then no uevent of a type was sent
      And no uevent of the parent was sent
