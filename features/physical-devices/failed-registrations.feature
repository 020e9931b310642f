# Derived from spec/physical-devices.rst by `mdevref derive`; edit the spec, not this file.
Feature: Failed registrations

  @registration.rollback @must @driver @basis.kernel @until.5.12
  Rule: registration.rollback
    A failed registration MUST NOT leave any of its entries behind.

    Scenario Outline: Entries after a failed registration [<case>]
      Given a physical device P
      When P is registered with <what>
      Then the registration fails
      And "mdev_supported_types" of P does not exist
      And "serial" of P does not exist
      And "{P}" of the mdev_bus class does not exist
      And nothing else changed

      Examples: failing-registrations
        | case                           | what                                                          |
        | second type with the same name | the parent attribute "serial" and the types "a, b, a"         |
        | second type without a name     | the parent attribute "serial" and the types "a, "             |
        | type attribute name in use     | the parent attribute "serial" and the type attribute "create" |
        | parent attribute name in use   | the parent attributes "serial, uevent"                        |

  @registration.retry @must @driver @basis.kernel
  Rule: registration.retry
    Registering a physical device MUST succeed after an earlier registration has failed.

    Scenario: Second attempt
      Given a physical device P
      When P is registered with the types "a, a"
      And P is registered with the types "a, b"
      Then the registration succeeds
      And "{P}" of the mdev_bus class points to P

  @registration.attribute-taken @must @driver @basis.kernel @until.5.12
  Rule: registration.attribute-taken
    Registering a physical device with an attribute name that it already has MUST fail with EEXIST.

    Scenario: Parent attribute with a name already in use, until 5.12
      Given a physical device P
      When P is registered with the parent attributes "uevent"
      Then the registration fails with EEXIST
