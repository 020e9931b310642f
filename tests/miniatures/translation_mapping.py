"""Mapping and unmapping: too much, too little, too early, somebody else's."""

from __future__ import annotations

from dataclasses import replace
from errno import EEXIST, EFAULT, EINVAL, ENOENT
from functools import partial
from typing import Any

from mdevref.kernel.errors import fail
from mdevref.kernel.iommu import IommuGroup
from mdevref.kernel.memory import PAGE_SIZE, AddressSpace
from mdevref.kernel.open_files import UserArgument
from mdevref.mdev.eras import Era
from mdevref.vfio import uapi
from mdevref.vfio.arguments import give
from mdevref.vfio.containers import Container, ContainerFile
from mdevref.vfio.groups import Group
from mdevref.vfio.iommu_info import give_info
from mdevref.vfio.mappings import Mapping
from mdevref.vfio.type1 import DmaUnmapped, Type1
from mdevref.vfio.uapi import DmaMap, DmaUnmap, Extension, IommuInfo, UnmapFlags
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="translation")


@wrong({"map.page-size": "expected 4096 bytes; seen: 2097152 bytes"})
class has_big_pages(Type1):
    """The smallest page that is told has two megabytes."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        result = super().ioctl(request, argument)
        if request == uapi.IOMMU_GET_INFO:
            info = IommuInfo.read(argument.copy_in(IommuInfo.minimum))
            info.iova_pgsizes &= -(1 << 21)
            give(argument, info)
        return result


class _Info(Type1):
    """Answers IOMMU_GET_INFO otherwise."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if request != uapi.IOMMU_GET_INFO:
            return super().ioctl(request, argument)
        self.tell(argument)
        return 0

    def tell(self, argument: UserArgument) -> None:
        """As a back end does that is right."""
        give_info(argument, self._era.iommu_info_size, self.mappings.available)


