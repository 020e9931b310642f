"""A mount that lasts as long as the command does."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

from mdevref.host import Host
from mdevref.servers.mounting import MountError, mounted
from mdevref.servers.roots import make_root

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Stop(BaseException):
    """Somebody wants us to end."""


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
    with suppress(_Stop):
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, _stop)
        with mounted(host, folder, make_host) as mount:
            print(
                f"{folder} shows a host of era {host.era.name}: {', '.join(host.vendors) or 'no vendor driver'}",
                flush=True,
            )
            try:
                mount.wait()
            finally:
                # From here on it ends, and nobody needs to ask for that again.
                for number in _SIGNALS:
                    signal.signal(number, signal.SIG_IGN)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise _Stop
