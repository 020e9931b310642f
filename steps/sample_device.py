"""Sample interface: what a card tells of itself, and requests that it refuses."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import World, check, given, then, when

_PCI, _READ_WRITE = 2, 3  # flags of a device and of a region
_PAGE = 4096


@given("the card {device:Device} has told of itself")
def told(world: World, device: str) -> None:
    """Ask the card for its numbers of regions and interrupts: before that it knows no interrupt."""
    world.cards[device].info()


@when("the card {device:Device} is asked for region {index:Number}")
def ask_for_region(world: World, device: str, index: int) -> None:
    """Ask for what there is to know of a region, whatever comes of it."""
    world.outcomes.attempt(lambda: world.cards[device].region(index))


@when("the card {device:Device} is asked for interrupt {index:Number}")
def ask_for_interrupt(world: World, device: str, index: int) -> None:
    """Ask for what there is to know of an interrupt, whatever comes of it."""
    world.outcomes.attempt(lambda: world.cards[device].irq(index))


@when("the card {device:Device} is asked for a picture of its screen")
def ask_for_picture(world: World, device: str) -> None:
    """Send a request that is for displays, whatever comes of it."""
    world.outcomes.attempt(world.cards[device].ask_for_picture)


@when("the card {device:Device} is reset")
def reset(world: World, device: str) -> None:
    """Send the request to reset, whatever comes of it."""
    world.outcomes.attempt(world.cards[device].reset)


@when("a byte of region {index:Number} of the card {device:Device} is read")
def read_region(world: World, index: int, device: str) -> None:
    """Read the first byte, whatever comes of it."""
    card = world.cards[device]
    world.outcomes.attempt(lambda: card.device.pread(1, card.offset(index)))


@when("a byte of region {index:Number} of the card {device:Device} is written")
def write_region(world: World, index: int, device: str) -> None:
    """Write the first byte, whatever comes of it."""
    card = world.cards[device]
    world.outcomes.attempt(lambda: card.device.pwrite(b"\0", card.offset(index)))


@when("region {index:Number} of the card {device:Device} is mapped")
def map_region(world: World, index: int, device: str) -> None:
    """Map a page of a region, whatever comes of it."""
    card = world.cards[device]
    world.outcomes.attempt(lambda: card.device.mmap(_PAGE, card.offset(index)))


@then("the card {device:Device} is a PCI device with {regions:Number} regions and {interrupts:Number} interrupts")
def is_pci_device(world: World, device: str, regions: int, interrupts: int) -> None:
    """What the card tells of itself, which is no more than that."""
    info = world.cards[device].info()
    seen = info.flags, info.num_regions, info.num_irqs
    expected = f"flags {_PCI:#x}, {regions} regions, {interrupts} interrupts"
    check(seen == (_PCI, regions, interrupts), expected, "flags {:#x}, {} regions, {} interrupts".format(*seen))


@then("region {index:Number} of the card {device:Device} has {size:Number} bytes")
def region_size(world: World, index: int, device: str, size: int) -> None:
    """The size that the card tells of a region."""
    seen = world.cards[device].region(index).size
    check(seen == size, f"{size} bytes", seen)


@then("region {index:Number} of the card {device:Device} can be read and written")
def region_flags(world: World, index: int, device: str) -> None:
    """The flags of a region: to be read, to be written, and nothing else."""
    seen = world.cards[device].region(index).flags
    check(seen == _READ_WRITE, f"flags {_READ_WRITE:#x}", f"flags {seen:#x}")


@then("region {index:Number} of the card {device:Device} begins at {offset:Offset}")
def region_offset(world: World, index: int, device: str, offset: int) -> None:
    """Where in the device's file a region begins."""
    seen = world.cards[device].region(index).offset
    check(seen == offset, f"{offset:#x}", f"{seen:#x}")


@then("interrupt {index:Number} of the card {device:Device} has the flags {flags:Offset} and a count of {count:Number}")
def interrupt(world: World, index: int, device: str, flags: int, count: int) -> None:
    """What the card tells of an interrupt."""
    info = world.cards[device].irq(index)
    seen = f"flags {info.flags:#x}, a count of {info.count}"
    check((info.flags, info.count) == (flags, count), f"flags {flags:#x}, a count of {count}", seen)
