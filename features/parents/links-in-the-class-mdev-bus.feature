# Derived from spec/parents.rst by `mdevref derive`; edit the spec, not this file.
Feature: Links in the class mdev_bus

  @parents.class-link @must @management @basis.document
  Rule: parents.class-link
    The directory class/mdev_bus MUST contain a link to each registered parent.

    Scenario: Link of a newly registered parent
      Given a parent whose vendor driver can be unloaded
      When the vendor driver of the parent is unloaded
      And the vendor driver of the parent is loaded again
      Then "{parent}" of the mdev_bus class points to the parent

  @parents.class-only-parents @must @management @basis.document
  Rule: parents.class-only-parents
    Each entry of class/mdev_bus MUST lead to a registered parent.

    Scenario: Targets of the links in the class
      Given a parent
      Then every entry of the mdev_bus class is a link to a device with types

  @parents.class-link-name @must @management @basis.kernel
  Rule: parents.class-link-name
    The link of a parent in class/mdev_bus MUST have the same name as the parent's directory.

    Clients use the name of the link as the name of the parent, for example 0000:06:00.0 or mtty.

    Scenario: Names of the links in the class
      Given a parent
      Then every entry of the mdev_bus class has the name of the device it points to

  @parents.class-stays @must @management @basis.kernel
  Rule: parents.class-stays
    The directory class/mdev_bus MUST remain as an empty directory after the last parent is
    unregistered.

    Whether it exists before the first parent is registered depends on the release. Until 5.12 it does
    not.

    Scenario: The class after the last parent is unregistered
      Given a parent whose vendor driver can be unloaded
      When every vendor driver is unloaded
      Then the mdev_bus class is empty
