"""A device opened through its own node and bound to an iommufd, as recorded on 7.3 with that configuration."""

from __future__ import annotations

from errno import EBADF, EBADFD, EBUSY, EFAULT, EINVAL, ENODEV, ENOENT, ENOTTY, EOPNOTSUPP

import pytest

from mdevref.host import Host
from mdevref.vfio import uapi
from mdevref.vfio.uapi import AttachIommufdPt, BindIommufd, DetachIommufdPt, DeviceInfo, IoasAlloc
from tests.machines import create, errno_of, machine, remove, uuid
from tests.vfio.vmm import set_container

ERA = "6.12-cdev"
CONFIG = 7 << 40


class Bench:
    """A host with a device, and a process with open files of its node and /dev/iommu."""

    def __init__(self) -> None:
        self.host: Host = machine(ERA, "mtty")
        self.name = create(self.host, 1)
        self.process = self.host.process()
        self.iommufd = self.process.open("iommu")
        self.device = self.process.open("vfio/devices/vfio0")

    def ask(self, request: int, argument: uapi.Record | int) -> bytearray:
        """Call an ioctl of the device and return the changed argument."""
        given = argument.pack() if isinstance(argument, uapi.Record) else argument
        assert self.process.ioctl(self.device, request, given) == 0
        return given if isinstance(given, bytearray) else bytearray()

    def bind(self, iommufd: int | None = None, argsz: int = BindIommufd.full, flags: int = 0) -> int:
        """Call BIND_IOMMUFD and return the number of the device."""
        wanted = BindIommufd(argsz=argsz, flags=flags, iommufd=self.iommufd if iommufd is None else iommufd)
        return BindIommufd.read(self.ask(uapi.DEVICE_BIND_IOMMUFD, wanted)).out_devid

    def allocate(self) -> int:
        """Call IOAS_ALLOC and return the number of the IOAS."""
        argument = IoasAlloc(size=12).pack()
        assert self.process.ioctl(self.iommufd, uapi.IOMMU_IOAS_ALLOC, argument) == 0
        return IoasAlloc.read(argument).out_ioas_id


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_nodes_come_and_go_with_devices(bench: Bench) -> None:
    nodes = bench.host.kernel.nodes
    assert bench.host.vfio.nodes() == ["0", "devices", "vfio"]
    create(bench.host, 2)
    assert nodes.names("vfio/devices") == ["vfio0", "vfio1"]
    below = f"bus/mdev/devices/{uuid(2)}/vfio-dev/vfio1"
    major = bench.host.sysfs.read(f"{below}/dev").split(b":")[0]
    expected = b"MAJOR=" + major + b"\nMINOR=1\nDEVNAME=vfio/devices/vfio1\n"
    assert bench.host.sysfs.read(f"{below}/uevent") == expected
    bench.process.exit()
    for number in (1, 2):
        remove(bench.host, uuid(number))
    assert errno_of(nodes.names, "vfio/devices") == ENOENT
    assert bench.host.leftovers() == []
    bench.host.unload_all()
    assert errno_of(nodes.find, "iommu") == ENOENT


def test_until_it_is_bound_a_device_does_nothing(bench: Bench) -> None:
    info = DeviceInfo(argsz=24).pack()
    assert errno_of(bench.process.ioctl, bench.device, uapi.DEVICE_GET_INFO, info) == EINVAL
    assert errno_of(bench.process.ioctl, bench.device, uapi.DEVICE_FEATURE, 0) == EINVAL
    for call in (bench.process.pread, bench.process.mmap):
        assert errno_of(call, bench.device, 4, 0) == EINVAL
    assert errno_of(bench.process.pwrite, bench.device, b"x", 0) == EINVAL
    assert "mtty_open" not in bench.host.log


def test_as_recorded(bench: Bench) -> None:
    assert bench.bind() == 1
    assert errno_of(bench.bind) == EINVAL
    assert bench.allocate() == 2
    attached = bench.ask(uapi.DEVICE_ATTACH_IOMMUFD_PT, AttachIommufdPt(argsz=12, pt_id=2))
    assert AttachIommufdPt.read(attached).pt_id == 2
    info = DeviceInfo.read(bench.ask(uapi.DEVICE_GET_INFO, DeviceInfo(argsz=24)))
    assert (info.argsz, info.flags, info.num_regions, info.num_irqs) == (24, 2, 9, 5)
    assert bench.process.pread(bench.device, 4, CONFIG) == b"HCS2"
    assert errno_of(bench.process.open, "vfio/0") == EBUSY
    bench.ask(uapi.DEVICE_DETACH_IOMMUFD_PT, DetachIommufdPt(argsz=8))
    bench.process.close(bench.device)
    bench.process.open("vfio/0")


