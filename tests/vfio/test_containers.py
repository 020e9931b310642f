"""Containers and their back ends (facts 3.2)."""

from __future__ import annotations

from errno import EINVAL, EIO, ENODEV, ENOTTY

from mdevref.kernel.iommu import IommuGroup
from mdevref.kernel.open_files import UserArgument
from mdevref.vfio import uapi
from mdevref.vfio.uapi import Extension
from tests.machines import create, errno_of
from tests.vfio.bench import Bench, module_uses
from tests.vfio.vmm import get_device, group_name, set_container, set_iommu

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
    assert errno_of(set_iommu, bench.process, bench.container) == EINVAL  # it still has a back end
    bench.process.close(device)
    bench.process.close(group)
    assert errno_of(bench.process.ioctl, bench.container, uapi.IOMMU_MAP_DMA) == EINVAL
    bench.enable()


# Back ends


class Refusing:
    """A back end that rejects its second group."""

    pin_pages = unpin_pages = register_notifier = unregister_notifier = None
    name = "refusing"

    def __init__(self) -> None:
        self.groups: list[IommuGroup] = []
        self.closed = 0

    def check_extension(self, extension: int) -> int:
        return int(extension == 42)

    def open(self, kind: int) -> Refusing:
        return self

    def attach(self, group: IommuGroup) -> None:
        if self.groups:
            raise OSError(EIO, "one is enough")
        self.groups.append(group)

    def detach(self, group: IommuGroup) -> None:
        self.groups.remove(group)

    def close(self) -> None:
        self.closed += 1

    def ioctl(self, request: int, argument: UserArgument) -> int:
        return request

    def register_device(self, device: object, dma_unmap: object) -> None: ...
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
