"""The kernel's uevents as they are sent, without a daemon: the multicast group of NETLINK_KOBJECT_UEVENT.

The kernel puts a uevent into every listener's queue before the operation that caused it returns to its caller. What was
caused is therefore there to be read once the operation is over, and nobody has to wait for it.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress

from mdevref.suite.interface.target import NOT_ENVIRONMENT, Uevent
from mdevref.suite.interface.unsupported import Unsupported

_PROTOCOL = 15  # NETLINK_KOBJECT_UEVENT of the kernel's uapi
_KERNEL_GROUP = 1  # the kernel's own messages; group 2 is udev's
_LONGEST = 1 << 16
_RCVBUFFORCE = 33  # SO_RCVBUFFORCE, which the socket module does not name
_QUEUE = 8 << 20  #: bytes; a few hundred devices coming and going at once fit


def parse(message: bytes) -> Uevent | None:
    """One message of the kernel: ``action@devpath``, then ``KEY=value`` strings; None for what is none."""
    head, *pairs = message.rstrip(b"\0").split(b"\0")
    action, at, devpath = head.decode(errors="surrogateescape").partition("@")
    if not at or not devpath.startswith("/"):
        return None
    environment = {}
    for pair in pairs:
        key, equals, value = pair.decode(errors="surrogateescape").partition("=")
        if equals and key not in NOT_ENVIRONMENT:
            environment[key] = value
    return Uevent(action, devpath, environment)


class Uevents:
    """Listens to the kernel's uevents from now on, until closed; Unsupported where this process may not."""

    def __init__(self) -> None:
        kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        try:
            self._socket = socket.socket(socket.AF_NETLINK, kind, _PROTOCOL)
        except OSError as error:
            raise Unsupported(f"uevents cannot be heard here: {os.strerror(error.errno or 0)}") from error
        try:
            # Beyond the machine's limit for ordinary sockets, where root asks.
            with suppress(PermissionError):
                self._socket.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, _QUEUE)
            self._socket.bind((0, _KERNEL_GROUP))
        except OSError as error:
            self._socket.close()
            raise Unsupported(f"uevents cannot be heard here: {os.strerror(error.errno or 0)}") from error

    def drain(self) -> list[Uevent]:
        """The uevents since the last call, oldest first; OSError ENOBUFS when the kernel had to drop some."""
        events: list[Uevent] = []
        while True:
            try:
                message, sender = self._socket.recvfrom(_LONGEST)
            except BlockingIOError:
                return events
            # Anybody with the right privilege may send to the group: the kernel's port is 0.
            if sender[0] == 0 and (event := parse(message)) is not None:
                events.append(event)

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Uevents:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
