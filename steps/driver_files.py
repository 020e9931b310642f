"""Driver interface: what a user does with the device file of a mediated device."""

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
    """Open the device file of a mediated device, beside others that are open."""
    opened = _opened(world, device)
    uuid = world.devices[device].uuid
    world.outcomes.attempt(lambda: opened.append(world.drivers.interface.open(uuid)))


@when("the device file of {device:Device} is closed")
def close_file(world: World, device: str) -> None:
    """Close the device file that was opened last and is open still; it must succeed."""
    opened = _opened(world, device)
    check(opened, f"a device file of {device} that is open", world.outcomes.last)
    opened.pop().close()


@when("{count:Number} bytes of the device file of {device:Device} are read at {offset:Number}")
def read(world: World, count: int, device: str, offset: int) -> None:
    """Read so many bytes at this offset of the device file, which is opened if it is not."""
    world.outcomes.attempt(partial(_file(world, device).read, count, offset))


@when('"{text:Text}" is written to the device file of {device:Device} at {offset:Number}')
def write(world: World, text: str, device: str, offset: int) -> None:
    """Write a text at this offset of the device file, which is opened if it is not."""
    world.outcomes.attempt(partial(_file(world, device).write, world.words.data(text), offset))


@when("ioctl {request:Number} of the device file of {device:Device} is called")
def ioctl(world: World, request: int, device: str) -> None:
    """Call an ioctl, by its number, of the device file, which is opened if it is not."""
    world.outcomes.attempt(partial(_file(world, device).ioctl, request))


@when("{count:Number} bytes of the device file of {device:Device} are mapped at {offset:Number}")
def mmap(world: World, count: int, device: str, offset: int) -> None:
    """Map so many bytes at this offset of the device file, which is opened if it is not."""
    world.outcomes.attempt(partial(_file(world, device).mmap, count, offset))


@then("the opening succeeds")
def opening_succeeds(world: World) -> None:
    """The last device file could be opened."""
    check(world.outcomes.last.succeeded, "that the device can be opened", world.outcomes.last)


@then("the opening fails with {errno:Errno}")
def opening_fails_with(world: World, errno: int) -> None:
    """Opening the device file gave this error."""
    check(world.outcomes.last.errno == errno, name_of(errno), world.outcomes.last)


@then("the call succeeds")
def call_succeeds(world: World) -> None:
    """What was last done with a device file gave no error."""
    check(not world.outcomes.last.errno, "success", world.outcomes.last)


@then("the call fails with {errno:Errno}")
def call_fails_with(world: World, errno: int) -> None:
    """What was last done with a device file gave this error."""
    check(world.outcomes.last.errno == errno, name_of(errno), world.outcomes.last)


@then('the call gives "{text:Text}"')
def call_gives_text(world: World, text: str) -> None:
    """What was last done with a device file gave these bytes."""
    last = world.outcomes.last
    check(not last.errno and last.value == world.words.data(text), f'"{text}"', last)


@then("the call gives {value:Number}")
def call_gives_number(world: World, value: int) -> None:
    """What was last done with a device file gave this number."""
    last = world.outcomes.last
    check(not last.errno and last.value == value, str(value), last)
