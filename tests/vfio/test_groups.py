"""Groups: nodes, status, joining and leaving a container, and their devices (facts 3.2)."""

from __future__ import annotations

from errno import EACCES, EBADF, EBUSY, EFAULT, EINVAL, EIO, EMFILE, ENODEV, ENOENT, ENOTTY, ENXIO

import pytest

from mdevref.mdev.eras import ERAS
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio import uapi
from tests.machines import OLD, create, errno_of, remove, uuid
from tests.mdev.stage import Stage
from tests.vfio.bench import Bench
from tests.vfio.vmm import get_device, set_container, set_iommu, status

ALL = list(ERAS)


# Nodes


def test_groups_have_nodes_as_long_as_they_live(bench: Bench) -> None:
    assert bench.host.vfio.nodes() == ["0", "vfio"]
    create(bench.host, 2)
    assert bench.host.vfio.nodes() == ["0", "1", "vfio"]
    remove(bench.host, uuid(2))
    assert bench.host.vfio.nodes() == ["0", "vfio"]
    assert errno_of(bench.process.open, "vfio/1") == ENOENT
    nobody = bench.host.process(uid=65534)
    assert errno_of(nobody.open, "vfio/0") == EACCES
    nobody.open("vfio/vfio")


@pytest.mark.parametrize("era", ALL)
def test_a_number_without_a_group_behind_it_is_enodev_or_has_no_device(era: str) -> None:
    bench = Bench(era)
    bench.host.kernel.nodes.add("stale", (bench.host.vfio.group_nodes.major, 99))
    assert errno_of(bench.process.open, "stale") == (ENODEV if era in OLD else ENXIO)


def test_a_group_is_opened_once(bench: Bench) -> None:
    assert errno_of(bench.process.open, "vfio/0") == EBUSY
    bench.process.close(bench.group)
    bench.group = bench.process.open("vfio/0")


def test_a_group_that_a_device_keeps_in_its_container_is_busy_until_that_is_closed(bench: Bench) -> None:
    device = bench.open()
    bench.process.close(bench.group)
    assert errno_of(bench.process.open, "vfio/0") == EBUSY
    bench.process.close(device)
    bench.group = bench.process.open("vfio/0")
    assert status(bench.process, bench.group) == 1


# GET_STATUS


def test_status_tells_of_viability_and_the_container(bench: Bench) -> None:
    assert status(bench.process, bench.group) == 1
    bench.join()
    assert status(bench.process, bench.group) == 3
    bench.ask(uapi.GROUP_UNSET_CONTAINER)
    assert status(bench.process, bench.group) == 1


def test_status_wants_its_argument(bench: Bench) -> None:
    assert errno_of(bench.ask, uapi.GROUP_GET_STATUS, 0) == EFAULT
    assert errno_of(bench.ask, uapi.GROUP_GET_STATUS, bytearray(7)) == EFAULT
    assert errno_of(bench.ask, uapi.GROUP_GET_STATUS, bytearray(8)) == EINVAL
    assert errno_of(bench.ask, uapi.GROUP_GET_STATUS, uapi.GroupStatus(argsz=7).pack()) == EINVAL
    larger = uapi.GroupStatus(argsz=12).pack(b"tail")
    assert bench.ask(uapi.GROUP_GET_STATUS, larger) == 0
    assert larger == uapi.GroupStatus(argsz=12, flags=1).pack(b"tail")


# SET_CONTAINER, UNSET_CONTAINER


def test_set_container_wants_an_open_container(bench: Bench) -> None:
    is_later = bench.host.era.looks_up_first
    assert errno_of(bench.ask, uapi.GROUP_SET_CONTAINER, 0) == EFAULT
    assert errno_of(bench.ask, uapi.GROUP_SET_CONTAINER, bytearray(3)) == EFAULT
    assert errno_of(set_container, bench.process, bench.group, -1) == (EBADF if is_later else EINVAL)
    assert errno_of(set_container, bench.process, bench.group, 99) == EBADF
    other_kind = bench.host.era.not_a_container_errno
    assert errno_of(set_container, bench.process, bench.group, bench.group) == other_kind
    bench.join()
    assert errno_of(set_container, bench.process, bench.group, bench.container) == EINVAL
    assert errno_of(set_container, bench.process, bench.group, 99) == (EBADF if is_later else EINVAL)


