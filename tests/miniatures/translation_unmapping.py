"""Hosts that unmap user memory incorrectly, or that handle the mappings of a closed container incorrectly."""

from __future__ import annotations

from dataclasses import replace
from errno import ENOENT
from functools import partial

from mdevref.kernel.errors import fail
from mdevref.kernel.iommu import IommuGroup
from mdevref.kernel.memory import AddressSpace
from mdevref.mdev.eras import Era
from mdevref.vfio.containers import Container, ContainerFile
from mdevref.vfio.groups import Group
from mdevref.vfio.mappings import Mapping
from mdevref.vfio.type1 import DmaUnmapped, Type1
from mdevref.vfio.uapi import DmaUnmap, Extension, UnmapFlags
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="translation")


@wrong({"unmap.beyond": "expected EINVAL; seen: success"})
class unmaps_beyond_the_end(Type1):
    """A range that exceeds the last address is cut there."""

    def _unmap(self, wanted: DmaUnmap, memory: AddressSpace) -> int:
        wanted.size = min(wanted.size, (1 << 64) - wanted.iova)
        return super()._unmap(wanted, memory)


@wrong({"unmap.anybody": "expected 4 pages; seen: 8192 bytes"}, era="6.1")
def unmaps_only_its_own(era: Era) -> Era:
    """A process cannot remove the mappings of another process, as until 5.19."""
    return replace(era, unmaps_only_own=True)


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
    """Unmapping a range without mappings fails."""

    def _unmap_range(self, start: int, end: int, memory: AddressSpace) -> int:
        if self.mappings.first(start, end) is None:
            raise fail(ENOENT)
        return super()._unmap_range(start, end, memory)


@wrong({"unmap.arguments": "expected EINVAL; seen: success"})
class takes_any_flag(Type1):
    """Unmapping ignores unknown flags."""

    def _unmap(self, wanted: DmaUnmap, memory: AddressSpace) -> int:
        wanted.flags = 0
        return super()._unmap(wanted, memory)


@wrong({"unmap.whole": "expected EINVAL; seen: success"})
class unmaps_as_version_1(Type1):
    """Unmapping a range that cuts mappings behaves as with version 1."""

    def _unmap_range(self, start: int, end: int, memory: AddressSpace) -> int:
        kind, self.kind = self.kind, Extension.TYPE1
        try:
            return super()._unmap_range(start, end, memory)
        finally:
            self.kind = kind


@wrong({"unmap.version-1": "seen: EINVAL"})
class is_strict_with_version_1(Type1):
    """Unmapping a range that cuts mappings fails with version 1 too."""

    def _unmap_range(self, start: int, end: int, memory: AddressSpace) -> int:
        self.mappings.check_whole(start, end)
        return super()._unmap_range(start, end, memory)


@wrong({"unmap.others": "expected 2 pages; seen: 24576 bytes"})
class lets_anybody_unmap(Type1):
    """A process can remove the mappings of another process."""

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
    """Unmapping does not support the flag that removes all mappings, as until 5.11."""
    return replace(era, can_unmap_all=False)


@wrong({"unmap.everything-fields": "expected EINVAL; seen: success"}, era="6.1")
class ignores_the_fields(Type1):
    """The flag that removes all mappings is accepted with any IOVA and any size."""

    def _unmap(self, wanted: DmaUnmap, memory: AddressSpace) -> int:
        if wanted.flags == UnmapFlags.ALL:
            wanted.iova = wanted.size = 0
        return super()._unmap(wanted, memory)


class _Remembers(Container):
    """A container that restores its mappings when a back end is set again."""

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
    """A container keeps its mappings after its last group has left."""

    container_class = _Remembers


@wrong({"unmap.last-group-silent": "expected no notification; seen: "})
class tells_when_a_container_goes(Group):
    """Vendor drivers are notified of the mappings that are removed when the last group leaves a container."""

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
    """Closing a container unpins the pages that vendor drivers have pinned in it."""

    def close(self) -> None:
        for mapping in self.mappings:
            for page, count in mapping.references().items():
                for _ in range(count):
                    mapping.unpin(page)
        super().close()
