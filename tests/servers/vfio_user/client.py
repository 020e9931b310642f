"""A client of a session in this process."""

from __future__ import annotations

from functools import partial

from mdevref.host import Host
from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user.device import ClientDevice
from mdevref.servers.vfio_user.protocol import HEADER, Message
from mdevref.servers.vfio_user.session import Session


class Client:
    """Sends messages to a session as over a socket."""

    def __init__(self, host: Host, uuid: str) -> None:
        self.said: list[str] = []
        self.session = Session(partial(ClientDevice, host, uuid), self.said.append)

    def ask(self, command: int, payload: bytes = b"", fds: list[int] | None = None, flags: int = 0) -> Message | None:
        message = protocol.pack(3, command, payload, flags=flags)
        header = message[: HEADER.size]
        assert self.session.payload_size(header) == len(payload)
        reply = self.session.answer(header, payload, fds or [])
        if not reply:
            return None
        number, answered, size, answer_flags, code = HEADER.unpack_from(reply)
        assert (number, answered, size) == (3, command, len(reply))
        return Message(number, answered, answer_flags, code, reply[HEADER.size :])

    def done(self, command: int, payload: bytes = b"", fds: list[int] | None = None) -> bytes:
        """Send a command, expect success, and return the payload of the reply."""
        reply = self.ask(command, payload, fds)
        assert reply is not None
        assert (reply.errno, reply.flags) == (0, protocol.REPLY), protocol.error_name(reply.errno)
        return reply.payload

    def refused(self, command: int, payload: bytes = b"", fds: list[int] | None = None) -> int:
        """Send a command, expect failure, and return the errno."""
        reply = self.ask(command, payload, fds)
        assert reply is not None
        assert reply.flags == protocol.REPLY | protocol.ERROR
        assert reply.payload == b""
        return reply.errno
