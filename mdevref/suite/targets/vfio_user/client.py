"""A vfio-user client that offers the requests and structures of VFIO's device files.

It sends each ioctl to the server as a message with the same structure. Regions of such a device are not parts of a
file, so the client assigns them offsets in a file that does not exist.
"""

from __future__ import annotations

import errno as errnos
import mmap
import os
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user.protocol import ACCESS, DMA_MAP, DMA_UNMAP, HEADER, Capabilities, Command
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.vfio import uapi

DEADLINE = 10.0  #: seconds for a reply
OFFSET_BITS = 40  #: the bits of an offset within a region; the bits above are the region's index
_OFFSET = (1 << OFFSET_BITS) - 1
_FDS = 8
_COUNTER = 8  # bytes of an eventfd
_OFFERED = Capabilities(max_msg_fds=_FDS, max_data_xfer_size=protocol.DEFAULT_TRANSFER, pgsizes=4096)
_COMMANDS = {
    uapi.DEVICE_GET_INFO: Command.DEVICE_GET_INFO,
    uapi.DEVICE_GET_REGION_INFO: Command.DEVICE_GET_REGION_INFO,
    uapi.DEVICE_GET_IRQ_INFO: Command.DEVICE_GET_IRQ_INFO,
    uapi.DEVICE_SET_IRQS: Command.DEVICE_SET_IRQS,
    uapi.DEVICE_RESET: Command.DEVICE_RESET,
    uapi.DEVICE_FEATURE: Command.DEVICE_FEATURE,
}


class ProtocolError(OSError):
    """The server violated the protocol. The errno is EPROTO; the message describes the violation."""

    def __init__(self, text: str) -> None:
        super().__init__(errnos.EPROTO, text)


