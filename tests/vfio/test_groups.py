"""Containers and groups: every row of facts 3.2, closing in any order, and who waits for whom (recordings)."""

from __future__ import annotations

from errno import (
    EACCES,
    EBADF,
    EBUSY,
    EFAULT,
    EINVAL,
    EIO,
    EMFILE,
    ENODEV,
    ENOENT,
    ENOTTY,
    ENXIO,
    EPERM,
)
from typing import Any

import pytest

from mdevref.host import Host
from mdevref.kernel.process import Process, UserArgument
from mdevref.mdev.eras import ERAS
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio import uapi
from mdevref.vfio.groups import Group
from mdevref.vfio.uapi import Extension
from tests.machines import NEW, OLD, create, errno_of, machine, remove, uuid
from tests.mdev.stage import Stage
from tests.vfio.vmm import get_device, group_name, set_container, set_iommu, status, vmm

ALL = list(ERAS)


class Bench:
    """A host with a device, and a process that has its group and a container open."""

    def __init__(self, era: str, **limits: Any) -> None:
        self.host = machine(era, "mtty")
        self.name = create(self.host, 1)
        self.process: Process = self.host.process(**limits)
        self.container = self.process.open("vfio/vfio")
        self.group = self.process.open("vfio/0")

    def join(self) -> None:
        set_container(self.process, self.group, self.container)

    def enable(self) -> None:
        self.join()
        set_iommu(self.process, self.container)

    def open(self) -> int:
        self.enable()
        return get_device(self.process, self.group, self.name)

    def ask(self, request: int, argument: int | bytearray = 0) -> int:
        """An ioctl on the group."""
        return self.process.ioctl(self.group, request, argument)


@pytest.fixture(params=ALL)
def bench(request: pytest.FixtureRequest) -> Bench:
    return Bench(request.param)


def module_uses(host: Host, name: str) -> int:
    return int(host.sysfs.read(f"module/{name}/refcnt"))


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
    bench.host.kernel.nodes.add("stale", (bench.host.vfio.major, 99))
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
    group = bench.host.vfio.find(bench.name).group
    with group.borrowed() as backend:
        assert backend is not None
        assert errno_of(bench.ask, uapi.GROUP_UNSET_CONTAINER) == EBUSY
    assert bench.ask(uapi.GROUP_UNSET_CONTAINER) == 0
    assert errno_of(group.borrowed().__enter__) == EINVAL


def test_nobody_borrows_a_group_without_a_back_end(bench: Bench) -> None:
    group = bench.host.vfio.find(bench.name).group
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


# Containers


def test_a_container_answers_before_it_has_anything(bench: Bench) -> None:
    def ask(request: int, argument: int = 0) -> int:
        return bench.process.ioctl(bench.container, request, argument)

    assert ask(uapi.GET_API_VERSION) == 0
    known = {Extension.TYPE1, Extension.TYPE1V2, Extension.TYPE1_NESTING}
    if bench.host.era.can_unmap_all:
        known |= {Extension.UNMAP_ALL}
    for has_back_end in (False, True):
        assert {number for number in range(13) if ask(uapi.CHECK_EXTENSION, number)} == known
        assert ask(uapi.CHECK_EXTENSION, -1) == 0
        if not has_back_end:
            bench.enable()


def test_set_iommu_wants_a_group_a_known_type_and_comes_once(bench: Bench) -> None:
    assert errno_of(set_iommu, bench.process, bench.container) == EINVAL
    bench.join()
    for kind in (0, Extension.SPAPR, Extension.NOIOMMU, 99):
        assert errno_of(set_iommu, bench.process, bench.container, kind) == ENODEV
    assert set_iommu(bench.process, bench.container) == 0
    assert errno_of(set_iommu, bench.process, bench.container) == EINVAL


def test_without_a_back_ends_module_there_is_no_type(bench: Bench) -> None:
    bench.join()
    bench.host.unload("vfio_iommu_type1")
    assert bench.process.ioctl(bench.container, uapi.CHECK_EXTENSION, Extension.TYPE1) == 0
    assert errno_of(set_iommu, bench.process, bench.container) == ENODEV


