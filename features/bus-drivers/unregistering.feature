# Derived from spec/bus-drivers.rst by `mdevref derive`; edit the spec, not this file.
Feature: Unregistering

  @bus-driver.unregister @must @driver @basis.document
  Rule: bus-driver.unregister
    A bus driver that is unregistered MUST NOT have a directory in bus/mdev/drivers any more.

    Scenario: The directory of a bus driver that was unregistered
      Given the bus driver "one" is registered
      When the bus driver "one" is unregistered
      Then the mdev bus has no "drivers/one"

  @bus-driver.unregister-name-free @must @driver @basis.kernel
  Rule: bus-driver.unregister-name-free
    The name of a bus driver that is unregistered MUST be free for another one.

    Scenario: A bus driver that comes again
      Given the bus driver "one" is registered
      When the bus driver "one" is unregistered
      And the bus driver "one" is registered
      Then the registration succeeds
      And "drivers/one" of the mdev bus is a directory

  @bus-driver.unregister-unknown @must @driver @basis.kernel
  Rule: bus-driver.unregister-unknown
    Unregistering a bus driver that is not registered MUST NOT change anything.

    Scenario: Unregistering a bus driver that never was registered
      Given the bus driver "one" is registered
      When the bus driver "two" is unregistered
      Then nothing else changed

    Scenario: Unregistering another bus driver of the same name
      Given the bus driver "one" is registered
      When the bus driver "one" is registered
      And the bus driver "one" that was refused is unregistered
      Then nothing else changed

  @bus-driver.unregister-unbinds @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.unregister-unbinds
    When a bus driver is unregistered, each device that is bound to it MUST be unbound.

    Scenario: The devices of a bus driver that is unregistered
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      And a mediated device B of the type
      When the bus driver "one" is unregistered
      Then A has no "driver"
      And B has no "driver"
      And remove of one was called once for A
      And remove of one was called once for B

  @bus-driver.unregister-keeps-devices @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.unregister-keeps-devices
    When a bus driver is unregistered, the devices that were bound to it MUST stay.

    Scenario: The tree after a bus driver is unregistered
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And a registered physical device P
      And a mediated device A of the type
      When the bus driver "one" is unregistered
      Then A exists
      And "remove" of A is a file
      And "devices/{A}" of the type leads to A
      And remove of P was not called

  @bus-driver.unregister-leaves-others @must @driver @basis.kernel
  Rule: bus-driver.unregister-leaves-others
    When a bus driver is unregistered, devices that are bound to another one MUST stay bound.

    Scenario: A device of another bus driver
      Given the bus driver "one" is registered
      And a mediated device A
      When the bus driver "one" is unregistered
      Then "driver" of A is a link
      And "iommu_group" of A is a link

  @bus-driver.unregister-no-heir @must @driver @basis.kernel @until.5.12
  Rule: bus-driver.unregister-no-heir
    When a bus driver is unregistered, its devices MUST NOT be offered to another one.

    Scenario: A second bus driver when the first one goes
      Given no bus driver is loaded
      And the bus driver "one" is registered
      And the bus driver "two" is registered
      And a registered physical device P
      And a mediated device A of the type
      When the bus driver "one" is unregistered
      Then A has no "driver"
      And probe of two was not called
