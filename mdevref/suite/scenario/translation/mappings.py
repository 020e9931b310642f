"""Mappings of user memory into a container."""

from __future__ import annotations

from collections.abc import Mapping

from mdevref.suite.interface.translation import Translation
from mdevref.suite.interface.vmm import PAGE
from mdevref.suite.scenario.access.containers import CONTAINER
from mdevref.suite.scenario.access.handles import Handles
from mdevref.suite.scenario.kind import Kind
from mdevref.suite.scenario.translation.memory import UserMemory
from mdevref.vfio import uapi
from mdevref.vfio.uapi import DmaMap, DmaUnmap

_PROTECTIONS = {"reading and writing": 3, "reading": 1, "writing": 2, "nothing": 0}


def _fields(text: str) -> dict[str, int]:
    """Parse fields such as ``iova 0x1000, size 0``."""
    return {name: int(number, 0) for name, number in (word.split() for word in text.split(", ") if word)}


KINDS: Mapping[str, Kind] = {
    "Protection": Kind("|".join(_PROTECTIONS), _PROTECTIONS.__getitem__),
    "Fields": Kind(r"[a-z]+ (?:0x)?[0-9a-f]+(?:, [a-z]+ (?:0x)?[0-9a-f]+)*", _fields),
}


class Mappings:
    """The mappings of the container, made by the user or by another process that has received the container."""

    def __init__(self, interface: Translation, handles: Handles, memory: UserMemory) -> None:
        self.unmapped = 0  #: bytes that the last unmapping has removed
        self._interface = interface
        self._handles = handles
        self._memory = memory
        self._descriptors: dict[str, int] = {}  # of the container, by the name of another process

    def map(self, count: int, page: int, flags: int = 3, process: str = "") -> None:
        """Map new memory of a process into the container, starting at a page."""
        address = self._memory.new(count, page, process)
        self.map_dma({"iova": page * PAGE, "vaddr": address, "size": count * PAGE, "flags": flags}, process)

    def map_nothing(self, count: int, page: int) -> None:
        """Map addresses at which the user has no memory."""
        self.map_dma({"iova": page * PAGE, "vaddr": self._memory.none(count), "size": count * PAGE})

    def map_dma(self, fields: Mapping[str, int], process: str = "") -> None:
        """Call IOMMU_MAP_DMA. Fields that are not given have the values of a valid mapping."""
        usual = {"argsz": DmaMap.minimum, "flags": 3, "vaddr": 0x10000, "iova": 0x10000, "size": PAGE}
        self._ioctl(process, uapi.IOMMU_MAP_DMA, DmaMap(**{**usual, **fields}).pack())

    def unmap_dma(self, fields: Mapping[str, int], process: str = "") -> None:
        """Call IOMMU_UNMAP_DMA, with defaults as in :meth:`map_dma`."""
        usual = {"argsz": DmaUnmap.minimum, "flags": 0, "iova": 0x10000, "size": PAGE}
        argument = DmaUnmap(**{**usual, **fields}).pack()
        self._ioctl(process, uapi.IOMMU_UNMAP_DMA, argument)
        self.unmapped = DmaUnmap.read(argument).size

    def _ioctl(self, process: str, request: int, argument: bytearray) -> None:
        self._handles.process(process).ioctl(self._descriptor(process), request, argument)

    def _descriptor(self, process: str) -> int:
        descriptor = self._handles.file(CONTAINER).descriptor
        if not process:
            return descriptor
        if process not in self._descriptors:
            owner, receiver = self._handles.process().memory, self._handles.process(process).memory
            self._descriptors[process] = self._interface.hand_over(owner, descriptor, receiver)
        return self._descriptors[process]
