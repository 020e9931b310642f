"""Driver interface: the behaviour of callbacks, and the calls and arguments that they received."""

from __future__ import annotations

from mdevref.suite.interface.drivers import Call
from mdevref.suite.scenario.vocabulary import World, check, given, then, when


def _owner(world: World, owner: str) -> str:
    """Return the path of a physical device or the name of a bus driver."""
    return world.devices[owner].path if owner in world.devices else owner


def _name(world: World, owner: str) -> str:
    return next((name for name, device in world.devices.items() if device.path == owner), owner)


def _calls(world: World, owner: str, callback: str = "") -> list[Call]:
    key = _owner(world, owner)
    calls = world.drivers.interface.calls()
    return [call for call in calls if call.owner == key and callback in ("", call.callback)]


def _words(world: World, calls: list[Call]) -> list[str]:
    return [f"{call.callback} of {_name(world, call.owner)} for {call.device}" for call in calls]


def _of(world: World, place: str) -> list[Call]:
    uuid = world.words.path(place).rpartition("/")[2]
    return [call for call in world.drivers.interface.calls() if call.device == uuid]


@given("{callback:Operation} of {owner:Owner} fails with {errno:Errno}")
def fail(world: World, callback: str, owner: str, errno: int) -> None:
    """From now on the callback fails with this errno."""
    world.drivers.interface.fail(_owner(world, owner), callback, errno)


@given('{callback:Operation} of {owner:Owner} returns "{text:Text}"')
def give_text(world: World, callback: str, owner: str, text: str) -> None:
    """From now on the callback returns these bytes."""
    world.drivers.interface.answer(_owner(world, owner), callback, world.words.data(text))


@given("{callback:Operation} of {owner:Owner} returns {value:Number}")
def give_number(world: World, callback: str, owner: str, value: int) -> None:
    """From now on the callback returns this number."""
    world.drivers.interface.answer(_owner(world, owner), callback, value)


@given("{callback:Operation} of {owner:Owner} blocks")
def stop(world: World, callback: str, owner: str) -> None:
    """From now on the callback blocks until the scenario lets it continue."""
    world.drivers.interface.hold(_owner(world, owner), callback)


@when("a caller is blocked in {callback:Operation} of {owner:Owner}")
def reached(world: World, callback: str, owner: str) -> None:
    """Wait until each operation in progress has blocked or returned. One of them must be blocked in the callback."""
    world.writers.settle()
    fine = world.drivers.interface.is_held(_owner(world, owner), callback)
    check(fine, f"a caller blocked in {callback} of {owner}", _words(world, list(world.drivers.interface.calls())))


@when("{callback:Operation} of {owner:Owner} continues")
def go_on(world: World, callback: str, owner: str) -> None:
    """Let the callback return, now and in later calls."""
    world.drivers.interface.release(_owner(world, owner), callback)


@then("{callback:Operation} of {owner:Owner} was called once")
def called_once(world: World, callback: str, owner: str) -> None:
    """The callback was called exactly once."""
    calls = _calls(world, owner, callback)
    check(len(calls) == 1, f"one call of {callback}", _words(world, calls))


@then("{callback:Operation} of {owner:Owner} was called once for {place:Place}")
def called_once_for(world: World, callback: str, owner: str, place: str) -> None:
    """The callback was called exactly once for this device. Calls for other devices do not count."""
    mine = [call for call in _of(world, place) if call in _calls(world, owner, callback)]
    check(len(mine) == 1, f"one call of {callback} for {place}", _words(world, _calls(world, owner, callback)))


@then("{callback:Operation} of {owner:Owner} was not called")
def not_called(world: World, callback: str, owner: str) -> None:
    """The callback was not called for any device."""
    calls = _calls(world, owner, callback)
    check(not calls, f"no call of {callback}", _words(world, calls))


@then("no callback of {owner:Owner} was called")
def none_called(world: World, owner: str) -> None:
    """No callback in the ops of the physical device, or of the bus driver, was called."""
    calls = _calls(world, owner)
    check(not calls, "no call", _words(world, calls))


@then('the callbacks for {place:Place} were "{calls:List}"')
def callbacks_were(world: World, place: str, calls: list[str]) -> None:
    """All callbacks called for a device, of every owner, in order."""
    seen = [f"{call.callback} of {_name(world, call.owner)}" for call in _of(world, place)]
    check(seen == calls, ", ".join(calls), seen)


@then('the calls of {callback:Operation} for {place:Place} were "{calls:List}"')
def calls_were(world: World, callback: str, place: str, calls: list[str]) -> None:
    """All calls of this callback for a device, of every owner, in order."""
    mine = [call for call in _of(world, place) if call.callback == callback]
    seen = [f"{call.callback} of {_name(world, call.owner)}" for call in mine]
    check(seen == calls, ", ".join(calls), seen)


def _given(world: World, callback: str, owner: str, name: str) -> list[object]:
    return [call.given.get(name) for call in _calls(world, owner, callback)]


@then('{callback:Operation} of {owner:Owner} received the type "{id:Entry}"')
def given_type(world: World, callback: str, owner: str, id: str) -> None:
    """The callback was called exactly once, for a device of this type."""
    seen = _given(world, callback, owner, "type")
    check(seen == [id], f"the type {id}", seen)


@then('{callback:Operation} of {owner:Owner} received the data "{text:Text}"')
def given_data(world: World, callback: str, owner: str, text: str) -> None:
    """The callback was called exactly once, with these bytes."""
    seen = _given(world, callback, owner, "data")
    check(seen == [world.words.data(text)], f'the data "{text}"', seen)


@then("{callback:Operation} of {owner:Owner} received the {name:Action} {value:Number}")
def given_number(world: World, callback: str, owner: str, name: str, value: int) -> None:
    """The callback was called exactly once, with this count, offset or request."""
    seen = _given(world, callback, owner, name)
    check(seen == [value], f"the {name} {value}", seen)