def test_binding_wants_an_iommufd_and_a_group_that_is_not_open(bench: Bench) -> None:
    assert errno_of(bench.ask, uapi.DEVICE_BIND_IOMMUFD, 0) == EFAULT
    assert errno_of(bench.bind, argsz=15) == EINVAL
    assert errno_of(bench.bind, flags=1) == EINVAL
    assert errno_of(bench.bind, iommufd=-1) == EINVAL
    assert errno_of(bench.bind, iommufd=99) == EBADF
    assert errno_of(bench.bind, iommufd=bench.device) == EBADFD
    group = bench.process.open("vfio/0")
    assert errno_of(bench.bind) == EBUSY
    bench.process.close(group)
    assert bench.bind() == 1


def test_one_file_of_a_device_is_bound(bench: Bench) -> None:
    bench.bind()
    second = bench.process.open("vfio/devices/vfio0")
    wanted = BindIommufd(argsz=16, iommufd=bench.iommufd)
    assert errno_of(bench.process.ioctl, second, uapi.DEVICE_BIND_IOMMUFD, wanted.pack()) == EINVAL
    bench.process.close(bench.device)
    assert bench.process.ioctl(second, uapi.DEVICE_BIND_IOMMUFD, wanted.pack()) == 0


def test_attaching_wants_a_space(bench: Bench) -> None:
    number = bench.bind()
    for argument, errno in (
        (AttachIommufdPt(argsz=11), EINVAL),
        (AttachIommufdPt(argsz=12, flags=1, pt_id=bench.allocate()), EINVAL),
        (AttachIommufdPt(argsz=12, pt_id=number), ENOENT),
    ):
        assert errno_of(bench.ask, uapi.DEVICE_ATTACH_IOMMUFD_PT, argument) == errno
    assert errno_of(bench.ask, uapi.DEVICE_DETACH_IOMMUFD_PT, DetachIommufdPt(argsz=8, flags=1)) == EINVAL


def test_what_an_iommufd_knows(bench: Bench) -> None:
    def ask(argument: bytearray | int, request: int = uapi.IOMMU_IOAS_ALLOC) -> int:
        return bench.process.ioctl(bench.iommufd, request, argument)

    assert errno_of(ask, 0) == EFAULT
    assert errno_of(ask, IoasAlloc(size=11).pack()) == EINVAL
    assert errno_of(ask, IoasAlloc(size=12, flags=1).pack()) == EOPNOTSUPP
    assert errno_of(ask, 0, uapi.GET_API_VERSION) == ENOTTY
    group = bench.process.open("vfio/0")
    assert errno_of(set_container, bench.process, group, bench.iommufd) == bench.host.era.not_a_container_errno


def test_an_open_node_blocks_a_removal_and_one_that_goes_cannot_be_opened(bench: Bench) -> None:
    bench.bind()
    remover = bench.host.start(lambda: remove(bench.host, bench.name))
    assert remover.is_blocked()
    assert errno_of(bench.process.open, "vfio/devices/vfio0") == ENOENT
    assert errno_of(bench.host.vfio.open_device_node, bench.process, 0) == ENODEV
    assert bench.process.pread(bench.device, 4, CONFIG) == b"HCS2"
    bench.process.exit()
    assert remover.result() == 1
    assert bench.host.leftovers() == []
    bench.host.unload_all()


def test_a_node_that_was_opened_and_never_bound_is_let_go(bench: Bench) -> None:
    bench.process.exit()
    assert remove(bench.host, bench.name) == 1
    assert int(bench.host.sysfs.read("module/mtty/refcnt")) == 0


def test_other_eras_have_no_nodes() -> None:
    host = machine("6.12", "mtty")
    create(host, 1)
    assert host.vfio.nodes() == ["0", "vfio"]
    assert errno_of(host.process().open, "iommu") == ENOENT
