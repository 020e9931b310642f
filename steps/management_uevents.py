"""Management interface: the uevents that were sent during a scenario, and their order."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import TYPES, Uevent, World, check, then


def _of(world: World, place: str) -> list[Uevent]:
    path = f"/{world.words.path(place)}"
    return [uevent for uevent in world.uevents.seen() if uevent.devpath == path]


def _all(world: World) -> list[str]:
    return [f"{uevent.action}@{uevent.devpath}" for uevent in world.uevents.seen()]


def _one(world: World, action: str, place: str, state: str | None = None) -> None:
    found = [uevent for uevent in _of(world, place) if uevent.action == action]
    if state is not None:
        found = [uevent for uevent in found if uevent.environment.get("MDEV_STATE") == state]
    which = f" with MDEV_STATE={state}" if state else ""
    check(len(found) == 1, f"one uevent {action} of {place}{which}", _all(world))


@then('one uevent "{action:Action}" of {place:Place} was sent')
def one_sent(world: World, action: str, place: str) -> None:
    """Exactly one uevent with this action and the path of this device was sent."""
    _one(world, action, place)


@then('one uevent "{action:Action}" of {place:Place} was sent, with MDEV_STATE "{state:Action}"')
def one_sent_with_state(world: World, action: str, place: str, state: str) -> None:
    """Exactly one uevent with this action, the path of this device and this parent state was sent."""
    _one(world, action, place, state)


@then('the uevents of {place:Place} were "{actions:List}"')
def were(world: World, place: str, actions: list[str]) -> None:
    """The actions of all uevents of the device, in order."""
    seen = [uevent.action for uevent in _of(world, place)]
    check(seen == actions, ", ".join(actions), seen)


@then("no uevent was sent")
def none_sent(world: World) -> None:
    """No uevent was sent."""
    check(not world.uevents.seen(), "no uevent", _all(world))


@then("no uevent of {place:Place} was sent")
def none_of_place_sent(world: World, place: str) -> None:
    """No uevent with the path of this device was sent."""
    check(not _of(world, place), f"no uevent of {place}", _all(world))


@then('no uevent "{action:Action}" of {place:Place} was sent')
def none_with_action_sent(world: World, action: str, place: str) -> None:
    """No uevent with this action and the path of this device was sent."""
    found = [uevent for uevent in _of(world, place) if uevent.action == action]
    check(not found, f"no uevent {action} of {place}", _all(world))


@then("no uevent of a type was sent")
def none_of_type_sent(world: World) -> None:
    """No uevent with a path below ``mdev_supported_types`` was sent."""
    check(not any(f"/{TYPES}" in uevent.devpath for uevent in world.uevents.seen()), "no uevent of a type", _all(world))


@then('the first uevent is "{action:Action}" of {place:Place}')
def first_is(world: World, action: str, place: str) -> None:
    """The first uevent has this action and the path of this device."""
    first = next(iter(world.uevents.seen()), None)
    fine = first and (first.action, first.devpath) == (action, f"/{world.words.path(place)}")
    check(fine, f"{action} of {place} as the first uevent", _all(world))


@then('the last uevent of {place:Place} is "{action:Action}"')
def last_is(world: World, place: str, action: str) -> None:
    """The last uevent of the device has this action."""
    seen = [uevent.action for uevent in _of(world, place)]
    check(seen and seen[-1] == action, f"{action} as the last uevent", seen)


@then('each uevent of {place:Place} has SUBSYSTEM "{subsystem:Action}"')
def subsystem_is(world: World, place: str, subsystem: str) -> None:
    """Uevents of this device were sent, and each has this subsystem."""
    seen = [uevent.environment.get("SUBSYSTEM", "none") for uevent in _of(world, place)]
    check(seen and all(name == subsystem for name in seen), f"SUBSYSTEM={subsystem} in each", seen)


@then('the uevent "{action:Action}" of {device:Device} contains the name of its driver')
def names_driver(world: World, action: str, device: str) -> None:
    """DRIVER of the uevent is the name of the driver that the device is bound to."""
    expected = world.devices.driver(device).rpartition("/")[2]
    seen = [uevent.environment.get("DRIVER", "none") for uevent in _of(world, device) if uevent.action == action]
    check(seen == [expected], f"DRIVER={expected}", seen)


@then('each uevent "{first:Action}" of {place:Place} was followed by "{second:Action}"')
def in_pairs(world: World, first: str, place: str, second: str) -> None:
    """Each uevent of the first action was followed by one of the second action."""
    open_ones, seen = 0, [uevent.action for uevent in _of(world, place)]
    for action in seen:
        open_ones += (action == first) - (action == second)
        check(open_ones in (0, 1), f"{first} and {second} alternately", seen)
    check(open_ones == 0, f"a {second} for each {first}", seen)


@then('the uevent "{action:Action}" of {place:Place} came after the uevent "{earlier:Action}" of {other:Place}')
def came_after(world: World, action: str, place: str, earlier: str, other: str) -> None:
    """The first-named uevent was sent after the other."""
    order = [(uevent.action, uevent.devpath) for uevent in world.uevents.seen()]
    late, early = (action, f"/{world.words.path(place)}"), (earlier, f"/{world.words.path(other)}")
    fine = late in order and early in order and order.index(early) < order.index(late)
    check(fine, f"{earlier} of {other} before {action} of {place}", _all(world))
