"""Run every command and every program of the guides, in the order of the text."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from mdevref.suite import data
from mdevref.suite.targets.opening import kind_of

GUIDES = sorted((data.docs() / "guides").glob("*.rst"))
BLOCK = re.compile(r"^\.\. code-block:: (\w+)\n((?:   :.*\n)*)\n((?:   .*\n|\n)+)", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    language: str
    caption: str
    text: str


def blocks(guide: Path) -> list[Block]:
    found = []
    for language, options, body in BLOCK.findall(guide.read_text() + "\n"):
        caption = re.search(r":caption: (.+)", options)
        found.append(Block(language, caption[1] if caption else "", re.sub(r"^   ", "", body, flags=re.MULTILINE)))
    return found


def run(command: str, folder: Path, deadline: float | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        shlex.split(command), cwd=folder, env=environment, capture_output=True, text=True, timeout=deadline, check=False
    )


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_commands_of_a_guide_work(guide: Path, tmp_path: Path) -> None:
    commands = 0
    for block in blocks(guide):
        if block.caption:
            (tmp_path / block.caption).write_text(block.text)
        for line in re.findall(r"^\$ (.+)$", block.text, re.MULTILINE):
            command, _, remark = line.partition("    # ")
            commands += 1
            match remark.split():
                case []:
                    done = run(command, tmp_path)
                    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
                case ["exits", "with", status]:
                    done = run(command, tmp_path)
                    assert done.returncode == int(status), f"{command}\n{done.stdout}{done.stderr}"
                case ["exits", "with", "0", "or", "1"]:
                    assert run(command, tmp_path).returncode in (0, 1)
                case ["needs", "a", "parent", "device"]:
                    # On a folder without parents, the missing parent must be the only error.
                    elsewhere = run(command.replace("/sys", str(tmp_path)), tmp_path)
                    assert elsewhere.returncode == 2
                    assert "no parent of mediated devices" in elsewhere.stderr
                case ["needs", "the", "document"] | ["needs", "a", "server"]:
                    elsewhere = run(command, tmp_path)
                    assert elsewhere.returncode == 2
                    assert "No such file" in elsewhere.stderr
                case ["needs", "FUSE"]:
                    done = run(command, tmp_path)
                    assert done.returncode == 0 or not os.access("/dev/fuse", os.W_OK), (
                        f"{command}\n{done.stdout}{done.stderr}"
                    )
                case ["until", "interrupted"]:  # test_watch.py runs the command
                    assert run(f"{command} --help", tmp_path).returncode == 0
                case ["boots"]:  # the tests of vm: targets run the command
                    kind_of(shlex.split(command)[2])
                case _:
                    pytest.fail(f"unknown remark: {line}")
    assert commands


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_programs_of_a_guide_run(guide: Path) -> None:
    programs = [block.text for block in blocks(guide) if block.language == "python" and not block.caption]
    exec(compile("\n".join(programs), str(guide), "exec"), {})
