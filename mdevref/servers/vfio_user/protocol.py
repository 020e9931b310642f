"""The vfio-user protocol: its commands, message layouts and capabilities.

The protocol is QEMU's (docs/interop/vfio-user.rst, version 0.0). A message consists of a header of 16 bytes and a
payload. The payload of a VFIO ioctl is the ioctl's structure, defined in :mod:`mdevref.vfio.uapi`. File descriptors
accompany the first bytes of a message. All numbers are in the machine's byte order.
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

#: VERSION: major, minor, and optionally JSON ended by NUL.
VERSION: Final = struct.Struct("=HH")
#: DMA_MAP: argsz, flags (:class:`uapi.MapFlags`), offset in the file, address for the device, size.
DMA_MAP: Final = struct.Struct("=IIQQQ")
#: DMA_UNMAP, and its reply: argsz, flags, address for the device, size.
DMA_UNMAP: Final = struct.Struct("=IIQQ")
#: REGION_READ and REGION_WRITE, and their replies: offset in the region, index of the region, count of bytes.
ACCESS: Final = struct.Struct("=QII")
#: REGION_WRITE_MULTI: the number of :data:`ONE_WRITE` that follow. Its reply: the number of writes done.
WRITES: Final = struct.Struct("=Q")
#: ACCESS followed by up to 8 bytes of data.
ONE_WRITE: Final = struct.Struct("=QII8s")


class Command(IntEnum):
    """The commands that a client sends. Commands that only servers send are omitted."""

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
    """The minimum payload of a command in bytes, and whether it accepts file descriptors."""

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

#: Defaults for a side that does not send its own values.
DEFAULT_FDS: Final = 1
DEFAULT_TRANSFER: Final = 1 << 20  # bytes

_Count = Annotated[int, msgspec.Meta(ge=0)]


class Capabilities(msgspec.Struct, frozen=True, omit_defaults=True):
    """The capabilities of a side; None for a capability that it did not send.

    In order: file descriptors per message, bytes per access, DMA mappings at a time, page sizes of DMA mappings (a bit
    mask), and whether it supports REGION_WRITE_MULTI.
    """

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
    """A parsed message. ``errno`` is the error of a reply to a failed command, otherwise 0."""

    number: int
    command: int
    flags: int
    errno: int
    payload: bytes


class Malformed(Exception):
    """The bytes are not a valid message of this protocol. The text gives the reason."""


def pack(number: int, command: int, payload: bytes = b"", *, flags: int = COMMAND, errno: int = 0) -> bytes:
    """Return a message as bytes."""
    return HEADER.pack(number, command, HEADER.size + len(payload), flags, errno) + payload


def reply(number: int, command: int, payload: bytes = b"") -> bytes:
    """Return the reply to a command that succeeded."""
    return HEADER.pack(number, command, HEADER.size + len(payload), REPLY, 0) + payload


def refusal(number: int, command: int, errno: int) -> bytes:
    """Return the reply to a command that failed, which is only a header."""
    return HEADER.pack(number, command, HEADER.size, REPLY | ERROR, errno)


def pack_version(capabilities: Capabilities | None = None, major: int = MAJOR, minor: int = MINOR) -> bytes:
    """Return the payload of VERSION, for either side."""
    return VERSION.pack(major, minor) + msgspec.json.encode(VersionData(capabilities)) + b"\0"


def read_version(payload: bytes) -> tuple[int, int, Capabilities]:
    """Return major, minor and capabilities of a VERSION message. Ignore unknown capabilities."""
    major, minor = VERSION.unpack_from(payload)
    text = payload[VERSION.size :]
    if not text:
        return major, minor, Capabilities()
    if not text.endswith(b"\0"):
        raise Malformed("version data not terminated by NUL")
    try:
        return major, minor, _DECODER.decode(text[:-1]).capabilities or Capabilities()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"invalid version data: {error}") from None


def name_of(command: int) -> str:
    """Return the name of a command, such as ``REGION_READ`` for 9."""
    try:
        return Command(command).name
    except ValueError:
        return f"command {command}"


def error_name(code: int) -> str:
    """Return the name of an errno, such as ``EINVAL`` for 22."""
    return errnos.errorcode.get(code, f"errno {code}")


def transfer_of(capabilities: Capabilities) -> int:
    """Return the maximum bytes that a side accepts in one access."""
    said = capabilities.max_data_xfer_size
    return DEFAULT_TRANSFER if said is None else said


def fds_of(capabilities: Capabilities) -> int:
    """Return the maximum file descriptors that a side accepts with one message."""
    said = capabilities.max_msg_fds
    return DEFAULT_FDS if said is None else said


def ancillary(fds: Sequence[int]) -> list[tuple[int, int, bytes]]:
    """Return the ancillary data for sendmsg(2) that passes ``fds``."""
    import socket

    if not fds:
        return []
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack(f"={len(fds)}i", *fds))]
