"""Eight threads with random faults: no deadlock occurs, and the host is consistent and empty afterwards."""

from __future__ import annotations

import faulthandler
import random
import sys
import threading
from errno import EACCES, EAGAIN, EBUSY, EEXIST, EINVAL, EIO, ENODEV, ENOENT, ENOMEM, ENOSPC, EPERM, EUSERS

import pytest

from mdevref.host import Host
from mdevref.mdev.eras import ERAS
from tests.machines import machine, scripted, uuid

THREADS = 8
OPERATIONS = 2500  #: number of operations of each thread
POOL = 40  #: number of UUIDs for which the threads compete
WATCHDOG = 60.0  #: seconds after which all stacks are dumped and the test fails
TYPES = [
    "mtty/mdev_supported_types/mtty-1",
    "mtty/mdev_supported_types/mtty-2",
    "mdpy/mdev_supported_types/mdpy-hd",
    "scripted/mdev_supported_types/scripted-plain",
]
#: The errnos that a race may cause; any other is a defect of the host.
EXPECTED = {EACCES, EAGAIN, EBUSY, EEXIST, EINVAL, EIO, ENODEV, ENOENT, ENOMEM, ENOSPC, EPERM, EUSERS}


class Stress:
    """The work of the threads on one host."""

    def __init__(self, era: str) -> None:
        self.host = machine(era, "mtty", "mdpy")
        self.vendor = scripted(self.host)
        self.is_old = self.host.era.has_bus_driver
        self.surprises: list[BaseException] = []
        self.done: list[set[str]] = []
        self.barrier = threading.Barrier(THREADS)

    def run(self, seed: int) -> None:
        choose = random.Random(seed)
        operations = [self.create] * 8 + [self.remove] * 8 + [self.look] * 2 + [self.use, self.rebind, self.misbehave]
        if self.host.era.has_unregister_gate:
            operations.append(self.reload)
        done: set[str] = set()
        self.done.append(done)
        self.barrier.wait(30)
        for _ in range(OPERATIONS):
            operation = choose.choice(operations)
            try:
                operation(choose)
                done.add(operation.__name__)
            except OSError as error:
                if error.errno not in EXPECTED:
                    self.surprises.append(error)
            except BaseException as error:
                self.surprises.append(error)
                raise

    def create(self, choose: random.Random) -> None:
        name = uuid(choose.randrange(POOL)).encode()
        self.host.sysfs.write(f"class/mdev_bus/{choose.choice(TYPES)}/create", name)

    def remove(self, choose: random.Random) -> None:
        self.host.sysfs.write(f"bus/mdev/devices/{uuid(choose.randrange(POOL))}/remove", b"1")

    def look(self, choose: random.Random) -> None:
        for path in ("bus/mdev/devices", "kernel/iommu_groups", f"class/mdev_bus/{choose.choice(TYPES)}/devices"):
            for name in self.host.sysfs.listdir(path):
                self.host.sysfs.listdir(f"{path}/{name}")

    def use(self, choose: random.Random) -> None:
        # Do not block while the device is open: the test would deadlock itself.
        self.host.open_device(uuid(choose.randrange(POOL))).close()

    def rebind(self, choose: random.Random) -> None:
        name = uuid(choose.randrange(POOL)).encode()
        driver = "vfio_mdev" if self.is_old else choose.choice(["mtty", "mdpy", "scripted"])
        self.host.sysfs.write(f"bus/mdev/drivers/{driver}/{choose.choice(['bind', 'unbind'])}", name)

    def misbehave(self, choose: random.Random) -> None:
        self.vendor.refuse_create(choose.choice([0, 0, EPERM]))
        self.vendor.refuse_probe(choose.choice([0, 0, EIO]))
        if self.host.era.vendor_may_refuse_remove:
            self.vendor.refuse_remove(choose.choice([0, 0, EIO]))

    def reload(self, choose: random.Random) -> None:
        if choose.random() < 0.1:
            name = choose.choice(["mdpy", "mtty"])
            self.host.unload(name)
            self.host.load(name)


def drain(host: Host) -> None:
    """Remove the remaining devices as a user would."""
    for name in host.sysfs.listdir("bus/mdev/devices"):
        if host.sysfs.exists(f"bus/mdev/devices/{name}/remove"):
            host.sysfs.write(f"bus/mdev/devices/{name}/remove", b"1")


@pytest.mark.parametrize("era", ERAS)
def test_threads_with_random_faults_end_and_leave_a_consistent_host(era: str) -> None:
    stress = Stress(era)
    threads = [threading.Thread(target=stress.run, args=(seed,), daemon=True) for seed in range(THREADS)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # switch threads much more often than by default
    faulthandler.dump_traceback_later(WATCHDOG)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WATCHDOG)
    finally:
        faulthandler.cancel_dump_traceback_later()
        sys.setswitchinterval(interval)
    assert not [thread for thread in threads if thread.is_alive()], "deadlock: the stacks are on stderr"
    assert stress.surprises == [], sorted({str(s)[:90] for s in stress.surprises})[:8]
    assert {"create", "remove", "look"} <= set.intersection(*stress.done), "every thread got through"
    assert {"use", "rebind"} <= set.union(*stress.done)
    stress.vendor.refuse_create(0)
    stress.vendor.refuse_probe(0)
    if stress.host.era.vendor_may_refuse_remove:
        stress.vendor.refuse_remove(0)
    drain(stress.host)
    assert stress.host.waits.current() == []
    # A removal at the wrong time leaves a device without ``remove`` (fact D6); unloading removes it.
    stress.host.unload_all()
    assert stress.host.leftovers() == []
    for directory in ("bus", "class", "module", "devices/virtual", "kernel/iommu_groups"):
        assert stress.host.sysfs.listdir(directory) == []
