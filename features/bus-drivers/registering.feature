# Derived from spec/bus-drivers.rst by `mdevref derive`; edit the spec, not this file.
Feature: Registering

  @bus-driver.register @must @driver @basis.document
  Rule: bus-driver.register
    Registering a bus driver whose name no other one has MUST succeed.

    Scenario: The first bus driver
      Given no bus driver is loaded
      When the bus driver "one" is registered
      Then the registration succeeds

    Scenario: A bus driver beside others
      Given the bus driver "one" is registered
      When the bus driver "two" is registered
      Then the registration succeeds

  @bus-driver.name @must @driver @basis.document
  Rule: bus-driver.name
    A bus driver that is registered MUST have a directory of its name in bus/mdev/drivers.

    Scenario: The directories of two bus drivers
      When the bus driver "one" is registered
      And the bus driver "two" is registered
      Then "drivers/one" of the mdev bus is a directory
      And "drivers/two" of the mdev bus is a directory

  @bus-driver.files @must @driver @basis.kernel
  Rule: bus-driver.files
    The directory of a bus driver MUST have bind and unbind, which only the owner may write, and nobody
    read.

    Scenario Outline: The files of a bus driver [<case>]
      When the bus driver "one" is registered
      Then "drivers/one/<entry>" of the mdev bus has mode <mode>

      Examples: bus-driver-files
        | case   | entry  | mode |
        | bind   | bind   | 0200 |
        | unbind | unbind | 0200 |

  @bus-driver.owner @must @driver @basis.document
  Rule: bus-driver.owner
    A bus driver MUST be shown to belong to the module that it was registered with, by a link module in
    its directory.

    Scenario: The link of a bus driver to its module
      Given the module "makers" is loaded
      When the bus driver "one" of the module "makers" is registered
      Then "drivers/one/module" of the mdev bus leads to "module/makers"

  @bus-driver.owner-lists-it @must @driver @basis.kernel
  Rule: bus-driver.owner-lists-it
    The module that a bus driver was registered with MUST have a link to it among its drivers, named by
    bus and driver.

    Scenario: The link of a module to its bus driver
      Given the module "makers" is loaded
      When the bus driver "one" of the module "makers" is registered
      Then "module/makers/drivers/mdev:one" leads to "bus/mdev/drivers/one"

  @bus-driver.name-taken @must @driver @basis.kernel
  Rule: bus-driver.name-taken
    Registering a bus driver whose name another one has MUST fail with EBUSY.

    Scenario: A second bus driver of a name
      Given the bus driver "one" is registered
      When the bus driver "one" is registered
      Then the registration fails with EBUSY
      And nothing else changed

  @bus-driver.name-empty @must @driver @basis.kernel
  Rule: bus-driver.name-empty
    Registering a bus driver whose name is empty MUST fail with EINVAL.

    Scenario: A bus driver with an empty name
      When the bus driver "" is registered
      Then the registration fails with EINVAL
      And nothing else changed

  @bus-driver.name-missing @should @driver @basis.document
  Rule: bus-driver.name-missing
    Registering a bus driver that has no name at all SHOULD fail with EINVAL.

    Kernels do not check. They look at the missing name, and what comes of that is undefined.

    Scenario: A bus driver without a name
      When a bus driver without a name is registered
      Then the registration fails with EINVAL
      And nothing else changed

  @bus-driver.device-api-missing @must @driver @basis.kernel @since.6.1
  Rule: bus-driver.device-api-missing
    Registering a driver of mediated devices that does not name its device API MUST fail with EINVAL.

    Scenario: A driver that names no device API, from 6.1 on
      When the bus driver "one" is registered without "device_api"
      Then the registration fails with EINVAL
      And nothing else changed

  @bus-driver.callbacks-optional @must @driver @basis.kernel
  Rule: bus-driver.callbacks-optional
    Registering a bus driver MUST succeed whether it has probe and remove or not.

    Scenario Outline: A bus driver that lacks a callback [<case>]
      When the bus driver "one" is registered without "<members>"
      Then the registration succeeds
      And "drivers/one" of the mdev bus is a directory

      Examples: bus-driver-lacks
        | case   | members       |
        | probe  | probe         |
        | remove | remove        |
        | both   | probe, remove |
