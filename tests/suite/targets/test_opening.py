"""Opening a target by its name: known names, unknown names, and functions in Python modules."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mdevref.suite.targets import opening
from mdevref.suite.targets.errors import TargetError


def test_the_reference_is_there_in_each_of_its_eras() -> None:
    assert opening.open_target("reference").release == (4, 13)
    assert opening.open_target("reference:era=5.10").release == (5, 10)


def test_a_callable_gives_a_target() -> None:
    target = opening.open_target("python:tests.suite.fakes:good")
    assert target.machine().files.read("frame") == b"wood\n"


def test_a_callable_is_found_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_frames.py").write_text(
        "from tests.suite.fakes import FakeTarget\n\ndef mine():\n    return FakeTarget('mine')\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert opening.open_target("python:my_frames:mine").name == "mine"


UNKNOWN = {
    "nothing": ("", "unknown target '' (choose from reference[:era=5.10], sysfs:ROOT, "),
    "unknown": ("refrence", "unknown target 'refrence'"),
    "era": ("reference:era=3.0", "reference:era=3.0: "),
    "option": ("reference:5.10", "reference:5.10: invalid argument '5.10' (expected era=NAME)"),
    "no name": ("python:tests.suite.fakes", "expected python:module:name"),
    "no module": ("python:tests.suite.nothing:x", "cannot import tests.suite.nothing: ModuleNotFoundError"),
    "no such name": ("python:tests.suite.fakes:nothing", "callable nothing not found in tests.suite.fakes"),
    "fails": ("python:tests.suite.fakes:breaks", "breaks() failed: RuntimeError: no frame today"),
    "no server": ("vfio-user:nowhere.sock", "vfio-user:nowhere.sock: No such file or directory"),
    "no target": ("python:tests.suite.fakes:no_target", "no_target() did not return a target (missing: name, "),
}


@pytest.mark.parametrize(("name", "said"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_cannot_be_opened_is_one_clear_line(name: str, said: str) -> None:
    with pytest.raises(TargetError) as caught:
        opening.open_target(name)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
