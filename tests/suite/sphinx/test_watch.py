"""The watched site: a change starts the suite, a build and a reload, even if the target then does not conform."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3
from bs4 import BeautifulSoup, Tag
from urllib3.util import Retry
from websockets.sync.client import connect

from mdevref.suite import data

DEADLINE = 60  #: seconds for one run of suite and site on a busy machine
REQUIREMENT = "create.duplicate-uuid"


@dataclass(frozen=True)
class Watched:
    """A copy of the project for the test to change, and the address of its site."""

    root: Path
    address: str

    def page(self, name: str) -> BeautifulSoup:
        # The server logs its address shortly before it accepts connections.
        answer = urllib3.request("GET", f"{self.address}/{name}", retries=Retry(connect=9, backoff_factor=0.05))
        return BeautifulSoup(answer.data, "html.parser")

    def change(self, path: Path, old: str, new: str) -> None:
        """Change a file, and wait for the message that makes the browser reload."""
        with connect(f"{self.address.replace('http', 'ws', 1)}/websocket-reload") as socket:
            path.write_text(path.read_text().replace(old, new))
            assert socket.recv(timeout=DEADLINE) == "refresh"

    def box(self) -> Tag:
        found = self.page("spec/creating.html").find(id=REQUIREMENT)
        assert isinstance(found, Tag)
        return found

    def verdicts(self) -> list[str]:
        return [str(chip["class"][1]) for chip in self.box().select(".req-verdicts .verdict")]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    root = tmp_path
    for name in ("mdevref", "spec", "features", "steps", "docs"):
        unwanted = shutil.ignore_patterns("__pycache__", "*.ndjson")
        shutil.copytree(data.root() / name, root / name, symlinks=True, ignore=unwanted)
    shutil.copy(data.root() / "environment.py", root)
    environment = os.environ | {"PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", "from mdevref.cli import main; main()", "site", "--watch", "--output", "site"]
    process = subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if "Waiting to detect changes" in line:
            break
    addresses = [match[1] for line in said if (match := re.search(r"Serving on (http://[0-9.:]+)", line))]
    assert addresses, "".join(said)
    # Read the rest of the output: otherwise the process blocks when the pipe is full.
    log = (root / "log").open("w")
    reader = subprocess.Popen(["cat"], stdin=process.stdout, stdout=log)
    process.stdout.close()
    try:
        yield Watched(root, addresses[0])
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 0
        reader.wait(DEADLINE)
        log.close()


def test_the_watched_site_follows_spec_and_code(watched: Watched) -> None:
    """This is one test and not four, because each run takes seconds and starts from the state of the previous one."""
    assert watched.verdicts() == ["v-pass"]

    spec = watched.root / "spec" / "creating.rst"
    watched.change(spec, "of an existing mediated device", "of a mediated device that is there already")
    assert "that is there already" in watched.box().get_text()
    features = [path.read_text() for path in (watched.root / "features" / "creating").glob("*.feature")]
    assert any("that is there already" in text for text in features)

    # A target that does not conform is shown with its operations.
    core = watched.root / "mdevref" / "mdev" / "lifecycle.py"
    watched.change(core, "EEXIST", "EBUSY")
    assert watched.verdicts() == ["v-fail"]
    finding = watched.page("targets/reference.html").find(id=REQUIREMENT)
    assert isinstance(finding, Tag)
    assert "EBUSY" in finding.get_text()

    # An invalid spec leaves the site unchanged until it is fixed.
    before = str(watched.box())
    watched.change(spec, f".. requirement:: {REQUIREMENT}\n", f".. requirement:: {REQUIREMENT} twice\n")
    assert str(watched.box()) == before
    watched.change(spec, f"{REQUIREMENT} twice", REQUIREMENT)
    assert watched.verdicts() == ["v-fail"]
