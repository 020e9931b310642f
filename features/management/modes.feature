# Derived from spec/management.rst by `mdevref derive`; edit the spec, not this file.
Feature: Modes

  @sysfs.modes @must @management @basis.kernel
  Rule: sysfs.modes
    Each entry in the table below MUST have the mode listed there.

    Scenario Outline: Mode of an entry [<case>]
      Given a mediated device A
      Then "<entry>" of <place> has mode <mode>

      Examples: modes
        | case                   | entry                       | place      | mode |
        | create                 | create                      | the type   | 0200 |
        | name                   | name                        | the type   | 0444 |
        | device_api             | device_api                  | the type   | 0444 |
        | available_instances    | available_instances         | the type   | 0444 |
        | uevent of a device     | uevent                      | A          | 0644 |
        | directory of all types | mdev_supported_types        | the parent | 0755 |
        | directory of a type    | mdev_supported_types/{type} | the parent | 0755 |
        | devices of a type      | devices                     | the type   | 0755 |
        | directory of a device  | {A}                         | the parent | 0755 |
