"""``mdevref trace``: its output and exit status, and one line for a file that is not the document."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mdevref import cli
from mdevref.suite import data
from mdevref.suite.errors import BadInput
from mdevref.suite.trace import command as tracing
from mdevref.suite.trace import editions
from mdevref.suite.trace.account import TraceError
from mdevref.suite.trace.document import DocumentError, parse
from tests.suite.trace.documents import kernels_document
from tests.suite.trace.traced import DOCUMENT, Traced


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from mdevref.cli import main; main()", "trace", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_tells_of_the_5_10_edition_and_exits_0() -> None:
    done = run(str(kernels_document("5.10")))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("Complete.\n")


def test_the_command_tells_of_the_6_1_edition_and_exits_1() -> None:
    path = kernels_document("6.1")
    done = run(str(path))
    assert done.returncode == 1, done.stderr
    assert done.stdout.endswith("Incomplete.\n")
    told = json.loads(run(str(path), "--format", "json").stdout)
    assert told["complete"] is False


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no sections found"),
        (b"#include <stdio.h>\nint main(void) { return 0; }\n", "no sections found"),
        (b"x" * 10_000_000, "not the vfio-mediated-device document"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0", "binary"),
        (bytes(range(256)), "UTF-8"),
        (b"Cooking\n=======\n\nTake two eggs.\n", "no known statement found"),
        (b"diff --git a/x.rst b/x.rst\n@@ -1 +1 @@\n-a\n+b\n", "a patch"),
        (b"T\n=\n\n" + b"> " * 100_000, None),
        (b"=\n" * 30_000, "30000 lines"),
        (b"=\n" * 4_000, None),
        (b"+--+\n|  |\n" * 2_000, None),
        (b"*a `b |c _d " * 5_000, None),
    ],
    ids=[
        "empty",
        "C",
        "enormous",
        "binary",
        "bytes",
        "another",
        "patch",
        "quotes",
        "long",
        "titles",
        "tables",
        "inline",
    ],
)
def test_what_is_no_document_gets_one_line_soon(tmp_path: Path, content: bytes, said: str | None) -> None:
    path = tmp_path / "document.rst"
    path.write_bytes(content)
    started = time.perf_counter()
    done = run(str(path))
    taken = time.perf_counter() - started
    assert done.returncode == 2, done.stdout[:500]
    assert done.stdout == ""
    assert done.stderr.startswith("mdevref: ")
    assert done.stderr.count("\n") == 1, done.stderr[:500]
    assert said is None or said in done.stderr
    assert taken < 5


@pytest.mark.parametrize(
    "path", ["/dev/zero", "/dev/null", "/nowhere/at/all.rst", "/", "/proc/self/mem", "/" + 300 * "a"]
)
def test_a_path_that_leads_to_no_file_gets_one_line(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["trace", path]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert path in output.err


def test_a_folder_that_must_not_be_looked_into_gets_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    with pytest.MonkeyPatch.context() as patch:
        # As for a user without access to the folder; the tests may run as root, who has access to every folder.
        patch.setattr(os, "stat", refused(os.stat, closed))
        patch.setattr("io.open", refused(open, closed))
        patch.setenv(tracing.VARIABLE, str(closed))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # a kernel that was fetched would contain the document
        assert cli.run(["trace", str(closed / "document.rst")]) == 2
        assert cli.run(["trace"]) == 2
    output = capsys.readouterr().err.splitlines()
    assert output[0] == f"mdevref: {closed}/document.rst: Permission denied"
    assert output[1].startswith(f"mdevref: {tracing.VARIABLE}: no vfio-mediated-device-5.10.rst ")
    assert len(output) == 2


def refused(function: Callable[..., object], folder: Path) -> Callable[..., object]:
    def call(path: object, *arguments: object, **named: object) -> object:
        if str(path).startswith(f"{folder}/"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return function(path, *arguments, **named)

    return call


def test_a_format_that_there_is_not_is_bad_input(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "spec", traced)
    path = traced() / "document.rst"
    path.write_text(DOCUMENT)
    with pytest.raises(BadInput, match=r"unknown format 'xml' \(choose from text, json\)"):
        tracing.run(path, "xml", accept=False, edition="")


def test_what_it_said_before_is_shown_where_that_is_at_hand(
    traced: Traced, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec_dir = traced()
    monkeypatch.setattr(data, "spec", lambda: spec_dir)
    later = tmp_path / "later.rst"
    later.write_text(DOCUMENT.replace("Frames hold", "Frames keep").replace("* open: somebody looks in\n", ""))
    monkeypatch.setenv(tracing.VARIABLE, str(tmp_path / "documents"))
    said, status = tracing.run(later, "text", accept=False, edition="")
    assert (status, "  was " in said) == (1, False)
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents/vfio-mediated-device-1.0.rst").write_text(DOCUMENT)
    said, _ = tracing.run(later, "text", accept=False, edition="")
    assert "  old     Frames hold widgets, for people who like order.\n  new     Frames keep widgets," in said
    assert "  text    open: somebody looks in\n  affects widget.hold\n" in said
    told = json.loads(tracing.run(later, "json", accept=False, edition="")[0])
    assert [each["old"]["text"] for each in told["changes"]] == [
        "Frames hold widgets, for people who like order.", "open: somebody looks in",
    ]  # fmt: skip


@pytest.mark.parametrize("edition", ["", "../elsewhere", "a/b"])
def test_an_edition_is_accepted_by_a_name(traced: Traced, monkeypatch: pytest.MonkeyPatch, edition: str) -> None:
    spec_dir = traced()
    monkeypatch.setattr(data, "spec", lambda: spec_dir)
    monkeypatch.setattr(data, "is_checkout", lambda: True)
    path = spec_dir / "document.rst"
    path.write_text(DOCUMENT)
    with pytest.raises(TraceError, match="--edition"):
        tracing.run(path, "text", accept=True, edition=edition)
    assert tracing.run(path, "text", accept=True, edition="2.0")[1] == 0
    assert tracing.run(path.rename(spec_dir / "document-3.1.rst"), "text", accept=True, edition="")[1] == 0
    assert editions.names(spec_dir) == ["1.0", "2.0", "3.1"]


def test_an_installation_accepts_nothing(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    spec_dir = traced()
    monkeypatch.setattr(data, "spec", lambda: spec_dir)
    monkeypatch.setattr(data, "is_checkout", lambda: False)
    with pytest.raises(TraceError, match="of an installation"):
        tracing.accepted(parse(DOCUMENT), "2.0", spec_dir)


def test_a_document_is_found_in_a_folder_or_in_the_source_of_a_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(tracing.VARIABLE, raising=False)
    in_kernel = tmp_path / "linux/Documentation/driver-api/vfio-mediated-device.rst"
    older = tmp_path / "older/Documentation/vfio-mediated-device.txt"
    named = tmp_path / "documents/vfio-mediated-device-5.10.rst"
    for path in (in_kernel, older, named):
        path.parent.mkdir(parents=True)
        path.write_text(DOCUMENT)
        assert tracing.document_at(path, "5.10") == path
    assert tracing.document_at(tmp_path / "linux", "5.10") == in_kernel
    assert tracing.document_at(tmp_path / "older", "5.10") == older
    with pytest.raises(DocumentError, match="no kernel source with the document found"):
        tracing.document_at(tmp_path / "documents", "6.1")
    monkeypatch.setenv(tracing.VARIABLE, str(tmp_path / "documents"))
    assert tracing.document_at(None, "5.10") == named
    with pytest.raises(DocumentError, match=r"no vfio-mediated-device-0\.1\.rst and .* found in .*documents$"):
        tracing.document_at(None, "0.1")
    monkeypatch.delenv(tracing.VARIABLE)
    with pytest.raises(DocumentError, match="document not found"):
        tracing.document_at(None, "0.1")
