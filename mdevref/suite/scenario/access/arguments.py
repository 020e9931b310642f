"""Arguments of requests: structures, pointers, names and descriptors, from the words of a step."""

from __future__ import annotations

from collections.abc import Mapping

from mdevref.suite.interface import vmm
from mdevref.suite.scenario.access.handles import Handles
from mdevref.suite.scenario.kind import Kind
from mdevref.vfio import uapi
from mdevref.vfio.uapi import Record

ROOM = 4096  #: bytes of memory behind a structure, which an implementation need not use
_FILLED = 0xAA  # each byte of that memory
_LONG_NAME = 5000  # bytes without a terminating zero, more than a page
_NOT_OPEN = 1000  # a descriptor that no scenario has open

_RECORDS: Mapping[int, type[Record]] = {
    uapi.GROUP_GET_STATUS: uapi.GroupStatus,
    uapi.DEVICE_GET_INFO: uapi.DeviceInfo,
    uapi.DEVICE_GET_REGION_INFO: uapi.RegionInfo,
    uapi.DEVICE_GET_IRQ_INFO: uapi.IrqInfo,
    uapi.IOMMU_GET_INFO: uapi.IommuInfo,
}

_DESCRIPTOR = r"the descriptor of (?:the (?:second )?container|the group of [A-Z]|an eventfd)"
_INDEX = r"\d+|the number of its (?:regions|interrupts)"

KINDS: Mapping[str, Kind] = {
    "Argument": Kind(
        rf'\d+|a bad pointer|{_DESCRIPTOR}|the descriptor -?\d+|a descriptor that is not open|the name "[^"]*"'
        rf"|an unterminated name|a name of \d+ characters|argsz \d+|index (?:{_INDEX})"
    ),
}


class Arguments:
    """The arguments that steps describe, and the last one as a request has left it."""

    def __init__(self, handles: Handles) -> None:
        self.last = bytearray()
        self._filled_from = 0  # an implementation need not write to the argument from this byte on
        self._handles = handles

    def made(self, request: int, words: str, text: str) -> int | bytearray:
        """Return the argument that a step describes, for a request to the file named ``words``."""
        if text.isdigit():
            return int(text)
        if text == "a bad pointer":
            return 0
        if text.startswith("the name "):
            return uapi.device_name(text.split('"')[1])
        if text == "an unterminated name":
            return bytearray(b"a" * _LONG_NAME)
        if text.startswith("a name of "):
            return uapi.device_name("a" * int(text.split()[3]))
        if text.startswith("argsz "):
            return self._structure(request, argsz=int(text.split()[1]))
        if text.startswith("index "):
            return self._structure(request, index=self._index(words, text.removeprefix("index ")))
        return uapi.container_fd(self.descriptor(text))

    def _structure(self, request: int, *, argsz: int | None = None, index: int | None = None) -> bytearray:
        record = _RECORDS[request]()
        record.argsz = record.minimum if argsz is None else argsz
        if index is not None:
            record.index = index
        self._filled_from = max(record.minimum, record.argsz)
        return bytearray(bytes(record)[: record.minimum].ljust(self._filled_from, b"\0") + bytes((_FILLED,)) * ROOM)

    def _index(self, name: str, text: str) -> int:
        if text.isdigit():
            return int(text)
        info = vmm.device_info(self._handles.device(name))
        return info.num_regions if text.endswith("regions") else info.num_irqs

    def descriptor(self, text: str) -> int:
        """Return the descriptor that a step describes, after opening its file if necessary."""
        if text.removeprefix("the descriptor ").lstrip("-").isdigit():
            return int(text.split()[2])
        if text == "a descriptor that is not open":
            return _NOT_OPEN
        what = text.removeprefix("the descriptor of ")
        return self._eventfd() if what == "an eventfd" else self._handles.file(what).descriptor

    def _eventfd(self) -> int:
        process = self._handles.process()
        return self._handles.keep_loose(process, process.eventfd()).descriptor

    def written_behind(self) -> list[int] | None:
        """Return the indexes of the bytes written beyond ``argsz`` of the last argument; None without memory there."""
        behind = bytes(self.last[self._filled_from :])
        return [number for number, byte in enumerate(behind, self._filled_from) if byte != _FILLED] if behind else None
