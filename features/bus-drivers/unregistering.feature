# Derived from spec/bus-drivers.rst by `mdevref derive`; edit the spec, not this file.
Feature: Unregistering

  @bus-driver.unregister @must @driver @basis.document
  Rule: bus-driver.unregister
    Unregistering a bus driver MUST remove its directory from bus/mdev/drivers.

    Scenario: Directory after unregistering
      Given the bus driver "one" is registered
      When the bus driver "one" is unregistered
      Then "drivers/one" of the mdev bus does not exist

  @bus-driver.unregister-name-free @must @driver @basis.kernel
  Rule: bus-driver.unregister-name-free
    Registering a bus driver under the name of an unregistered one MUST succeed.

    Scenario: Registering the same name again
      Given the bus driver "one" is registered
      When the bus driver "one" is unregistered
      And the bus driver "one" is registered
      Then the registration succeeds
      And "drivers/one" of the mdev bus is a directory

  @bus-driver.unregister-unknown @must @driver @basis.kernel
  Rule: bus-driver.unregister-unknown
    Unregistering a bus driver that is not registered MUST NOT change anything.

    Scenario: Bus driver that was never registered
      Given the bus driver "one" is registered
      When the bus driver "two" is unregistered
      Then nothing else changed

    Scenario: Refused bus driver with the name of a registered one
      Given the bus driver "one" is registered
      When the bus driver "one" is registered
      And the rejected bus driver "one" is unregistered
      Then nothing else changed

  @bus-driver.unregister-unbinds @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.unregister-unbinds
    Unregistering a bus driver MUST unbind each device that is bound to it.

    Scenario: Two bound devices
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      And a mediated device B of the type
      When the bus driver "one" is unregistered
      Then "driver" of A does not exist
      And "driver" of B does not exist
      And remove of one was called once for A
      And remove of one was called once for B

  @bus-driver.unregister-keeps-devices @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.unregister-keeps-devices
    Unregistering a bus driver MUST NOT remove the devices that were bound to it.

    Scenario: Device after its bus driver is unregistered
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      When the bus driver "one" is unregistered
      Then A exists
      And "remove" of A is a file
      And "devices/{A}" of the type points to A
      And remove of P was not called

  @bus-driver.unregister-leaves-others @must @driver @basis.kernel
  Rule: bus-driver.unregister-leaves-others
    Unregistering a bus driver MUST NOT unbind a device from another bus driver.

    Scenario: Device of another bus driver
      Given the bus driver "one" is registered
      And a mediated device A
      When the bus driver "one" is unregistered
      Then "driver" of A is a link
      And "iommu_group" of A is a link

  @bus-driver.unregister-no-heir @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.unregister-no-heir
    Unregistering a bus driver MUST NOT offer its devices to another bus driver.

    Scenario: Second bus driver after the first is unregistered
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And the bus driver "two" is registered
      And a registered physical device P
      And a mediated device A of the type
      When the bus driver "one" is unregistered
      Then "driver" of A does not exist
      And probe of two was not called