class Connection:
    """A connection to a server, with one message and its reply at a time."""

    def __init__(self, path: Path) -> None:
        """Connect and negotiate the version. Raises OSError if no server is listening or it refuses."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._number = 0
        try:
            self._socket.settimeout(DEADLINE)
            self._socket.connect(os.fspath(path))
            payload, _ = self.ask(Command.VERSION, protocol.pack_version(_OFFERED))
            try:
                major, minor, self.capabilities = protocol.read_version(payload)
            except (protocol.Malformed, struct.error) as error:
                raise ProtocolError(f"invalid VERSION reply: {error}") from None
            if (major, minor) != (protocol.MAJOR, protocol.MINOR):
                raise ProtocolError(f"unsupported protocol version {major}.{minor}")
        except BaseException:
            self._socket.close()
            raise

    def close(self) -> None:
        self._socket.close()

    def ask(self, command: int, payload: bytes = b"", fds: Sequence[int] = ()) -> tuple[bytes, list[int]]:
        """Send a command; return the payload and the file descriptors of its reply.

        Raises OSError with the server's errno if the command failed.
        """
        self._number = (self._number + 1) & 0xFFFF
        message = protocol.pack(self._number, command, payload)
        sent = self._socket.sendmsg([message], protocol.ancillary(fds))
        if sent < len(message):  # do not send 0 bytes: that fails if the server has read all and closed the connection
            self._socket.sendall(message[sent:])
        header, received, _, _ = socket.recv_fds(self._socket, HEADER.size, _FDS, socket.MSG_CMSG_CLOEXEC)
        try:
            answer = self._rest(command, header)
        except BaseException:
            close_all(received)
            raise
        return answer, received

    def _rest(self, command: int, header: bytes) -> bytes:
        name = protocol.name_of(command)
        if len(header) < HEADER.size:
            raise ConnectionResetError(errnos.ECONNRESET, f"{name}: the server closed the connection")
        number, answered, size, flags, errno = HEADER.unpack(header)
        if flags & protocol.TYPE != protocol.REPLY or (number, answered) != (self._number, command):
            raise ProtocolError(f"{name}: message {number} ({protocol.name_of(answered)}) is not its reply")
        if size < HEADER.size or size > HEADER.size + ACCESS.size + protocol.DEFAULT_TRANSFER:
            raise ProtocolError(f"{name}: invalid size of the reply, {size} bytes")
        payload = self._exactly(size - HEADER.size)
        if flags & protocol.ERROR:
            raise OSError(errno or errnos.EIO, f"{name}: {os.strerror(errno or errnos.EIO)}")
        return payload

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self._socket.recv(count - len(data))
            if not part:
                raise ConnectionResetError(errnos.ECONNRESET, "the server closed the connection within a reply")
            data += part
        return data


class VfioUserDevice:
    """A device of a server, held by a connection. It acts as a VFIO device file as far as the protocol allows."""

    def __init__(self, path: Path) -> None:
        self._connection = Connection(path)
        self._eventfds: list[int] = []
        self._files: dict[int, tuple[int, int]] = {}  # region -> (descriptor of the file to map, offset in it)

    def ioctl(self, request: int, argument: int | bytearray = 0) -> int:
        """Send a request as a message, and write the reply into the structure in place.

        Raises Unsupported if the protocol has no message for the request.
        """
        command = _COMMANDS.get(request)
        if command is None:
            raise Unsupported(f"vfio-user has no message for request {request:#x}")
        if command == Command.DEVICE_RESET:
            self._connection.ask(command)
            return 0
        if not isinstance(argument, bytearray):
            raise Unsupported("vfio-user messages cannot contain an invalid address")
        if command == Command.DEVICE_SET_IRQS:
            self._set_irqs(argument)
            return 0
        answer, fds = self._connection.ask(command, bytes(argument))
        if len(answer) < protocol.FORMS[command].minimum:
            close_all(fds)
            raise ProtocolError(f"{command.name}: invalid size of the structure, {len(answer)} bytes")
        if command == Command.DEVICE_GET_REGION_INFO:
            answer = self._with_place(answer, fds)
        else:
            close_all(fds)
        count = min(len(answer), len(argument))
        argument[:count] = answer[:count]
        return 0

    def _with_place(self, answer: bytes, fds: list[int]) -> bytes:
        """Replace the region's offset by one of the client's.

        The server's offset is one in the file to map, and may be equal for all regions.
        """
        info = uapi.RegionInfo.read(answer)
        if fds:
            self._forget(info.index)
            self._files[info.index] = fds.pop(0), info.offset
            close_all(fds)
        info.offset = info.index << OFFSET_BITS
        return bytes(info) + answer[uapi.RegionInfo.full :]

    def _set_irqs(self, argument: bytearray) -> None:
        wanted = uapi.IrqSet.read(argument)
        if not wanted.flags & uapi.IrqSetFlags.DATA_EVENTFD:
            close_all(self._connection.ask(Command.DEVICE_SET_IRQS, bytes(argument))[1])
            return
        numbers = argument[uapi.IrqSet.full :]
        if len(numbers) < 4 * wanted.count or wanted.argsz < uapi.IrqSet.full + 4 * wanted.count:
            raise Unsupported("vfio-user sends eventfds outside of the payload, which cannot be too short for them")
        fds = list(struct.unpack_from(f"={wanted.count}i", numbers))
        if any(fd < 0 for fd in fds):
            if any(fd >= 0 for fd in fds):
                raise Unsupported("vfio-user cannot set some eventfds and remove others in one message")
            fds = []
        header = bytes(argument[: uapi.IrqSet.full])
        close_all(self._connection.ask(Command.DEVICE_SET_IRQS, header, fds)[1])

    def pread(self, count: int, offset: int) -> bytes:
        region, place = _place(offset)
        answer, fds = self._connection.ask(Command.REGION_READ, ACCESS.pack(place, region, count))
        close_all(fds)
        data = answer[ACCESS.size :]
        if len(answer) < ACCESS.size or ACCESS.unpack_from(answer)[2] != len(data) or len(data) > count:
            raise ProtocolError(f"REGION_READ of {count} bytes: invalid length of the reply")
        return data

    def pwrite(self, data: bytes, offset: int) -> int:
        region, place = _place(offset)
        answer, fds = self._connection.ask(Command.REGION_WRITE, ACCESS.pack(place, region, len(data)) + data)
        close_all(fds)
        taken = int(ACCESS.unpack_from(answer)[2]) if len(answer) >= ACCESS.size else None
        if taken is None or taken > len(data):
            raise ProtocolError(f"REGION_WRITE of {len(data)} bytes: invalid count in the reply, {taken}")
        return taken

    def mmap(self, length: int, offset: int) -> memoryview:
        region, place = _place(offset)
        if region not in self._files:
            raise Unsupported(f"the server offers no file for mapping region {region}")
        fd, start = self._files[region]
        return memoryview(mmap.mmap(fd, length, offset=start + place))

    def map_dma(self, address: int, size: int, flags: int, fd: int | None = None, offset: int = 0) -> None:
        """Map ``size`` bytes of the file ``fd``, from ``offset`` on, for DMA of the device at ``address``."""
        payload = DMA_MAP.pack(DMA_MAP.size, flags, offset, address, size)
        close_all(self._connection.ask(Command.DMA_MAP, payload, () if fd is None else (fd,))[1])

    def unmap_dma(self, address: int, size: int) -> None:
        """Remove a DMA mapping."""
        payload = DMA_UNMAP.pack(DMA_UNMAP.size, 0, address, size)
        close_all(self._connection.ask(Command.DMA_UNMAP, payload)[1])

    def eventfd(self) -> int:
        fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._eventfds.append(fd)
        return fd

    def signals(self, eventfd: int) -> int:
        try:
            return int.from_bytes(os.read(eventfd, _COUNTER), "little")
        except BlockingIOError:
            return 0

    def close(self) -> None:
        self._connection.close()
        close_all(self._eventfds)
        for region in list(self._files):
            self._forget(region)

    def _forget(self, region: int) -> None:
        if region in self._files:
            os.close(self._files.pop(region)[0])


def _place(offset: int) -> tuple[int, int]:
    """Return the region of a file offset, and the offset within it. Fails with EINVAL if the offset is negative."""
    if offset < 0:
        raise OSError(errnos.EINVAL, os.strerror(errnos.EINVAL))
    return offset >> OFFSET_BITS, offset & _OFFSET


def close_all(fds: list[int]) -> None:
    """Close file descriptors and empty the list."""
    while fds:
        with suppress(OSError):
            os.close(fds.pop())