def test_other_requests_are_the_back_ends(bench: Bench) -> None:
    for request in (0, uapi.IOMMU_MAP_DMA, uapi.GROUP_GET_STATUS):
        assert errno_of(bench.process.ioctl, bench.container, request) == EINVAL
    bench.enable()
    assert errno_of(bench.process.ioctl, bench.container, 0) == ENOTTY
    info = uapi.IommuInfo(argsz=16).pack()
    assert bench.process.ioctl(bench.container, uapi.IOMMU_GET_INFO, info) == 0
    assert uapi.IommuInfo.read(info).iova_pgsizes & 4096


def test_a_container_is_neither_read_nor_written_nor_mapped(bench: Bench) -> None:
    bench.enable()
    assert errno_of(bench.process.pread, bench.container, 1, 0) == EINVAL
    assert errno_of(bench.process.pwrite, bench.container, b"", 0) == EINVAL
    assert errno_of(bench.process.mmap, bench.container, 1, 0) == bench.host.era.container_mmap_errno


def test_with_its_last_group_a_container_loses_its_back_end(bench: Bench) -> None:
    other = create(bench.host, 2)
    bench.enable()
    group = bench.process.open(f"vfio/{group_name(bench.host, other)}")
    set_container(bench.process, group, bench.container)
    device = get_device(bench.process, group, other)
    bench.ask(uapi.GROUP_UNSET_CONTAINER)
    assert errno_of(set_iommu, bench.process, bench.container) == EINVAL  # it still has one
    bench.process.close(device)
    bench.process.close(group)
    assert errno_of(bench.process.ioctl, bench.container, uapi.IOMMU_MAP_DMA) == EINVAL
    bench.enable()


# Closing, dying, waiting

ORDERS = ["cgd", "cdg", "gcd", "gdc", "dcg", "dgc"]


@pytest.mark.parametrize("order", ORDERS)
def test_files_are_closed_in_any_order(bench: Bench, order: str) -> None:
    descriptors = {"c": bench.container, "g": bench.group, "d": bench.open()}
    for letter in order:
        bench.process.close(descriptors[letter])
    assert remove(bench.host, bench.name) == 1
    assert bench.host.leftovers() == []
    assert module_uses(bench.host, "vfio_iommu_type1") == 0


def test_a_device_works_without_the_other_files(bench: Bench) -> None:
    device = bench.open()
    for descriptor in (bench.container, bench.group):
        bench.process.close(descriptor)
    assert bench.process.pread(device, 4, 7 << 40) == b"HCS2"


def test_open_files_keep_modules(bench: Bench) -> None:
    host, era = bench.host, bench.host.era
    bench.process.exit()
    before = module_uses(host, "vfio")
    one = vmm(host, bench.name)
    # As recorded: container, group (twice where each is a character device of its own) and device.
    assert module_uses(host, "vfio") - before == (4 if era.has_group_cdevs else 3)
    assert module_uses(host, "vfio_iommu_type1") == 1
    one.process.exit()
    assert (module_uses(host, "vfio"), module_uses(host, "vfio_iommu_type1")) == (before, 0)


def test_a_vmm_that_dies_leaves_nothing(bench: Bench) -> None:
    device = bench.open()
    bench.process.dup(device)
    remover = bench.host.start(lambda: remove(bench.host, bench.name))
    assert remover.is_blocked()
    bench.process.exit()
    assert remover.result() == 1
    assert bench.host.leftovers() == []
    assert bench.host.vfio.nodes() == ["vfio"]
    assert module_uses(bench.host, "vfio_iommu_type1") == 0
    bench.host.unload_all()


def test_two_devices_in_two_containers_do_not_touch(bench: Bench) -> None:
    create(bench.host, 2)
    bench.process.exit()
    first, second = vmm(bench.host, uuid(1)), vmm(bench.host, uuid(2))
    first.process.exit()
    assert remove(bench.host, uuid(1)) == 1
    assert second.process.pread(second.device, 4, 7 << 40) == b"HCS2"
    second.process.exit()
    assert remove(bench.host, uuid(2)) == 1
    assert bench.host.leftovers() == []


