# Derived from spec/vendor.rst by `mdevref derive`; edit the spec, not this file.
Feature: Refusing to create

  @create.vendor-errno @must @management @basis.kernel
  Rule: create.vendor-errno
    Writing to create MUST fail with the errno that the vendor driver returns when it refuses the
    device.

    Scenario Outline: Errno of a refused creation [<case>]
      Given the scripted vendor driver
      And create of the vendor driver fails with <errno>
      When "{uuid}" is written to "create" of the type
      Then the write fails with <errno>

      Examples: vendor-refusals
        | case                        | errno  |
        | out of memory               | ENOMEM |
        | no space left on the device | ENOSPC |
        | not permitted               | EPERM  |
        | too many users              | EUSERS |
        | device not operational      | ENODEV |
        | unknown type                | EINVAL |
        | device busy                 | EBUSY  |

  @create.refusal-leaves-nothing @must @management @basis.kernel
  Rule: create.refusal-leaves-nothing
    A creation that the vendor driver refuses MUST NOT leave any part of the device behind.

    The UUID can be used again.

    Scenario: Tree after a refusal
      Given the scripted vendor driver
      And create of the vendor driver fails with ENOSPC
      When "{uuid}" is written to "create" of the type
      Then the write fails with ENOSPC
      And no mediated device "{uuid}" exists
      And nothing else changed

    Scenario: UUID used again after a refusal
      Given the scripted vendor driver
      And a type of another parent
      And create of the vendor driver fails with ENOSPC
      When "{uuid}" is written to "create" of the first type
      And "{uuid}" is written to "create" of the second type
      Then the write succeeds
      And a mediated device "{uuid}" exists

  @create.probe-refusal-ignored @must @management @basis.kernel @until.5.12
  Rule: create.probe-refusal-ignored
    Writing to create MUST succeed even if the bus driver refuses the new device.

    The device then exists without driver and without iommu_group. Clients have to be prepared for such
    a device.

    Scenario: Bus driver that refuses, until 5.12
      Given the scripted vendor driver
      And probe of the vendor driver fails with EIO
      When "{uuid}" is written to "create" of the type
      Then the write succeeds
      And a mediated device "{uuid}" exists
      And "{uuid}/driver" of the parent does not exist
      And "{uuid}/iommu_group" of the parent does not exist

  @create.probe-refusal-fatal @must @management @basis.kernel @since.6.1
  Rule: create.probe-refusal-fatal
    Writing to create MUST fail with the errno that the driver returns when it refuses the new device.

    Scenario: Driver that refuses, from 6.1 on
      Given the scripted vendor driver
      And probe of the vendor driver fails with EIO
      When "{uuid}" is written to "create" of the type
      Then the write fails with EIO
      And no mediated device "{uuid}" exists
      And nothing else changed
