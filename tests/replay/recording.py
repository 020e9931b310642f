"""The clean form of a recording of a real kernel: one operation per line, in the order of execution.

A file is NDJSON: a :class:`Header`, then :class:`Operation` lines. Paths in sysfs omit ``/sys/``; other paths keep
their leading slash. Bytes are latin-1 text, so that JSON preserves every byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

RECORDINGS = Path(__file__).parent / "recordings"

#: Kernel log lines of the driver core, the mdev core and the IOMMU code. Lines of vendor drivers are not kept.
CORES_LOG = r"\S+ \S+: (?:MDEV: .*|.* iommu group \d+|probe .* failed .*)|\S+: probe .* failed .*"

Verb = Literal[
    "load",  # load a module by name; arguments are its parameters
    "unload",
    "modules",  # loaded modules: name -> [uses, users]
    "read",
    "write",  # open for writing, one write(2), close; or one write(2) on the open file named by `on`
    "open",  # open(2) with flags; keep the file as `on`
    "close",
    "list",  # names in a directory
    "details",  # a directory as in `ls -l`: name -> mode, links of a directory, size of a file, target of a link
    "tree",  # everything below a directory: path -> mode, size and content of a file, target of a link
    "readlink",
    "exists",  # lexists
    "mkdir",
    "rmdir",
    "pread",  # read the device kept as `on`, with `offset` and `count`
    "pwrite",
    "ioctl",  # an ioctl by the name of its `request`; other arguments are fields of its structure
    "eventfd",  # create an eventfd for the device kept as `on`
    "read-eventfd",
    "mmap",
    "open-device",  # open through the device API; keep as `on`
    "close-device",
    "open-node",  # open a node below /dev; keep as `on`
    "request",  # a request to the container or group kept as `on`, by the name of the `request`, with its arguments
    "get-device",  # get a device of the group named in the arguments; keep as `on`
    "open-group",  # open /dev/vfio/N; keep as `on`; argument: whether to attach it to a container that is ready for use
    "close-group",  # close the group and its container
    "finish",  # wait for the operation that was started as `on`
]


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The source of a file, and the skipped lines of that source: reason -> number of lines."""

    kernel: str
    lines: int
    left_out: Mapping[str, int]


class Operation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One operation.

    ``implied``: the recording script performed it without printing a line. It must succeed, but its result is not
    compared. ``start``: the operation runs in the background under this name, and its result reports whether it blocks.
    ``uevents`` and ``log`` (lines of the kernel log): what followed, if it was recorded. ``user``: the uid, if not
    root.
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
    """Return the header and the operations of a file."""
    head, *lines = path.read_bytes().splitlines()
    decoder = msgspec.json.Decoder(Operation)
    return msgspec.json.decode(head, type=Header), [decoder.decode(line) for line in lines]


def write(path: Path, header: Header, operations: Sequence[Operation]) -> None:
    """Write a recording to a file."""
    encode = msgspec.json.Encoder().encode
    path.write_bytes(b"".join(encode(line) + b"\n" for line in (header, *operations)))
