# Derived from spec/parents.rst by `mdevref derive`; edit the spec, not this file.
Feature: The directory of a parent

  @parents.supported-types @must @management @basis.document
  Rule: parents.supported-types
    The directory of a parent MUST have a directory mdev_supported_types.

    Scenario: The directory of types
      Given a parent
      Then "mdev_supported_types" of every parent is a directory

  @parents.types-are-directories @must @management @basis.document
  Rule: parents.types-are-directories
    In mdev_supported_types each entry MUST be the directory of one type.

    Scenario: What the directory of types holds
      Given a parent
      Then every entry of "mdev_supported_types" of every parent is a directory

  @parents.vendor-attributes @may @management @basis.document
  Rule: parents.vendor-attributes
    The directory of a parent MAY have attributes of its vendor beside mdev_supported_types.
