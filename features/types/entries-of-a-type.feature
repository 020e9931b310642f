# Derived from spec/types.rst by `mdevref derive`; edit the spec, not this file.
Feature: Entries of a type

  @types.create @must @management @basis.document
  Rule: types.create
    A type MUST contain a file create.

    Scenario: create of every type
      Given a parent
      Then "create" of every type is a file

  @types.available-instances @must @management @basis.document
  Rule: types.available-instances
    A type MUST contain a file available_instances.

    Scenario: available_instances of every type
      Given a parent
      Then "available_instances" of every type is a file

  @types.device-api @must @management @basis.document
  Rule: types.device-api
    A type MUST contain a file device_api.

    Scenario: device_api of every type
      Given a parent
      Then "device_api" of every type is a file

  @types.devices @must @management @basis.document
  Rule: types.devices
    A type MUST contain a directory devices.

    Scenario: devices of every type
      Given a parent
      Then "devices" of every type is a directory

  @types.nothing-else @must @management @basis.kernel @since.6.1
  Rule: types.nothing-else
    A type MUST NOT contain entries other than those in the table at the head of this chapter.

    Scenario: Other entries of a type, from 6.1 on
      Given a parent
      Then every type contains only "available_instances, create, description, device_api, devices, name"
