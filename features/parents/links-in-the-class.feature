# Derived from spec/parents.rst by `mdevref derive`; edit the spec, not this file.
Feature: Links in the class

  @parents.class-link @must @management @basis.document
  Rule: parents.class-link
    For each device that is registered as a parent, the directory class/mdev_bus MUST have a link that
    leads to it.

    Scenario: The link of a parent that has just been registered
      Given a parent whose vendor driver can be unloaded
      When the vendor driver of the parent is unloaded
      And the vendor driver of the parent is loaded again
      Then "{parent}" of the mdev_bus class leads to the parent

  @parents.class-only-parents @must @management @basis.document
  Rule: parents.class-only-parents
    The directory class/mdev_bus MUST NOT have an entry that leads to something else than a registered
    parent.

    Scenario: Where the links of the class lead
      Given a parent
      Then every entry of the mdev_bus class leads to a device with types

  @parents.class-link-name @must @management @basis.kernel
  Rule: parents.class-link-name
    The link of a parent MUST bear the name of the parent's directory.

    Clients take the name of the link for the name of the parent: 0000:06:00.0, or mtty.

    Scenario: The names of the links of the class
      Given a parent
      Then every entry of the mdev_bus class is named as the device it leads to

  @parents.class-stays @must @management @basis.kernel
  Rule: parents.class-stays
    When the last parent is unregistered, the directory class/mdev_bus MUST stay, and be empty.

    Whether it is there before the first parent depends on the release: until 5.12 it is not.

    Scenario: The class without any parent
      Given a parent whose vendor driver can be unloaded
      When every vendor driver is unloaded
      Then the mdev_bus class is empty
