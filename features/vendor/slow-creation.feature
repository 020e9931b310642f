# Derived from spec/vendor.rst by `mdevref derive`; edit the spec, not this file.
Feature: Slow creation

  @create.seen-before-accepted @must @management @basis.kernel @until.5.1
  Rule: create.seen-before-accepted
    A mediated device MUST already be visible in sysfs while the vendor driver's create runs.

    Scenario: Tree during create, until 5.1
      Given the scripted vendor driver
      And create of the vendor driver blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And the writer is blocked in the vendor driver
      Then "{uuid}" of the parent is a directory
      And "devices/{uuid}" of the mdev bus is a link
      When the vendor driver continues
      Then the writer returns successfully

  @create.links-after-accepted @must @management @basis.kernel @until.5.1
  Rule: create.links-after-accepted
    A mediated device MUST NOT have remove or its type links before the vendor driver's create has
    returned.

    The type links are mdev_type of the device and its entry in devices of the type.

    Scenario: Missing entries during create, until 5.1
      Given the scripted vendor driver
      And create of the vendor driver blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And the writer is blocked in the vendor driver
      Then "{uuid}/remove" of the parent does not exist
      And "{uuid}/mdev_type" of the parent does not exist
      And "devices/{uuid}" of the type does not exist
      When the vendor driver continues
      Then the writer returns successfully

  @create.unseen-until-accepted @must @management @basis.kernel @since.5.2 @until.5.12
  Rule: create.unseen-until-accepted
    A mediated device MUST NOT be visible in sysfs before the vendor driver has accepted it.

    Scenario: Tree during create, from 5.2 to 5.12
      Given the scripted vendor driver
      And create of the vendor driver blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And the writer is blocked in the vendor driver
      Then no mediated device "{uuid}" exists
      And nothing else changed
      When the vendor driver continues
      Then the writer returns successfully
      And a mediated device "{uuid}" exists

  @create.links-after-bind @must @management @basis.kernel @since.6.1
  Rule: create.links-after-bind
    The links between a mediated device and its type MUST NOT exist before its driver's probe has
    returned.

    Scenario: Tree during probe, from 6.1 on
      Given the scripted vendor driver
      And create of the vendor driver blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And the writer is blocked in the vendor driver
      Then "{uuid}/mdev_type" of the parent does not exist
      And "devices/{uuid}" of the type does not exist
      When the vendor driver continues
      Then the writer returns successfully

  @create.remove-before-bind @must @management @basis.kernel @since.6.1
  Rule: create.remove-before-bind
    A mediated device MUST have remove before its driver's probe is called.

    Scenario: The file remove during probe, from 6.1 on
      Given the scripted vendor driver
      And create of the vendor driver blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And the writer is blocked in the vendor driver
      Then "{uuid}/remove" of the parent is a file
      When the vendor driver continues
      Then the writer returns successfully

  @create.slow-vendor-same-parent @must @management @basis.kernel @since.4.18
  Rule: create.slow-vendor-same-parent
    Removing a mediated device MUST NOT block while the vendor driver creates another one of the same
    parent.

    Scenario: Removing a device while another one is created, from 4.18 on
      Given the scripted vendor driver
      And a mediated device A
      And create of the vendor driver blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And the writer is blocked in the vendor driver
      And a second writer starts to write "1" to "remove" of A
      Then the second writer succeeds without blocking
      And A does not exist
      When the vendor driver continues
      Then the writer returns successfully

  @create.one-at-a-time @must @management @basis.kernel @until.4.17
  Rule: create.one-at-a-time
    Creating or removing a mediated device MUST block while the vendor driver creates or removes another
    one of the same parent.

    Scenario: Removing a device while another one is created, until 4.17
      Given the scripted vendor driver
      And a mediated device A
      And create of the vendor driver blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And the writer is blocked in the vendor driver
      And a second writer starts to write "1" to "remove" of A
      Then the second writer is blocked
      When the vendor driver continues
      Then the writer returns successfully
      And the second writer returns successfully
      And A does not exist

  @create.slow-vendor-other-parent @must @management @basis.kernel
  Rule: create.slow-vendor-other-parent
    Creating a mediated device MUST NOT block while the vendor driver creates one of another parent.

    Scenario: Creating a device under another parent during create
      Given the scripted vendor driver
      And a type of another parent
      And create of the vendor driver blocks
      When a writer starts to write "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001" to "create" of the first type
      And the writer is blocked in the vendor driver
      And a second writer starts to write "{uuid}" to "create" of the second type
      Then the second writer succeeds without blocking
      And a mediated device "{uuid}" exists
      When the vendor driver continues
      Then the writer returns successfully

  @remove.unfinished @must @management @basis.kernel @since.6.1
  Rule: remove.unfinished
    Writing 1 to remove of a mediated device that is still being created MUST fail with EAGAIN.

    The failed write deletes remove, and the kernel does not create it again. After that only unloading
    the vendor driver removes the device.

    Scenario: Removing an unfinished device, from 6.1 on
      Given the scripted vendor driver
      And create of the vendor driver blocks
      When a writer starts to write "{uuid}" to "create" of the type
      And the writer is blocked in the vendor driver
      And a second writer starts to write "1" to "{uuid}/remove" of the parent
      Then the second writer fails with EAGAIN without blocking
      When the vendor driver continues
      Then the writer returns successfully
      And "{uuid}/remove" of the parent does not exist
