# Derived from spec/types.rst by `mdevref derive`; edit the spec, not this file.
Feature: Names of types

  @types.id-prefix @must @management @basis.document
  Rule: types.id-prefix
    The name of a type's directory MUST begin with the driver string of the parent, followed by a
    hyphen.

    The driver string is the name of the driver that the parent is bound to. If the parent has no
    driver, the driver string is the name of its bus. If it has no bus either, the driver string is the
    name of its class.

    Scenario: Prefix of a type id
      Given a parent
      Then every type id begins with the driver string of its parent and a hyphen

  @types.id-suffix @must @management @basis.document
  Rule: types.id-suffix
    The name of a type's directory MUST continue, after the hyphen, with the vendor driver's own name of
    the type.

    Scenario: Suffix of a type id
      Given a parent
      Then every type id has text after the hyphen
