"""Concurrent use of a mounted tree, also during removals: no operation hangs, and no resources leak."""

from __future__ import annotations

import errno
import os
import subprocess
import threading
from pathlib import Path

from mdevref.host import Host
from mdevref.kernel.directories import Directory
from mdevref.kernel.waiting import Started
from mdevref.servers.sysfs.mounting import mounted
from tests.machines import errno_of, uuid
from tests.servers.sysfs.mounts import MTTY, await_unmounted, await_waiting, mtty_host, needs_fuse
from tests.servers.sysfs.writing import create, write

pytestmark = needs_fuse


def test_a_writer_who_waits_keeps_nobody_else_back(folder: Path) -> None:
    host = mtty_host("5.10")
    with mounted(host, folder):
        device = create(folder, 1)
        held = host.open_device(uuid(1))
        resolved = device.resolve()
        second = os.open(resolved / "remove", os.O_WRONLY)
        waiting = Started(host.waits, lambda: write(resolved / "remove", b"1"))
        try:
            await_waiting(host)
            assert errno_of(os.lstat, device) == errno.ENOENT
            assert errno_of(os.write, second, b"1") == errno.ENODEV
            assert create(folder, 2).exists()
            assert (folder / MTTY / "available_instances").read_text() == "10\n"
            assert os.listdir(folder / "bus/mdev/devices") == [uuid(2)]
        finally:
            os.close(second)
            held.close()
        assert waiting.result() == 1
        assert not resolved.exists()


def test_of_many_who_create_the_same_device_one_wins(sys_at: Path) -> None:
    barrier = threading.Barrier(4)
    outcomes: list[int] = []

    def race() -> None:
        barrier.wait()
        try:
            outcomes.append(write(sys_at / MTTY / "create", uuid(1).encode()))
        except OSError as error:
            outcomes.append(-(error.errno or 0))

    for _ in range(20):
        racers = [threading.Thread(target=race) for _ in range(4)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert sorted(outcomes) == [-errno.EEXIST] * 3 + [36]
        outcomes.clear()
        write(sys_at / "bus/mdev/devices" / uuid(1) / "remove", b"1")


def test_a_device_that_goes_while_it_is_listed_is_listed_and_cannot_be_read(host: Host, sys_at: Path) -> None:
    device = create(sys_at, 1)
    assert device.exists()  # the kernel caches the entry

    def take_away(listed: Directory) -> None:
        if listed is host.core.bus.devices_directory and uuid(1) in listed.children:
            host.sysfs.write(f"bus/mdev/devices/{uuid(1)}/remove", b"1")

    host.kernel.tree.listed = take_away
    assert os.listdir(device.parent) == [uuid(1)]
    assert errno_of(os.stat, device) == errno.ENOENT
    assert os.listdir(device.parent) == []


def test_the_server_keeps_nothing_of_what_has_gone(host: Host, folder: Path) -> None:
    with mounted(host, folder) as mount:
        tables = mount.server.sizes

        def devices() -> None:
            for number in range(100):
                device = create(folder, number)
                assert os.listdir(device)
                write(device / "remove", b"1")

        devices()
        before = tables()
        devices()
        # The kernel sends RELEASE asynchronously; another look-up is served after it.
        os.stat(folder / "bus")
        assert tables() <= before + 20


def test_a_mount_that_ends_lets_nobody_wait(host: Host, folder: Path) -> None:
    with mounted(host, folder) as mount:
        create(folder, 1)
        held = host.open_device(uuid(1))
        # Use a process, not a thread, because this process ends the mount.
        waiting = subprocess.Popen(
            ["sh", "-c", f"echo 1 > {folder}/bus/mdev/devices/{uuid(1)}/remove"], stderr=subprocess.PIPE
        )
        await_waiting(host)
    _, said = waiting.communicate(timeout=20)
    assert waiting.returncode
    assert said
    await_unmounted(folder)
    assert mount.server.session.wait(20)
    held.close()
