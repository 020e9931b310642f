# Derived from spec/physical-devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: A registration that fails

  @registration.rollback @must @driver @basis.kernel @until.5.12
  Rule: registration.rollback
    A registration that fails MUST NOT leave anything of itself behind.

    Scenario Outline: What is left of a registration that failed [<case>]
      Given a physical device P
      When P is registered with <what>
      Then the registration fails
      And P has no "mdev_supported_types"
      And P has no "serial"
      And the mdev_bus class has no "{P}"
      And nothing else changed

      Examples: failing-registrations
        | case                             | what                                                          |
        | a second type of the same name   | the parent attribute "serial" and the types "a, b, a"         |
        | a second type without a name     | the parent attribute "serial" and the types "a, "             |
        | an attribute that a type has     | the parent attribute "serial" and the type attribute "create" |
        | a parent attribute that is taken | the parent attributes "serial, uevent"                        |

  @registration.retry @must @driver @basis.kernel
  Rule: registration.retry
    A physical device whose registration failed MUST be possible to register.

    Scenario: A second try
      Given a physical device P
      When P is registered with the types "a, a"
      And P is registered with the types "a, b"
      Then the registration succeeds
      And "{P}" of the mdev_bus class leads to P

  @registration.attribute-taken @must @driver @basis.kernel @until.5.12
  Rule: registration.attribute-taken
    Registering a physical device with an attribute whose name it has already MUST fail with EEXIST.

    Scenario: A parent attribute whose name is taken, until 5.12
      Given a physical device P
      When P is registered with the parent attributes "uevent"
      Then the registration fails with EEXIST
