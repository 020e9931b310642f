"""A device that is served as long as the command runs."""

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
_COUNT = signal.SIGUSR1  # asks for the counters


class NotServedError(Exception):
    """The device cannot be served; the text is one line that says why."""


def serve(make_host: Callable[[], Host], type_id: str, path: Path, uuid: str | None) -> None:
    """Create a device of a type, and serve it at ``path`` until a signal; then remove it and tell what was done.

    Lines on standard output say that it can be used, and what the messages cost. :class:`NotServedError`: why not.
    """
    # Threads have the mask of the one that starts them: signals are for nobody but the wait below.
    # Who started us may want some of them ignored (nohup, a shell's background), and waiting would get these, too.
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
            raise NotServedError(f"{path} is no socket, and stays") from error
        except OSError as error:
            raise NotServedError(f"{path}: {error.strerror or error}") from error
        try:
            print(
                f"{type_id} {name} of a host of era {host.era.name}; for QEMU:\n  -device '{_option(path)}'", flush=True
            )
            while signal.sigwait(awaited) == _COUNT:
                _show(server)
        finally:
            server.close()
        try:
            host.sysfs.write(f"bus/mdev/devices/{name}/remove", b"1")
        except OSError as error:  # vendors may refuse, or the device has gone by itself: there are such hosts
            _log(f"{name} was not removed: {error.strerror}")
        _show(server)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def create(host: Host, type_id: str, uuid: str | None) -> str:
    """A new device of the type with that id, as ``mtty-2``; its UUID. :class:`NotServedError` where that cannot be."""
    there_are = {mtype.name: mtype for parent in list(host.core.parents.values()) for mtype in parent.types}
    if type_id not in there_are:
        raise NotServedError(f"there is no type {type_id}; there are {', '.join(sorted(there_are)) or 'none'}")
    name = uuid.lower() if uuid else str(uuids.uuid4())
    try:
        host.sysfs.write(f"{path_of(there_are[type_id].directory)}/create", name.encode())
    except OSError as error:
        raise NotServedError(f"a device {name} of type {type_id} cannot be created: {error.strerror}") from error
    return name


def check_answers(host: Host, name: str, type_id: str) -> None:
    """:class:`NotServedError` for a device that answers no ioctl: of some drivers there are but the files in sysfs."""
    try:
        answers = host.vfio.devices.find(name).operations.ioctl is not None
    except OSError as error:
        raise NotServedError(f"a device of type {type_id} is bound to no driver for VFIO") from error
    if not answers:
        raise NotServedError(f"devices of type {type_id} have their files here, and nothing that a VMM could use")


def _option(path: Path) -> str:
    return json.dumps({"driver": "vfio-user-pci", "socket": {"type": "unix", "path": str(path)}})


def _show(server: VfioUserServer) -> None:
    print("\n".join(server.counters().lines()), flush=True)


def _log(line: str) -> None:
    with suppress(OSError):  # that nobody reads the log (any more) is no concern of the clients'
        print(f"mdevref: {line}", file=sys.stderr, flush=True)
