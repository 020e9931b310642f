"""The journal, on a small tree of files that a stand-in for the kernel keeps as sysfs looks."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from mdevref import cli
from mdevref.suite.errors import BadInput
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.targets import opening
from mdevref.suite.targets.sysfs import files
from mdevref.suite.targets.sysfs import journal as journals
from mdevref.suite.targets.sysfs.journal import Journal, clean, has_entries, path_of

PARENT, OTHER = "devices/virtual/mtty/mtty", "devices/virtual/mdpy/mdpy"
TYPES = "mdev_supported_types"
CREATE = f"{PARENT}/{TYPES}/mtty-1/create"
OWN = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
SECOND = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002"


class Kernel:
    """Makes and removes devices in a tree; ``used`` are devices that cannot be removed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.used: set[str] = set()
        self.written: list[str] = []
        for parent, type in ((PARENT, "mtty-1"), (PARENT, "mtty-2"), (OTHER, "mdpy-1")):
            (root / parent / TYPES / type).mkdir(parents=True)
            (root / parent / TYPES / type / "create").touch()
        (root / "bus/mdev/devices").mkdir(parents=True)
        (root / "class/mdev_bus").mkdir(parents=True)
        for parent in (PARENT, OTHER):
            (root / "class/mdev_bus" / Path(parent).name).symlink_to(f"../../{parent}")

    def make(self, uuid: str, parent: str = PARENT, type: str = "mtty-1") -> Path:
        device = self.root / parent / uuid
        device.mkdir()
        (device / "remove").touch()
        (device / "mdev_type").symlink_to(f"../{TYPES}/{type}")
        (self.root / f"bus/mdev/devices/{uuid}").symlink_to(f"../../../{parent}/{uuid}")
        return device

    def take(self, uuid: str) -> None:
        link = self.root / f"bus/mdev/devices/{uuid}"
        shutil.rmtree(link.resolve())
        link.unlink()

    def remove(self, path: str) -> None:
        """What a write to ``remove`` does."""
        self.written.append(path)
        uuid = Path(path).parent.name
        if uuid in self.used:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        self.take(uuid)

    def devices(self) -> list[str]:
        return sorted(os.listdir(self.root / "bus/mdev/devices"))


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kernel:
    """A tree without devices, and a state folder of the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    made = Kernel(tmp_path / "sys")
    monkeypatch.setattr(files, "remove", made.remove)
    return made


def killed(kernel: Kernel, *creates: tuple[str, str], make: Callable[[str], object] | None = None) -> Path:
    """Leave what a run leaves that is killed after its last create; gives the journal's file."""
    journal = Journal(str(kernel.root))
    for create, uuid in creates:
        with journal.device(create, uuid):
            (make or kernel.make)(uuid)
    os.close(journal._descriptor)
    return journal.path


def clean_tree(kernel: Kernel) -> journals.Cleaned:
    journal = Journal(str(kernel.root))
    cleaned = clean(journal, kernel.remove)
    journal.close()
    return cleaned


def test_a_device_is_on_disk_before_it_is_made_and_struck_out_when_it_has_gone(kernel: Kernel) -> None:
    journal = Journal(str(kernel.root))
    with journal.device(CREATE, OWN):
        (line,) = journal.path.read_text().splitlines()
        kernel.make(OWN)
    expected = {"made": OWN, "remove": f"{kernel.root}/{PARENT}/{OWN}/remove", "type": "mtty-1", "boot": ""}
    assert json.loads(line) == expected
    with journal.device(CREATE, SECOND):
        kernel.make(SECOND)
    kernel.take(SECOND)
    journal.strike_gone()
    assert [*journal.left()] == [OWN]
    assert json.loads(journal.path.read_text().splitlines()[-1]) == {"gone": SECOND}
    kernel.take(OWN)
    journal.strike_gone()
    # However long a run is, what is empty begins anew.
    assert journal.path.read_bytes() == b""
    journal.close()


def test_it_is_the_users_alone(kernel: Kernel) -> None:
    path = killed(kernel)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path_of(str(kernel.root / "bus")) != path


