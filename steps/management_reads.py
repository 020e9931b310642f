"""Management interface: reads of attributes, and the text that was read."""

from __future__ import annotations

import os

from mdevref.suite.scenario.vocabulary import World, check, name_of, then, when

LONGEST_LINE = 1024  # libvirt reads at most this many bytes of device_api


@when('"{entry:Entry}" of {place:Place} is read')
def read(world: World, entry: str, place: str) -> None:
    """Open an attribute and read all of its text."""
    path = world.words.entry(entry, place)
    outcome = world.outcomes.attempt(lambda: world.files.read(path))
    world.outcomes.texts = [outcome.value] if isinstance(outcome.value, bytes) else []


@when('"{entry:Entry}" of {place:Place} is read twice through one open file')
def read_twice(world: World, entry: str, place: str) -> None:
    """Open an attribute and call read(2) twice."""
    opened = world.files.open(world.words.entry(entry, place), os.O_RDONLY)
    try:
        world.outcomes.texts = [opened.read(), opened.read()]
    finally:
        opened.close()


@then("the read fails with {errno:Errno}")
def read_fails_with(world: World, errno: int) -> None:
    """The last read failed with this errno."""
    check(world.outcomes.last.errno == errno, name_of(errno), world.outcomes.last)


@then("the second read returns 0 bytes")
def second_read_gives_nothing(world: World) -> None:
    """The first read returned the text and the second one 0 bytes."""
    check(world.outcomes.texts[0] and not world.outcomes.texts[1], "a text, then 0 bytes", world.outcomes.texts)


@then('the text is "{text:Text}"')
def text_is(world: World, text: str) -> None:
    """The text read is exactly this text."""
    check(world.outcomes.text == world.words.data(text), f'"{text}"', world.outcomes.text)


@then("the text is not empty")
def text_is_not_empty(world: World) -> None:
    """The text read contains more than white space."""
    check(world.outcomes.text.strip(), "a text", world.outcomes.text)


@then("the text is one line")
def text_is_one_line(world: World) -> None:
    """The text read ends with its only newline and is short enough for clients."""
    text = world.outcomes.text
    fine = text.endswith(b"\n") and text.count(b"\n") == 1 and len(text) <= LONGEST_LINE
    check(fine, f"one line of at most {LONGEST_LINE} bytes", text)


@then("the text is one line of printable characters")
def text_is_printable(world: World) -> None:
    """The text read is one line of printable characters."""
    text = world.outcomes.text
    line = text.decode(errors="replace").removesuffix("\n")
    fine = line.strip() and line.isprintable() and "\N{REPLACEMENT CHARACTER}" not in line
    check(fine, "one line of printable characters", text)


@then('the text is one of "{texts:List}"')
def text_is_one_of(world: World, texts: list[str]) -> None:
    """The text read is one of these, with or without a newline."""
    text = world.outcomes.text
    check(text.removesuffix(b"\n").decode(errors="replace") in texts, " or ".join(texts), text)


@then("the text is an integer")
def text_is_whole_number(world: World) -> None:
    """The text read is an integer in decimal digits, with or without a minus sign."""
    check(world.outcomes.text.strip().removeprefix(b"-").isdigit(), "an integer", world.outcomes.text)


@then("the text is a non-negative integer")
def text_is_natural_number(world: World) -> None:
    """The text read is an integer in decimal digits, without a sign."""
    check(world.outcomes.text.strip().isdigit(), "a non-negative integer", world.outcomes.text)


@then("the text is the id of the type without the driver string and the hyphen")
def text_is_second_part_of_id(world: World) -> None:
    """The text read is the part of the type id that follows the driver string and the hyphen."""
    suffix = world.types.named().id.removeprefix(f"{world.tree.driver_string(world.types.parent)}-").encode()
    check(world.outcomes.text == suffix + b"\n", suffix.decode(), world.outcomes.text)


@then("the text has a DRIVER line with the driver of {device:Device}")
def text_names_driver(world: World, device: str) -> None:
    """The text read has a line ``DRIVER=`` with the name of the driver that the device is bound to."""
    line = f"DRIVER={world.devices.driver(device).rpartition('/')[2]}"
    check(line.encode() in world.outcomes.text.splitlines(), line, world.outcomes.text)


@then("the text has no DRIVER line")
def text_names_no_driver(world: World) -> None:
    """The text read has no line ``DRIVER=``."""
    fine = not any(line.startswith(b"DRIVER=") for line in world.outcomes.text.splitlines())
    check(fine, "no DRIVER line", world.outcomes.text)
