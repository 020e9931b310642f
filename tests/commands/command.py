"""The command, with a target that conforms and one that does not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import NamedTuple

STEPS = """\
from mdevref.suite.scenario.vocabulary import World, check, given, then, when


@given("a frame")
def a_frame(world: World) -> None:
    world.files.read("frame")


@when("a widget is made")
def making(world: World) -> None:
    world.attributes.write("frame", b"widget")


@then("the widget exists")
def existing(world: World) -> None:
    check(world.machine.files.readlink("frame") == "widget", "a widget", "none")
    check(world.target.name != "broken", "a good target", world.target.name)


@then("the material is {material}")
def material(world: World, material: str) -> None:
    world.outcomes.texts.append(world.files.read("frame"))
    check(world.outcomes.text.decode().strip() == material, material, world.outcomes.text.decode().strip())
"""

MATERIAL = """
.. requirement:: widget.material
   :level: must
   :interface: management
   :basis: kernel

   A frame MUST be of wood.

   .. scenario:: The material
      Given a frame
      Then the material is wood
"""


class Said(NamedTuple):
    status: int
    out: str
    err: str


Command = Callable[..., Said]


def one_line(said: Said, *words: str) -> None:
    assert said.status == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("mdevref: ")
    for word in words:
        assert word in said.err


GOOD, BAD = "python:tests.suite.fakes:good", "python:tests.suite.fakes:bad"


def start(*arguments: str, **options: object) -> subprocess.Popen[bytes]:
    code = "import sys; from mdevref.cli import main; main(sys.argv[1:])"
    return subprocess.Popen([sys.executable, "-c", code, *arguments], **options)  # type: ignore[call-overload, no-any-return]  # options of any kind
