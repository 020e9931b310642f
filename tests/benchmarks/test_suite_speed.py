"""The cost of the suite: a run compared with the same features with empty steps, and the start of the command.

Runs only if named (``make bench``), because other load distorts the figures. The compared runs alternate, and the
best of each counts.
"""

from __future__ import annotations

import ast
import json
import shutil
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdevref.suite import data

ROUNDS = 7
DEAREST_RUN = 1.5  # times the same features with empty step bodies
SLOWEST_HELP = 0.15  # seconds, the whole process


_AS_BEHAVE = """\
import behave
from behave import given, then, when
from mdevref.suite.scenario.kinds import KINDS
behave.register_type(**KINDS)
"""


@pytest.fixture
def emptied(tmp_path: Path) -> Path:
    """Return a folder with the same features, empty step bodies, behave's own runner and no hooks."""
    shutil.copytree(data.features(), tmp_path / "features")
    (tmp_path / "steps").mkdir()
    for path in data.steps().glob("*.py"):
        (tmp_path / "steps" / path.name).write_text(without_bodies(path.read_text()))
    settings = tomllib.loads((data.root() / "pyproject.toml").read_text())["tool"]["behave"]
    settings["runner"] = "behave.runner:Runner"
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    (tmp_path / "pyproject.toml").write_text("\n".join(["[tool.behave]", *lines]))
    return tmp_path


def without_bodies(source: str) -> str:
    """Return a step module whose definitions do nothing, registered in the way of behave."""
    tree = ast.parse(source)
    last_import = max(n for n, node in enumerate(tree.body) if isinstance(node, ast.Import | ast.ImportFrom))
    tree.body[last_import + 1 : last_import + 1] = ast.parse(_AS_BEHAVE).body
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            node.body = [ast.Pass()]
    return ast.unparse(tree)


@pytest.fixture(scope="module", autouse=True)
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let Python cache compiled files, as it does for a user, whatever the environment of this run says."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        environment.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("compiled")))
        yield


def seconds(command: list[str], folder: Path) -> float:
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    taken = time.perf_counter() - started
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return taken


def test_a_whole_run_costs_little_more_than_behave_itself(emptied: Path) -> None:
    behave = [sys.executable, "-m", "behave", "--no-summary"]
    ours, empty = [], []
    for _ in range(ROUNDS):
        empty.append(seconds(behave, emptied))
        ours.append(seconds(behave, data.root()))
    ratio = min(ours) / min(empty)
    print(f"\nbehave on the reference {min(ours):.3f} s, empty step bodies {min(empty):.3f} s, ratio {ratio:.2f}")
    assert ratio <= DEAREST_RUN


def test_the_help_is_there_at_once(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("mdevref")), "--help"]
    taken = [seconds(command, tmp_path) for _ in range(3 * ROUNDS)]
    print(f"\nmdevref --help {min(taken):.3f} s (best), {statistics.median(taken):.3f} s (median)")
    assert min(taken) <= SLOWEST_HELP
