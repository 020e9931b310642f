"""Requests to open containers, groups and devices."""

from __future__ import annotations

from collections.abc import Mapping

from mdevref.suite.interface.vmm import DeviceFile
from mdevref.suite.scenario.access.arguments import Arguments
from mdevref.suite.scenario.access.handles import Handles
from mdevref.suite.scenario.kind import Kind
from mdevref.vfio import uapi

_NO_SUCH = 0x3BFF  # a request with VFIO's type and an unassigned number

_NUMBERS: Mapping[str, int] = {
    "an unknown request": _NO_SUCH,
    **{
        name: number
        for names in (uapi.CONTAINER_REQUESTS, uapi.GROUP_REQUESTS, uapi.DEVICE_REQUESTS)
        for number, name in names.items()
    },
}

KINDS: Mapping[str, Kind] = {"Request": Kind(r"an unknown request|VFIO_[A-Z_]+", _NUMBERS.__getitem__)}


class Requests:
    """Call ioctl(2) on files by their names in steps."""

    def __init__(self, handles: Handles, arguments: Arguments) -> None:
        self._handles = handles
        self._arguments = arguments

    def call(self, request: int, words: str, argument: int | bytearray = 0) -> int:
        """Send a request to an open file, and return the result. Keep the argument as the request leaves it."""
        target = self._handles.either(words)
        given = target.ioctl(request, argument)
        if isinstance(argument, bytearray):
            self._arguments.last = argument
        if request == uapi.GROUP_GET_DEVICE_FD and isinstance(target, DeviceFile):
            self._handles.keep_loose(target.process, given)
        return given
