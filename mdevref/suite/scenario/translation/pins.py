"""Pages that vendor drivers pin and unpin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mdevref.suite.interface.translation import Translation
from mdevref.suite.scenario.devices import Devices
from mdevref.suite.scenario.kind import Kind

_UNTOUCHED = 0x5EED  # what an array of host pages has before a call

KINDS: Mapping[str, Kind] = {
    "Flaw": Kind(r"no device|no user pages|no array for host pages|a count of -?\d+"),
}


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


class Pins:
    """Pinning on behalf of each device, by its name, and the host pages that it has given."""

    def __init__(self, interface: Translation, devices: Devices) -> None:
        self.frames: list[list[int]] = []  #: arrays of host pages, of the calls so far
        self._frame_of: dict[int, int] = {}  # the host page that a page was last pinned to
        self._interface = interface
        self._devices = devices

    def pin(self, device: str, pages: list[int], prot: int = 3) -> int:
        """Pin; the arrays are kept."""
        frames = [_UNTOUCHED] * len(pages)
        self.frames.append(frames)
        count = self._interface.pin_pages(self._devices[device].uuid, pages, len(pages), prot, frames)
        self._frame_of.update(zip(pages, frames, strict=True))
        return count

    def pin_while(self, device: str, pages: list[int], act: Callable[[], object]) -> None:
        """Pin, and do something in the middle of it."""
        wanted = _Interrupted(pages, act)
        frames = [_UNTOUCHED] * len(pages)
        self._interface.pin_pages(self._devices[device].uuid, wanted, len(pages), 3, frames)
        if not wanted.was_read:
            raise RuntimeError("pinning returned without reading the page numbers")

    def unpin(self, device: str, pages: list[int]) -> int:
        """Unpin; the number that comes back."""
        return self._interface.unpin_pages(self._devices[device].uuid, pages, len(pages))

    def pin_with(self, flaw: str, device: str) -> int:
        """Pin the first pages, with something that is wrong; something is behind every page number."""
        uuid, count, pages = self._flawed(flaw, device)
        frames = None if flaw == "no array for host pages" else [_UNTOUCHED] * 1024
        return self._interface.pin_pages(uuid, pages, count, 3, frames)

    def unpin_with(self, flaw: str, device: str) -> int:
        """As :meth:`pin_with`."""
        uuid, count, pages = self._flawed(flaw, device)
        return self._interface.unpin_pages(uuid, pages, count)

    def _flawed(self, flaw: str, device: str) -> tuple[str | None, int, list[int] | None]:
        count = int(flaw.rpartition(" ")[2]) if flaw.startswith("a count") else 1
        uuid = None if flaw == "no device" else self._devices[device].uuid
        return uuid, count, None if flaw == "no user pages" else list(range(1024))

    def read(self, page: int, count: int) -> bytes:
        """The first bytes of what a page was last pinned to."""
        return self._interface.read_page(self._frame_of[page], count)

    def write(self, page: int, data: bytes) -> None:
        """Put bytes into what a page was last pinned to."""
        self._interface.write_page(self._frame_of[page], data)
