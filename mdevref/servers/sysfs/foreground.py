"""A mount that lasts as long as the command does."""

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
    """Mount a host on ``folder``, or on its ``sys`` if it is to be a root, until a signal or until it is unmounted.

    A line on standard output says that it can be used. :class:`MountError`: why it cannot be mounted.
    """
    host = make_host()
    if as_root:
        try:
            folder = make_root(folder)
        except OSError as error:
            raise MountError(f"{error.filename}: {error.strerror}") from error
    with mounted(host, folder, make_host) as mount:
        drivers = ", ".join(host.vendors) or "no vendor driver"
        _await_end(mount, f"{folder} shows a host of era {host.era.name}: {drivers}")


def _await_end(mount: Mount, ready: str) -> None:
    """Say that it is ready, and return at a signal or when it is unmounted.

    A signal before that ends us as it ends anybody, and the mount's watcher takes the mount away; one after it is late.
    """
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        # Whichever thread gets a signal, a byte tells us; a lock that we wait on would not.
        signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda *_: None)

        def tell() -> None:
            mount.wait()
            with suppress(OSError):  # it ends for another reason
                theirs.send(b".")

        threading.Thread(target=tell, daemon=True).start()
        print(ready, flush=True)
        ours.recv(1)
        signal.set_wakeup_fd(-1)
