"""Memory of the processes that use a container."""

from __future__ import annotations

from dataclasses import dataclass

from mdevref.suite.interface.device import Area
from mdevref.suite.interface.vmm import PAGE
from mdevref.suite.scenario.access.handles import Handles


@dataclass(frozen=True, slots=True)
class _Mapped:
    """Memory of a process that is mapped into the container at a page."""

    page: int
    area: Area

    def has(self, page: int) -> bool:
        return self.page <= page < self.page + len(self.area.buffer) // PAGE


class UserMemory:
    """User memory by the pages at which it is mapped. Where mappings overlap, the newest is used."""

    def __init__(self, handles: Handles) -> None:
        self._handles = handles
        self._mapped: list[_Mapped] = []

    def new(self, count: int, page: int, process: str = "") -> int:
        """Allocate ``count`` pages in a process, to be mapped from ``page`` on. Return the address."""
        area = self._handles.process(process).memory.map(count * PAGE)
        self._mapped.append(_Mapped(page, area))
        return area.address

    def none(self, count: int) -> int:
        """Return an address at which the user has no memory for ``count`` pages."""
        memory = self._handles.process().memory
        address = memory.map(count * PAGE).address
        memory.unmap(address)
        return address

    def give_up(self, page: int) -> None:
        """Unmap, in the user's process, the memory that is mapped at a page."""
        mapped = self._at(page)
        self._mapped.remove(mapped)
        self._handles.process().memory.unmap(mapped.area.address)

    def read(self, page: int, count: int) -> bytes:
        """Return the first bytes of a page from the user's memory."""
        mapped = self._at(page)
        offset = (page - mapped.page) * PAGE
        return bytes(mapped.area.buffer[offset : offset + count])

    def write(self, page: int, data: bytes) -> None:
        """Write bytes to the beginning of a page in the user's memory."""
        mapped = self._at(page)
        offset = (page - mapped.page) * PAGE
        mapped.area.buffer[offset : offset + len(data)] = data

    def _at(self, page: int) -> _Mapped:
        return next(mapped for mapped in reversed(self._mapped) if mapped.has(page))