def test_a_process_that_is_killed_in_the_middle_leaves_its_word(kernel: Kernel) -> None:
    program = (
        "import os, signal, sys\n"
        "from mdevref.suite.targets.sysfs.journal import Journal\n"
        "with Journal(sys.argv[1]).device(sys.argv[2], sys.argv[3]):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(kernel.root), CREATE, OWN], check=False)
    assert done.returncode == -signal.SIGKILL
    kernel.make(OWN)  # what was on its way in the kernel still arrives
    assert clean_tree(kernel).removed == [OWN]
    assert kernel.devices() == []
    assert not has_entries(str(kernel.root))


def test_only_one_run_at_a_time_has_it(kernel: Kernel) -> None:
    first = Journal(str(kernel.root))
    with pytest.raises(BadInput, match=r"another run on .* has not ended yet"):
        Journal(str(kernel.root))
    first.close()
    Journal(str(kernel.root)).close()


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_line_that_was_cut_off_is_no_entry_and_the_rest_is(kernel: Kernel, cut: int) -> None:
    path = killed(kernel, (CREATE, OWN), (CREATE, SECOND))
    path.write_bytes(path.read_bytes()[:-cut])
    journal = Journal(str(kernel.root))
    assert [*journal.left()] == [OWN]
    kernel.take(SECOND)
    with journal.device(CREATE, SECOND):
        kernel.make(SECOND)
    os.close(journal._descriptor)
    assert clean_tree(kernel).removed == [OWN, SECOND]


@pytest.mark.parametrize(
    "line",
    [
        b"\x00\xff",
        b"[]",
        b"7",
        b"[" * 100_000,
        b'{"gone": ["a"]}',
        b'{"made": "x"}',
        b'{"made": 1, "remove": 2, "type": 3, "boot": 4}',
        b'{"made": "%b", "remove": "/etc/%b/remove", "type": "a", "boot": ""}',
        b'{"made": "%b", "remove": "ROOT/../%b/remove", "type": "a", "boot": ""}',
        b'{"made": "..", "remove": "ROOT/../remove", "type": "a", "boot": ""}',
    ],
)
def test_what_is_no_line_of_a_journal_is_told_and_nothing_is_written(kernel: Kernel, line: bytes) -> None:
    path = killed(kernel, (CREATE, OWN))
    line = line.replace(b"%b", OWN.encode()).replace(b"ROOT", bytes(kernel.root))
    path.write_bytes(path.read_bytes() + line + b"\n")
    with pytest.raises(BadInput, match="line 2 is none of a journal") as caught:
        Journal(str(kernel.root))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_far_too_large_is_not_read(kernel: Kernel) -> None:
    path = killed(kernel)
    os.truncate(path, journals.LARGEST + 1)
    with pytest.raises(BadInput, match="too large for a journal"):
        Journal(str(kernel.root))


def test_a_link_in_its_place_is_not_followed(kernel: Kernel, tmp_path: Path) -> None:
    path = killed(kernel)
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadInput, match="no journal can be kept"):
        Journal(str(kernel.root))
    assert not (tmp_path / "elsewhere").exists()


def test_a_device_of_another_parent_is_left_alone_and_told(kernel: Kernel) -> None:
    killed(kernel, (CREATE, OWN), (CREATE, SECOND))
    kernel.take(OWN)
    foreign = kernel.make(OWN, OTHER, "mdpy-1")
    cleaned = clean_tree(kernel)
    assert cleaned.removed == [SECOND]
    assert cleaned.foreign == [f"{OWN} is now another's device, in {foreign}"]
    assert kernel.written == [f"{kernel.root}/{PARENT}/{SECOND}/remove"]
    assert kernel.devices() == [OWN]
    assert clean_tree(kernel).told() == ""


def test_a_device_of_another_type_or_of_another_start_is_left_alone(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(kernel, (CREATE, OWN))
    kernel.take(OWN)
    kernel.make(OWN, type="mtty-2")
    assert len(clean_tree(kernel).foreign) == 1
    kernel.take(OWN)
    path = killed(kernel, (CREATE, OWN))
    path.write_text(path.read_text().replace('"boot": ""', '"boot": "before"'))
    assert len(clean_tree(kernel).foreign) == 1
    assert kernel.written == []


def test_a_uuid_that_is_taken_already_is_never_written_down(kernel: Kernel) -> None:
    kernel.make(OWN)

    def refuse(_uuid: str) -> None:
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))

    with suppress(FileExistsError):
        killed(kernel, (CREATE, OWN), make=refuse)
    assert not has_entries(str(kernel.root))


def test_a_uuid_that_was_written_to_two_types_is_one_device(kernel: Kernel) -> None:
    journal = Journal(str(kernel.root))
    with journal.device(f"{OTHER}/{TYPES}/mdpy-1/create", OWN), journal.device(CREATE, OWN):
        kernel.make(OWN)
    os.close(journal._descriptor)
    assert clean_tree(kernel) == journals.Cleaned(removed=[OWN])


def test_a_device_that_has_gone_meanwhile_is_nothing_to_tell(kernel: Kernel) -> None:
    killed(kernel, (CREATE, OWN))
    kernel.take(OWN)
    assert clean_tree(kernel).told() == ""
    assert kernel.written == []
    assert not has_entries(str(kernel.root))


def test_a_device_that_goes_while_it_is_removed_has_gone(kernel: Kernel) -> None:
    killed(kernel, (CREATE, OWN))

    def late(path: str) -> None:
        kernel.remove(path)
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))

    journal = Journal(str(kernel.root))
    assert clean(journal, late).stuck == []
    assert journal.left() == {}
    journal.close()


