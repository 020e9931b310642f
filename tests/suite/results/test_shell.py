"""Shell lines: a real shell that runs them repeats the scenario."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mdevref.suite.results.format import Operation
from mdevref.suite.results.shell import lines, printing, told


def run(script: str) -> bytes:
    return subprocess.run(["sh", "-euc", script], capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    "data",
    [
        "83b8f4f2",
        "83b8f4f2\n",
        "",
        "\n",
        "-n",
        "-e\n",
        "%s",
        "\\x00",
        "a b",
        "it's",
        "$HOME",
        "1\x002",
        "\xff\xfe",
        "1\n\n",
        "-\x00",
        "0777\x007",
    ],
)
def test_printing_gives_exactly_these_bytes(data: str) -> None:
    assert run(printing(data)) == data.encode("latin-1")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=40))
def test_printing_gives_any_bytes(data: bytes) -> None:
    assert run(printing(data.decode("latin-1"))) == data


def test_the_lines_repeat_what_was_done(tmp_path: Path) -> None:
    (tmp_path / "a dir").mkdir()
    (tmp_path / "a dir/create").write_text("old")
    (tmp_path / "link").symlink_to("a dir")
    operations = [
        Operation(op="listdir", path="a dir", result="create"),
        Operation(op="write", path="a dir/create", data="uuid\n", result="5"),
        Operation(op="read", path="a dir/create", result='"uuid\\n"'),
        Operation(op="readlink", path="link", result="a dir"),
        Operation(op="lstat", path="a dir/create", result="file"),
        Operation(op="open", path="a dir/create", data="O_WRONLY, O_APPEND", result="done"),
        Operation(op="write open file", path="a dir/create", data="one", result="3"),
        Operation(op="write open file", path="a dir/create", data="two", result="3"),
        Operation(op="close", path="a dir/create", result="done"),
        Operation(op="open", path="a dir/create", data="O_RDONLY", result="done"),
        Operation(op="read open file", path="a dir/create", result="..."),
        Operation(op="close", path="a dir/create", result="done"),
        Operation(op="take a snapshot of", path="the tree", result="done"),
        Operation(op="refuse create", path="the scripted vendor driver", data="EPERM", result="done"),
    ]
    script = "\n".join(lines(operations, lambda path: f"{tmp_path}/{path}"))
    mode = f"{(tmp_path / 'a dir/create').stat().st_mode & 0o777:o}"
    shown = f"create\nuuid\na dir\nregular file, mode {mode}, 5 bytes\nuuid\nonetwo"
    assert run(script).decode() == shown


def test_modules_are_loaded_by_name_and_the_rest_is_a_comment() -> None:
    operations = [
        Operation(op="load", path="mtty", result="done"),
        Operation(op="unload", path="mtty", result="EBUSY"),
        Operation(op="load", path="scripted", data="name", result="done"),
        Operation(op="open device", path="83b8", result="done"),
        Operation(op="close", path="83b8", result="done"),
        Operation(op="refuse create", path="the scripted vendor driver", data="EPERM", result="done"),
    ]
    assert list(lines(operations, str)) == [
        "modprobe mtty", "rmmod mtty", "# load scripted name", "# open device 83b8", "# close 83b8",
        "# the scripted vendor driver: refuse create EPERM",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (Operation(op="write", path="a/create", data="", result="0"), 'write a/create "" -> 0'),
        (Operation(op="take a snapshot of", path="the tree", result="done"), "take a snapshot of the tree -> done"),
        (
            Operation(op="hold", path="the scripted vendor driver", data="create", result="done"),
            "the scripted vendor driver: hold create -> done",
        ),
    ],
)
def test_an_operation_is_one_line(operation: Operation, said: str) -> None:
    assert told(operation) == said
