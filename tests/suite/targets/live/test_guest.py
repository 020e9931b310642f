"""The parts of a guest's target that can be tested without booting a kernel."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from mdevref.suite.interface import vmm
from mdevref.suite.interface.selection import BUS, CLASS, TYPES
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.targets.live import kmod, scripted
from mdevref.suite.targets.live.scripted import ScriptedVendor
from mdevref.suite.targets.live.target import COMPLAINT, GuestTarget
from mdevref.suite.targets.sysfs.process import LiveProcess


def test_a_kernel_without_the_bus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no mdev bus: CONFIG_VFIO_MDEV is neither built in nor a module"):
        GuestTarget("vm:x", tmp_path, [], [], root=str(tmp_path))


def test_a_driver_that_does_not_load_is_named(tmp_path: Path) -> None:
    (tmp_path / BUS).mkdir(parents=True)
    (tmp_path / "broken.ko").write_bytes(b"no module")
    with pytest.raises(ValueError, match=r"cannot load the driver broken: \w+"):
        GuestTarget("vm:x", tmp_path, [], ["broken"], root=str(tmp_path))


def test_a_module_that_is_none_is_refused_with_the_kernels_errno(tmp_path: Path) -> None:
    path = tmp_path / "x.ko"
    path.write_bytes(b"no module")
    with pytest.raises(OSError, match=r"x\.ko") as caught:
        kmod.load(path)
    assert caught.value.errno in (errno.ENOEXEC, errno.EPERM, errno.ENOSYS)
    with pytest.raises(OSError, match="mdevref_none") as caught:
        kmod.unload("mdevref_none")
    assert caught.value.errno in (errno.ENOENT, errno.EPERM, errno.ENOSYS)


def test_a_group_that_cannot_be_had_leaves_nothing_open(tmp_path: Path) -> None:
    nodes = tmp_path / "vfio"
    nodes.mkdir()
    (nodes / "vfio").touch()
    before = set(Path("/proc/self/fd").iterdir())
    with pytest.raises(FileNotFoundError):
        vmm.hold(LiveProcess(lambda _path: None, dev=str(tmp_path)), "u", "0")
    assert set(Path("/proc/self/fd").iterdir()) == before


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("BUG: kernel NULL pointer dereference, address: 0", True),
        ("WARNING: CPU: 0 PID: 1 at drivers/vfio/mdev/mdev_core.c:1", True),
        ("INFO: task sh:1 blocked for more than 120 seconds.", True),
        ("mtty: module verification failed: signature and/or required key missing", False),
        ("mbochs d9ef0252: probe with driver mbochs failed with error -28", False),
    ],
)
def test_what_a_kernel_complains_of(text: str, trouble: bool) -> None:
    assert bool(COMPLAINT.search(text)) is trouble


@pytest.fixture
def parameters(tmp_path: Path) -> Path:
    """Create a tree with the scripted driver's parameters and its types."""
    for name in ("plain", "fancy"):
        (tmp_path / CLASS / scripted.NAME / TYPES / f"{scripted.NAME}-{name}").mkdir(parents=True)
    folder = tmp_path / "module" / scripted.NAME / "parameters"
    folder.mkdir(parents=True)
    (folder / "calls").write_text("create u1\ncreate u2\nremove u1\n")
    (folder / "inside").write_text("remove\n")
    return folder


def test_the_scripted_driver_is_told_and_asked_through_its_parameters(tmp_path: Path, parameters: Path) -> None:
    vendor = ScriptedVendor(str(tmp_path), has_bus_driver=False)
    assert (vendor.parent, vendor.types) == ("scripted", ["scripted-plain", "scripted-fancy"])
    told = []
    orders: list[tuple[Callable[[], None], str]] = [
        (lambda: vendor.refuse_create(errno.ENOSPC), "refuse"),
        (lambda: vendor.refuse_remove(errno.EBUSY), "refuse"),
        (lambda: vendor.refuse_probe(errno.EIO), "refuse"),
        (lambda: vendor.hold("create"), "hold"),
        (lambda: vendor.release("create"), "release"),
    ]
    for tell, parameter in orders:
        tell()
        told.append((parameters / parameter).read_text())
    assert told == ["create 28", "remove 16", "probe 5", "create", "create"]
    assert vendor.calls() == [("create", "u1"), ("create", "u2"), ("remove", "u1")]


def test_nobody_tells_a_bus_driver_of_the_core_to_refuse(tmp_path: Path, parameters: Path) -> None:
    with pytest.raises(Unsupported, match="bus driver of this kernel cannot refuse a device on request"):
        ScriptedVendor(str(tmp_path), has_bus_driver=True).refuse_probe(errno.EIO)


def test_waiting_for_a_callback_ends_when_somebody_is_there_and_at_the_deadline(
    tmp_path: Path, parameters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripted, "_DEADLINE", 0.05)
    vendor = ScriptedVendor(str(tmp_path), has_bus_driver=False)
    vendor.await_held("remove")
    with pytest.raises(TimeoutError, match="no caller reached create"):
        vendor.await_held("create")
