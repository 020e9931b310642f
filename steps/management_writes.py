"""Management interface: writes to attributes, and their results."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import World, check, name_of, then, when


@when('"{text:Text}" is written to "{entry:Entry}" of {place:Place}')
def write(world: World, text: str, entry: str, place: str) -> None:
    """Open an attribute by its path and write a text to it in one write(2)."""
    world.attributes.write(world.words.entry(entry, place), world.words.data(text))


@when('{count:Number} copies of "{text:Text}" are written to "{entry:Entry}" of {place:Place} in one write')
def write_times_over(world: World, text: str, count: int, entry: str, place: str) -> None:
    """Write this many copies of a text to an attribute in one write(2)."""
    world.attributes.write(world.words.entry(entry, place), world.words.data(text) * count)


@when('the UUID of {device:Device} is written to "{entry:Entry}" of {place:Place}')
def write_uuid(world: World, device: str, entry: str, place: str) -> None:
    """Write the UUID of a device in lower case to an attribute."""
    world.attributes.write(world.words.entry(entry, place), world.devices[device].uuid.encode())


@when('the UUID of {device:Device} in upper case is written to "{entry:Entry}" of {place:Place}')
def write_uuid_in_upper_case(world: World, device: str, entry: str, place: str) -> None:
    """Write the UUID of a device in upper case to an attribute."""
    world.attributes.write(world.words.entry(entry, place), world.devices[device].uuid.upper().encode())


@when('"{text:Text}" is written to the open file')
def write_to_open_file(world: World, text: str) -> None:
    """Write a text to the open attribute in one write(2)."""
    world.attributes.write_to_open_file(world.words.data(text))


@when('"{entry:Entry}" of {place:Place} is opened with {flags:Flags} and "{text:Text}" is written')
def write_with_flags(world: World, entry: str, place: str, flags: int, text: str) -> None:
    """Open an attribute with these flags of open(2), write a text to it and close it."""
    world.attributes.write_with_flags(world.words.entry(entry, place), flags, world.words.data(text))


@then("the write succeeds")
def write_succeeds(world: World) -> None:
    """The last write wrote all its bytes."""
    check(world.outcomes.last.succeeded, "the write to succeed", world.outcomes.last)


@then("the write fails")
def write_fails(world: World) -> None:
    """The last write failed with any errno."""
    check(world.outcomes.last.errno, "the write to fail", world.outcomes.last)


@then("the write fails with {errno:Errno}")
def write_fails_with(world: World, errno: int) -> None:
    """The last write failed with this errno."""
    check(world.outcomes.last.errno == errno, name_of(errno), world.outcomes.last)


@then("the write returns {count:Number}")
def write_returns(world: World, count: int) -> None:
    """The last write returned this number of bytes."""
    check(not world.outcomes.last.errno and world.outcomes.last.value == count, str(count), world.outcomes.last)


@then("every write succeeds")
def every_write_succeeded(world: World) -> None:
    """Every write of the scenario wrote all its bytes."""
    check(all(outcome.succeeded for outcome in world.outcomes.all), "every write to succeed", world.outcomes.all)


@then("every write fails with {errno:Errno}")
def every_write_failed(world: World, errno: int) -> None:
    """Every write since the first ``When`` step failed with this errno."""
    fine = all(outcome.errno == errno for outcome in world.outcomes.since_begin)
    check(fine, f"{name_of(errno)} for every write", world.outcomes.since_begin)


@then("nothing else changed")
def nothing_else_changed(world: World) -> None:
    """Parents, types, instances, devices and drivers are unchanged, except for devices that the scenario has named."""
    found = world.changes.found()
    check(not found, "no other change", found)
