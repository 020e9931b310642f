# Derived from spec/vendor.rst by `mdevref derive`; edit the spec, not this file.
Feature: Refusing to create

  @create.vendor-errno @must @management @basis.kernel
  Rule: create.vendor-errno
    When a vendor driver refuses to create a device, the write to create MUST fail with the errno that
    it gave.

    Scenario Outline: The errno of a vendor driver that refuses to create [<case>]
      Given the scripted vendor driver
      And the vendor driver refuses to create with <errno>
      When "{uuid}" is written to "create" of the type
      Then the write fails with <errno>

      Examples: vendor-refusals
        | case                       | errno  |
        | out of memory              | ENOMEM |
        | out of space on the device | ENOSPC |
        | not permitted              | EPERM  |
        | too many users             | EUSERS |
        | device does not operate    | ENODEV |
        | type unknown               | EINVAL |
        | device busy                | EBUSY  |

  @create.refusal-leaves-nothing @must @management @basis.kernel
  Rule: create.refusal-leaves-nothing
    A creation that a vendor driver refused MUST NOT leave anything of the device behind.

    Scenario: The tree after a refusal
      Given the scripted vendor driver
      And the vendor driver refuses to create with ENOSPC
      When "{uuid}" is written to "create" of the type
      Then the write fails with ENOSPC
      And no mediated device "{uuid}" exists
      And nothing else changed

    Scenario: The UUID after a refusal
      Given the scripted vendor driver
      And a type of another parent
      And the vendor driver refuses to create with ENOSPC
      When "{uuid}" is written to "create" of the first type
      And "{uuid}" is written to "create" of the second type
      Then the write succeeds
      And a mediated device "{uuid}" exists

  @create.probe-refusal-ignored @must @management @basis.kernel @until.5.12
  Rule: create.probe-refusal-ignored
    When the bus driver refuses a new mediated device, the write to create MUST succeed all the same.

    Clients find a device without driver and without iommu_group, and have to be prepared for it.

    Scenario: A bus driver that refuses, until 5.12
      Given the scripted vendor driver
      And the vendor driver refuses to bind with EIO
      When "{uuid}" is written to "create" of the type
      Then the write succeeds
      And a mediated device "{uuid}" exists
      And the parent has no "{uuid}/driver"
      And the parent has no "{uuid}/iommu_group"

  @create.probe-refusal-fatal @must @management @basis.kernel @since.6.1
  Rule: create.probe-refusal-fatal
    When the driver refuses a new mediated device, the write to create MUST fail with the errno that it
    gave.

    Scenario: A driver that refuses, from 6.1 on
      Given the scripted vendor driver
      And the vendor driver refuses to bind with EIO
      When "{uuid}" is written to "create" of the type
      Then the write fails with EIO
      And no mediated device "{uuid}" exists
      And nothing else changed
