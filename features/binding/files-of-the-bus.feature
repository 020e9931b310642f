# Derived from spec/binding.rst by `mdevref derive`; edit the spec, not this file.
Feature: Files of the bus

  @binding.modes @must @management @basis.kernel
  Rule: binding.modes
    Each file in the table below MUST have the mode listed there.

    Scenario Outline: Mode of a file of the bus [<case>]
      Given a mediated device A
      Then "<entry>" of <place> has mode <mode>

      Examples: bus-modes
        | case              | entry             | place           | mode |
        | bind              | bind              | the driver of A | 0200 |
        | unbind            | unbind            | the driver of A | 0200 |
        | drivers_probe     | drivers_probe     | the mdev bus    | 0200 |
        | drivers_autoprobe | drivers_autoprobe | the mdev bus    | 0644 |
