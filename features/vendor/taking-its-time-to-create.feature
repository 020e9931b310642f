# Derived from spec/vendor.rst by `mdevref derive`; edit the spec, not this file.
Feature: Taking its time to create

  @create.seen-before-accepted @must @management @basis.kernel @until.5.1
  Rule: create.seen-before-accepted
    A device MUST already be seen in the tree while its vendor driver is asked to create it, without
    remove and mdev_type.

    Scenario: The tree while the vendor driver creates, until 5.1
      Given the scripted vendor driver
      And the vendor driver stops inside create
      When a writer starts to write "{uuid}" to "create" of the type
      And the vendor driver has been reached
      Then "{uuid}" of the parent is a directory
      And "devices/{uuid}" of the mdev bus is a link
      And the parent has no "{uuid}/remove"
      And the parent has no "{uuid}/mdev_type"
      And the type has no "devices/{uuid}"
      When the vendor driver goes on
      Then the writer ends and has succeeded

  @create.unseen-until-accepted @must @management @basis.kernel @since.5.2 @until.5.12
  Rule: create.unseen-until-accepted
    A device MUST NOT be seen in the tree before its vendor driver has accepted to create it.

    Scenario: The tree while the vendor driver creates, from 5.2 to 5.12
      Given the scripted vendor driver
      And the vendor driver stops inside create
      When a writer starts to write "{uuid}" to "create" of the type
      And the vendor driver has been reached
      Then no mediated device "{uuid}" exists
      And nothing else changed
      When the vendor driver goes on
      Then the writer ends and has succeeded
      And a mediated device "{uuid}" exists

  @create.links-after-bind @must @management @basis.kernel @since.6.1
  Rule: create.links-after-bind
    A device MUST have remove while its driver is asked to serve it, but not yet the links from and to
    its type.

    Scenario: The tree while the driver is bound, from 6.1 on
      Given the scripted vendor driver
      And the vendor driver stops inside create
      When a writer starts to write "{uuid}" to "create" of the type
      And the vendor driver has been reached
      Then "{uuid}/remove" of the parent is a file
      And the parent has no "{uuid}/mdev_type"
      And the type has no "devices/{uuid}"
      When the vendor driver goes on
      Then the writer ends and has succeeded

  @create.slow-vendor-same-parent @must @management @basis.kernel @since.4.18
  Rule: create.slow-vendor-same-parent
    A vendor driver that works on one device MUST NOT keep another one of the same parent from being
    removed.

    Scenario: Removing a device while another one is created
      Given the scripted vendor driver
      And a mediated device A
      And the vendor driver stops inside create
      When a writer starts to write "{uuid}" to "create" of the type
      And the vendor driver has been reached
      And a second writer starts to write "1" to "remove" of A
      Then the second writer ends at once and has succeeded
      And A does not exist
      When the vendor driver goes on
      Then the writer ends and has succeeded

  @create.one-at-a-time @must @management @basis.kernel @until.4.17
  Rule: create.one-at-a-time
    While a vendor driver works on one device, whoever creates or removes another one of the same parent
    MUST wait.

    Scenario: Removing a device while another one is created, until 4.17
      Given the scripted vendor driver
      And a mediated device A
      And the vendor driver stops inside create
      When a writer starts to write "{uuid}" to "create" of the type
      And the vendor driver has been reached
      And a second writer starts to write "1" to "remove" of A
      Then the second writer waits
      When the vendor driver goes on
      Then the writer ends and has succeeded
      And the second writer ends and has succeeded
      And A does not exist

  @create.slow-vendor-other-parent @must @management @basis.kernel
  Rule: create.slow-vendor-other-parent
    A vendor driver that works on one device MUST NOT keep devices of other parents from being created.

    Scenario: Creating under another parent while the vendor driver creates
      Given the scripted vendor driver
      And a type of another parent
      And the vendor driver stops inside create
      When a writer starts to write "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001" to "create" of the first type
      And the vendor driver has been reached
      And a second writer starts to write "{uuid}" to "create" of the second type
      Then the second writer ends at once and has succeeded
      And a mediated device "{uuid}" exists
      When the vendor driver goes on
      Then the writer ends and has succeeded

  @remove.unfinished @must @management @basis.kernel @since.6.1
  Rule: remove.unfinished
    Writing 1 to remove of a mediated device that is still being created MUST fail with EAGAIN.

    That remove does not come back: a client that was too early cannot remove the device any more, and
    only unloading the vendor driver does.

    Scenario: Removing a device before it is finished, from 6.1 on
      Given the scripted vendor driver
      And the vendor driver stops inside create
      When a writer starts to write "{uuid}" to "create" of the type
      And the vendor driver has been reached
      And a second writer starts to write "1" to "{uuid}/remove" of the parent
      Then the second writer ends at once and has failed with EAGAIN
      When the vendor driver goes on
      Then the writer ends and has succeeded
      And the parent has no "{uuid}/remove"
