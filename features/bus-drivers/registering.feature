# Derived from spec/bus-drivers.rst by `mdevref derive`; edit the spec, not this file.
Feature: Registering

  @bus-driver.register @must @driver @basis.document
  Rule: bus-driver.register
    Registering a bus driver under an unused name MUST succeed.

    Scenario: First bus driver
      Given no bus driver is loaded
      When the bus driver "one" is registered
      Then the registration succeeds

    Scenario: Bus driver beside another one
      Given the bus driver "one" is registered
      When the bus driver "two" is registered
      Then the registration succeeds

  @bus-driver.name @must @driver @basis.document
  Rule: bus-driver.name
    A registered bus driver MUST have a directory with its name in bus/mdev/drivers.

    Scenario: Directories of two bus drivers
      When the bus driver "one" is registered
      And the bus driver "two" is registered
      Then "drivers/one" of the mdev bus is a directory
      And "drivers/two" of the mdev bus is a directory

  @bus-driver.files @must @driver @basis.kernel
  Rule: bus-driver.files
    The directory of a bus driver MUST contain each file in the table below, with the mode listed there.

    Mode 0200 lets only the owner write the file and nobody read it.

    Scenario Outline: Files of a bus driver [<case>]
      When the bus driver "one" is registered
      Then "drivers/one/<entry>" of the mdev bus has mode <mode>

      Examples: bus-driver-files
        | case   | entry  | mode |
        | bind   | bind   | 0200 |
        | unbind | unbind | 0200 |

  @bus-driver.owner @must @driver @basis.document
  Rule: bus-driver.owner
    The directory of a bus driver MUST contain a link module to the module that it was registered with.

    Scenario: Link from a bus driver to its module
      Given the module "makers" is loaded
      When the bus driver "one" of the module "makers" is registered
      Then "drivers/one/module" of the mdev bus points to "module/makers"

  @bus-driver.owner-lists-it @must @driver @basis.kernel
  Rule: bus-driver.owner-lists-it
    The drivers directory of a module MUST contain a link mdev:NAME to each bus driver registered with
    that module.

    NAME is the name of the bus driver.

    Scenario: Link from a module to its bus driver
      Given the module "makers" is loaded
      When the bus driver "one" of the module "makers" is registered
      Then "module/makers/drivers/mdev:one" points to "bus/mdev/drivers/one"

  @bus-driver.name-taken @must @driver @basis.kernel
  Rule: bus-driver.name-taken
    Registering a bus driver under a name that another one has MUST fail with EBUSY.

    Scenario: Second bus driver with the same name
      Given the bus driver "one" is registered
      When the bus driver "one" is registered
      Then the registration fails with EBUSY
      And nothing else changed

  @bus-driver.name-empty @must @driver @basis.kernel
  Rule: bus-driver.name-empty
    Registering a bus driver with an empty name MUST fail with EINVAL.

    Scenario: Bus driver with an empty name
      When the bus driver "" is registered
      Then the registration fails with EINVAL
      And nothing else changed

  @bus-driver.name-missing @should @driver @basis.document
  Rule: bus-driver.name-missing
    Registering a bus driver that lacks a name SHOULD fail with EINVAL.

    Kernels do not check this. They use the missing name, and the result is undefined.

    Scenario: Bus driver without a name
      When a bus driver without a name is registered
      Then the registration fails with EINVAL
      And nothing else changed

  @bus-driver.device-api-missing @must @driver @basis.kernel @since.6.1
  Rule: bus-driver.device-api-missing
    Registering a bus driver that lacks device_api MUST fail with EINVAL.

    Scenario: Bus driver without device_api, from 6.1 on
      When the bus driver "one" is registered without "device_api"
      Then the registration fails with EINVAL
      And nothing else changed

  @bus-driver.callbacks-optional @must @driver @basis.kernel
  Rule: bus-driver.callbacks-optional
    Registering a bus driver MUST succeed even if it lacks probe, remove or both.

    Scenario Outline: Bus driver without a callback [<case>]
      When the bus driver "one" is registered without "<members>"
      Then the registration succeeds
      And "drivers/one" of the mdev bus is a directory

      Examples: bus-driver-lacks
        | case   | members       |
        | probe  | probe         |
        | remove | remove        |
        | both   | probe, remove |
