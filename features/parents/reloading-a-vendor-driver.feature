# Derived from spec/parents.rst by `mdevref derive`; edit the spec, not this file.
Feature: Reloading a vendor driver

  @parents.reload-instances @must @management @basis.kernel
  Rule: parents.reload-instances
    A parent that is registered again MUST offer as many instances of each type as before its first
    device was created.

    Scenario: Instances after the vendor driver is reloaded
      Given a parent whose vendor driver can be unloaded
      And "available_instances" of the type is noted
      And a mediated device A of the type
      When the vendor driver of the parent is unloaded
      And the vendor driver of the parent is loaded again
      Then "available_instances" of the type is as noted

  @parents.reload-uuids @must @management @basis.kernel
  Rule: parents.reload-uuids
    Creating a device with the UUID of a device that was removed with its parent MUST succeed.

    Scenario: UUID of a device that was removed with its parent
      Given a parent whose vendor driver can be unloaded
      And a mediated device A of the type
      When the vendor driver of the parent is unloaded
      And the vendor driver of the parent is loaded again
      And the UUID of A is written to "create" of the type
      Then the write succeeds
      And A exists
