"""Serves a device until the command ends."""

from __future__ import annotations

import json
import signal
import sys
import uuid as uuids
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mdevref.host import Host
from mdevref.kernel.directories import path_of
from mdevref.servers.vfio_user.server import VfioUserServer

_END = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
_COUNT = signal.SIGUSR1  # prints the counters


class NotServedError(Exception):
    """The device cannot be served. The text is one line with the reason."""


def serve(make_host: Callable[[], Host], type_id: str, path: Path, uuid: str | None) -> None:
    """Create a device of a type, serve it at the socket ``path`` until a signal arrives, and remove it.

    Print on standard output when the device is ready, and the message counters at the end and on SIGUSR1. Raise
    :class:`NotServedError` if the device cannot be served.
    """
    # Threads inherit the signal mask, so only the sigwait() below receives these signals. Leave out signals that our
    # parent ignores (nohup, background jobs of a shell), as sigwait() would receive those too.
    awaited = {_COUNT, *(number for number in _END if signal.getsignal(number) is not signal.SIG_IGN)}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    try:
        host = make_host()
        name = create(host, type_id, uuid)
        check_answers(host, name, type_id)
        server = VfioUserServer(host, name, path, _log)
        try:
            server.start()
        except FileExistsError as error:
            raise NotServedError(f"{path}: not a socket; left in place") from error
        except OSError as error:
            raise NotServedError(f"{path}: {error.strerror or error}") from error
        try:
            print(
                f"{type_id} {name} (host of era {host.era.name}), option for QEMU:\n  -device '{_option(path)}'",
                flush=True,
            )
            while signal.sigwait(awaited) == _COUNT:
                _show(server)
        finally:
            server.close()
        try:
            host.sysfs.write(f"bus/mdev/devices/{name}/remove", b"1")
        except OSError as error:  # a faulty host: the driver refuses, or the device vanished
            _log(f"{name} could not be removed: {error.strerror}")
        _show(server)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def create(host: Host, type_id: str, uuid: str | None) -> str:
    """Create a device of a type, such as ``mtty-2``, and return its UUID. Raise :class:`NotServedError` on failure."""
    known = {mtype.name: mtype for parent in list(host.core.parents.values()) for mtype in parent.types}
    if type_id not in known:
        raise NotServedError(f"unknown type {type_id!r} (choose from {', '.join(sorted(known)) or 'none'})")
    name = uuid.lower() if uuid else str(uuids.uuid4())
    try:
        host.sysfs.write(f"{path_of(known[type_id].directory)}/create", name.encode())
    except OSError as error:
        raise NotServedError(f"cannot create device {name} of type {type_id}: {error.strerror}") from error
    return name


def check_answers(host: Host, name: str, type_id: str) -> None:
    """Raise :class:`NotServedError` for a device without ioctls. For some drivers only the sysfs files are modelled."""
    try:
        answers = host.vfio.devices.find(name).operations.ioctl is not None
    except OSError as error:
        raise NotServedError(f"devices of type {type_id} are not bound to a VFIO driver") from error
    if not answers:
        raise NotServedError(f"devices of type {type_id} are modelled in sysfs only; a VMM cannot use them")


def _option(path: Path) -> str:
    return json.dumps({"driver": "vfio-user-pci", "socket": {"type": "unix", "path": str(path)}})


def _show(server: VfioUserServer) -> None:
    print("\n".join(server.counters().lines()), flush=True)


def _log(line: str) -> None:
    with suppress(OSError):  # a closed log must not affect the clients
        print(f"mdevref: {line}", file=sys.stderr, flush=True)
