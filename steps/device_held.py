"""Device interface: a device held open, what it says of itself, and its regions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.scenario.vocabulary import World, check, given, then, when

_ANY = "a device that can be held open"


def _hold(world: World, name: str, fits: Callable[[], object] = lambda: True, what: str = _ANY) -> None:
    """Hold a device open that fits, of whichever type; a target without management has one device, or none."""
    access = world.access
    if "management" not in world.target.interfaces:
        access.handles.keep_device(name, world.machine.open_device(""))
        if not fits():
            raise Unsupported(f"the device is not {what}")
        return
    refusals = []
    for type in world.types.chosen or world.tree.types():
        if not world.devices.create(name, type).succeeded:
            continue
        try:
            access.devices.hold(name)
            if fits():
                world.types.chosen = [type]
                return
        except OSError as error:
            refusals.append(f"{type.id}: {error.strerror}")
        access.handles.let_go()
        world.devices.remove(name)
    raise Unsupported(f"there is no type of {what}{': ' if refusals else ''}{', '.join(refusals)}")


@given("a mediated device {device:Device} held open")
def held_device(world: World, device: str) -> None:
    """Hold open a device of any type, or the one that there is."""
    _hold(world, device)


@given("a mediated device {device:Device} held open that says that it is a PCI device")
def held_pci_device(world: World, device: str) -> None:
    """Hold open a device whose info has the flag PCI."""
    _hold(world, device, lambda: "PCI" in world.access.devices.kinds(device), "a PCI device")


@given("a mediated device {device:Device} held open with {size:Number} bytes or more to be {access:Access}")
def held_device_with_region(world: World, device: str, size: int, access: str) -> None:
    """Hold open a device that says it has such a region; the first one is chosen."""
    what = f"a device with {size} bytes that can be {access}"
    _hold(world, device, lambda: world.access.regions.choose(device, size, access), what)


@given("a mediated device {device:Device} held open with a region that cannot be mapped")
def held_device_with_unmappable_region(world: World, device: str) -> None:
    """Hold open a device that says it has a region of some size without the flag MMAP; the first one is chosen."""
    _hold(world, device, lambda: world.access.regions.choose(device, 1, "unmapped"), "a device with such a region")


@given("a mediated device {device:Device} held open with an interrupt that signals an eventfd")
def held_device_with_interrupt(world: World, device: str) -> None:
    """Hold open a device that says it has an interrupt with the flag EVENTFD; the first one is chosen."""
    _hold(world, device, lambda: world.access.interrupts.choose(device), "a device with such an interrupt")


@then("{device:Device} says that it is of one kind")
def one_kind(world: World, device: str) -> None:
    """Its info has one flag of those that name a kind of device (PCI, PLATFORM, AMBA, CCW, AP, FSL_MC)."""
    seen = world.access.devices.kinds(device)
    check(len(seen) == 1, "one kind", seen)


@then('{device:Device} says that it is of the kind that "device_api" of the type names')
def kind_of_type(world: World, device: str) -> None:
    """The flag in its info is the one that the type's ``device_api`` names: PCI for ``vfio-pci``."""
    name = world.files.read(f"{world.types.named().path}/device_api").decode().strip()
    expected, seen = name.removeprefix("vfio-").upper().replace("-", "_"), world.access.devices.kinds(device)
    check(seen == [expected], expected, seen)


@then("{device:Device} has {regions:Number} regions and {interrupts:Number} interrupts or more")
def counts(world: World, device: str, regions: int, interrupts: int) -> None:
    """Its info tells of so many of each, or of more."""
    info = world.access.devices.info(device)
    seen = f"{info.num_regions} regions, {info.num_irqs} interrupts"
    fine = info.num_regions >= regions and info.num_irqs >= interrupts
    check(fine, f"{regions} regions and {interrupts} interrupts or more", seen)


@then("{device:Device} describes itself the same way again")
def same_again(world: World, device: str) -> None:
    """Its info and those of its regions and interrupts, asked for twice, are the same."""
    first = world.access.devices.description(device)
    check(world.access.devices.description(device) == first, "the same description twice", "two that differ")


@then("{handle:Handle} describes itself as {other:Handle} does")
def same_as(world: World, handle: str, other: str) -> None:
    """Two files give the same info, regions and interrupts."""
    expected, seen = world.access.devices.description(other), world.access.devices.description(handle)
    check(seen == expected, "the same description", [line for line in seen if line not in expected])


@then("{handle:Handle} still answers")
def still_answers(world: World, handle: str) -> None:
    """The device gives its info, and that of a region."""
    check(world.access.devices.description(handle), "a description", "none")