def test_one_container_with_two_groups(bench: Bench) -> None:
    create(bench.host, 2)
    process = bench.process
    device = bench.open()
    group = process.open("vfio/1")
    set_container(process, group, bench.container)
    other = get_device(process, group, uuid(2))
    assert errno_of(get_device, process, group, uuid(1)) == ENODEV  # it is in the other group
    process.close(device)
    bench.ask(uapi.GROUP_UNSET_CONTAINER)
    assert remove(bench.host, uuid(1)) == 1
    assert process.pread(other, 4, 7 << 40) == b"HCS2"
    process.exit()
    assert remove(bench.host, uuid(2)) == 1
    assert bench.host.leftovers() == []


# Removing what is in use


def start_removal(bench: Bench) -> Any:
    return bench.host.start(lambda: remove(bench.host, bench.name))


@pytest.mark.parametrize("era", OLD)
def test_a_removal_goes_on_although_the_group_is_open_and_the_group_stays(era: str) -> None:
    bench = Bench(era)
    assert remove(bench.host, bench.name) == 1
    assert status(bench.process, bench.group) == 1
    assert bench.host.vfio.nodes() == ["0", "vfio"]
    assert bench.host.sysfs.listdir("class/vfio") == ["0"]
    create(bench.host, 2)
    assert group_name(bench.host, uuid(2)) == "1"  # the other number is still taken
    bench.process.close(bench.group)
    assert bench.host.vfio.nodes() == ["1", "vfio"]
    create(bench.host, 1)
    assert group_name(bench.host, uuid(1)) == "0"


@pytest.mark.parametrize("era", OLD)
def test_a_removal_waits_for_the_group_to_leave_its_container(era: str) -> None:
    bench = Bench(era)
    bench.enable()
    remover = start_removal(bench)
    assert remover.is_blocked()
    assert errno_of(get_device, bench.process, bench.group, bench.name) == ENODEV
    assert status(bench.process, bench.group) == 3
    bench.ask(uapi.GROUP_UNSET_CONTAINER)
    assert remover.result() == 1
    bench.process.exit()
    assert bench.host.leftovers() == []


@pytest.mark.parametrize("era", OLD)
def test_a_removal_waits_for_device_and_container_both(era: str) -> None:
    bench = Bench(era)
    device = bench.open()
    remover = start_removal(bench)
    assert remover.is_blocked()
    bench.process.close(device)
    assert remover.is_blocked()
    bench.process.close(bench.group)
    assert remover.result() == 1


@pytest.mark.parametrize("era", NEW)
@pytest.mark.parametrize("joins", [False, True])
def test_from_6_1_on_a_removal_takes_the_group_along(era: str, joins: bool) -> None:
    bench = Bench(era)
    if joins:
        bench.enable()
    assert remove(bench.host, bench.name) == 1
    argument = uapi.GroupStatus(argsz=8).pack()
    assert errno_of(bench.ask, uapi.GROUP_GET_STATUS, argument) == ENODEV
    assert errno_of(get_device, bench.process, bench.group, bench.name) == ENODEV
    assert errno_of(set_container, bench.process, bench.group, bench.container) == ENODEV
    assert errno_of(bench.ask, uapi.GROUP_UNSET_CONTAINER) == EINVAL
    assert errno_of(bench.process.ioctl, bench.container, uapi.IOMMU_MAP_DMA) == EINVAL
    assert bench.host.leftovers() == []
    create(bench.host, 2)
    assert group_name(bench.host, uuid(2)) == "0"
    assert bench.host.sysfs.read("class/vfio/0/dev").endswith(b":1\n")  # the old group's minor is taken until it closes
    bench.process.close(bench.group)
    create(bench.host, 3)
    assert bench.host.sysfs.read("class/vfio/1/dev").endswith(b":0\n")


