"""Threads that concurrently create, remove, open, read, exit and close: no thread hangs, no remains are left."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from contextlib import suppress
from errno import EACCES, EAGAIN, EBUSY, EEXIST, EINVAL, ENODEV, ENOENT, ENOSPC, ENXIO
from functools import partial

import pytest

from mdevref.host import Host
from mdevref.mdev.eras import ERAS
from tests.machines import create, machine, remove, uuid
from tests.vfio.vmm import vmm

ROUNDS = 150
DEVICES = 4
SEED = int(os.environ.get("VFIO_SEED", "1"))
CONFIG = 7 << 40

#: Errnos that a thread may see because of races. EACCES: the shell's ``>`` tries to create a removed ``remove``.
EXPECTED = {EACCES, EAGAIN, EBUSY, EEXIST, EINVAL, ENODEV, ENOENT, ENOSPC, ENXIO}


def maker(host: Host, choose: random.Random) -> None:
    """Create a device, or remove one, which may block until its users close it."""
    number = choose.randrange(DEVICES)
    if choose.random() < 0.5:
        create(host, number)
    else:
        remove(host, uuid(number))


def user(host: Host, choose: random.Random) -> None:
    """Open a device as a VMM does, use it, and close it or exit."""
    one = vmm(host, uuid(choose.randrange(DEVICES)))
    try:
        assert one.process.pread(one.device, 4, CONFIG) == b"HCS2"
        if choose.random() < 0.5:
            for descriptor in choose.sample([one.container, one.group, one.device], 3):
                one.process.close(descriptor)
    finally:
        one.process.exit()


def holder(host: Host, choose: random.Random) -> None:
    """Open a device through the shortcut of the host."""
    device = host.open_device(uuid(choose.randrange(DEVICES)))
    try:
        assert device.read(4, CONFIG) == b"HCS2"
    finally:
        device.close()


def often(host: Host, action: Callable[[Host, random.Random], None], seed: int) -> int:
    """Repeat the action and return how often it succeeded."""
    choose, done = random.Random(seed), 0
    for _ in range(ROUNDS):
        try:
            action(host, choose)
            done += 1
        except OSError as error:
            if error.errno not in EXPECTED:
                raise
    return done


@pytest.mark.parametrize("era", ERAS)
def test_many_at_once(era: str) -> None:
    print(f"VFIO_SEED={SEED}")
    host = machine(era, "mtty")
    actions = [maker, maker, user, user, holder, holder]
    started = [host.start(partial(often, host, action, seed)) for seed, action in enumerate(actions, SEED)]
    done = [one.result() for one in started]
    # A thread may run all its rounds before a device exists, or while other threads use it.
    makers, users = done[: actions.count(maker)], done[actions.count(maker) :]
    assert all(makers)
    assert any(users)
    for number in range(DEVICES):
        with suppress(FileNotFoundError, PermissionError):
            remove(host, uuid(number))
    # From 5.2 on, removing an unfinished device loses its ``remove`` file: only unregistration removes the device.
    host.unload("mtty")
    assert host.leftovers() == []
    assert host.vfio.nodes() == ["vfio"]
    host.unload_all()