@wrong({"map.pointer": "expected EFAULT; seen: EINVAL"})
class finds_bad_pointers_invalid(Type1):
    """A structure that is nowhere is answered as one with something wrong in it."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        try:
            return super().ioctl(request, argument)
        except OSError as error:
            if error.errno == EFAULT:
                raise fail(EINVAL) from error
            raise


@wrong({"map.info-argsz": "expected EINVAL; seen: 0"})
class tells_whatever_the_room(_Info):
    """A caller with too little room for the information is told it all the same."""

    def tell(self, argument: UserArgument) -> None:
        argument.copy_out((16).to_bytes(4, "little"))
        super().tell(argument)


@wrong({"map.info-room": "seen: byte "}, era="5.10")
class tells_everything(_Info):
    """All there is to tell is written, whatever room the caller has."""

    def tell(self, argument: UserArgument) -> None:
        room = int.from_bytes(argument.copy_in(4), "little")
        super().tell(argument)
        if room < 68:
            argument.copy_out(bytes(68 - room), room)


@wrong({"map.info-available": "expected 3; seen: 5"}, era="5.10")
class tells_the_limit_of_mappings(_Info):
    """How many mappings a container takes is told, and not how many more."""

    def tell(self, argument: UserArgument) -> None:
        give_info(argument, self._era.iommu_info_size, self.mappings.limit or 0)


@wrong({"map.beyond": "expected EINVAL; seen: success"})
class maps_beyond_the_end(Type1):
    """A mapping that would end behind the last byte ends there."""

    def _map(self, wanted: DmaMap, argument: UserArgument) -> None:
        wanted.size = min(wanted.size, (1 << 64) - wanted.iova, (1 << 64) - wanted.vaddr)
        super()._map(wanted, argument)


@wrong({"unmap.beyond": "expected EINVAL; seen: success"})
class unmaps_beyond_the_end(Type1):
    """A range that would end behind the last byte ends there."""

    def _unmap(self, wanted: DmaUnmap, memory: AddressSpace) -> int:
        wanted.size = min(wanted.size, (1 << 64) - wanted.iova)
        return super()._unmap(wanted, memory)


@wrong({"unmap.anybody": "expected 4 pages; seen: 8192 bytes"}, era="6.1")
def unmaps_only_its_own(era: Era) -> Era:
    """A process cannot unmap what another one has mapped, as until 5.19."""
    return replace(era, unmaps_only_own=True)


@wrong({"map.pins-nothing": "expected 0 pages; seen: 4"})
class locks_what_is_mapped(Type1):
    """Memory is accounted as locked when it is mapped."""

    def _map(self, wanted: DmaMap, argument: UserArgument) -> None:
        super()._map(wanted, argument)
        argument.process.memory.lock_pages(wanted.size // PAGE_SIZE, ignores_limit=True)


@wrong({"map.arguments": "expected EINVAL; seen: EEXIST"})
class looks_for_overlaps_first(Type1):
    """Whether a mapping overlaps another is looked at before its arguments are."""

    def _map(self, wanted: DmaMap, argument: UserArgument) -> None:
        if self.mappings.first(wanted.iova, wanted.iova + max(1, wanted.size)) is not None:
            raise fail(EEXIST)
        super()._map(wanted, argument)


@wrong({"map.overlap": "expected EEXIST; seen: success"})
class maps_over_others(Type1):
    """A mapping takes the place of those that it overlaps."""

    def _map(self, wanted: DmaMap, argument: UserArgument) -> None:
        while (mapping := self.mappings.first(wanted.iova, wanted.iova + wanted.size)) is not None:
            self.mappings.remove(mapping)
        super()._map(wanted, argument)


@wrong({"map.neighbours": "expected success; seen: EEXIST"})
class leaves_a_gap(Type1):
    """Between two mappings there has to be a page that is in none."""

    def _map(self, wanted: DmaMap, argument: UserArgument) -> None:
        first, last = max(0, wanted.iova - PAGE_SIZE), wanted.iova + wanted.size + PAGE_SIZE
        if wanted.size and self.mappings.first(first, last) is not None:
            raise fail(EEXIST)
        super()._map(wanted, argument)


@wrong({"map.room": "expected ENOSPC; seen: success"}, era="5.10")
class has_room_for_one_more(Type1):
    """A container takes one mapping more than it has room for."""

    def __init__(self, kernel: Any, era: Era, kind: Extension, entry_limit: int) -> None:
        super().__init__(kernel, era, kind, entry_limit + 1)


@wrong({"unmap.size-reported": " pages; seen: "})
class reports_the_size_of_the_range(Type1):
    """Unmapping reports the size of the range instead of the size of its mappings."""

    def _unmap(self, wanted: DmaUnmap, memory: AddressSpace) -> int:
        size = wanted.size
        return super()._unmap(wanted, memory) and size


@wrong({"unmap.size": "expected EINVAL; seen: 1", "unmap.size-reported": "seen: 16384 bytes"})
class unmaps_one_mapping(Type1):
    """Unmapping a range removes only its first mapping."""

    def _unmap_range(self, start: int, end: int, memory: AddressSpace) -> int:
        mapping = self.mappings.first(start, end)
        if mapping is not None and mapping.start >= start:
            end = min(end, mapping.end)
        return super()._unmap_range(start, end, memory)


@wrong({"unmap.empty": "expected 0 pages; seen: ENOENT"})
class misses_what_is_not_mapped(Type1):
    """Unmapping a range in which nothing is mapped is an error."""

    def _unmap_range(self, start: int, end: int, memory: AddressSpace) -> int:
        if self.mappings.first(start, end) is None:
            raise fail(ENOENT)
        return super()._unmap_range(start, end, memory)


@wrong({"unmap.arguments": "expected EINVAL; seen: success"})
class takes_any_flag(Type1):
    """Flags of an unmapping that it does not know are passed over."""

    def _unmap(self, wanted: DmaUnmap, memory: AddressSpace) -> int:
        wanted.flags = 0
        return super()._unmap(wanted, memory)


@wrong({"unmap.whole": "expected EINVAL; seen: success"})
class unmaps_as_version_1(Type1):
    """A range that cuts mappings is unmapped as version 1 does it."""

    def _unmap_range(self, start: int, end: int, memory: AddressSpace) -> int:
        kind, self.kind = self.kind, Extension.TYPE1
        try:
            return super()._unmap_range(start, end, memory)
        finally:
            self.kind = kind


@wrong({"unmap.version-1": "seen: EINVAL"})
class is_strict_with_version_1(Type1):
    """A range that cuts mappings is refused with version 1, too."""

    def _unmap_range(self, start: int, end: int, memory: AddressSpace) -> int:
        self.mappings.check_whole(start, end)
        return super()._unmap_range(start, end, memory)


@wrong({"unmap.others": "expected 2 pages; seen: 24576 bytes"})
class lets_anybody_unmap(Type1):
    """A process can unmap what another one has mapped."""

    def _unmap_range(self, start: int, end: int, memory: AddressSpace) -> int:
        unmapped = 0
        while (mapping := self.mappings.first(start, end)) is not None and mapping.start >= start:
            before = len(self.mappings)
            unmapped += super()._unmap_range(start, end, mapping.memory)
            if len(self.mappings) == before:
                break
        return unmapped or super()._unmap_range(start, end, memory)


@wrong({"unmap.everything": "expected 5 pages; seen: EINVAL"}, era="6.1")
def cannot_unmap_everything(era: Era) -> Era:
    """There is no flag to unmap everything at once, as until 5.11."""
    return replace(era, can_unmap_all=False)


@wrong({"unmap.everything-fields": "expected EINVAL; seen: success"}, era="6.1")
class ignores_the_fields(Type1):
    """The flag to unmap everything works with any IOVA and any size."""

    def _unmap(self, wanted: DmaUnmap, memory: AddressSpace) -> int:
        if wanted.flags == UnmapFlags.ALL:
            wanted.iova = wanted.size = 0
        return super()._unmap(wanted, memory)


class _Remembers(Container):
    """A container that maps again what it had mapped before its last group left."""

    kept: tuple[Mapping, ...] = ()

    def detach(self, group: IommuGroup) -> None:
        if isinstance(self.backend, Type1):
            self.kept = tuple(self.backend.mappings)
        super().detach(group)

    def set_iommu(self, kind: int) -> None:
        super().set_iommu(kind)
        if isinstance(self.backend, Type1):
            for mapping in self.kept:
                self.backend.mappings.add(mapping)


@wrong({"unmap.last-group": "expected success; seen: EEXIST"})
class keeps_its_mappings(ContainerFile):
    """A container that every group has left keeps its mappings."""

    container_class = _Remembers


@wrong({"unmap.last-group-silent": "expected no notification; seen: "})
class tells_when_a_container_goes(Group):
    """Vendor drivers are notified of the mappings that are lost when the last group leaves a container."""

    def close(self) -> None:
        backend = self.container.backend if self.container is not None and self.users == 1 else None
        if isinstance(backend, Type1):
            with backend._lock:
                for mapping in list(backend.mappings):
                    if mapping.has_pins:
                        backend._notify(DmaUnmapped(mapping.start, mapping.size))
        super().close()


@wrong({"unmap.last-group-silent": "expected 1 page; seen: 0"})
class unpins_when_a_container_goes(Type1):
    """With a container goes what vendor drivers have pinned by it."""

    def close(self) -> None:
        for mapping in self.mappings:
            for page, count in mapping.references().items():
                for _ in range(count):
                    mapping.unpin(page)
        super().close()


@wrong({"map.without-memory": "expected success; seen: EFAULT"})
class wants_memory_when_it_is_mapped(Mapping):
    """Addresses at which the process has no memory cannot be mapped."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if self.vaddr > 1 << 40:
            self.memory.fault(self.vaddr, is_write=False)
