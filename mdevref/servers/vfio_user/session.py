"""Handles the messages of one vfio-user client and returns the replies as bytes. It does not use the socket."""

from __future__ import annotations

import errno as errnos
import os
from collections.abc import Callable, Sequence
from contextlib import suppress

from mdevref.kernel.errors import fail
from mdevref.servers.vfio_user import protocol as protocol
from mdevref.servers.vfio_user.device import MAX_MAPPINGS, ClientDevice
from mdevref.servers.vfio_user.protocol import (
    ACCESS,
    DMA_MAP,
    DMA_UNMAP,
    ERROR,
    FORMS,
    HEADER,
    NO_REPLY,
    ONE_WRITE,
    TYPE,
    WRITES,
    Capabilities,
    Command,
    Malformed,
)
from mdevref.vfio import uapi

#: The capabilities of this server. The largest message is an access of ``max_data_xfer_size`` bytes.
OFFERED = Capabilities(
    max_msg_fds=8,
    max_data_xfer_size=protocol.DEFAULT_TRANSFER,
    max_dma_maps=MAX_MAPPINGS,
    pgsizes=4096,
    write_multiple=True,
)
MAX_FDS = protocol.fds_of(OFFERED)
MAX_MESSAGE = HEADER.size + ACCESS.size + protocol.transfer_of(OFFERED)

_GET_INFO = {
    Command.DEVICE_GET_INFO: (uapi.DEVICE_GET_INFO, uapi.DeviceInfo),
    Command.DEVICE_GET_REGION_INFO: (uapi.DEVICE_GET_REGION_INFO, uapi.RegionInfo),
    Command.DEVICE_GET_IRQ_INFO: (uapi.DEVICE_GET_IRQ_INFO, uapi.IrqInfo),
}
_IN_THE_FILE = uapi.RegionFlags.MMAP | uapi.RegionFlags.CAPS


