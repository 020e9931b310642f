"""Management interface: writers that wait, and several that write at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial

from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.scenario.vocabulary import BUS, Outcome, World, check, given, name_of, then, when


def _start(world: World, name: str, path: str, written: bytes) -> None:
    world.writers.start(name, partial(world.files.write, path, written), path, written)


@when('a writer starts to write "{text:Text}" to "{entry:Entry}" of {place:Place}')
def start_writer(world: World, text: str, entry: str, place: str) -> None:
    """Write to an attribute beside the scenario: the write may wait."""
    _start(world, "the writer", world.words.entry(entry, place), world.words.data(text))


@when('a second writer starts to write "{text:Text}" to "{entry:Entry}" of {place:Place}')
def start_second_writer(world: World, text: str, entry: str, place: str) -> None:
    """Write to an attribute beside the scenario and beside the first writer."""
    _start(world, "the second writer", world.words.entry(entry, place), world.words.data(text))


@when('a second writer starts to write "{text:Text}" to the open file')
def start_second_writer_to_open_file(world: World, text: str) -> None:
    """Write to the attribute that is open, beside the scenario and beside the first writer."""
    written = world.words.data(text)
    write = partial(world.attributes.open_file.write, written)
    world.writers.start("the second writer", write, world.attributes.open_path, written)


@given("the removal of {device:Device} waits for its user")
def removal_waits(world: World, device: str) -> None:
    """Open the device, write 1 to its ``remove`` beside the scenario, and see to it that the write waits."""
    world.devices.hold(device)
    _start(world, "the writer", f"{BUS}/devices/{world.devices[device].uuid}/remove", b"1")
    if not world.writers.waits("the writer"):
        raise Unsupported("the stage cannot be set: removing a device that is in use does not wait")


@then("{begun:Begun} waits")
def waits(world: World, begun: str) -> None:
    """What was begun has not returned: it stands inside the implementation."""
    check(world.writers.waits(begun), f"that {begun} waits", "it has returned")


@then("{begun:Begun} ends and has succeeded")
def ends_well(world: World, begun: str) -> None:
    """What was begun returns, without an error."""
    outcome = world.writers.finish(begun)
    check(not outcome.errno and outcome.value in (None, outcome.size), "success", outcome)


@then("{begun:Begun} ends and has failed with {errno:Errno}")
def ends_badly(world: World, begun: str, errno: int) -> None:
    """What was begun returns with this error."""
    outcome = world.writers.finish(begun)
    check(outcome.errno == errno, name_of(errno), outcome)


def _at_once(world: World, begun: str) -> Outcome:
    # Asked for first, so that whoever waits does not keep the suite until its deadline.
    check(not world.writers.waits(begun), f"that {begun} does not wait", "it waits")
    return world.writers.finish(begun)


@then("{begun:Begun} ends at once and has succeeded")
def ends_at_once(world: World, begun: str) -> None:
    """What was begun returns without waiting for anybody, and without an error."""
    outcome = _at_once(world, begun)
    check(not outcome.errno and outcome.value in (None, outcome.size), "success", outcome)


@then("{begun:Begun} ends at once and has failed")
def fails_somehow_at_once(world: World, begun: str) -> None:
    """What was begun returns with an error, whichever, and without waiting for anybody."""
    outcome = _at_once(world, begun)
    check(outcome.errno, "an error", outcome)


@then("{begun:Begun} ends at once and has failed with {errno:Errno}")
def fails_at_once(world: World, begun: str, errno: int) -> None:
    """What was begun returns with this error, without waiting for anybody."""
    outcome = _at_once(world, begun)
    check(outcome.errno == errno, name_of(errno), outcome)


def _race(world: World, writes: Sequence[Callable[[], object]], path: str, written: bytes) -> None:
    names = [f"writer {number}" for number in range(len(writes))]
    for name, write in zip(names, writes, strict=True):
        world.writers.start(name, write, path, written)
    world.writers.race = [world.writers.finish(name) for name in names]


@when('{count:Count} writers write "{text:Text}" to "{entry:Entry}" of {place:Place} at once')
def race(world: World, count: int, text: str, entry: str, place: str) -> None:
    """Several writers write the same to one attribute, without waiting for each other."""
    path, written = world.words.entry(entry, place), world.words.data(text)
    _race(world, [partial(world.files.write, path, written)] * count, path, written)


@when('{count:Count} writers write "{text:Text}" to "create" of both types in turn, at once')
def race_for_two_types(world: World, count: int, text: str) -> None:
    """Several writers write the same UUID to ``create`` of one or the other type, without waiting for each other."""
    written = world.words.data(text)
    paths = [f"{type.path}/create" for type in world.types.chosen]
    writes = [partial(world.files.write, paths[number % len(paths)], written) for number in range(count)]
    _race(world, writes, paths[0], written)


@when(
    '{count:Count} writers write "{text:Text}" to "{entry:Entry}" of {place:Place} at once, '
    "each to a file opened before"
)
def race_with_open_files(world: World, count: int, text: str, entry: str, place: str) -> None:
    """Several writers, who have opened the attribute before, write the same to it without waiting for each other."""
    path, written = world.words.entry(entry, place), world.words.data(text)
    files = [world.files.open(path, os.O_WRONLY) for _ in range(count)]
    try:
        _race(world, [partial(file.write, written) for file in files], path, written)
    finally:
        for file in files:
            file.close()


def _losers(world: World) -> list[Outcome]:
    winner = next((outcome for outcome in world.writers.race if outcome.succeeded), None)
    return [outcome for outcome in world.writers.race if outcome is not winner]


@then("exactly one of the writers succeeds")
def one_succeeds(world: World) -> None:
    """Of the writers that wrote at once one succeeded, and no other."""
    check(sum(outcome.succeeded for outcome in world.writers.race) == 1, "one success", world.writers.race)


@then("at least one of the writers succeeds")
def some_succeed(world: World) -> None:
    """Of the writers that wrote at once one or more succeeded."""
    check(any(outcome.succeeded for outcome in world.writers.race), "a success", world.writers.race)


@then("the others fail with {errno:Errno}")
def others_fail(world: World, errno: int) -> None:
    """Each writer but one gave this error."""
    fine = all(outcome.errno == errno for outcome in _losers(world))
    check(fine, f"{name_of(errno)} for the others", world.writers.race)


@then("the others succeed or fail with {errno:Errno}")
def others_succeed_or_fail(world: World, errno: int) -> None:
    """Each writer but one either succeeded too or gave this error."""
    fine = all(outcome.succeeded or outcome.errno == errno for outcome in world.writers.race)
    check(fine, f"success or {name_of(errno)}", world.writers.race)
