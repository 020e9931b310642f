"""Device interface: devices that are held open, their information and their regions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

from mdevref.suite.scenario.vocabulary import Unsupported, World, check, given, then, when

_ANY = "a device that can be held open"


def _hold(world: World, name: str, fits: Callable[[], object] = lambda: True, what: str = _ANY) -> None:
    """Hold open a device that fits, of any type. A target without management has at most one device."""
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
    raise Unsupported(f"no type provides {what}{': ' if refusals else ''}{', '.join(refusals)}")


@given("a mediated device {device:Device} held open")
def held_device(world: World, device: str) -> None:
    """Hold open a device of any type, or the only device of the target."""
    _hold(world, device)


@given("a PCI mediated device {device:Device} held open")
def held_pci_device(world: World, device: str) -> None:
    """Hold open a device whose info has the flag PCI."""
    _hold(world, device, lambda: "PCI" in world.access.devices.kinds(device), "a PCI device")


@given("a mediated device {device:Device} held open with a {access:Access} region of at least {size:Number} bytes")
def held_device_with_region(world: World, device: str, size: int, access: str) -> None:
    """Hold open a device that reports such a region, and select its first one."""
    what = f"a device with a {access} region of at least {size} bytes"
    _hold(world, device, lambda: world.access.regions.choose(device, size, access), what)


@given("a mediated device {device:Device} held open with a region that cannot be mapped")
def held_device_with_unmappable_region(world: World, device: str) -> None:
    """Hold open a device that reports a non-empty region without the flag MMAP, and select its first one."""
    _hold(
        world,
        device,
        lambda: world.access.regions.choose(device, 1, "unmapped"),
        "a device with a region that cannot be mapped",
    )


@given("a mediated device {device:Device} held open with an interrupt that signals an eventfd")
def held_device_with_interrupt(world: World, device: str) -> None:
    """Hold open a device that reports an interrupt with the flag EVENTFD, and select its first one."""
    _hold(
        world,
        device,
        lambda: world.access.interrupts.choose(device),
        "a device with an interrupt that signals an eventfd",
    )


@then("{device:Device} reports exactly one kind")
def one_kind(world: World, device: str) -> None:
    """The info of the device has exactly one of the flags PCI, PLATFORM, AMBA, CCW, AP and FSL_MC."""
    seen = world.access.devices.kinds(device)
    check(len(seen) == 1, "exactly one kind", seen)


@then('the kind of {device:Device} matches "device_api" of its type')
def kind_of_type(world: World, device: str) -> None:
    """The info of the device has the flag that ``device_api`` of its type names, such as PCI for ``vfio-pci``."""
    name = world.files.read(f"{world.types.named().path}/device_api").decode().strip()
    expected, seen = name.removeprefix("vfio-").upper().replace("-", "_"), world.access.devices.kinds(device)
    check(seen == [expected], expected, seen)


@then("{device:Device} has at least {regions:Number} regions and {interrupts:Number} interrupts")
def counts(world: World, device: str, regions: int, interrupts: int) -> None:
    """The info of the device reports at least these numbers."""
    info = world.access.devices.info(device)
    seen = f"{info.num_regions} regions, {info.num_irqs} interrupts"
    fine = info.num_regions >= regions and info.num_irqs >= interrupts
    check(fine, f"at least {regions} regions and {interrupts} interrupts", seen)


@then("{device:Device} returns the same description again")
def same_again(world: World, device: str) -> None:
    """Requesting the info of the device, its regions and its interrupts twice returns the same."""
    first = world.access.devices.description(device)
    check(world.access.devices.description(device) == first, "the same description twice", "two different descriptions")


@then("{handle:Handle} returns the same description as {other:Handle}")
def same_as(world: World, handle: str, other: str) -> None:
    """Both files return the same info of device, regions and interrupts."""
    expected, seen = world.access.devices.description(other), world.access.devices.description(handle)
    check(seen == expected, "the same description", [line for line in seen if line not in expected])


@then("{handle:Handle} is still usable")
def still_answers(world: World, handle: str) -> None:
    """The device returns its info and the info of its regions."""
    check(world.access.devices.description(handle), "a description", "none")


@then("no two regions of {device:Device} overlap")
def regions_apart(world: World, device: str) -> None:
    """The offset ranges of non-empty regions do not overlap."""
    sized = (info for info in world.access.regions.all(device) if info.size)
    found = sorted((info.offset, info.offset + info.size, info.index) for info in sized)
    shared = [f"region {one} and region {other}" for (_, end, one), (begin, _, other) in pairwise(found) if begin < end]
    check(not shared, "regions that do not overlap", shared)


@then("the info of each region of {device:Device} has the requested index")
def regions_indexed(world: World, device: str) -> None:
    """The info of a region contains the index that was requested."""
    seen = world.access.regions.indexes(device)
    check(all(asked == given for asked, given in seen.items()), "the requested index", list(seen.values()))


@then("the info of each interrupt of {device:Device} has the requested index")
def interrupts_indexed(world: World, device: str) -> None:
    """The info of an interrupt contains the index that was requested."""
    seen = world.access.interrupts.indexes(device)
    check(all(asked == given for asked, given in seen.items()), "the requested index", list(seen.values()))


@then("every region of {device:Device} without CAPS has cap_offset 0")
def capabilities(world: World, device: str) -> None:
    """``cap_offset`` is 0 in the info of each region without the flag CAPS."""
    seen = [f"region {info.index}: {info.cap_offset:#x}" for info in world.access.regions.all(device)
            if info.cap_offset and not info.flags & 8]  # fmt: skip
    check(not seen, "cap_offset 0", seen)


@then("each AUTOMASKED interrupt of {device:Device} is MASKABLE")
def automasked(world: World, device: str) -> None:
    """The info of each interrupt with the flag AUTOMASKED has the flag MASKABLE."""
    seen = [f"interrupt {info.index}: flags {info.flags:#x}" for info in world.access.interrupts.all(device)
            if info.flags & 4 and not info.flags & 2]  # fmt: skip
    check(not seen, "MASKABLE with AUTOMASKED", seen)


@then("region {index:Number} of {device:Device} is readable, writable and at least {size:Number} bytes long")
def region_of(world: World, index: int, device: str, size: int) -> None:
    """The info of the region reports at least this size and the flags READ and WRITE."""
    found = [info for info in world.access.regions.all(device) if info.index == index]
    fine = found and found[0].size >= size and found[0].flags & 3 == 3
    check(fine, f"at least {size} bytes, READ and WRITE", found or "no such region")


@when("{count:Number} bytes are read at offset {offset:Number} of the region through {handle:Handle}")
def read_region(world: World, count: int, offset: int, handle: str) -> None:
    """Read from the selected region at this offset."""
    world.outcomes.attempt(partial(world.access.regions.read, handle, count, offset))


@when('"{text:Text}" is written at offset {offset:Number} of region {index:Number} through {handle:Handle}')
def write_region(world: World, text: str, offset: int, index: int, handle: str) -> None:
    """Write these bytes to a region at this offset."""
    written = world.words.data(text)
    world.outcomes.attempt(partial(world.access.regions.write, handle, index, offset, written))


@when("{count:Number} bytes are read beyond the last region of {device:Device}")
def read_behind(world: World, count: int, device: str) -> None:
    """Read at an offset far beyond the end of the last region."""
    world.outcomes.attempt(partial(world.access.regions.read_behind, device, count))


@when("the region is mapped through {device:Device}")
def map_region(world: World, device: str) -> None:
    """Map the first page of the selected region."""
    world.outcomes.attempt(partial(world.access.regions.map, device))


@when("the file position of {device:Device} is set to {offset:Number}")
def seek(world: World, device: str, offset: int) -> None:
    """Call lseek(2) with SEEK_SET."""
    world.outcomes.attempt(partial(world.access.devices.seek, device, offset))


@then("the call returns {count:Number} bytes")
def call_gives_bytes(world: World, count: int) -> None:
    """The last read returned this number of bytes."""
    last = world.outcomes.last
    fine = not last.errno and isinstance(last.value, bytes) and len(last.value) == count
    check(fine, f"{count} bytes", last)


@then("the first bytes of region {index:Number} of {device:Device} are the same in one read and in several")
def one_read_or_several(world: World, index: int, device: str) -> None:
    """Reading the first 4 bytes as one, two or four reads returns the same bytes."""
    seen = world.access.regions.by_ones_twos_and_fours(device, index)
    check(len(set(seen)) == 1, "the same bytes", [each.hex() for each in seen])


@then("the call fails")
def call_fails(world: World) -> None:
    """The last call failed with any errno."""
    check(world.outcomes.last.errno, "an error", world.outcomes.last)
