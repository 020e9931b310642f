"""Steps on a frame, and requirements of scenarios that use them."""

from __future__ import annotations

from collections.abc import Callable

from mdevref.suite.results import format as results
from mdevref.suite.results.outcome import Outcome
from mdevref.suite.run.suite import Suite

STEPS = """\
import behave

from mdevref.suite.scenario.vocabulary import Unsupported, World, check, given, then, when


@given("a frame")
def a_frame(world: World) -> None:
    world.files.read("frame")


@given("a frame that is lost")
def lost_frame(world: World) -> None:
    world.files.read("lost")


@when("{path} is read")
def reading(world: World, path: str) -> None:
    world.outcomes.texts.append(world.files.read(path))


@when("{path} is painted")
def painting(world: World, path: str) -> None:
    world.attributes.write(path, b"red")


@then("it is of {material}")
def material(world: World, material: str) -> None:
    seen = world.outcomes.text.decode().strip()
    check(seen == material, material, seen)


@then("nobody can tell")
def nobody(world: World) -> None:
    raise Unsupported("it is dark")


@then("the suite breaks")
def breaking(world: World) -> None:
    raise KeyError("nail")


@then("it never ends")
def endless(world: World) -> None:
    raise TimeoutError("10 s")


@then("somebody interrupts")
def interrupting(world: World) -> None:
    raise KeyboardInterrupt


@behave.then("the step is skipped")
def skipping(context: object) -> None:
    context.scenario.skip()


@then("the UUID is shown")
def uuid(world: World) -> None:
    check(False, "a UUID", world.words.uuid)


@then("nothing else changed")
def unchanged(world: World) -> None:
    check(not world.changes.found(), "no change", world.changes.found())
"""


def requirement(*steps: str, id: str = "widget.make", **options: str) -> str:
    given = {"level": "must", "interface": "management", "basis": "kernel"} | options
    keyword = {"must": "MUST", "should": "SHOULD", "may": "MAY"}[given["level"]]
    lines = [f".. requirement:: {id}", *(f"   :{name}: {value}" for name, value in given.items()), ""]
    lines += [f"   A frame {keyword} be of wood.", "", "   .. scenario:: Looking"]
    return "\n".join([*lines, *(f"      {step}" for step in steps), ""])


LOOKING = ("Given a frame", "When frame is read", "Then it is of wood")

Prepare = Callable[[str], Suite]


def only(outcome: Outcome) -> results.Scenario:
    (scenario,) = outcome.scenarios
    return scenario
