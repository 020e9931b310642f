"""The journal's file: the entries, when they are written, and invalid files."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from mdevref import cli
from mdevref.suite.errors import BadInput
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.targets import opening
from mdevref.suite.targets.sysfs import journal as journals
from mdevref.suite.targets.sysfs.journal import Journal, has_entries, path_of
from tests.suite.targets.sysfs.kernel import CREATE, OWN, PARENT, SECOND, Kernel, clean_tree, killed


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
    # An empty journal starts again at size 0, however long the run is.
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
    kernel.make(OWN)  # the pending creation in the kernel still finishes
    assert clean_tree(kernel).removed == [OWN]
    assert kernel.devices() == []
    assert not has_entries(str(kernel.root))


def test_only_one_run_at_a_time_has_it(kernel: Kernel) -> None:
    first = Journal(str(kernel.root))
    with pytest.raises(BadInput, match=r"/.*: another run is still active"):
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
    with pytest.raises(BadInput, match=":2: invalid entry") as caught:
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
    with pytest.raises(BadInput, match="cannot write the journal"):
        Journal(str(kernel.root))
    assert not (tmp_path / "elsewhere").exists()


def test_a_uuid_that_is_taken_already_is_never_written_down(kernel: Kernel) -> None:
    kernel.make(OWN)

    def refuse(_uuid: str) -> None:
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))

    with suppress(FileExistsError):
        killed(kernel, (CREATE, OWN), make=refuse)
    assert not has_entries(str(kernel.root))


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
    """A full disk, for example, is not a failure of the machine under test."""
    machine = opening.open_target(f"sysfs:{kernel.root}").machine()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unsupported, match="cannot write the journal: No space left on device"):
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
    assert "cannot write the journal: Not a directory; the suite changes nothing without it (set XDG_STATE_HOME" in line


def test_a_machine_writes_down_what_it_makes(kernel: Kernel) -> None:
    """It writes entries for paths and for open files, but only for UUIDs."""
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
