"""A recorded machine returns the machine's results, and records the operations with them."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Sequence
from typing import cast

import pytest

from mdevref.suite.interface.drivers import Vendor as ScriptedVendor
from mdevref.suite.interface.files import Stat
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.results.operations import Entry
from mdevref.suite.spec.notation import shown
from mdevref.suite.targets.recording.files import RecordedFiles
from mdevref.suite.targets.recording.machine import RecordedMachine
from tests.suite.fakes import FakeFiles, FakeMachine


@pytest.fixture
def machine() -> RecordedMachine:
    return RecordedMachine(FakeMachine(FakeFiles({"a": b"1\n", "b": b"\xff" * 500})))


def told(machine: RecordedMachine) -> list[tuple[str, str, object, str]]:
    return [(entry.op, entry.path, entry.data, entry.result()) for entry in machine.log.entries]


def test_each_operation_is_kept_with_what_came_back(machine: RecordedMachine) -> None:
    assert machine.files.read("a") == b"1\n"
    assert machine.files.write("a", b"0") == 1
    assert machine.files.listdir("") == ["a", "b"]
    assert machine.files.lstat("a") == Stat("file", 0o644, 1)
    machine.files.readlink("a")
    machine.load("mtty")
    assert told(machine) == [
        ("read", "a", None, '"1\\n"'),
        ("write", "a", b"0", "1"),
        ("listdir", "", None, "a, b"),
        ("lstat", "a", None, "file, mode 0644, 1 bytes"),
        ("readlink", "a", None, "0"),
        ("load", "mtty", None, "done"),
    ]


def test_an_error_goes_through_and_is_kept_by_its_name(machine: RecordedMachine) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        machine.files.read("c")
    assert told(machine) == [("read", "c", None, "ENOENT")]
    assert machine.log.gave(caught.value)
    assert not machine.log.gave(OSError(errno.ENOENT, "another"))


def test_what_is_unsupported_says_so(machine: RecordedMachine) -> None:
    with pytest.raises(Unsupported):
        machine.open_device("83b8")
    assert told(machine) == [("open device", "83b8", None, "unsupported: a fake has no devices")]


def test_reads_and_writes_of_an_open_file_are_kept(machine: RecordedMachine) -> None:
    file = machine.files.open("a", os.O_RDWR | os.O_TRUNC)
    file.write(b"7")
    assert file.read() == b"7"
    file.close()
    assert told(machine) == [
        ("open", "a", "O_RDWR, O_TRUNC", "done"),
        ("write open file", "a", b"7", "1"),
        ("read open file", "a", None, '"7"'),
        ("close", "a", None, "done"),
    ]


def test_opening_to_read_says_so(machine: RecordedMachine) -> None:
    machine.files.open("a", os.O_RDONLY)
    assert machine.log.entries[0].data == "O_RDONLY"


def test_a_look_at_everything_is_one_entry(machine: RecordedMachine) -> None:
    assert isinstance(machine.files, RecordedFiles)
    look = machine.files.unrecorded
    look.read("a")
    look.read("b")
    assert told(machine) == [("take a snapshot of", "the tree", None, "done")]


def test_a_long_answer_is_cut_in_the_record_only(machine: RecordedMachine) -> None:
    assert len(machine.files.read("b")) == 500
    result = machine.log.entries[0].result()
    assert result.startswith('"\\xff')
    assert result.endswith("...")
    assert len(result) < 300 < len(shown(b"\xff" * 500))


def test_an_operation_that_has_not_come_back_is_told_as_waiting() -> None:
    inside, go_on = threading.Event(), threading.Event()

    class Slow(FakeFiles):
        def write(self, path: str, data: bytes) -> int:
            inside.set()
            go_on.wait()
            return super().write(path, data)

    machine = RecordedMachine(FakeMachine(Slow({"a": b""})))
    thread = threading.Thread(target=lambda: machine.files.write("a", b"1"))
    thread.start()
    inside.wait()
    assert told(machine) == [("write", "a", b"1", "still blocked")]
    go_on.set()
    thread.join()
    assert told(machine) == [("write", "a", b"1", "1")]


def test_every_call_of_the_scripted_vendor_is_kept() -> None:
    class Vendor:
        parent = "scripted"
        types = ("one",)

        def refuse_create(self, errno: int) -> None:
            """Do nothing."""

    class Machine(FakeMachine):
        def scripted_vendor(self, without: Sequence[str] = ()) -> ScriptedVendor:
            return cast(ScriptedVendor, Vendor())  # implements enough of the interface

    machine = RecordedMachine(Machine(FakeFiles({})))
    vendor = machine.scripted_vendor(["name"])
    vendor.refuse_create(errno.EPERM)
    assert (vendor.parent, vendor.types) == ("scripted", ("one",))
    assert told(machine) == [
        ("load", "scripted", "name", "done"),
        ("refuse create", "the scripted vendor driver", "EPERM", "done"),
    ]


def test_the_machine_itself_is_asked_for_the_rest(machine: RecordedMachine) -> None:
    assert machine.leftovers() == []
    assert machine.vendor_drivers() == {}
    assert machine.start(lambda: 7).result() == 7
    with pytest.raises(Unsupported):
        machine.uevents()
    machine.close()
    assert told(machine) == []


def test_an_entry_of_another_exception_shows_its_kind() -> None:
    entry = Entry("read", "a")
    entry.answer = KeyError("x")
    assert entry.result() == "KeyError: 'x'"
