"""The verbs for an open device: system calls of the process that holds it."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

from mdevref.vfio import uapi
from mdevref.vfio.uapi import IrqSetFlags, Record
from tests.replay.recording import Operation
from tests.replay.verbs import Bench, Result, held

_REQUESTS = {name.removeprefix("VFIO_"): number for number, name in uapi.DEVICE_REQUESTS.items()}
_REQUESTS["unknown ioctl"] = 0x3BFF
_RECORDS: Mapping[str, type[Record]] = {
    "DEVICE_GET_INFO": uapi.DeviceInfo,
    "DEVICE_GET_REGION_INFO": uapi.RegionInfo,
    "DEVICE_GET_IRQ_INFO": uapi.IrqInfo,
}
_ROOM = 64  #: bytes of an argument whose structure is unknown here
_COUNTER = 8


def pread(bench: Bench, operation: Operation) -> Result:
    """Read bytes. If ``mask`` is given, each byte is ANDed with it."""
    arguments = operation.arguments
    data = held(bench.devices, operation.on).read(int(arguments["count"]), int(arguments["offset"], 16))
    mask = int(arguments.get("mask", "ff"), 16)
    return {"bytes": bytes(byte & mask for byte in data).hex()}


def pwrite(bench: Bench, operation: Operation) -> Result:
    data = (operation.data or "").encode("latin-1")
    return {"count": held(bench.devices, operation.on).write(data, int(operation.arguments["offset"], 16))}


def ioctl(bench: Bench, operation: Operation) -> Result:
    device, arguments = held(bench.devices, operation.on), dict(operation.arguments)
    name = arguments.pop("request")
    if name == "DEVICE_SET_IRQS":
        device.ioctl(_REQUESTS[name], _irq_set(bench, operation.on, arguments))
        return {}
    if "bytes" in arguments:
        given = bytearray.fromhex(arguments["bytes"])
        device.ioctl(_REQUESTS[name], given)
        return {"bytes": given.hex()}
    record = _RECORDS.get(name)
    if record is None:
        device.ioctl(_REQUESTS[name], bytearray(_ROOM))
        return {}
    argument = record(**{field: int(value) for field, value in arguments.items()}).pack()
    device.ioctl(_REQUESTS[name], argument)
    answer = record.read(argument)
    return {field: getattr(answer, field) for field, *_ in record._fields_ if field != "pad"}


def _irq_set(bench: Bench, name: str, arguments: Mapping[str, str]) -> bytearray:
    """Connect INTx to the eventfd if one is given, else disable the index."""
    index, has_eventfd = int(arguments.get("index", "0")), "eventfds" in arguments
    eventfds = [bench.eventfds[name]] if has_eventfd else []
    kind = IrqSetFlags.DATA_EVENTFD if has_eventfd else IrqSetFlags.DATA_NONE
    return uapi.irq_set(index, kind | IrqSetFlags.ACTION_TRIGGER, eventfds=eventfds)


def make_eventfd(bench: Bench, operation: Operation) -> Result:
    bench.eventfds[operation.on] = held(bench.devices, operation.on).process.eventfd()
    return {"ok": True}


def read_eventfd(bench: Bench, operation: Operation) -> Result:
    process = held(bench.devices, operation.on).process
    (count,) = struct.unpack("=Q", process.read(bench.eventfds[operation.on], _COUNTER))
    return {"count": count}


def mmap(bench: Bench, operation: Operation) -> Result:
    held(bench.devices, operation.on).mmap(4096, int(operation.arguments["offset"], 16))
    return {"ok": True}


VERBS: Mapping[str, Callable[[Bench, Operation], Result]] = {
    "pread": pread,
    "pwrite": pwrite,
    "ioctl": ioctl,
    "eventfd": make_eventfd,
    "read-eventfd": read_eventfd,
    "mmap": mmap,
}
