"""vfio-user as data: its commands, the layout of its messages and the capabilities that the two sides tell each other.

The protocol is QEMU's (docs/interop/vfio-user.rst, version 0.0). A message is a header of 16 bytes and a payload; what
belongs to a VFIO ioctl has the ioctl's structure as payload, so that :mod:`mdevref.vfio.uapi` describes it. File
descriptors travel beside the first bytes. Everything is in the machine's byte order.
"""

from __future__ import annotations

import errno as errnos
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Annotated, Final, NamedTuple

import msgspec

from mdevref.vfio import uapi

MAJOR: Final = 0
MINOR: Final = 0

#: Message id, command, size of the whole message in bytes, flags, errno.
HEADER: Final = struct.Struct("=HHIII")

# header.flags
TYPE: Final = 0xF
COMMAND: Final = 0x0
REPLY: Final = 0x1
NO_REPLY: Final = 0x10
ERROR: Final = 0x20

#: VERSION: major, minor; then JSON, ended by NUL, or nothing.
VERSION: Final = struct.Struct("=HH")
#: DMA_MAP: argsz, flags (:class:`uapi.MapFlags`), offset in the file, address for the device, size.
DMA_MAP: Final = struct.Struct("=IIQQQ")
#: DMA_UNMAP, and its reply: argsz, flags, address for the device, size.
DMA_UNMAP: Final = struct.Struct("=IIQQ")
#: REGION_READ and REGION_WRITE, and their replies: offset in the region, index of the region, count of bytes.
ACCESS: Final = struct.Struct("=QII")
#: REGION_WRITE_MULTI: how many; then so many :data:`ONE_WRITE`. Its reply: how many were done.
WRITES: Final = struct.Struct("=Q")
#: As ACCESS, with the data; of which no more than 8 bytes.
ONE_WRITE: Final = struct.Struct("=QII8s")


class Command(IntEnum):
    """What a message asks for; those that only servers send are not among them."""

    VERSION = 1
    DMA_MAP = 2
    DMA_UNMAP = 3
    DEVICE_GET_INFO = 4
    DEVICE_GET_REGION_INFO = 5
    DEVICE_GET_REGION_IO_FDS = 6
    DEVICE_GET_IRQ_INFO = 7
    DEVICE_SET_IRQS = 8
    REGION_READ = 9
    REGION_WRITE = 10
    DEVICE_RESET = 13
    REGION_WRITE_MULTI = 15
    DEVICE_FEATURE = 16
    MIG_DATA_READ = 17
    MIG_DATA_WRITE = 18


class Form(NamedTuple):
    """What the payload of a command must be at least, in bytes, and whether file descriptors may come with it."""

    minimum: int = 0
    takes_fds: bool = False


FORMS: Final[Mapping[int, Form]] = MappingProxyType(
    {
        Command.VERSION: Form(VERSION.size),
        Command.DMA_MAP: Form(DMA_MAP.size, takes_fds=True),
        Command.DMA_UNMAP: Form(DMA_UNMAP.size),
        Command.DEVICE_GET_INFO: Form(uapi.DeviceInfo.minimum),
        Command.DEVICE_GET_REGION_INFO: Form(uapi.RegionInfo.minimum),
        Command.DEVICE_GET_REGION_IO_FDS: Form(16),
        Command.DEVICE_GET_IRQ_INFO: Form(uapi.IrqInfo.minimum),
        Command.DEVICE_SET_IRQS: Form(uapi.IrqSet.minimum, takes_fds=True),
        Command.REGION_READ: Form(ACCESS.size),
        Command.REGION_WRITE: Form(ACCESS.size),
        Command.DEVICE_RESET: Form(),
        Command.REGION_WRITE_MULTI: Form(WRITES.size),
        Command.DEVICE_FEATURE: Form(uapi.DeviceFeature.minimum),
        Command.MIG_DATA_READ: Form(8),
        Command.MIG_DATA_WRITE: Form(8),
    }
)

#: Values that hold for a side which does not tell its own.
DEFAULT_FDS: Final = 1
DEFAULT_TRANSFER: Final = 1 << 20  # bytes

_Count = Annotated[int, msgspec.Meta(ge=0)]


class Capabilities(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a side can do: file descriptors that it takes with one message, bytes of one access, DMA mappings at a time,
    page sizes of DMA mappings (or-ed together), whether it knows REGION_WRITE_MULTI. None: it does not say."""

    max_msg_fds: _Count | None = None
    max_data_xfer_size: _Count | None = None
    max_dma_maps: _Count | None = None
    pgsizes: _Count | None = None
    write_multiple: bool | None = None


class VersionData(msgspec.Struct, frozen=True, omit_defaults=True):
    """The JSON of a VERSION message."""

    capabilities: Capabilities | None = None


_DECODER = msgspec.json.Decoder(VersionData)


@dataclass(frozen=True, slots=True)
class Message:
    """A message in parts. ``errno``: of a reply that says the command failed, else 0."""

    number: int
    command: int
    flags: int
    errno: int
    payload: bytes


class Malformed(Exception):
    """Bytes that are no message of this protocol; the text says what is wrong."""


def pack(number: int, command: int, payload: bytes = b"", *, flags: int = COMMAND, errno: int = 0) -> bytes:
    """A message as bytes."""
    return HEADER.pack(number, command, HEADER.size + len(payload), flags, errno) + payload


def reply(number: int, command: int, payload: bytes = b"") -> bytes:
    """The reply to a command that succeeded."""
    return HEADER.pack(number, command, HEADER.size + len(payload), REPLY, 0) + payload


def refusal(number: int, command: int, errno: int) -> bytes:
    """The reply to a command that failed: a header alone."""
    return HEADER.pack(number, command, HEADER.size, REPLY | ERROR, errno)


def pack_version(capabilities: Capabilities | None = None, major: int = MAJOR, minor: int = MINOR) -> bytes:
    """The payload of VERSION, from either side."""
    return VERSION.pack(major, minor) + msgspec.json.encode(VersionData(capabilities)) + b"\0"


def read_version(payload: bytes) -> tuple[int, int, Capabilities]:
    """Major, minor and capabilities that a VERSION message tells; what is unknown among these is passed over."""
    major, minor = VERSION.unpack_from(payload)
    text = payload[VERSION.size :]
    if not text:
        return major, minor, Capabilities()
    if not text.endswith(b"\0"):
        raise Malformed("version data without a NUL at the end")
    try:
        return major, minor, _DECODER.decode(text[:-1]).capabilities or Capabilities()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"version data that are no such JSON: {error}") from None


def name_of(command: int) -> str:
    """``REGION_READ`` for 9."""
    try:
        return Command(command).name
    except ValueError:
        return f"command {command}"


def error_name(code: int) -> str:
    """``EINVAL`` for 22."""
    return errnos.errorcode.get(code, f"errno {code}")


def transfer_of(capabilities: Capabilities) -> int:
    """The most bytes that a side takes in one access."""
    said = capabilities.max_data_xfer_size
    return DEFAULT_TRANSFER if said is None else said


def fds_of(capabilities: Capabilities) -> int:
    """The most file descriptors that a side takes with one message."""
    said = capabilities.max_msg_fds
    return DEFAULT_FDS if said is None else said


def ancillary(fds: Sequence[int]) -> list[tuple[int, int, bytes]]:
    """What goes beside the bytes of a message that brings file descriptors."""
    import socket

    if not fds:
        return []
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack(f"={len(fds)}i", *fds))]
