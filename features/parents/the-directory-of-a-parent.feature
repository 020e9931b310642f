# Derived from spec/parents.rst by `mdevref derive`; edit the spec, not this file.
Feature: The directory of a parent

  @parents.supported-types @must @management @basis.document
  Rule: parents.supported-types
    The directory of a parent MUST contain a directory mdev_supported_types.

    Scenario: mdev_supported_types of every parent
      Given a parent
      Then "mdev_supported_types" of every parent is a directory

  @parents.types-are-directories @must @management @basis.document
  Rule: parents.types-are-directories
    Each entry of mdev_supported_types MUST be the directory of one type.

    Scenario: Entries of mdev_supported_types
      Given a parent
      Then every entry of "mdev_supported_types" of every parent is a directory

  @parents.vendor-attributes @may @management @basis.document
  Rule: parents.vendor-attributes
    The directory of a parent MAY contain attributes of its vendor next to mdev_supported_types.