def test_while_a_removal_waits_the_device_works(bench: Bench) -> None:
    device = bench.open()
    remover = start_removal(bench)
    assert remover.is_blocked()
    assert bench.process.pread(device, 4, 7 << 40) == b"HCS2"
    if bench.host.era.vfio_device_goes_first:
        assert errno_of(get_device, bench.process, bench.group, bench.name) == ENODEV
    else:
        bench.process.close(get_device(bench.process, bench.group, bench.name))
    assert remover.is_blocked()
    bench.process.exit()
    assert remover.result() == 1
    assert bench.host.leftovers() == []


# Groups without an IOMMU, which no mediated device has by itself


class Unprotected(Group):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments, is_noiommu=True)


def unprotected(era: str, monkeypatch: pytest.MonkeyPatch) -> Host:
    host = machine(era, "mtty")
    create(host, 1)
    with monkeypatch.context() as patch:
        patch.setattr(type(host.vfio), "group", Unprotected)
        create(host, 2)
    return host


@pytest.mark.parametrize("era", ALL)
def test_a_noiommu_group_is_for_those_with_the_capability(era: str, monkeypatch: pytest.MonkeyPatch) -> None:
    host = unprotected(era, monkeypatch)
    assert host.vfio.nodes() == ["0", "noiommu-1", "vfio"]
    weak = host.process(capabilities=frozenset())
    assert errno_of(weak.open, "vfio/noiommu-1") == EPERM
    strong = host.process()
    group = strong.open("vfio/noiommu-1")
    with strong.file(group) as file:
        weak_group = weak.install(file.operations)  # as if it had been handed over
    container = weak.open("vfio/vfio")
    assert errno_of(set_container, weak, weak_group, container) == EPERM


@pytest.mark.parametrize("era", ALL)
def test_a_noiommu_group_and_another_do_not_mix(era: str, monkeypatch: pytest.MonkeyPatch) -> None:
    host = unprotected(era, monkeypatch)
    process = host.process()
    container, group, other = (process.open(f"vfio/{name}") for name in ("vfio", "noiommu-1", "0"))
    assert set_container(process, group, container) == 0
    assert errno_of(set_container, process, other, container) == EPERM
    assert errno_of(host.vfio.find(uuid(2)).group.borrowed().__enter__) == EPERM


# Back ends


class Refusing:
    """A back end that refuses its second group."""

    pin_pages = unpin_pages = register_notifier = unregister_notifier = None
    name = "refusing"

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.closed = 0

    def check_extension(self, extension: int) -> int:
        return int(extension == 42)

    def open(self, kind: int) -> Refusing:
        return self

    def attach(self, group: Group) -> None:
        if self.groups:
            raise OSError(EIO, "one is enough")
        self.groups.append(group)

    def detach(self, group: Group) -> None:
        self.groups.remove(group)

    def close(self) -> None:
        self.closed += 1

    def ioctl(self, request: int, argument: UserArgument) -> int:
        return request

    def register_device(self, device: object) -> None: ...
    def unregister_device(self, device: object) -> None: ...


def test_a_back_end_that_refuses_a_group_is_not_chosen(bench: Bench) -> None:
    create(bench.host, 2)
    refusing = Refusing()
    [(_, module)] = bench.host.vfio.backends
    bench.host.vfio.backends.append((refusing, module))
    bench.join()
    other = bench.process.open("vfio/1")
    set_container(bench.process, other, bench.container)
    assert errno_of(set_iommu, bench.process, bench.container, 42) == EIO
    assert (refusing.groups, refusing.closed) == ([], 1)
    bench.process.ioctl(other, uapi.GROUP_UNSET_CONTAINER)
    assert set_iommu(bench.process, bench.container, 42) == 0
    assert errno_of(set_container, bench.process, other, bench.container) == EIO
    assert bench.process.ioctl(bench.container, 12345) == 12345
    bench.process.exit()
    assert (refusing.groups, refusing.closed) == ([], 2)
    assert module_uses(bench.host, "vfio_iommu_type1") == 0
