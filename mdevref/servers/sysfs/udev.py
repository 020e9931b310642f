"""Tells of a host's uevents as systemd-udevd does, for clients that wait for devices: libvirt, ``udevadm monitor``.

A client of libudev hears udevd on the netlink group 2 of its network namespace. Nobody may be fooled but the command
that asked for it, so this belongs into a network namespace of its own. The layout of a message is that of systemd's
``sd-device``: a header, then ``KEY=VALUE`` texts with a NUL behind each. libudev takes messages from root alone, and
listens to udevd only where there is a ``/run/udev/control``.
"""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress

from mdevref.host import Host
from mdevref.kernel.uevents import Uevent

_PROTOCOL = 15  # NETLINK_KOBJECT_UEVENT
_GROUP = 2  # where udevd speaks; 1 is the kernel's own
_PREFIX, _MAGIC = b"libudev\0", 0xFEEDCAFE
# Prefix, magic number, size of the header, place and size of the properties, then what filters look at: hashes of
# subsystem and device type, and two words of the tags. Numbers for filters are big-endian.
_HEADER = struct.Struct("=8s4sIII4s4sII")
_BIG = struct.Struct(">I")


class Announcer:
    """Tells of every uevent of ``host`` from now on, before the host goes on. :class:`OSError` without the right to."""

    def __init__(self, host: Host) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _PROTOCOL)
        self._subscription = host.kernel.uevents.subscribe(self._tell)

    def close(self) -> None:
        self._subscription.close()
        self._socket.close()

    def _tell(self, event: Uevent) -> None:
        with suppress(OSError):  # ECONNREFUSED: nobody listens; ENOBUFS: somebody is too slow
            self._socket.sendto(message(event), (0, _GROUP))


def message(event: Uevent) -> bytes:
    """The bytes in which udevd tells of ``event``, once its rules have run."""
    variables = {**event.environment, "USEC_INITIALIZED": str(time.monotonic_ns() // 1000)}
    if "DEVNAME" in variables:
        variables["DEVNAME"] = f"/dev/{variables['DEVNAME']}"
    properties = b"".join(f"{key}={value}".encode() + b"\0" for key, value in variables.items())
    subsystem = _BIG.pack(murmur2(variables["SUBSYSTEM"].encode()))
    magic = _BIG.pack(_MAGIC)
    return (
        _HEADER.pack(_PREFIX, magic, _HEADER.size, _HEADER.size, len(properties), subsystem, bytes(4), 0, 0)
        + properties
    )


def murmur2(data: bytes) -> int:
    """Austin Appleby's MurmurHash2 with seed 0, in 32 bits: by which libudev's filters know a subsystem."""
    factor, mask = 0x5BD1E995, 0xFFFFFFFF
    found = len(data)
    whole = len(data) & ~3
    for (word,) in struct.iter_unpack("<I", data[:whole]):
        mixed = word * factor & mask
        found = found * factor & mask ^ (mixed ^ mixed >> 24) * factor & mask
    if rest := data[whole:]:
        found = (found ^ int.from_bytes(rest, "little")) * factor & mask
    found = (found ^ found >> 13) * factor & mask
    return found ^ found >> 15
