"""Sends a host's uevents as systemd-udevd does, for clients such as libvirt and ``udevadm monitor``.

Clients of libudev receive udevd's messages on netlink group 2 of their network namespace. Use this only in a private
network namespace, so that other programs do not receive the messages. The message layout is that of systemd's
``sd-device``: a header, then ``KEY=VALUE`` strings, each ended by NUL. libudev accepts messages only from root, and
listens to udevd only if ``/run/udev/control`` exists.
"""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress

from mdevref.host import Host
from mdevref.kernel.uevents import Uevent

_PROTOCOL = 15  # NETLINK_KOBJECT_UEVENT
_GROUP = 2  # udevd's group; the kernel uses 1
_PREFIX, _MAGIC = b"libudev\0", 0xFEEDCAFE
# Prefix, magic number, size of the header, offset and size of the properties, then the fields for filters: hashes of
# subsystem and device type, and two words for tags. The filter fields are big-endian.
_HEADER = struct.Struct("=8s4sIII4s4sII")
_BIG = struct.Struct(">I")


class Announcer:
    """Sends each uevent of ``host`` before the host continues. Raises :class:`OSError` without permission."""

    def __init__(self, host: Host) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _PROTOCOL)
        self._subscription = host.kernel.uevents.subscribe(self._tell)

    def close(self) -> None:
        self._subscription.close()
        self._socket.close()

    def _tell(self, event: Uevent) -> None:
        with suppress(OSError):  # ECONNREFUSED: no listener; ENOBUFS: a listener is too slow
            self._socket.sendto(message(event), (0, _GROUP))


def message(event: Uevent) -> bytes:
    """Return the message that udevd sends for ``event`` after running its rules."""
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
    """Return the 32-bit MurmurHash2 of ``data`` with seed 0. libudev's filters use it for subsystems."""
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
