"""The target ``sysfs:ROOT`` on plain files: writing creates no devices, but every rule about writing applies."""

from __future__ import annotations

import errno
import os
from collections import Counter
from pathlib import Path

import pytest

from mdevref.suite.interface.files import Stat
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.results.console import lines
from mdevref.suite.results.ledger import Ledger
from mdevref.suite.run.suite import Suite, run
from mdevref.suite.targets import opening
from mdevref.suite.targets.errors import TargetError
from mdevref.suite.targets.sysfs import started
from mdevref.suite.targets.sysfs.machine import READ_ONLY
from mdevref.suite.targets.sysfs.started import Started
from mdevref.suite.targets.sysfs.target import SysfsTarget

TYPE = "devices/virtual/mtty/mtty/mdev_supported_types/mtty-1"
OWN = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
FOREIGN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Create a tree of a parent with one type, and with a device of another owner."""
    (tmp_path / TYPE / "devices").mkdir(parents=True)
    (tmp_path / TYPE / "create").touch(0o200)
    (tmp_path / TYPE / "available_instances").write_text("24\n")
    (tmp_path / f"devices/virtual/mtty/mtty/{FOREIGN}").mkdir()
    (tmp_path / f"devices/virtual/mtty/mtty/{FOREIGN}/remove").touch()
    (tmp_path / "class/mdev_bus").mkdir(parents=True)
    (tmp_path / "class/mdev_bus/mtty").symlink_to("../../devices/virtual/mtty/mtty")
    (tmp_path / "bus/mdev/devices").mkdir(parents=True)
    (tmp_path / f"bus/mdev/devices/{FOREIGN}").symlink_to(f"../../../devices/virtual/mtty/mtty/{FOREIGN}")
    (tmp_path / "bus/mdev/drivers/vfio_mdev").mkdir(parents=True)
    for name in ("bind", "unbind"):
        (tmp_path / f"bus/mdev/drivers/vfio_mdev/{name}").touch()
    return tmp_path


def appear(tree: Path, uuid: str = OWN) -> None:
    """Do what a kernel does after a UUID was written to create."""
    directory = tree / f"devices/virtual/mtty/mtty/{uuid}"
    directory.mkdir()
    (directory / "remove").touch()
    (tree / f"bus/mdev/devices/{uuid}").symlink_to(f"../../../devices/virtual/mtty/mtty/{uuid}")


def test_the_tree_is_read_as_the_operating_system_gives_it(tree: Path) -> None:
    files = SysfsTarget(str(tree)).machine().files
    assert files.listdir("class/mdev_bus") == ["mtty"]
    assert files.readlink("class/mdev_bus/mtty") == "../../devices/virtual/mtty/mtty"
    assert files.read(f"{TYPE}/available_instances") == b"24\n"
    assert files.lstat(f"{TYPE}/available_instances") == Stat("file", 0o644, 3)
    assert files.lstat("class/mdev_bus/mtty").kind == "link"
    assert files.lstat(TYPE).kind == "directory"
    with pytest.raises(FileNotFoundError):
        files.read(f"{TYPE}/description")


def test_a_write_is_one_write_and_an_open_file_stays_open(tree: Path) -> None:
    machine = SysfsTarget(str(tree)).machine()
    assert machine.files.write(f"{TYPE}/create", f"{OWN}\n".encode()) == 37
    assert (tree / TYPE / "create").read_bytes() == f"{OWN}\n".encode()
    file = machine.files.open(f"{TYPE}/create", os.O_RDWR)
    assert file.read() == f"{OWN}\n".encode()
    assert file.write(b"x") == 1
    file.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        file.read()


def test_on_this_machine_nothing_is_written_unless_told_so(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "realpath", lambda path: "/sys")
    looking, changing = SysfsTarget(str(tree)), SysfsTarget(str(tree), allow_changes=True)
    with pytest.raises(Unsupported, match=READ_ONLY):
        looking.machine().files.write(f"{TYPE}/create", OWN.encode())
    with pytest.raises(Unsupported, match=READ_ONLY):
        looking.machine().files.open(f"{TYPE}/create", os.O_WRONLY)
    assert (tree / TYPE / "create").read_bytes() == b""
    assert looking.machine().files.read(f"{TYPE}/available_instances") == b"24\n"
    assert changing.machine().files.write(f"{TYPE}/create", OWN.encode()) == 36


def test_the_whole_suite_changes_nothing_on_this_machine_unless_told_so(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everything() -> dict[str, tuple[bytes, int]]:
        files = [path for path in tree.rglob("*") if path.is_file()]
        return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    before = everything()
    suite = Suite()
    suite.select(interface="management")
    monkeypatch.setattr(os.path, "realpath", lambda path: "/sys")
    target = SysfsTarget(str(tree))
    monkeypatch.undo()
    outcome = run(suite, target)
    assert everything() == before
    verdicts = Counter(scenario.verdict for scenario in outcome.scenarios)
    assert verdicts["error"] == 0
    assert verdicts["pass"] > 3
    refused = [scenario for scenario in outcome.scenarios if scenario.reason == READ_ONLY]
    assert len(refused) > 100
    assert {scenario.verdict for scenario in refused} == {"unsupported"}
    told = [line for line in lines(outcome, Ledger(), target.shell_path) if READ_ONLY in line]
    assert told == [f"UNSUPPORTED  {READ_ONLY}  ({len(refused)} scenarios)"]


@pytest.mark.parametrize(
    "path",
    [
        f"bus/mdev/devices/{FOREIGN}/remove",
        f"devices/virtual/mtty/mtty/{FOREIGN}/remove",
        f"{TYPE}/available_instances",
        "bus/mdev/drivers_probe",
        "class/mdev_bus/mtty/uevent",
    ],
)
def test_what_is_not_the_suites_own_is_never_written(tree: Path, path: str) -> None:
    machine = SysfsTarget(str(tree)).machine()
    machine.files.write(f"{TYPE}/create", OWN.encode())
    with pytest.raises(Unsupported, match="writes only to types and its own devices"):
        machine.files.write(path, b"1")
    with pytest.raises(Unsupported, match="writes only to types and its own devices"):
        machine.files.open(path, os.O_WRONLY)


def test_an_own_device_is_written_under_any_of_its_names(tree: Path) -> None:
    machine = SysfsTarget(str(tree)).machine()
    with pytest.raises(Unsupported):
        machine.files.write(f"bus/mdev/devices/{OWN}/remove", b"1")
    machine.files.write(f"{TYPE}/create", OWN.upper().encode())
    appear(tree)
    assert machine.files.write(f"bus/mdev/devices/{OWN}/remove", b"1") == 1
    assert machine.files.write("bus/mdev/drivers/vfio_mdev/unbind", f"{OWN}\n".encode()) == 37
    with pytest.raises(Unsupported):
        machine.files.write("bus/mdev/drivers/vfio_mdev/unbind", FOREIGN.encode())


def test_a_refused_create_gives_no_right_to_the_device(tree: Path) -> None:
    machine = SysfsTarget(str(tree)).machine()
    (tree / TYPE / "create").unlink()
    (tree / TYPE / "create").mkdir()
    with pytest.raises(IsADirectoryError):
        machine.files.write(f"{TYPE}/create", FOREIGN.encode())
    with pytest.raises(Unsupported):
        machine.files.write(f"bus/mdev/devices/{FOREIGN}/remove", b"1")


def test_leftovers_are_own_devices_and_what_changed_beside(tree: Path) -> None:
    machine = SysfsTarget(str(tree)).machine()
    assert machine.leftovers() == []
    machine.files.write(f"{TYPE}/create", OWN.encode())
    appear(tree)
    (tree / TYPE / "available_instances").write_text("23\n")
    left = list(machine.leftovers())
    assert left == [
        f"the device {OWN} still existed",
        f"bus/mdev/devices/{OWN}: present, was absent",
        f"{TYPE}/available_instances: 23, was 24",
    ]
    assert (tree / f"bus/mdev/devices/{OWN}/remove").read_bytes() == b"1"
    assert (tree / f"bus/mdev/devices/{FOREIGN}/remove").read_bytes() == b""


def test_what_a_tree_cannot_do_is_unsupported_with_its_reason(tree: Path) -> None:
    machine = SysfsTarget(str(tree)).machine()
    for call, said in (
        (machine.uevents, "has no uevents"),
        (machine.scripted_vendor, "only the reference has"),
        (lambda: machine.load("mtty"), "cannot load the driver mtty"),
        (lambda: machine.unload("mtty"), "cannot unload the driver mtty"),
        (lambda: machine.open_device(OWN), "cannot open the device"),
    ):
        with pytest.raises(Unsupported, match=said):
            call()
    assert machine.vendor_drivers() == {}


def test_an_operation_that_waits_in_the_kernel_is_known_to_wait(tmp_path: Path) -> None:
    # Opening a pipe without a reader blocks in the kernel, as removing a device in use does.
    os.mkfifo(tmp_path / "pipe")

    def write() -> int:
        with open(tmp_path / "pipe", "wb", buffering=0) as pipe:
            return pipe.write(b"1")

    pending = Started(write)
    assert pending.is_blocked()
    with open(tmp_path / "pipe", "rb") as reader:
        assert pending.result() == 1
        assert reader.read() == b"1"
    assert not pending.is_blocked()


def test_an_operation_that_ends_is_not_blocked_and_gives_its_value_or_error() -> None:
    assert Started(lambda: 7).result() == 7

    def refuse() -> None:
        raise OSError(errno.EBUSY, "busy")

    refused = Started(refuse)
    assert not refused.is_blocked()
    with pytest.raises(OSError, match="busy"):
        refused.result()


def test_a_write_that_never_ends_runs_into_the_deadline(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(started, "DEADLINE", 0.05)
    (tree / TYPE / "create").unlink()
    os.mkfifo(tree / TYPE / "create")
    with pytest.raises(TimeoutError):
        SysfsTarget(str(tree)).machine().files.write(f"{TYPE}/create", OWN.encode())
    os.close(os.open(tree / TYPE / "create", os.O_RDONLY | os.O_NONBLOCK))  # unblock the writer


def test_the_target_tells_what_it_is(tree: Path) -> None:
    target = SysfsTarget(str(tree))
    assert target.name == f"sysfs:{tree}"
    assert target.release is None
    assert target.environment()["parents"] == "mtty"
    assert target.shell_path("bus/mdev") == f"{tree}/bus/mdev"
    assert opening.open_target(f"sysfs:{tree}:release=6.1").release == (6, 1)


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("", "the directory is missing"),
        ("/nowhere/at/all", "directory not found"),
        ("{tree}/bus", "class/mdev_bus not found"),
        ("{tree}:release=6", "invalid kernel release '6'"),
    ],
)
def test_a_tree_that_cannot_be_tested_is_one_clear_line(tree: Path, argument: str, said: str) -> None:
    with pytest.raises(TargetError) as caught:
        opening.open_target(f"sysfs:{argument.format(tree=tree)}")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