def test_unset_container_wants_a_container_that_no_device_uses(bench: Bench) -> None:
    assert errno_of(bench.ask, uapi.GROUP_UNSET_CONTAINER) == EINVAL
    device = bench.open()
    assert errno_of(bench.ask, uapi.GROUP_UNSET_CONTAINER) == EBUSY
    bench.process.close(device)
    assert bench.ask(uapi.GROUP_UNSET_CONTAINER) == 0
    assert errno_of(bench.ask, uapi.GROUP_UNSET_CONTAINER) == EINVAL


def test_a_pin_that_is_being_made_keeps_the_group_in_its_container(bench: Bench) -> None:
    bench.enable()
    group = bench.host.vfio.devices.find(bench.name).group
    with group.borrowed() as backend:
        assert backend is not None
        assert errno_of(bench.ask, uapi.GROUP_UNSET_CONTAINER) == EBUSY
    assert bench.ask(uapi.GROUP_UNSET_CONTAINER) == 0
    assert errno_of(group.borrowed().__enter__) == EINVAL


def test_nobody_borrows_a_group_without_a_back_end(bench: Bench) -> None:
    group = bench.host.vfio.devices.find(bench.name).group
    assert errno_of(group.borrowed().__enter__) == EINVAL
    bench.join()
    assert errno_of(group.borrowed().__enter__) == EINVAL
    set_iommu(bench.process, bench.container)
    with group.borrowed():
        pass


def test_what_is_no_request_to_a_group_is_enotty(bench: Bench) -> None:
    for request in (0, uapi.GET_API_VERSION, uapi.DEVICE_GET_INFO, 0xFFFF_FFFF):
        assert errno_of(bench.ask, request) == ENOTTY
    for call in (bench.process.pread, bench.process.mmap):
        assert errno_of(call, bench.group, 4, 0) in (EINVAL, ENODEV)


# GET_DEVICE_FD


def test_a_device_needs_container_back_end_and_its_lower_case_name(bench: Bench) -> None:
    is_later = bench.host.era.looks_up_first

    def errno(name: str) -> int | None:
        return errno_of(get_device, bench.process, bench.group, name)

    assert errno_of(bench.ask, uapi.GROUP_GET_DEVICE_FD, 0) == EFAULT
    assert errno_of(bench.ask, uapi.GROUP_GET_DEVICE_FD, bytearray(b"83b8")) == EFAULT
    assert errno("x" * 4096) == EINVAL
    assert (errno(bench.name), errno("x")) == (EINVAL, ENODEV if is_later else EINVAL)
    bench.join()
    assert (errno(bench.name), errno("x")) == (EINVAL, ENODEV if is_later else EINVAL)
    set_iommu(bench.process, bench.container)
    assert [errno(name) for name in ("x", "", bench.name + " ", bench.name[:-1])] == [ENODEV] * 4
    first, second = (get_device(bench.process, bench.group, bench.name) for _ in range(2))
    assert first != second


@pytest.mark.parametrize("era", ALL)
def test_without_a_free_descriptor_a_device_is_not_opened_or_closed_again(era: str) -> None:
    bench = Bench(era, open_files=6)
    bench.enable()
    bench.process.eventfd()
    log = bench.host.log
    log.clear()
    assert errno_of(get_device, bench.process, bench.group, bench.name) == EMFILE
    assert [line for line in log if line.startswith("mtty_")] == (["mtty_open", "mtty_close"] if era in OLD else [])
    assert bench.ask(uapi.GROUP_UNSET_CONTAINER) == 0
    assert remove(bench.host, bench.name) == 1


@pytest.mark.parametrize("era", OLD)
def test_a_vendors_errno_reaches_the_caller_and_nothing_stays_open(era: str) -> None:
    def refuse(mdev: MdevDevice) -> None:
        raise OSError(EIO, "no")

    stage = Stage(era)
    stage.register(open=refuse)
    stage.write_create(uuid(1))
    process = stage.host.process()
    container, group = process.open("vfio/vfio"), process.open("vfio/0")
    set_container(process, group, container)
    set_iommu(process, container)
    assert errno_of(get_device, process, group, uuid(1)) == EIO
    assert process.ioctl(group, uapi.GROUP_UNSET_CONTAINER) == 0
    assert process.eventfd() == group + 1
