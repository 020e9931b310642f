"""Hosts that map user memory incorrectly, or that report wrong information about mappings."""

from __future__ import annotations

from errno import EEXIST, EFAULT, EINVAL
from functools import partial
from typing import Any

from mdevref.kernel.errors import fail
from mdevref.kernel.memory import PAGE_SIZE
from mdevref.kernel.open_files import UserArgument
from mdevref.mdev.eras import Era
from mdevref.vfio import uapi
from mdevref.vfio.arguments import give
from mdevref.vfio.iommu_info import give_info
from mdevref.vfio.mappings import Mapping
from mdevref.vfio.type1 import Type1
from mdevref.vfio.uapi import DmaMap, Extension, IommuInfo
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="translation")


@wrong({"map.page-size": "expected 4096 bytes; seen: 2097152 bytes"})
class has_big_pages(Type1):
    """The smallest supported page size is reported as two megabytes."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        result = super().ioctl(request, argument)
        if request == uapi.IOMMU_GET_INFO:
            info = IommuInfo.read(argument.copy_in(IommuInfo.minimum))
            info.iova_pgsizes &= -(1 << 21)
            give(argument, info)
        return result


class _Info(Type1):
    """A back end with a modified IOMMU_GET_INFO."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if request != uapi.IOMMU_GET_INFO:
            return super().ioctl(request, argument)
        self.tell(argument)
        return 0

    def tell(self, argument: UserArgument) -> None:
        """Write the correct answer to ``argument``."""
        give_info(argument, self._era.iommu_info_size, self.mappings.available)


@wrong({"map.pointer": "expected EFAULT; seen: EINVAL"})
class finds_bad_pointers_invalid(Type1):
    """A request with a bad pointer fails with EINVAL."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        try:
            return super().ioctl(request, argument)
        except OSError as error:
            if error.errno == EFAULT:
                raise fail(EINVAL) from error
            raise


@wrong({"map.info-argsz": "expected EINVAL; seen: 0"})
class tells_whatever_the_room(_Info):
    """IOMMU_GET_INFO succeeds even if ``argsz`` is too small."""

    def tell(self, argument: UserArgument) -> None:
        argument.copy_out((16).to_bytes(4, "little"))
        super().tell(argument)


@wrong({"map.info-room": "seen: byte "}, era="5.10")
class tells_everything(_Info):
    """IOMMU_GET_INFO writes all its data, even beyond ``argsz``."""

    def tell(self, argument: UserArgument) -> None:
        room = int.from_bytes(argument.copy_in(4), "little")
        super().tell(argument)
        if room < 68:
            argument.copy_out(bytes(68 - room), room)


@wrong({"map.info-available": "expected 3; seen: 5"}, era="5.10")
class tells_the_limit_of_mappings(_Info):
    """IOMMU_GET_INFO reports the limit of mappings instead of the number that is still available."""

    def tell(self, argument: UserArgument) -> None:
        give_info(argument, self._era.iommu_info_size, self.mappings.limit or 0)


@wrong({"map.beyond": "expected EINVAL; seen: success"})
class maps_beyond_the_end(Type1):
    """A mapping that exceeds the last address is cut there."""

    def _map(self, wanted: DmaMap, argument: UserArgument) -> None:
        wanted.size = min(wanted.size, (1 << 64) - wanted.iova, (1 << 64) - wanted.vaddr)
        super()._map(wanted, argument)


@wrong({"map.pins-nothing": "expected 0 pages; seen: 4"})
class locks_what_is_mapped(Type1):
    """Memory is accounted as locked as soon as it is mapped."""

    def _map(self, wanted: DmaMap, argument: UserArgument) -> None:
        super()._map(wanted, argument)
        argument.process.memory.lock_pages(wanted.size // PAGE_SIZE, ignores_limit=True)


@wrong({"map.arguments": "expected EINVAL; seen: EEXIST"})
class looks_for_overlaps_first(Type1):
    """Mapping looks for overlaps before it checks its other arguments."""

    def _map(self, wanted: DmaMap, argument: UserArgument) -> None:
        if self.mappings.first(wanted.iova, wanted.iova + max(1, wanted.size)) is not None:
            raise fail(EEXIST)
        super()._map(wanted, argument)


@wrong({"map.overlap": "expected EEXIST; seen: success"})
class maps_over_others(Type1):
    """A mapping replaces the mappings that it overlaps."""

    def _map(self, wanted: DmaMap, argument: UserArgument) -> None:
        while (mapping := self.mappings.first(wanted.iova, wanted.iova + wanted.size)) is not None:
            self.mappings.remove(mapping)
        super()._map(wanted, argument)


@wrong({"map.neighbours": "expected success; seen: EEXIST"})
class leaves_a_gap(Type1):
    """Two mappings must be separated by an unmapped page."""

    def _map(self, wanted: DmaMap, argument: UserArgument) -> None:
        first, last = max(0, wanted.iova - PAGE_SIZE), wanted.iova + wanted.size + PAGE_SIZE
        if wanted.size and self.mappings.first(first, last) is not None:
            raise fail(EEXIST)
        super()._map(wanted, argument)


@wrong({"map.room": "expected ENOSPC; seen: success"}, era="5.10")
class has_room_for_one_more(Type1):
    """A container accepts one mapping more than its limit."""

    def __init__(self, kernel: Any, era: Era, kind: Extension, entry_limit: int) -> None:
        super().__init__(kernel, era, kind, entry_limit + 1)


@wrong({"map.without-memory": "expected success; seen: EFAULT"})
class wants_memory_when_it_is_mapped(Mapping):
    """Mapping fails at addresses at which the process has no memory."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if self.vaddr > 1 << 40:
            self.memory.fault(self.vaddr, is_write=False)
