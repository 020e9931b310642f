"""The clean form of a recording of a real kernel: one operation a line, in the order in which the kernel saw them.

A file is NDJSON: a :class:`Header`, then :class:`Operation` lines. Paths are those of sysfs without ``/sys/``; a path
outside sysfs keeps its leading slash. Bytes are text in latin-1, so that any byte survives JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

RECORDINGS = Path(__file__).parent / "recordings"

#: Lines of the kernel log that the driver core, the mdev core and the IOMMU code write; vendor drivers' are not kept.
CORES_LOG = r"\S+ \S+: (?:MDEV: .*|.* iommu group \d+|probe .* failed .*)|\S+: probe .* failed .*"

Verb = Literal[
    "load",  # a module, by name; arguments are its parameters
    "unload",
    "modules",  # loaded modules: name -> [uses, users]
    "read",
    "write",  # open for writing, one write(2), close; or one write(2) on the open file named by `on`
    "open",  # open(2) with flags and keep it as `on`
    "close",
    "list",  # names in a directory
    "details",  # a directory as `ls -l` shows it: name -> mode, links of a directory, size of a file, target of a link
    "tree",  # a directory and all below it: path -> mode, size and content of a file, target of a link
    "readlink",
    "exists",  # lexists
    "mkdir",
    "rmdir",
    "pread",  # of the device kept as `on`, with `offset` and `count`
    "pwrite",
    "ioctl",  # by the name of the `request`; other arguments fill in its structure
    "eventfd",  # a new one, for the device kept as `on`
    "read-eventfd",
    "mmap",
    "open-device",  # through the device API, kept as `on`
    "close-device",
    "open-node",  # below /dev, kept as `on`
    "request",  # to the container or group kept as `on`, by the name of the `request`, with what it is given
    "get-device",  # of the group named in the arguments, kept as `on`
    "open-group",  # /dev/vfio/N, kept as `on`; argument: whether it also joins a container that is ready for use
    "close-group",  # and its container
    "finish",  # wait for the operation that was started as `on`
]


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """Where a file comes from, and what of its source is not in it: reason -> number of lines of the source."""

    kernel: str
    lines: int
    left_out: Mapping[str, int]


class Operation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One operation.

    ``implied``: the script behind the recording did it without a line of its own, so it is performed and must work, but
    there is nothing to compare it with. ``start``: the operation runs beside the others under this name, and its result
    says whether it blocks. ``uevents`` and ``log`` (lines of the kernel log): what followed, where that was recorded.
    ``user``: as which uid, if not root's.
    """

    section: str
    line: int
    op: Verb
    path: str = ""
    data: str | None = None
    arguments: Mapping[str, str] = {}
    flags: Sequence[str] = ()
    on: str = ""
    start: str = ""
    user: int = 0
    result: object = None
    uevents: Sequence[str] | None = None
    log: Sequence[str] | None = None
    implied: bool = False
    note: str = ""


def read(path: Path) -> tuple[Header, list[Operation]]:
    """The header and the operations of one file."""
    head, *lines = path.read_bytes().splitlines()
    decoder = msgspec.json.Decoder(Operation)
    return msgspec.json.decode(head, type=Header), [decoder.decode(line) for line in lines]


def write(path: Path, header: Header, operations: Sequence[Operation]) -> None:
    """Write one file."""
    encode = msgspec.json.Encoder().encode
    path.write_bytes(b"".join(encode(line) + b"\n" for line in (header, *operations)))
