"""Real clients on the included hosts: each line of output and exit status must match the transcripts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

from mdevref import hosts
from tests.clients.transcripts import FOLDER, commands, found, host_of, replay, version


def go_without(why: str) -> NoReturn:
    """Skip the test, or fail it if MDEVREF_ALL_CLIENTS is set, so that CI cannot pass without clients."""
    if os.environ.get("MDEVREF_ALL_CLIENTS"):
        pytest.fail(why, pytrace=False)
    pytest.skip(why)


def hold(path: Path, program: str) -> None:
    """Compare the client's output with the transcript. Skip if the transcript is of another version."""
    if shutil.which(program) is None:
        go_without(f"{program} is not installed")
    text = path.read_text()
    first = commands(text)[0]
    here = subprocess.run(first.split(), capture_output=True, text=True, check=True).stdout.strip()
    if here != version(text):
        go_without(f"the transcript is of {first}: {version(text)}, and here is {here}")
    assert replay(path) == text


@pytest.mark.clients
@pytest.mark.parametrize("path", found("mdevctl"), ids=host_of)
def test_mdevctl(path: Path) -> None:
    hold(path, "mdevctl")


@pytest.mark.clients
@pytest.mark.parametrize("path", found("udevadm"), ids=host_of)
def test_udevadm(path: Path) -> None:
    hold(path, "udevadm")


@pytest.mark.clients
@pytest.mark.parametrize("path", found("libvirt"), ids=host_of)
def test_libvirt(path: Path) -> None:
    if shutil.which("libvirtd") is None:
        go_without("libvirtd is not installed")
    hold(path, "virsh")


def test_mdevctl_has_been_on_every_host_with_every_verb() -> None:
    assert [host_of(path) for path in found("mdevctl")] == hosts.names()
    for path in found("mdevctl"):
        verbs = set(re.findall(r"mdevctl (?:-\S+ )*(\w[\w-]*)", "\n".join(commands(path.read_text()))))
        assert {"types", "list", "start", "define", "modify", "undefine", "stop"} <= verbs, path.name


def test_every_command_of_a_transcript_has_a_status() -> None:
    for path in FOLDER.glob("*.txt"):
        text = path.read_text()
        assert len(re.findall(r"^-> \d+$", text, re.MULTILINE)) == len(commands(text)), path.name
