"""Receive the kernel's uevents directly from the multicast group of NETLINK_KOBJECT_UEVENT, without a daemon.

The kernel queues a uevent for every listener before the operation that caused it returns. So the uevents of an
operation can be read as soon as it has returned, without waiting.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress

from mdevref.suite.interface.target import NOT_ENVIRONMENT, Uevent
from mdevref.suite.interface.unsupported import Unsupported

_PROTOCOL = 15  # NETLINK_KOBJECT_UEVENT of the kernel's uapi
_KERNEL_GROUP = 1  # the messages of the kernel; group 2 is for those of udev
_LONGEST = 1 << 16
_RCVBUFFORCE = 33  # SO_RCVBUFFORCE, which the socket module does not name
_QUEUE = 8 << 20  #: size of the queue in bytes: enough for creating and removing a few hundred devices


def parse(message: bytes) -> Uevent | None:
    """Parse a message of the kernel: ``action@devpath``, then ``KEY=value`` strings. Return None if it is invalid."""
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
    """A listener that collects the kernel's uevents until it is closed.

    Raises Unsupported if this process is not permitted to receive them.
    """

    def __init__(self) -> None:
        kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        try:
            self._socket = socket.socket(socket.AF_NETLINK, kind, _PROTOCOL)
        except OSError as error:
            raise Unsupported(f"cannot receive uevents: {os.strerror(error.errno or 0)}") from error
        try:
            # Root may exceed the machine's limit for the size of queues.
            with suppress(PermissionError):
                self._socket.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, _QUEUE)
            self._socket.bind((0, _KERNEL_GROUP))
        except OSError as error:
            self._socket.close()
            raise Unsupported(f"cannot receive uevents: {os.strerror(error.errno or 0)}") from error

    def drain(self) -> list[Uevent]:
        """Return the uevents since the last call, oldest first.

        Raises OSError with ENOBUFS if the kernel dropped some of them.
        """
        events: list[Uevent] = []
        while True:
            try:
                message, sender = self._socket.recvfrom(_LONGEST)
            except BlockingIOError:
                return events
            # Other privileged processes may send to the group too; only the kernel has port 0.
            if sender[0] == 0 and (event := parse(message)) is not None:
                events.append(event)

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Uevents:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
