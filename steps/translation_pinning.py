"""Translation interface: vendor drivers pin and unpin pages of their devices' users, and are told of unmappings."""

from __future__ import annotations

from functools import partial

from mdevref.suite.scenario.vocabulary import World, check, given, pages, then, when

# -- Containers


@given("{device:Device} is in a container of the back end {kind:Number}")
def in_container_of(world: World, device: str, kind: int) -> None:
    """Put the group of the device into the container, set this back end, and open the device."""
    world.translation.back_ends.use(device, kind)


@given("{device:Device} is in a container of a back end that cannot pin")
def in_container_that_cannot_pin(world: World, device: str) -> None:
    """Put the group of the device into a container whose back end lacks the callbacks, and open the device."""
    world.translation.back_ends.use(device, world.translation.interface.back_end_without_callbacks())


@given("{device:Device} is in a container, and not open")
def in_container_not_open(world: World, device: str) -> None:
    """Put the group of the device into the container, set the back end, and leave it at that."""
    world.translation.back_ends.use(device, 3, opens=False)


@given("{device:Device} is in a container behind no IOMMU")
def behind_no_iommu(world: World, device: str) -> None:
    """Put the group of the device into the container, as one that nothing is translated for."""
    world.access.groups.enter(device)
    world.translation.interface.put_behind_no_iommu(world.devices[device].uuid)


@given("{device:Device} is in the group of {other:Device}, too")
def in_another_group(world: World, device: str, other: str) -> None:
    """Have the group of the other device hold this one as well, as no mediated device's group does of itself."""
    world.translation.interface.put_in_group(world.devices[device].uuid, world.devices[other].uuid)


@given("the group of {device:Device} has left the container")
def has_left(world: World, device: str) -> None:
    """Put the group of the device into the container, and take it out again."""
    world.access.groups.enter(device)
    world.access.groups.leave(device)


# -- Pinning


@given("the vendor driver of {device:Device} is told of unmappings")
def is_told(world: World, device: str) -> None:
    """It registers a notifier, or has an operation for that; when it is told, it unpins what it has there."""
    world.translation.notifiers.listen(device)


@given("the vendor driver unpins only when it was told {count:Number} times")
def unpins_late(world: World, count: int) -> None:
    """It keeps its pages until it was told so often of the same mapping."""
    world.translation.interface.wait_before_unpinning(count)


@given("the vendor driver of {device:Device} has pinned {pages:Pages}")
def are_pinned(world: World, pages: list[int], device: str) -> None:
    """The vendor driver pins pages of the device's user, to read and to write."""
    world.translation.pins.pin(device, pages)


@when("the vendor driver of {device:Device} pins {pages:Pages}")
def pin(world: World, pages: list[int], device: str) -> None:
    """The vendor driver pins pages of the device's user, to read and to write."""
    world.outcomes.attempt(partial(world.translation.pins.pin, device, pages))


@when("the vendor driver of {device:Device} pins {pages:Pages} for {prot:Protection}")
def pin_for(world: World, pages: list[int], device: str, prot: int) -> None:
    """The vendor driver pins pages of the device's user for this kind of access."""
    world.outcomes.attempt(partial(world.translation.pins.pin, device, pages, prot))


@when("the vendor driver of {device:Device} unpins {pages:Pages}")
def unpin(world: World, pages: list[int], device: str) -> None:
    """The vendor driver unpins pages."""
    world.outcomes.attempt(partial(world.translation.pins.unpin, device, pages))


@when("pinning is called with {flaw:Flaw} for {device:Device}")
def pin_with(world: World, flaw: str, device: str) -> None:
    """Call the function with one argument left out, or with a count of pages that their array does not have."""
    world.outcomes.attempt(partial(world.translation.pins.pin_with, flaw, device))


@when("unpinning is called with {flaw:Flaw} for {device:Device}")
def unpin_with(world: World, flaw: str, device: str) -> None:
    """Call the function with one argument left out, or with a count of pages that their array does not have."""
    world.outcomes.attempt(partial(world.translation.pins.unpin_with, flaw, device))


@when('the vendor driver writes "{text:Text}" into page {page:Number}')
def vendor_writes(world: World, text: str, page: int) -> None:
    """Change the host page that it was given for that page."""
    world.translation.pins.write(page, world.words.data(text))


@then('the vendor driver reads "{text:Text}" from page {page:Number}')
def vendor_reads(world: World, text: str, page: int) -> None:
    """The host page that it was given for that page begins with these bytes."""
    expected = world.words.data(text)
    seen = world.translation.pins.read(page, len(expected))
    check(seen == expected, repr(text), seen)


@then("the host has {count:Size} pinned")
def pinned(world: World, count: int) -> None:
    """So many host pages are pinned now, however often each was."""
    seen = world.translation.interface.pinned()
    check(seen == count, pages(count), pages(seen))


@then("both calls gave the same host pages")
def same_host_pages(world: World) -> None:
    """The arrays of the last two calls have the same content."""
    one, other = world.translation.pins.frames[-2:]
    check(one == other, f"{one}", other)


@then("{count:Number} different host pages were given")
def different_host_pages(world: World, count: int) -> None:
    """The array of the last call has so many numbers that differ."""
    seen = set(world.translation.pins.frames[-1])
    check(len(seen) == count, f"{count} host pages", sorted(seen))


@then("the first {count:Number} host pages given are 0, and {rest:Number} were not touched")
def array_after_failure(world: World, count: int, rest: int) -> None:
    """What the array of the last call has at its beginning and at its end."""
    seen = world.translation.pins.frames[-1]
    expected = [0] * count + [0x5EED] * rest
    check(seen == expected, f"{expected}", seen)


# -- Being told


@when("the vendor driver of {device:Device} registers a notifier with {flaw:NotifierFlaw}")
def register(world: World, device: str, flaw: str) -> None:
    """Ask to be told of unmappings."""
    world.outcomes.attempt(partial(world.translation.notifiers.register, device, flaw))


@when("the vendor driver of {device:Device} unregisters its notifier with {flaw:NotifierFlaw}")
def unregister(world: World, device: str, flaw: str) -> None:
    """Ask to be told no more."""
    world.outcomes.attempt(partial(world.translation.notifiers.unregister, device, flaw))


@then('the vendor driver was told "{events:List}"')
def was_told(world: World, events: list[str]) -> None:
    """It was told of mappings with this many pages, at these pages, in this order, and of nothing else."""
    seen = [f"{one.size >> 12} at {one.iova >> 12}" for one in world.translation.notifiers.told()]
    check(seen == events, ", ".join(events), seen)


@then("the vendor driver was told nothing")
def was_told_nothing(world: World) -> None:
    """It was told of no mapping."""
    seen = world.translation.notifiers.told()
    check(not seen, "nothing", seen)


@then("the vendor driver of {device:Device} was told")
def this_one_was_told(world: World, device: str) -> None:
    """It was told something, whatever others were."""
    seen = [one.device for one in world.translation.notifiers.told()]
    check(world.devices[device].uuid in seen, device, seen)