def test_a_create_that_has_not_come_back_is_kept(kernel: Kernel) -> None:
    journal = Journal(str(kernel.root))
    with pytest.raises(TimeoutError), journal.device(CREATE, OWN):
        raise TimeoutError
    with pytest.raises(FileExistsError), journal.device(CREATE, SECOND):
        raise FileExistsError
    journal.close()
    kernel.make(OWN)
    assert clean_tree(kernel).removed == [OWN]


def test_without_a_journal_nothing_is_made(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk, for one, which is no fault of the machine under test."""
    machine = opening.open_target(f"sysfs:{kernel.root}").machine()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unsupported, match="cannot be written: No space left on device"):
        machine.files.write(CREATE, OWN.encode())
    assert (kernel.root / CREATE).read_bytes() == b""
    assert not has_entries(str(kernel.root))


@pytest.mark.parametrize("command", [("check", "--requirement", "create.uuid"), ("check", "--clean-up")])
def test_a_state_folder_that_cannot_be_made_is_one_clear_line(
    kernel: Kernel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, ...],
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert cli.run([*command, f"sysfs:{kernel.root}"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "nothing is changed without one: Not a directory (XDG_STATE_HOME" in line


def test_clean_up_removes_what_is_left_and_says_so(kernel: Kernel, capsys: pytest.CaptureFixture[str]) -> None:
    kernel.make(SECOND)
    killed(kernel, (CREATE, OWN))
    command = ["check", "--clean-up", f"sysfs:{kernel.root}"]
    assert cli.run(command) == 0
    assert capsys.readouterr().out == f"removed what an earlier run had left: {OWN}\n"
    assert kernel.devices() == [SECOND]
    assert cli.run(command) == 0
    assert capsys.readouterr().out == f"no earlier run has left anything on {kernel.root}\n"


def test_what_cannot_be_removed_is_one_clear_line_and_stays(kernel: Kernel, capsys: pytest.CaptureFixture[str]) -> None:
    killed(kernel, (CREATE, OWN), (CREATE, SECOND))
    kernel.used.add(OWN)
    assert cli.run(["check", "--clean-up", f"sysfs:{kernel.root}"]) == 2
    told = f"cannot remove: {OWN} in {kernel.root}/{PARENT}/{OWN} (Device or resource busy)"
    assert capsys.readouterr().err == f"mdevref: removed what an earlier run had left: {SECOND}; {told}\n"
    kernel.used.clear()
    assert cli.run(["check", "--clean-up", f"sysfs:{kernel.root}"]) == 0
    assert kernel.devices() == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("reference", "is for sysfs: targets"),
        ("sysfs:", "sysfs takes a directory"),
        ("sysfs:/nowhere", "no such directory"),
    ],
)
def test_clean_up_is_for_trees(target: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", "--clean-up", target]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_the_next_run_begins_with_what_is_left(kernel: Kernel, capsys: pytest.CaptureFixture[str]) -> None:
    kernel.make(SECOND)
    killed(kernel, (CREATE, OWN))
    target = opening.open_target(f"sysfs:{kernel.root}")
    assert capsys.readouterr().err == f"mdevref: removed what an earlier run had left: {OWN}\n"
    assert kernel.devices() == [SECOND]
    target.close()
    opening.open_target(f"sysfs:{kernel.root}").close()
    assert capsys.readouterr().err == ""


def test_a_run_that_only_looks_removes_nothing_and_tells(
    kernel: Kernel, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed(kernel, (CREATE, OWN))
    true = os.path.realpath
    root = str(kernel.root)
    monkeypatch.setattr(os.path, "realpath", lambda path: "/sys" if path == root else true(path))
    path = path_of(root)  # the journal of /sys: as if that were the tree
    path.write_text("{}\n")
    opening.open_target(f"sysfs:{root}")
    assert capsys.readouterr().err == (
        f"mdevref: an earlier run has left devices: mdevref check --clean-up sysfs:{root}\n"
    )
    assert path.read_text() == "{}\n"
    assert kernel.devices() == [OWN]


def test_a_machine_writes_down_what_it_makes(kernel: Kernel) -> None:
    """Through a path or an open file, and nothing that is no UUID."""
    target = opening.open_target(f"sysfs:{kernel.root}")
    machine = target.machine()
    machine.files.write(CREATE, f"{OWN.upper()}\n".encode())
    kernel.make(OWN)
    file = machine.files.open("class/mdev_bus/mtty/mdev_supported_types/mtty-2/create", os.O_WRONLY)
    file.write(SECOND.encode())
    file.close()
    machine.files.write(CREATE, b"x" * 40)
    lines = [json.loads(line) for line in path_of(str(kernel.root)).read_text().splitlines()]
    assert [(line["made"], line["type"]) for line in lines] == [(OWN, "mtty-1"), (SECOND, "mtty-2")]
    assert lines[1]["remove"] == f"{kernel.root}/{PARENT}/{SECOND}/remove"
    kernel.take(OWN)
    machine.leftovers()
    assert not has_entries(str(kernel.root))
    target.close()
