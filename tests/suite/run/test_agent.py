"""The suite inside a guest, on a small spec and a small target."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mdevref.suite.results import format as results
from mdevref.suite.run import agent
from mdevref.suite.run.suite import Suite
from mdevref.suite.spec import derivation as derive
from mdevref.suite.spec.reader import read
from mdevref.suite.vm.request import AGAIN, Request
from tests.suite.fakes import FakeTarget
from tests.suite.small import SpecWriter

BODY = """
.. requirement:: widget.make
   :level: must
   :interface: management
   :basis: kernel

   A frame MUST be of wood.

   .. scenario:: One
      Given a frame

   .. scenario:: Two
      Given a frame

   .. scenario:: Three
      Given a frame
"""
STEPS = """
from mdevref.suite.scenario.vocabulary import World, given


@given("a frame")
def frame(world: World) -> None:
    world.files.read("frame")
"""


class Guest(FakeTarget):
    """A guest whose kernel is unusable after a number of machines."""

    lasts = 99

    @property
    def spent(self) -> str:
        return "worn out" if len(self.machines) >= self.lasts else ""


def request(*titles: str) -> Request:
    wanted = [("widget.make", title) for title in titles]
    return Request(target="vm:x", core=[], drivers=[], scripted=False, wanted=wanted, seed=1)


def run(write_spec: SpecWriter, guest: Guest, asked: Request) -> None:
    folder = write_spec(BODY, steps=STEPS)
    derive.write(derive.features(read(folder / "spec")), folder / "features")
    suite = Suite(folder / "features", folder / "steps")
    suite.run(agent._Session(guest, asked))  # type: ignore[arg-type]  # as much of a guest as it needs


def lines(text: str) -> list[results.Scenario]:
    found = [results.decode(line.encode()) for line in text.splitlines()]
    return [line for line in found if isinstance(line, results.Scenario)]


def test_only_what_is_wanted_runs_and_is_told(write_spec: SpecWriter, capfd: pytest.CaptureFixture[str]) -> None:
    guest = Guest()
    run(write_spec, guest, request("One", "Three"))
    told = lines(capfd.readouterr().out)
    assert [(line.scenario, line.verdict) for line in told] == [("One", "pass"), ("Three", "pass")]
    assert len(guest.machines) == 2


def test_a_spent_kernel_ends_the_process_and_asks_for_another(
    write_spec: SpecWriter, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(BaseException):
        pass

    def end(status: int) -> None:
        raise Ended(status)

    monkeypatch.setattr(os, "_exit", end)
    guest = Guest()
    guest.lasts = 2
    with pytest.raises(Ended, match=str(AGAIN)):
        run(write_spec, guest, request("One", "Two", "Three"))
    assert [line.scenario for line in lines(capfd.readouterr().out)] == ["One", "Two"]


def test_what_the_agent_imports_is_in_a_guest() -> None:
    """The tools for the documentation and for the terminal are not packed."""
    code = (
        "import sys, mdevref.suite.run.agent; print(sorted({'docutils', 'sphinx', 'rich', 'typer'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
