"""Management interface: writers that block, and writers that write concurrently."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial

from mdevref.suite.scenario.vocabulary import BUS, Outcome, Unsupported, World, check, given, name_of, then, when


def _start(world: World, name: str, path: str, written: bytes) -> None:
    world.writers.start(name, partial(world.files.write, path, written), path, written)


@when('a writer starts to write "{text:Text}" to "{entry:Entry}" of {place:Place}')
def start_writer(world: World, text: str, entry: str, place: str) -> None:
    """Start to write to an attribute. The write may block."""
    _start(world, "the writer", world.words.entry(entry, place), world.words.data(text))


@when('a second writer starts to write "{text:Text}" to "{entry:Entry}" of {place:Place}')
def start_second_writer(world: World, text: str, entry: str, place: str) -> None:
    """Start to write to an attribute while the first writer may be blocked."""
    _start(world, "the second writer", world.words.entry(entry, place), world.words.data(text))


@when('a second writer starts to write "{text:Text}" to the open file')
def start_second_writer_to_open_file(world: World, text: str) -> None:
    """Start to write to the open attribute while the first writer may be blocked."""
    written = world.words.data(text)
    write = partial(world.attributes.open_file.write, written)
    world.writers.start("the second writer", write, world.attributes.open_path, written)


@given("the removal of {device:Device} is blocked by its user")
def removal_waits(world: World, device: str) -> None:
    """Open the device and start to write 1 to its ``remove``, which must block."""
    world.devices.hold(device)
    _start(world, "the writer", f"{BUS}/devices/{world.devices[device].uuid}/remove", b"1")
    if not world.writers.waits("the writer"):
        raise Unsupported("the preparation failed: removing a device that is in use does not block")


@then("{begun:Begun} is blocked")
def waits(world: World, begun: str) -> None:
    """The operation has not returned and is blocked in the implementation."""
    check(world.writers.waits(begun), f"{begun} to be blocked", "it returned")


@then("{begun:Begun} returns successfully")
def ends_well(world: World, begun: str) -> None:
    """The operation returns without an error. It may have blocked before."""
    outcome = world.writers.finish(begun)
    check(not outcome.errno and outcome.value in (None, outcome.size), "success", outcome)


@then("{begun:Begun} returns with {errno:Errno}")
def ends_badly(world: World, begun: str, errno: int) -> None:
    """The operation returns with this errno. It may have blocked before."""
    outcome = world.writers.finish(begun)
    check(outcome.errno == errno, name_of(errno), outcome)


def _at_once(world: World, begun: str) -> Outcome:
    # Check this first: waiting for a blocked operation would last until the deadline.
    check(not world.writers.waits(begun), f"{begun} not to block", "it is blocked")
    return world.writers.finish(begun)


@then("{begun:Begun} succeeds without blocking")
def ends_at_once(world: World, begun: str) -> None:
    """The operation returns without blocking and without an error."""
    outcome = _at_once(world, begun)
    check(not outcome.errno and outcome.value in (None, outcome.size), "success", outcome)


@then("{begun:Begun} fails without blocking")
def fails_somehow_at_once(world: World, begun: str) -> None:
    """The operation fails with any errno, without blocking."""
    outcome = _at_once(world, begun)
    check(outcome.errno, "an error", outcome)


@then("{begun:Begun} fails with {errno:Errno} without blocking")
def fails_at_once(world: World, begun: str, errno: int) -> None:
    """The operation fails with this errno, without blocking."""
    outcome = _at_once(world, begun)
    check(outcome.errno == errno, name_of(errno), outcome)


def _race(world: World, writes: Sequence[Callable[[], object]], path: str, written: bytes) -> None:
    names = [f"writer {number}" for number in range(len(writes))]
    for name, write in zip(names, writes, strict=True):
        world.writers.start(name, write, path, written)
    world.writers.race = [world.writers.finish(name) for name in names]


@when('{count:Count} writers concurrently write "{text:Text}" to "{entry:Entry}" of {place:Place}')
def race(world: World, count: int, text: str, entry: str, place: str) -> None:
    """Several writers write the same text to one attribute concurrently."""
    path, written = world.words.entry(entry, place), world.words.data(text)
    _race(world, [partial(world.files.write, path, written)] * count, path, written)


@when('{count:Count} writers concurrently write "{text:Text}" to "create" of both types alternately')
def race_for_two_types(world: World, count: int, text: str) -> None:
    """Several writers concurrently write the same UUID to ``create`` of the two types alternately."""
    written = world.words.data(text)
    paths = [f"{type.path}/create" for type in world.types.chosen]
    writes = [partial(world.files.write, paths[number % len(paths)], written) for number in range(count)]
    _race(world, writes, paths[0], written)


@when(
    '{count:Count} writers concurrently write "{text:Text}" to "{entry:Entry}" of {place:Place}, each through a file '
    "opened earlier"
)
def race_with_open_files(world: World, count: int, text: str, entry: str, place: str) -> None:
    """Several writers concurrently write the same text to one attribute that each has opened before."""
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


@then("exactly one writer succeeds")
def one_succeeds(world: World) -> None:
    """Exactly one of the concurrent writers succeeded."""
    check(sum(outcome.succeeded for outcome in world.writers.race) == 1, "exactly one success", world.writers.race)


@then("at least one writer succeeds")
def some_succeed(world: World) -> None:
    """At least one of the concurrent writers succeeded."""
    check(any(outcome.succeeded for outcome in world.writers.race), "at least one success", world.writers.race)


@then("the other writers fail with {errno:Errno}")
def others_fail(world: World, errno: int) -> None:
    """All writers except one that succeeded failed with this errno."""
    fine = all(outcome.errno == errno for outcome in _losers(world))
    check(fine, f"{name_of(errno)} for the other writers", world.writers.race)


@then("the other writers succeed or fail with {errno:Errno}")
def others_succeed_or_fail(world: World, errno: int) -> None:
    """All writers except one that succeeded either succeeded or failed with this errno."""
    fine = all(outcome.succeeded or outcome.errno == errno for outcome in world.writers.race)
    check(fine, f"success or {name_of(errno)}", world.writers.race)
