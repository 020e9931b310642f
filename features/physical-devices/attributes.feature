# Derived from spec/physical-devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: Attributes

  @registration.parent-attributes @must @driver @basis.document
  Rule: registration.parent-attributes
    A parent MUST have each attribute of dev_attr_groups as a file for exactly as long as it is
    registered.

    Scenario: Parent attributes after registering
      Given a physical device P
      When P is registered with the parent attributes "serial, model"
      Then "serial" of P is a file
      And "model" of P is a file

    Scenario: Parent attributes after unregistering
      Given a registered physical device P with the parent attributes "serial, model"
      When P is unregistered
      Then "serial" of P does not exist
      And "model" of P does not exist

  @registration.parent-attribute-groups @must @driver @basis.kernel @until.5.12
  Rule: registration.parent-attribute-groups
    The attributes of a named group in dev_attr_groups MUST be in a directory with the name of the
    group.

    Scenario: Named group of parent attributes, until 5.12
      Given a physical device P
      When P is registered with the parent attributes "maker/serial, maker/model"
      Then "maker" of P is a directory
      And "maker/serial" of P is a file
      And "maker/model" of P is a file
      And "serial" of P does not exist

  @registration.device-attributes @must @driver @basis.document
  Rule: registration.device-attributes
    A mediated device MUST have each attribute of its parent's mdev_attr_groups as a file.

    Scenario: Device attributes
      Given a registered physical device P with the device attributes "serial, model"
      When "{uuid}" is written to "create" of the type
      Then "{uuid}/serial" of P is a file
      And "{uuid}/model" of P is a file

  @registration.device-attribute-groups @must @driver @basis.kernel
  Rule: registration.device-attribute-groups
    The attributes of a named group in mdev_attr_groups MUST be in a directory with the name of the
    group.

    Scenario: Named group of device attributes
      Given a registered physical device P with the device attributes "maker/serial"
      When "{uuid}" is written to "create" of the type
      Then "{uuid}/maker" of P is a directory
      And "{uuid}/maker/serial" of P is a file
      And "{uuid}/serial" of P does not exist

  @registration.attributes-apart @must @driver @basis.kernel
  Rule: registration.attributes-apart
    A mediated device MUST NOT have the mdev_attr_groups attributes of another parent.

    Scenario: Device of a parent without device attributes
      Given a registered physical device P with the device attributes "serial"
      And a registered physical device Q without "mdev_attr_groups"
      When "{uuid}" is written to "mdev_supported_types/{type}/create" of Q
      Then the write succeeds
      And "{uuid}" of Q is a directory
      And "{uuid}/serial" of Q does not exist
