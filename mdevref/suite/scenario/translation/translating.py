"""The translation interface in a scenario: what its words for pages, memory and vendor drivers mean."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mdevref.suite.interface import vmm
from mdevref.suite.interface.device import Area, Process
from mdevref.suite.interface.translation import Told, Translation
from mdevref.suite.scenario.access.access import Access
from mdevref.suite.scenario.kind import Kind
from mdevref.vfio import uapi
from mdevref.vfio.uapi import DmaMap, DmaUnmap, IommuInfo

PAGE = vmm.PAGE
CONTAINER = "the container"
ANOTHER = "another process"
UNTOUCHED = 0x5EED  #: what an array of host pages has before a call

_PROTECTIONS = {"reading and writing": 3, "reading": 1, "writing": 2, "nothing": 0}
_AVAILABLE = 3  #: number of the capability that tells it
_IOMMU_NOTIFY, _DMA_UNMAP = 0, 1
_PAGES = re.compile(r"(\d+)(?: to (\d+))?")
_OF_LIST = r"\d+(?: to \d+)?"


def _pages(text: str) -> list[int]:
    """``page 5``, ``pages 1, 2, 2`` or ``pages 0 to 511``"""
    found: list[int] = []
    for first, last in _PAGES.findall(text):
        found += range(int(first), int(last or first) + 1)
    return found


def _fields(text: str) -> dict[str, int]:
    """``iova 0x1000, size 0``"""
    return {name: int(number, 0) for name, number in (word.split() for word in text.split(", ") if word)}


KINDS: Mapping[str, Kind] = {
    "Pages": Kind(f"pages? {_OF_LIST}(?:, {_OF_LIST})*", _pages),
    "Size": Kind(r"\d+ pages?", lambda text: int(text.split()[0])),
    "Protection": Kind("|".join(_PROTECTIONS), _PROTECTIONS.__getitem__),
    "Fields": Kind(r"[a-z]+ (?:0x)?[0-9a-f]+(?:, [a-z]+ (?:0x)?[0-9a-f]+)*", _fields),
    "Flaw": Kind(r"no device|no user pages|no room for host pages|a count of -?\d+"),
    "NotifierFlaw": Kind(
        r"no device|no function|no mask|no events|an event that there is not|another kind|nothing wrong",
    ),
}


def pages(count: int) -> str:
    """``1 page``, ``2 pages``"""
    return f"{count} page{'s' * (count != 1)}"


@dataclass(frozen=True, slots=True)
class _Mapped:
    """Memory of a process, mapped at a page."""

    page: int
    area: Area

    def has(self, page: int) -> bool:
        return self.page <= page < self.page + len(self.area.buffer) // PAGE


class _Interrupted(list[int]):
    """Numbers of pages; when they are first looked at, something else happens."""

    def __init__(self, pages: list[int], act: Callable[[], object]) -> None:
        super().__init__(pages)
        self._act = act
        self.was_read = False

    def __getitem__(self, at: Any) -> Any:
        if not self.was_read:
            self.was_read = True
            self._act()
        return super().__getitem__(at)


class Translating:
    """A machine's translation interface, the memory of its users, and what the vendor driver was given.

    ``uuid_of`` tells the UUID of a device by its name.
    """

    def __init__(self, interface: Translation, access: Access, uuid_of: Callable[[str], str]) -> None:
        self.interface = interface
        self._access = access
        self._uuid_of = uuid_of
        self._memory: list[_Mapped] = []
        self._containers: dict[str, int] = {}  # descriptors of the container, by process
        self.frames: list[list[int]] = []  #: arrays of host pages, of the calls so far
        self.frame_of: dict[int, int] = {}  #: the host page that a page was last pinned to
        self.unmapped = 0  #: bytes, by the last unmapping

    # -- Users

    def process(self, name: str = "") -> Process:
        """The user, or another process by its name."""
        return self._access.process(name)

    def map(self, count: int, page: int, flags: int = 3, process: str = "") -> None:
        """Map new memory of a process into the container, from a page on."""
        area = self.process(process).memory.map(count * PAGE)
        self._memory.append(_Mapped(page, area))
        fields = {"iova": page * PAGE, "vaddr": area.address, "size": count * PAGE, "flags": flags}
        self.map_dma(fields, process)

    def map_nothing(self, count: int, page: int) -> None:
        """Map addresses at which the user has no memory."""
        memory = self.process().memory
        address = memory.map(count * PAGE).address
        memory.unmap(address)
        self.map_dma({"iova": page * PAGE, "vaddr": address, "size": count * PAGE})

    def map_dma(self, fields: Mapping[str, int], process: str = "") -> None:
        """IOMMU_MAP_DMA; fields that are not said are those of a mapping that nothing stands against."""
        usual = {"argsz": DmaMap.minimum, "flags": 3, "vaddr": 0x10000, "iova": 0x10000, "size": PAGE}
        self._ioctl(process, uapi.IOMMU_MAP_DMA, DmaMap(**{**usual, **fields}).pack())

    def unmap_dma(self, fields: Mapping[str, int], process: str = "") -> None:
        """IOMMU_UNMAP_DMA, as :meth:`map_dma`."""
        usual = {"argsz": DmaUnmap.minimum, "flags": 0, "iova": 0x10000, "size": PAGE}
        argument = DmaUnmap(**{**usual, **fields}).pack()
        self._ioctl(process, uapi.IOMMU_UNMAP_DMA, argument)
        self.unmapped = DmaUnmap.read(argument).size

    def info(self, argsz: int = IommuInfo.minimum) -> IommuInfo:
        """IOMMU_GET_INFO"""
        argument = IommuInfo(argsz=argsz).pack()
        self._ioctl("", uapi.IOMMU_GET_INFO, argument)
        return IommuInfo.read(argument)

    def room_for_mappings(self) -> int | None:
        """What the capability of IOMMU_GET_INFO tells; None where there is none."""
        argument = IommuInfo(argsz=PAGE).pack(bytes(PAGE - IommuInfo.full))
        self._ioctl("", uapi.IOMMU_GET_INFO, argument)
        offset = IommuInfo.read(argument).cap_offset
        while offset:
            number, _, following = struct.unpack_from("=HHI", argument, offset)
            if number == _AVAILABLE:
                found: int = struct.unpack_from("=I", argument, offset + 8)[0]
                return found
            offset = following
        return None

    def _ioctl(self, process: str, request: int, argument: bytearray) -> None:
        self.process(process).ioctl(self._container(process), request, argument)

    def _container(self, process: str) -> int:
        descriptor = self._access.file(CONTAINER).descriptor
        if not process:
            return descriptor
        if process not in self._containers:
            receiver = self.process(process).memory
            self._containers[process] = self.interface.hand_over(self.process().memory, descriptor, receiver)
        return self._containers[process]

    def give_up(self, page: int) -> None:
        """The user unmaps the memory that is mapped at a page."""
        mapped = self._at(page)
        self._memory.remove(mapped)
        self.process().memory.unmap(mapped.area.address)

    def user_reads(self, page: int, count: int) -> bytes:
        """The first bytes of a page, as its user has them."""
        mapped = self._at(page)
        offset = (page - mapped.page) * PAGE
        return bytes(mapped.area.buffer[offset : offset + count])

    def user_writes(self, page: int, data: bytes) -> None:
        """Put bytes into the beginning of a page."""
        mapped = self._at(page)
        offset = (page - mapped.page) * PAGE
        mapped.area.buffer[offset : offset + len(data)] = data

    def _at(self, page: int) -> _Mapped:
        return next(mapped for mapped in reversed(self._memory) if mapped.has(page))

    # -- The container

    def use(self, device: str, kind: int, *, opens: bool = True) -> None:
        """Put the group of a device into the container, set a back end of a kind, and open the device."""
        self._access.enter(device, CONTAINER)
        self._access.call(uapi.SET_IOMMU, CONTAINER, kind)
        if opens:
            self._access.get(device, self._uuid_of(device))

    def use_refusing(self, container: str, device: str, errno: int) -> None:
        """Set a back end of a container that refuses the group of a device."""
        self._access.call(uapi.SET_IOMMU, container, self.interface.back_end_that_refuses(self._uuid_of(device), errno))

    # -- Vendor drivers

    def pin(self, device: str, pages: list[int], prot: int = 3) -> int:
        """Pin; the arrays are kept."""
        frames = [UNTOUCHED] * len(pages)
        self.frames.append(frames)
        count = self.interface.pin_pages(self._uuid_of(device), pages, len(pages), prot, frames)
        self.frame_of.update(zip(pages, frames, strict=True))
        return count

    def pin_while(self, device: str, pages: list[int], act: Callable[[], object]) -> None:
        """Pin, and do something in the middle of it."""
        wanted = _Interrupted(pages, act)
        self.interface.pin_pages(self._uuid_of(device), wanted, len(pages), 3, [UNTOUCHED] * len(pages))
        if not wanted.was_read:
            raise RuntimeError("pinning ended without having looked at the pages")

    def unpin(self, device: str, pages: list[int]) -> int:
        """Unpin; the number that comes back."""
        return self.interface.unpin_pages(self._uuid_of(device), pages, len(pages))

    def pin_with(self, flaw: str, device: str) -> int:
        """Pin the first pages, with something that is wrong; something is behind every page number."""
        uuid, count, pages = self._flawed(flaw, device)
        frames = None if flaw == "no room for host pages" else [UNTOUCHED] * 1024
        return self.interface.pin_pages(uuid, pages, count, 3, frames)

    def unpin_with(self, flaw: str, device: str) -> int:
        """As :meth:`pin_with`."""
        uuid, count, pages = self._flawed(flaw, device)
        return self.interface.unpin_pages(uuid, pages, count)

    def _flawed(self, flaw: str, device: str) -> tuple[str | None, int, list[int] | None]:
        count = int(flaw.rpartition(" ")[2]) if flaw.startswith("a count") else 1
        uuid = None if flaw == "no device" else self._uuid_of(device)
        return uuid, count, None if flaw == "no user pages" else list(range(1024))

    def register(self, device: str, flaw: str = "nothing wrong") -> int:
        """Register the vendor driver's notifier, maybe with something that is wrong; the events that are left."""
        uuid, kind = self._registered(device, flaw)
        masks = {"no mask": None, "no events": 0, "an event that there is not": _DMA_UNMAP | 2}
        events = masks.get(flaw, _DMA_UNMAP)
        return self.interface.register_notifier(uuid, kind, events, self._notifier(device, flaw))

    def unregister(self, device: str, flaw: str = "nothing wrong") -> None:
        """As :meth:`register`."""
        uuid, kind = self._registered(device, flaw)
        self.interface.unregister_notifier(uuid, kind, self._notifier(device, flaw))

    def _registered(self, device: str, flaw: str) -> tuple[str | None, int]:
        kind = _IOMMU_NOTIFY + 2 if flaw == "another kind" else _IOMMU_NOTIFY
        return None if flaw == "no device" else self._uuid_of(device), kind

    def _notifier(self, device: str, flaw: str) -> str | None:
        return None if flaw == "no function" else f"notifier of the scenario for {self._uuid_of(device)}"

    def listen(self, device: str) -> None:
        """Have the vendor driver told of mappings that go."""
        self.interface.listen(self._uuid_of(device))

    def told(self) -> list[Told]:
        """What it was told."""
        return list(self.interface.told())

    def vendor_reads(self, page: int, count: int) -> bytes:
        """The first bytes of what a page was last pinned to."""
        return self.interface.read_page(self.frame_of[page], count)

    def vendor_writes(self, page: int, data: bytes) -> None:
        """Put bytes into what a page was last pinned to."""
        self.interface.write_page(self.frame_of[page], data)
