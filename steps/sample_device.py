"""Sample interface: the information that a card reports, and the requests that it rejects."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import World, check, given, then, when

_PCI, _READ_WRITE = 2, 3  # flags of a device and of a region
_PAGE = 4096


@given("VFIO_DEVICE_GET_INFO of card {device:Device} has been called")
def told(world: World, device: str) -> None:
    """Request the device info. The card accepts no interrupt before that."""
    world.cards[device].info()


@when("the info of region {index:Number} of card {device:Device} is requested")
def ask_for_region(world: World, device: str, index: int) -> None:
    """Request the info of a region. The call may fail."""
    world.outcomes.attempt(lambda: world.cards[device].region(index))


@when("the info of interrupt {index:Number} of card {device:Device} is requested")
def ask_for_interrupt(world: World, device: str, index: int) -> None:
    """Request the info of an interrupt. The call may fail."""
    world.outcomes.attempt(lambda: world.cards[device].irq(index))


@when("VFIO_DEVICE_QUERY_GFX_PLANE of card {device:Device} is called")
def ask_for_picture(world: World, device: str) -> None:
    """Call a request for displays. The call may fail."""
    world.outcomes.attempt(world.cards[device].ask_for_picture)


@when("card {device:Device} is reset")
def reset(world: World, device: str) -> None:
    """Call VFIO_DEVICE_RESET. The call may fail."""
    world.outcomes.attempt(world.cards[device].reset)


@when("a byte of region {index:Number} of card {device:Device} is read")
def read_region(world: World, index: int, device: str) -> None:
    """Read the first byte of the region. The call may fail."""
    card = world.cards[device]
    world.outcomes.attempt(lambda: card.device.pread(1, card.offset(index)))


@when("a byte of region {index:Number} of card {device:Device} is written")
def write_region(world: World, index: int, device: str) -> None:
    """Write the first byte of the region. The call may fail."""
    card = world.cards[device]
    world.outcomes.attempt(lambda: card.device.pwrite(b"\0", card.offset(index)))


@when("region {index:Number} of card {device:Device} is mapped")
def map_region(world: World, index: int, device: str) -> None:
    """Map the first page of the region. The call may fail."""
    card = world.cards[device]
    world.outcomes.attempt(lambda: card.device.mmap(_PAGE, card.offset(index)))


@then("card {device:Device} is a PCI device with {regions:Number} regions and {interrupts:Number} interrupts")
def is_pci_device(world: World, device: str, regions: int, interrupts: int) -> None:
    """The device info has exactly the flag PCI and these numbers."""
    info = world.cards[device].info()
    seen = info.flags, info.num_regions, info.num_irqs
    expected = f"flags {_PCI:#x}, {regions} regions, {interrupts} interrupts"
    check(seen == (_PCI, regions, interrupts), expected, "flags {:#x}, {} regions, {} interrupts".format(*seen))


@then("region {index:Number} of card {device:Device} has a size of {size:Number} bytes")
def region_size(world: World, index: int, device: str, size: int) -> None:
    """The info of the region reports this size."""
    seen = world.cards[device].region(index).size
    check(seen == size, f"{size} bytes", seen)


@then("region {index:Number} of card {device:Device} is readable and writable")
def region_flags(world: World, index: int, device: str) -> None:
    """The info of the region has exactly the flags READ and WRITE."""
    seen = world.cards[device].region(index).flags
    check(seen == _READ_WRITE, f"flags {_READ_WRITE:#x}", f"flags {seen:#x}")


@then("region {index:Number} of card {device:Device} begins at {offset:Offset}")
def region_offset(world: World, index: int, device: str, offset: int) -> None:
    """The info of the region reports this offset in the device file."""
    seen = world.cards[device].region(index).offset
    check(seen == offset, f"{offset:#x}", f"{seen:#x}")


@then("interrupt {index:Number} of card {device:Device} has the flags {flags:Offset} and a count of {count:Number}")
def interrupt(world: World, index: int, device: str, flags: int, count: int) -> None:
    """The info of the interrupt reports these flags and this count."""
    info = world.cards[device].irq(index)
    seen = f"flags {info.flags:#x}, a count of {info.count}"
    check((info.flags, info.count) == (flags, count), f"flags {flags:#x}, a count of {count}", seen)
