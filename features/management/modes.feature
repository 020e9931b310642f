# Derived from spec/management.rst by `mdevref derive`; edit the spec, not this file.
Feature: Modes

  @sysfs.modes @must @management @basis.kernel
  Rule: sysfs.modes
    Each entry of the management interface that the table names MUST have the mode that stands there.

    Scenario Outline: The mode of an entry [<case>]
      Given a mediated device A
      Then "<entry>" of <place> has mode <mode>

      Examples: modes
        | case                | entry                       | place      | mode |
        | create              | create                      | the type   | 0200 |
        | name                | name                        | the type   | 0444 |
        | device_api          | device_api                  | the type   | 0444 |
        | available_instances | available_instances         | the type   | 0444 |
        | uevent of a device  | uevent                      | A          | 0644 |
        | directory of types  | mdev_supported_types        | the parent | 0755 |
        | directory of a type | mdev_supported_types/{type} | the parent | 0755 |
        | devices             | devices                     | the type   | 0755 |
        | directory of device | {A}                         | the parent | 0755 |
