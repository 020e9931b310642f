"""Driver interface: operations of a user on the device file of a mediated device."""

from __future__ import annotations

from functools import partial

from mdevref.suite.interface.drivers import DeviceFile
from mdevref.suite.scenario.vocabulary import World, check, name_of, then, when


def _opened(world: World, device: str) -> list[DeviceFile]:
    return world.drivers.opened.setdefault(world.devices[device].uuid, [])


def _file(world: World, device: str) -> DeviceFile:
    opened = _opened(world, device)
    if not opened:
        opened.append(world.drivers.interface.open(world.devices[device].uuid))
    return opened[-1]


@when("a device file of {device:Device} is opened")
def open_file(world: World, device: str) -> None:
    """Open another device file of the mediated device."""
    opened = _opened(world, device)
    uuid = world.devices[device].uuid
    world.outcomes.attempt(lambda: opened.append(world.drivers.interface.open(uuid)))


@when("the device file of {device:Device} is closed")
def close_file(world: World, device: str) -> None:
    """Close the most recently opened device file that is still open. Closing must succeed."""
    opened = _opened(world, device)
    check(opened, f"an open device file of {device}", world.outcomes.last)
    opened.pop().close()


@when("{count:Number} bytes are read from the device file of {device:Device} at offset {offset:Number}")
def read(world: World, count: int, device: str, offset: int) -> None:
    """Read from the device file at this offset, opening the file if it is not open."""
    world.outcomes.attempt(partial(_file(world, device).read, count, offset))


@when('"{text:Text}" is written to the device file of {device:Device} at offset {offset:Number}')
def write(world: World, text: str, device: str, offset: int) -> None:
    """Write to the device file at this offset, opening the file if it is not open."""
    world.outcomes.attempt(partial(_file(world, device).write, world.words.data(text), offset))


@when("ioctl {request:Number} of the device file of {device:Device} is called")
def ioctl(world: World, request: int, device: str) -> None:
    """Call an ioctl of the device file by its number, opening the file if it is not open."""
    world.outcomes.attempt(partial(_file(world, device).ioctl, request))


@when("{count:Number} bytes of the device file of {device:Device} are mapped at offset {offset:Number}")
def mmap(world: World, count: int, device: str, offset: int) -> None:
    """Map the device file at this offset, opening the file if it is not open."""
    world.outcomes.attempt(partial(_file(world, device).mmap, count, offset))


@then("the call succeeds")
def call_succeeds(world: World) -> None:
    """The last call succeeded."""
    check(not world.outcomes.last.errno, "success", world.outcomes.last)


@then("the call fails with {errno:Errno}")
def call_fails_with(world: World, errno: int) -> None:
    """The last call failed with this errno."""
    check(world.outcomes.last.errno == errno, name_of(errno), world.outcomes.last)


@then('the call returns "{text:Text}"')
def call_gives_text(world: World, text: str) -> None:
    """The last call returned these bytes."""
    last = world.outcomes.last
    check(not last.errno and last.value == world.words.data(text), f'"{text}"', last)


@then("the call returns {value:Number}")
def call_gives_number(world: World, value: int) -> None:
    """The last call returned this number."""
    last = world.outcomes.last
    check(not last.errno and last.value == value, str(value), last)
