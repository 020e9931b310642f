"""A mounted host's tree behaves like a real sysfs for any process."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from mdevref.host import Host
from mdevref.kernel.attributes import Attribute
from mdevref.mdev.eras import ERAS
from mdevref.servers.sysfs.mounting import mounted
from tests.machines import errno_of, uuid
from tests.servers.sysfs import operations
from tests.servers.sysfs.mounts import MTTY, mtty_host, needs_fuse
from tests.servers.sysfs.operations import Places
from tests.servers.sysfs.writing import create, write

pytestmark = needs_fuse

NOBODY = 65534
REAL = "/sys/devices/virtual/mem/null"  # exists on every Linux; the tests do not change it


def everything_below(top: Path) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    for folder, folders, files in os.walk(top):
        for name in (*folders, *files):
            path = Path(folder, name)
            status = path.lstat()
            content = os.readlink(path) if path.is_symlink() else ""
            size = 0 if path.is_symlink() else status.st_size
            found[str(path.relative_to(top))] = stat.filemode(status.st_mode), size, status.st_nlink, content
    return found


def everything_of(host: Host, path: str = "") -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = {}
    letters = {"directory": stat.S_IFDIR, "file": stat.S_IFREG, "link": stat.S_IFLNK}
    for name in host.sysfs.listdir(path):
        below = f"{path}/{name}".lstrip("/")
        told = host.sysfs.lstat(below)
        content = host.sysfs.readlink(below) if told.kind == "link" else ""
        found[below] = stat.filemode(letters[told.kind] | told.mode), told.size, told.links, content
        if told.kind == "directory":
            found |= everything_of(host, below)
    return found


@pytest.mark.parametrize("era", ERAS)
def test_the_mount_shows_what_the_host_has(era: str, folder: Path) -> None:
    host = mtty_host(era)
    with mounted(host, folder):
        create(folder, 1)
        seen = everything_below(folder)
        assert seen == everything_of(host)
        assert len(seen) > 100
        contents = [path for path, told in seen.items() if told[0] == "-r--r--r--"]
        assert {path: (folder / path).read_bytes() for path in contents} == {
            path: host.sysfs.read(path) for path in contents
        }


@pytest.mark.parametrize("uid", [0, NOBODY], ids=["root", "nobody"])
def test_every_other_operation_is_answered_as_by_the_real_sysfs(sys_at: Path, uid: int) -> None:
    parent = sys_at / "devices/virtual/mtty/mtty"
    types = parent / "mdev_supported_types/mtty-1"
    fake = Places(*map(str, (parent, types / "name", types / "create", parent / "uevent", parent / "subsystem")))
    real = Places(REAL, f"{REAL}/dev", "/sys/bus/platform/uevent", f"{REAL}/uevent", f"{REAL}/subsystem")
    if os.statvfs("/sys").f_flag & os.ST_RDONLY:
        pytest.skip("the machine's own /sys is mounted to be read only")
    seen, expected = (
        json.loads(
            subprocess.run(
                [sys.executable, operations.__file__, json.dumps(asdict(places)), str(uid)],
                stdout=subprocess.PIPE,
                check=True,
            ).stdout
        )
        for places in (fake, real)
    )
    # FUSE without GETXATTR swaps the two errnos: sysfs fails with ENODATA for user.*, and with ENOTSUP for an ACL.
    for name in ("getxattr", "getxattr of an access list"):
        assert {seen.pop(name), expected.pop(name)} == {"ENODATA", "ENOTSUP"}
    assert seen == expected
    assert len(seen) > 60


def test_a_device_comes_and_goes_at_once(sys_at: Path) -> None:
    devices = sys_at / "bus/mdev/devices"
    for _ in range(200):
        assert errno_of(os.lstat, devices / uuid(1)) == errno.ENOENT
        device = create(sys_at, 1)
        assert os.listdir(devices) == [uuid(1)]
        resolved = device.resolve(strict=True)
        assert (resolved / "mdev_type/available_instances").read_text() == "11\n"
        write(device / "remove", b"1")
        assert os.listdir(devices) == []
        for path in (device, resolved, resolved / "remove"):
            assert errno_of(os.lstat, path) == errno.ENOENT
        assert uuid(1) not in os.listdir(sys_at / MTTY / "devices")


def test_a_device_made_again_is_another_one(sys_at: Path) -> None:
    """Open files and directories of the replaced host keep referring to that host."""
    before = create(sys_at, 1).resolve()
    inode = before.stat().st_ino
    directory = os.open(before, os.O_RDONLY)
    attribute = os.open(before / "uevent", os.O_RDONLY)
    try:
        assert os.pread(attribute, 100, 0) == b"DRIVER=vfio_mdev\n"
        write(before / "remove", b"1")
        after = create(sys_at, 1).resolve()
        assert after == before
        assert after.stat().st_ino != inode
        assert os.fstat(directory).st_ino == inode
        assert errno_of(os.pread, attribute, 100, 0) == errno.ENODEV
        assert stat.S_IMODE(os.fstat(attribute).st_mode) == 0o644
        assert errno_of(os.stat, "uevent", dir_fd=directory) == errno.ENOENT
        assert os.listdir(directory) == []
    finally:
        os.close(attribute)
        os.close(directory)


def test_an_inode_is_the_same_for_as_long_as_its_file_lives(sys_at: Path) -> None:
    for path in (sys_at, sys_at / MTTY, sys_at / MTTY / "create", sys_at / MTTY / "name"):
        with os.scandir(path.parent) as entries:
            listed = {entry.name: entry.inode() for entry in entries}
        inodes = {path.stat().st_ino for _ in range(5)}
        assert len(inodes) == 1
        if path != sys_at:
            assert {listed[path.name]} == inodes


def test_the_number_of_links_of_a_directory_follows_what_is_in_it(sys_at: Path) -> None:
    parent = sys_at / "devices/virtual/mtty/mtty"
    before = parent.stat().st_nlink
    device = create(sys_at, 1)
    assert parent.stat().st_nlink == before + 1
    write(device / "remove", b"1")
    assert parent.stat().st_nlink == before


def test_a_new_mode_is_seen_whichever_way_it_is_looked_at(sys_at: Path) -> None:
    uevent = sys_at / "devices/virtual/mtty/mtty/uevent"
    with open(uevent, "rb") as held:
        os.chmod(uevent, 0o600)
        assert stat.S_IMODE(uevent.stat().st_mode) == stat.S_IMODE(os.fstat(held.fileno()).st_mode) == 0o600
    name = sys_at / MTTY / "name"
    os.chmod(name, 0o400)
    assert stat.S_IMODE(name.stat().st_mode) == 0o400


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"nonsense", errno.EINVAL), (uuid(1).encode(), errno.EEXIST), (b"x" * 5000, errno.EINVAL)],
)
def test_an_error_comes_out_of_the_write_itself(sys_at: Path, data: bytes, code: int) -> None:
    create(sys_at, 1)
    descriptor = os.open(sys_at / MTTY / "create", os.O_WRONLY)
    assert errno_of(os.write, descriptor, data) == code
    os.close(descriptor)


def test_each_write_is_one_store_wherever_the_file_stands(sys_at: Path) -> None:
    descriptor = os.open(sys_at / MTTY / "create", os.O_WRONLY | os.O_APPEND)
    assert [os.write(descriptor, uuid(number).encode()) for number in (1, 2, 3)] == [36, 36, 36]
    os.close(descriptor)
    assert len(os.listdir(sys_at / "bus/mdev/devices")) == 3


def test_more_than_a_page_is_one_write_of_a_page(host: Host, sys_at: Path) -> None:
    # In kernels of this era, the store of a uevent file accepts invalid data and logs it.
    descriptor = os.open(sys_at / "devices/virtual/mtty/mtty/uevent", os.O_WRONLY)
    assert os.write(descriptor, b"x" * 20_000) == 4096
    os.close(descriptor)
    assert sum("uevent" in line for line in host.log) == 1


def test_content_is_made_anew_whenever_it_is_read_from_its_beginning(sys_at: Path) -> None:
    descriptor = os.open(sys_at / MTTY / "available_instances", os.O_RDONLY)
    assert os.read(descriptor, 1) == b"1"
    create(sys_at, 1)
    assert os.read(descriptor, 100) == b"2\n"
    assert os.pread(descriptor, 100, 0) == b"11\n"
    assert os.pread(descriptor, 100, 4000) == b""
    os.close(descriptor)


def test_after_a_driver_that_was_unloaded_nothing_of_it_is_seen(host: Host, sys_at: Path) -> None:
    assert (sys_at / MTTY / "name").read_bytes()
    host.unload("mtty")
    assert errno_of(os.stat, sys_at / MTTY) == errno.ENOENT
    assert errno_of(os.stat, sys_at / "devices/virtual/mtty") == errno.ENOENT
    host.load("mtty")
    assert (sys_at / MTTY / "available_instances").read_text() == "12\n"


def test_ten_thousand_entries_can_be_listed_and_looked_up(host: Host, folder: Path) -> None:
    tree = host.kernel.tree
    many = tree.add_directory(tree.root, "many")
    for number in range(10_000):
        tree.add_directory(many, uuid(number))
    with mounted(host, folder):
        assert sorted(os.listdir(folder / "many")) == [uuid(number) for number in range(10_000)]
        assert (folder / "many" / uuid(9_999)).is_dir()


def test_a_fault_of_the_server_is_reported_and_is_an_input_output_error(
    host: Host, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def show(_: object) -> bytes:
        raise RuntimeError("a driver's own fault")

    host.kernel.tree.add_file(host.kernel.tree.root, Attribute("broken", 0o444, show), None)
    with mounted(host, folder):
        assert errno_of((folder / "broken").read_bytes) == errno.EIO
        assert (folder / MTTY / "name").read_bytes()
    assert "a driver's own fault" in capsys.readouterr().err