@then("no two regions of {device:Device} overlap")
def regions_apart(world: World, device: str) -> None:
    """Each region of some size has a range of offsets of its own."""
    sized = (info for info in world.access.regions.all(device) if info.size)
    found = sorted((info.offset, info.offset + info.size, info.index) for info in sized)
    shared = [f"region {one} and region {other}" for (_, end, one), (begin, _, other) in pairwise(found) if begin < end]
    check(not shared, "regions apart from each other", shared)


@then("each region of {device:Device} answers with its own index")
def regions_indexed(world: World, device: str) -> None:
    """The index in a region's info is the one that was asked for."""
    seen = world.access.regions.indexes(device)
    check(all(asked == given for asked, given in seen.items()), "the index that was asked for", list(seen.values()))


@then("each interrupt of {device:Device} answers with its own index")
def interrupts_indexed(world: World, device: str) -> None:
    """The index in an interrupt's info is the one that was asked for."""
    seen = world.access.interrupts.indexes(device)
    check(all(asked == given for asked, given in seen.items()), "the index that was asked for", list(seen.values()))


@then("no region of {device:Device} points to capabilities that it has not")
def capabilities(world: World, device: str) -> None:
    """``cap_offset`` is 0 in the info of a region without the flag CAPS."""
    seen = [f"region {info.index}: {info.cap_offset:#x}" for info in world.access.regions.all(device)
            if info.cap_offset and not info.flags & 8]  # fmt: skip
    check(not seen, "no offset of capabilities", seen)


@then("each interrupt of {device:Device} that masks itself can be masked")
def automasked(world: World, device: str) -> None:
    """AUTOMASKED goes with MASKABLE."""
    seen = [f"interrupt {info.index}: flags {info.flags:#x}" for info in world.access.interrupts.all(device)
            if info.flags & 4 and not info.flags & 2]  # fmt: skip
    check(not seen, "MASKABLE where AUTOMASKED is", seen)


@then("region {index:Number} of {device:Device} has {size:Number} bytes or more, to be read and to be written")
def region_of(world: World, index: int, device: str, size: int) -> None:
    """The info of a region tells of this size and has the flags READ and WRITE."""
    found = [info for info in world.access.regions.all(device) if info.index == index]
    fine = found and found[0].size >= size and found[0].flags & 3 == 3
    check(fine, f"{size} bytes or more, READ and WRITE", found or "no such region")


@when("{count:Number} bytes at {offset:Number} of the region are read through {handle:Handle}")
def read_region(world: World, count: int, offset: int, handle: str) -> None:
    """Read so many bytes of the region that was chosen, at this offset in it."""
    world.outcomes.attempt(partial(world.access.regions.read, handle, count, offset))


@when('"{text:Text}" is written at {offset:Number} of region {index:Number} through {handle:Handle}')
def write_region(world: World, text: str, offset: int, index: int, handle: str) -> None:
    """Write these bytes into a region."""
    written = world.words.data(text)
    world.outcomes.attempt(partial(world.access.regions.write, handle, index, offset, written))


@when("{count:Number} bytes are read behind all regions of {device:Device}")
def read_behind(world: World, count: int, device: str) -> None:
    """Read at an offset that belongs to no region, far behind the last one."""
    world.outcomes.attempt(partial(world.access.regions.read_behind, device, count))


@when("the region is mapped through {device:Device}")
def map_region(world: World, device: str) -> None:
    """Map the first page of the region that was chosen."""
    world.outcomes.attempt(partial(world.access.regions.map, device))


@when("the position in the file of {device:Device} is set to {offset:Number}")
def seek(world: World, device: str, offset: int) -> None:
    """lseek(2)."""
    world.outcomes.attempt(partial(world.access.devices.seek, device, offset))


@then("the call gives {count:Number} bytes")
def call_gives_bytes(world: World, count: int) -> None:
    """What was read has this length."""
    last = world.outcomes.last
    fine = not last.errno and isinstance(last.value, bytes) and len(last.value) == count
    check(fine, f"{count} bytes", last)


@then("the bytes at 0 of region {index:Number} of {device:Device} are the same in one read and in several")
def one_read_or_several(world: World, index: int, device: str) -> None:
    """The first 4 bytes, read at once, by twos and one by one."""
    seen = world.access.regions.by_ones_twos_and_fours(device, index)
    check(len(set(seen)) == 1, "the same bytes", [each.hex() for each in seen])


@then("the call fails")
def call_fails(world: World) -> None:
    """What was last done gave an error, whichever."""
    check(world.outcomes.last.errno, "an error", world.outcomes.last)
