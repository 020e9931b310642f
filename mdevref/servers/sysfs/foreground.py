"""Mounts a host until the command ends."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mdevref.host import Host
from mdevref.servers.sysfs.mounting import Mount, MountError, mounted
from mdevref.servers.sysfs.roots import make_root

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def serve(folder: Path, make_host: Callable[[], Host], *, as_root: bool) -> None:
    """Mount a host on ``folder`` until a signal arrives or the host is unmounted.

    With ``as_root``, make ``folder`` a root and mount on its ``sys``. Print a line on standard output when the mount is
    ready. Raise :class:`MountError` if mounting fails.
    """
    host = make_host()
    if as_root:
        try:
            folder = make_root(folder)
        except OSError as error:
            raise MountError(f"{error.filename}: {error.strerror}") from error
    with mounted(host, folder, make_host) as mount:
        drivers = ", ".join(host.vendors) or "none"
        _await_end(mount, f"{folder}: mounted a host of era {host.era.name} (drivers: {drivers})")


def _await_end(mount: Mount, ready: str) -> None:
    """Print ``ready``, and return at a signal or when the mount is unmounted.

    An earlier signal ends this process in the default way, and the mount's watcher unmounts.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        # A signal in any thread writes a byte to the socket. It would not interrupt waiting for a lock.
        signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda *_: None)

        def tell() -> None:
            mount.wait()
            with suppress(OSError):  # a signal arrived first, and the socket is closed
                theirs.send(b".")

        threading.Thread(target=tell, daemon=True).start()
        print(ready, flush=True)
        ours.recv(1)
        signal.set_wakeup_fd(-1)
