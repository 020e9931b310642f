"""Devices that a killed run left behind are removed; those of other owners are not."""

from __future__ import annotations

import errno
import os

import pytest

from mdevref import cli
from mdevref.suite.targets import opening
from mdevref.suite.targets.sysfs import journal as journals
from mdevref.suite.targets.sysfs.journal import Journal, clean, has_entries, path_of
from tests.suite.targets.sysfs.kernel import CREATE, OTHER, OWN, PARENT, SECOND, TYPES, Kernel, clean_tree, killed


def test_a_device_of_another_parent_is_left_alone_and_told(kernel: Kernel) -> None:
    killed(kernel, (CREATE, OWN), (CREATE, SECOND))
    kernel.take(OWN)
    foreign = kernel.make(OWN, OTHER, "mdpy-1")
    cleaned = clean_tree(kernel)
    assert cleaned.removed == [SECOND]
    assert cleaned.foreign == [f"{OWN} in {foreign} (not a device of the suite)"]
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


def test_clean_up_removes_what_is_left_and_says_so(kernel: Kernel, capsys: pytest.CaptureFixture[str]) -> None:
    kernel.make(SECOND)
    killed(kernel, (CREATE, OWN))
    command = ["check", "--clean-up", f"sysfs:{kernel.root}"]
    assert cli.run(command) == 0
    assert capsys.readouterr().out == f"removed devices of an earlier run: {OWN}\n"
    assert kernel.devices() == [SECOND]
    assert cli.run(command) == 0
    assert capsys.readouterr().out == f"{kernel.root}: no devices of earlier runs found\n"


def test_what_cannot_be_removed_is_one_clear_line_and_stays(kernel: Kernel, capsys: pytest.CaptureFixture[str]) -> None:
    killed(kernel, (CREATE, OWN), (CREATE, SECOND))
    kernel.used.add(OWN)
    assert cli.run(["check", "--clean-up", f"sysfs:{kernel.root}"]) == 2
    told = f"cannot remove: {OWN} in {kernel.root}/{PARENT}/{OWN} (Device or resource busy)"
    assert capsys.readouterr().err == f"mdevref: removed devices of an earlier run: {SECOND}; {told}\n"
    kernel.used.clear()
    assert cli.run(["check", "--clean-up", f"sysfs:{kernel.root}"]) == 0
    assert kernel.devices() == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("reference", "is not a sysfs: target"),
        ("sysfs:", "the directory is missing"),
        ("sysfs:/nowhere", "directory not found"),
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
    assert capsys.readouterr().err == f"mdevref: removed devices of an earlier run: {OWN}\n"
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
    path = path_of(root)  # treat the tree as /sys, to use the journal of /sys
    path.write_text("{}\n")
    opening.open_target(f"sysfs:{root}")
    assert capsys.readouterr().err == (
        f"mdevref: an earlier run left devices behind; run `mdevref check --clean-up sysfs:{root}` to remove them\n"
    )
    assert path.read_text() == "{}\n"
    assert kernel.devices() == [OWN]
