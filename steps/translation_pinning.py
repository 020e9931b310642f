"""Translation interface: vendor drivers pin and unpin user pages, and are notified of removed mappings."""

from __future__ import annotations

from functools import partial

from mdevref.suite.scenario.vocabulary import World, check, given, pages, then, when

# -- Containers


@given("{device:Device} is in a container with the back end {kind:Number}")
def in_container_of(world: World, device: str, kind: int) -> None:
    """Add the group of the device to the container, set this back end and open the device."""
    world.translation.back_ends.use(device, kind)


@given("{device:Device} is in a container with a back end that cannot pin")
def in_container_that_cannot_pin(world: World, device: str) -> None:
    """Add the group of the device to a container whose back end lacks the callbacks, and open the device."""
    world.translation.back_ends.use(device, world.translation.interface.back_end_without_callbacks())


@given("{device:Device} is in a container but not open")
def in_container_not_open(world: World, device: str) -> None:
    """Add the group of the device to the container and set the back end. The device is not opened."""
    world.translation.back_ends.use(device, 3, opens=False)


@given("the noiommu group of {device:Device} is in the container")
def behind_no_iommu(world: World, device: str) -> None:
    """Add the group of the device to the container and make it a noiommu group."""
    world.access.groups.enter(device)
    world.translation.interface.put_behind_no_iommu(world.devices[device].uuid)


@given("{device:Device} shares the group of {other:Device}")
def in_another_group(world: World, device: str, other: str) -> None:
    """Move the device into the group of the other one. Groups of mediated devices never share by default."""
    world.translation.interface.put_in_group(world.devices[device].uuid, world.devices[other].uuid)


@given("the group of {device:Device} has left the container")
def has_left(world: World, device: str) -> None:
    """Add the group of the device to the container and remove it again."""
    world.access.groups.enter(device)
    world.access.groups.leave(device)


# -- Pinning


@given("the vendor driver of {device:Device} is notified of unmappings")
def is_told(world: World, device: str) -> None:
    """It registers a notifier, or has an operation for this. When notified, it unpins its pages of that mapping."""
    world.translation.notifiers.listen(device)


@given("the vendor driver unpins only after {count:Number} notifications")
def unpins_late(world: World, count: int) -> None:
    """It keeps its pages until it has been notified this many times of the same mapping."""
    world.translation.interface.wait_before_unpinning(count)


@given("the vendor driver of {device:Device} has pinned {pages:Pages}")
def are_pinned(world: World, pages: list[int], device: str) -> None:
    """The vendor driver pins pages of the device's user for reading and writing."""
    world.translation.pins.pin(device, pages)


@when("the vendor driver of {device:Device} pins {pages:Pages}")
def pin(world: World, pages: list[int], device: str) -> None:
    """The vendor driver pins pages of the device's user for reading and writing."""
    world.outcomes.attempt(partial(world.translation.pins.pin, device, pages))


@when("the vendor driver of {device:Device} pins {pages:Pages} for {prot:Protection}")
def pin_for(world: World, pages: list[int], device: str, prot: int) -> None:
    """The vendor driver pins pages of the device's user for this access."""
    world.outcomes.attempt(partial(world.translation.pins.pin, device, pages, prot))


@when("the vendor driver of {device:Device} unpins {pages:Pages}")
def unpin(world: World, pages: list[int], device: str) -> None:
    """The vendor driver unpins pages."""
    world.outcomes.attempt(partial(world.translation.pins.unpin, device, pages))


@when("pinning is called with {flaw:Flaw} for {device:Device}")
def pin_with(world: World, flaw: str, device: str) -> None:
    """Call the function with one argument missing, or with a wrong count of pages."""
    world.outcomes.attempt(partial(world.translation.pins.pin_with, flaw, device))


@when("unpinning is called with {flaw:Flaw} for {device:Device}")
def unpin_with(world: World, flaw: str, device: str) -> None:
    """Call the function with one argument missing, or with a wrong count of pages."""
    world.outcomes.attempt(partial(world.translation.pins.unpin_with, flaw, device))


@when('the vendor driver writes "{text:Text}" into page {page:Number}')
def vendor_writes(world: World, text: str, page: int) -> None:
    """Write to the host page that the page was last pinned to."""
    world.translation.pins.write(page, world.words.data(text))


@then('the vendor driver reads "{text:Text}" from page {page:Number}')
def vendor_reads(world: World, text: str, page: int) -> None:
    """The host page that the page was last pinned to begins with these bytes."""
    expected = world.words.data(text)
    seen = world.translation.pins.read(page, len(expected))
    check(seen == expected, repr(text), seen)


@then("the host has {count:Size} pinned")
def pinned(world: World, count: int) -> None:
    """This many host pages are pinned. A page that is pinned several times counts once."""
    seen = world.translation.interface.pinned()
    check(seen == count, pages(count), pages(seen))


@then("both calls returned the same host pages")
def same_host_pages(world: World) -> None:
    """The last two calls returned the same array."""
    one, other = world.translation.pins.frames[-2:]
    check(one == other, f"{one}", other)


@then("{count:Number} different host pages were returned")
def different_host_pages(world: World, count: int) -> None:
    """The array of the last call contains this many different page numbers."""
    seen = set(world.translation.pins.frames[-1])
    check(len(seen) == count, f"{count} host pages", sorted(seen))


@then("the first {count:Number} host page entries are 0 and the other {rest:Number} are unchanged")
def array_after_failure(world: World, count: int, rest: int) -> None:
    """The array of the last call begins with this many zeros, followed by this many untouched entries."""
    seen = world.translation.pins.frames[-1]
    expected = [0] * count + [0x5EED] * rest
    check(seen == expected, f"{expected}", seen)


# -- Notifications


@when("the vendor driver of {device:Device} registers a notifier with {flaw:NotifierFlaw}")
def register(world: World, device: str, flaw: str) -> None:
    """Register a notifier for unmappings. The call may fail."""
    world.outcomes.attempt(partial(world.translation.notifiers.register, device, flaw))


@when("the vendor driver of {device:Device} unregisters its notifier with {flaw:NotifierFlaw}")
def unregister(world: World, device: str, flaw: str) -> None:
    """Unregister the notifier for unmappings. The call may fail."""
    world.outcomes.attempt(partial(world.translation.notifiers.unregister, device, flaw))


@then('the vendor driver was notified of "{events:List}"')
def was_told(world: World, events: list[str]) -> None:
    """It was notified of exactly these mappings, given as the number of pages and the first page, in this order."""
    seen = [f"{one.size >> 12} at {one.iova >> 12}" for one in world.translation.notifiers.told()]
    check(seen == events, ", ".join(events), seen)


@then("the vendor driver was not notified")
def was_told_nothing(world: World) -> None:
    """The vendor driver received no notification."""
    seen = world.translation.notifiers.told()
    check(not seen, "no notification", seen)


@then("the vendor driver of {device:Device} was notified")
def this_one_was_told(world: World, device: str) -> None:
    """The vendor driver of this device received a notification."""
    seen = [one.device for one in world.translation.notifiers.told()]
    check(world.devices[device].uuid in seen, device, seen)