class Session:
    """The session of a client from its first message on.

    ``open_device`` opens the device once the client has sent its version. ``say`` receives a line for each malformed
    message. ``is_over`` is set when the server must close the connection.
    """

    def __init__(self, open_device: Callable[[], ClientDevice], say: Callable[[str], None]) -> None:
        self._open_device = open_device
        self._say = say
        self._device: ClientDevice | None = None
        self._transfer = protocol.DEFAULT_TRANSFER
        self._fds = protocol.DEFAULT_FDS
        self.is_over = False

    def close(self) -> None:
        """Close the device, and with it the client's mappings and eventfds."""
        device, self._device = self._device, None
        self.is_over = True
        if device is not None:
            device.close()

    def payload_size(self, header: bytes) -> int:
        """Return the size of the payload. ``Malformed`` for an invalid header, after which the stream is unusable."""
        _, command, size, flags, _ = HEADER.unpack(header)
        if not HEADER.size <= size <= MAX_MESSAGE:
            raise Malformed(f"{protocol.name_of(command)}: invalid message size of {size} bytes")
        if flags & TYPE != protocol.COMMAND:
            raise Malformed(f"{protocol.name_of(command)}: not a command (flags {flags:#x})")
        return int(size) - HEADER.size

    def answer(self, header: bytes, payload: bytes, fds: Sequence[int] = ()) -> bytes:
        """Execute a message and return the reply, or b"" for none. Close the file descriptors."""
        number, command, _, flags, _ = HEADER.unpack(header)
        try:
            reply = protocol.reply(number, command, self._do(command, payload, fds))
        except Malformed as error:
            self._say(f"{protocol.name_of(command)}: {error}")
            reply = protocol.refusal(number, command, errnos.EINVAL)
        except OSError as error:
            reply = protocol.refusal(number, command, error.errno or errnos.EIO)
        except Exception as error:  # keep the server alive: a VMM aborts when its server dies
            self._say(f"{protocol.name_of(command)}: internal error of the device: {type(error).__name__}: {error}")
            reply = protocol.refusal(number, command, errnos.EIO)
        finally:
            for fd in fds:
                with suppress(OSError):
                    os.close(fd)
        return b"" if flags & NO_REPLY else reply

    def refuse(self, header: bytes, error: Malformed) -> bytes:
        """Return the reply to a message with an invalid header, and end the session."""
        self.is_over = True
        self._say(str(error))
        number, command, _, flags, _ = HEADER.unpack(header)
        return b"" if flags & (TYPE | NO_REPLY | ERROR) else protocol.refusal(number, command, errnos.EINVAL)

    def _do(self, command: int, payload: bytes, fds: Sequence[int]) -> bytes:
        # Any failure before the version is agreed on ends the session.
        self.is_over = self._device is None
        form = FORMS.get(command)
        if form is None:
            raise Malformed("unknown command")
        if len(payload) < form.minimum:
            raise Malformed(f"payload of {len(payload)} bytes is shorter than the minimum of {form.minimum}")
        if fds and (not form.takes_fds or len(fds) > self._fds):
            raise Malformed(f"{len(fds)} file descriptors exceed the limit of {self._fds if form.takes_fds else 0}")
        if self._device is None:
            return self._agree(command, payload)
        device = self._device
        match command:
            case Command.REGION_READ:
                offset, region, count = ACCESS.unpack_from(payload)
                data = device.read(region, offset, self._checked(count))
                return ACCESS.pack(offset, region, len(data)) + data
            case Command.REGION_WRITE:
                offset, region, count = ACCESS.unpack_from(payload)
                data = payload[ACCESS.size :]
                if self._checked(count) != len(data):
                    raise Malformed(f"{len(data)} bytes of data, but the count is {count}")
                return ACCESS.pack(offset, region, device.write(region, offset, data))
            case Command.REGION_WRITE_MULTI:
                return self._write_multi(device, payload)
            case Command.DEVICE_SET_IRQS:
                device.set_irqs(payload, fds)
                return b""
            case Command.DMA_MAP:
                return _map(device, payload, fds)
            case Command.DMA_UNMAP:
                _, _, address, size = DMA_UNMAP.unpack_from(payload)
                device.unmap(address, size)
                return payload[: DMA_UNMAP.size]
            case Command.DEVICE_RESET:
                device.ioctl(uapi.DEVICE_RESET)
                return b""
            case Command.DEVICE_FEATURE:
                argument = bytearray(payload)
                device.ioctl(uapi.DEVICE_FEATURE, argument)
                return bytes(argument)
            case Command.DEVICE_GET_INFO | Command.DEVICE_GET_REGION_INFO | Command.DEVICE_GET_IRQ_INFO:
                return _info(device, Command(command), payload)
            case Command.VERSION:
                raise Malformed("already agreed on")
        raise fail(errnos.ENOTSUP, protocol.name_of(command))

    def _agree(self, command: int, payload: bytes) -> bytes:
        """Handle the first message, which must be VERSION. Open the device and agree on the capabilities."""
        if command != Command.VERSION:
            raise Malformed("received before VERSION")
        major, minor, theirs = protocol.read_version(payload)
        if major != protocol.MAJOR:
            raise Malformed(f"unsupported version {major}.{minor} (supported: {protocol.MAJOR}.{protocol.MINOR})")
        try:
            self._device = self._open_device()
        except OSError as error:
            self._say(f"VERSION: the device cannot be opened: {protocol.error_name(error.errno or 0)}")
            raise
        self.is_over = False
        # Reply only with capabilities that the client sent. For the others both sides use the default.
        known = {name: getattr(OFFERED, name) for name in Capabilities.__struct_fields__ if _named(theirs, name)}
        agreed = Capabilities(**known)
        self._transfer, self._fds = protocol.transfer_of(agreed), protocol.fds_of(agreed)
        return protocol.pack_version(agreed)

    def _checked(self, count: int) -> int:
        if count > self._transfer:
            raise Malformed(f"access of {count} bytes exceeds the limit of {self._transfer}")
        return count

    def _write_multi(self, device: ClientDevice, payload: bytes) -> bytes:
        (count,) = WRITES.unpack_from(payload)
        if len(payload) != WRITES.size + count * ONE_WRITE.size:
            raise Malformed(f"payload of {len(payload)} bytes does not match {count} writes")
        for offset, region, size, data in ONE_WRITE.iter_unpack(payload[WRITES.size :]):
            if size > len(data):
                raise Malformed(f"write of {size} bytes exceeds the limit of {len(data)}")
            device.write(region, offset, data[:size])
        return WRITES.pack(count)


def _named(capabilities: Capabilities, name: str) -> bool:
    return getattr(capabilities, name) is not None


def _map(device: ClientDevice, payload: bytes, fds: Sequence[int]) -> bytes:
    _, flags, offset, address, size = DMA_MAP.unpack_from(payload)
    if len(fds) > 1:
        raise Malformed(f"{len(fds)} file descriptors for one mapping")
    device.map(flags, address, size, fds[0] if fds else None, offset)
    return b""


def _info(device: ClientDevice, command: Command, payload: bytes) -> bytes:
    """Return the ioctl's structure, limited to its fixed part, because QEMU rejects a longer reply."""
    request, record = _GET_INFO[command]
    asked = record.read(payload[: record.minimum])
    # The reply omits what follows the fixed part, so do not offer the vendor driver more room.
    asked.argsz = min(asked.argsz, record.minimum)
    argument = bytearray(bytes(asked)[: record.minimum])
    device.ioctl(request, argument)
    answer = record.read(argument)
    answer.argsz = record.minimum
    if isinstance(answer, uapi.RegionInfo):
        # Regions cannot be mapped, as that would require a file to pass. The capabilities only describe mappings.
        answer.flags &= ~_IN_THE_FILE
        answer.cap_offset = 0
    return bytes(answer)[: record.minimum]
