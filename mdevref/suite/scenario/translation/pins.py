"""Pages that vendor drivers pin and unpin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mdevref.suite.interface.translation import Translation
from mdevref.suite.scenario.devices import Devices
from mdevref.suite.scenario.kind import Kind

_UNTOUCHED = 0x5EED  # the value of each element of an array of host pages before a call

KINDS: Mapping[str, Kind] = {
    "Flaw": Kind(r"no device|no user pages|no array for host pages|a count of -?\d+"),
}


class _Interrupted(list[int]):
    """Page numbers that call ``act`` when they are first read."""

    def __init__(self, pages: list[int], act: Callable[[], object]) -> None:
        super().__init__(pages)
        self._act = act
        self.was_read = False

    def __getitem__(self, at: Any) -> Any:
        if not self.was_read:
            self.was_read = True
            self._act()
        return super().__getitem__(at)


class Pins:
    """Pin pages for devices, by name, and keep the resulting host pages."""

    def __init__(self, interface: Translation, devices: Devices) -> None:
        self.frames: list[list[int]] = []  #: the arrays of host pages of all calls so far
        self._frame_of: dict[int, int] = {}  # the host page that a page was last pinned to
        self._interface = interface
        self._devices = devices

    def pin(self, device: str, pages: list[int], prot: int = 3) -> int:
        """Pin pages and keep the array of host pages. Return the number of pinned pages."""
        frames = [_UNTOUCHED] * len(pages)
        self.frames.append(frames)
        count = self._interface.pin_pages(self._devices[device].uuid, pages, len(pages), prot, frames)
        self._frame_of.update(zip(pages, frames, strict=True))
        return count

    def pin_while(self, device: str, pages: list[int], act: Callable[[], object]) -> None:
        """Pin pages and call ``act`` in the middle of the call."""
        wanted = _Interrupted(pages, act)
        frames = [_UNTOUCHED] * len(pages)
        self._interface.pin_pages(self._devices[device].uuid, wanted, len(pages), 3, frames)
        if not wanted.was_read:
            raise RuntimeError("pinning returned without reading the page numbers")

    def unpin(self, device: str, pages: list[int]) -> int:
        """Unpin pages and return the result of the call."""
        return self._interface.unpin_pages(self._devices[device].uuid, pages, len(pages))

    def pin_with(self, flaw: str, device: str) -> int:
        """Pin the first pages with a flawed argument; the arrays have 1024 elements."""
        uuid, count, pages = self._flawed(flaw, device)
        frames = None if flaw == "no array for host pages" else [_UNTOUCHED] * 1024
        return self._interface.pin_pages(uuid, pages, count, 3, frames)

    def unpin_with(self, flaw: str, device: str) -> int:
        """Unpin the first pages with a flawed argument, as in :meth:`pin_with`."""
        uuid, count, pages = self._flawed(flaw, device)
        return self._interface.unpin_pages(uuid, pages, count)

    def _flawed(self, flaw: str, device: str) -> tuple[str | None, int, list[int] | None]:
        count = int(flaw.rpartition(" ")[2]) if flaw.startswith("a count") else 1
        uuid = None if flaw == "no device" else self._devices[device].uuid
        return uuid, count, None if flaw == "no user pages" else list(range(1024))

    def read(self, page: int, count: int) -> bytes:
        """Return the first bytes of the host page to which a page was last pinned."""
        return self._interface.read_page(self._frame_of[page], count)

    def write(self, page: int, data: bytes) -> None:
        """Write bytes to the host page to which a page was last pinned."""
        self._interface.write_page(self._frame_of[page], data)
