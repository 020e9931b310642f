"""Mounts a host's tree and unmounts it at the end, even if the server is killed.

Root of the machine or of a user namespace uses mount(2). Other users need fusermount3, which is set-user-ID root.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import socket
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from errno import EACCES, ENODEV, ENOENT, ENXIO, EPERM
from pathlib import Path

from mdevref.host import Host
from mdevref.kernel.errors import fail
from mdevref.servers.sysfs import watcher
from mdevref.servers.sysfs.control import Control
from mdevref.servers.sysfs.tree import SysfsServer

DEVICE = "/dev/fuse"

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 1 << 1, 1 << 2, 1 << 3, 1 << 12, 1 << 14, 1 << 18


class MountError(Exception):
    """Mounting failed. The text is one line with the reason."""


class Mount:
    """A host's tree mounted at ``path``. ``tag`` is the mount's unique source."""

    def __init__(self, host: Host, path: Path, make_host: Callable[[], Host] | None = None) -> None:
        """Mount the tree and begin to serve. Raise :class:`MountError` if mounting fails.

        With ``make_host``, a suite in another process can control the host, for example replace it with a new one from
        ``make_host`` (see :mod:`mdevref.servers.sysfs.control`).
        """
        try:
            if not path.is_dir():
                raise MountError(f"{path}: directory not found")
        except PermissionError as error:
            raise MountError(f"{path}: {error.strerror}") from error
        self.tag = new_tag()
        self._helper = find_helper()
        self._watcher = _watch(self.tag, self._helper)
        try:
            descriptor = mount(self.tag, path.absolute(), self._helper)
        except MountError:
            self._stop_watching()
            raise
        self.server = serve(host, descriptor)
        self._control = Control(self.server, self.tag, make_host) if make_host else None

    def wait(self) -> None:
        """Wait until the tree is unmounted."""
        self.server.session.wait()

    def close(self) -> None:
        """Unmount the tree. Pending operations fail."""
        if self._control is not None:
            self._control.close()
        for folder in watcher.mount_points(self.tag):
            watcher.detach(folder, self._helper)
        self._stop_watching()

    def _stop_watching(self) -> None:
        stdin = self._watcher.stdin
        assert stdin is not None
        with suppress(BrokenPipeError), stdin:
            stdin.write(b".")
        self._watcher.wait()


@contextmanager
def mounted(host: Host, path: Path, make_host: Callable[[], Host] | None = None) -> Iterator[Mount]:
    """Mount the host's tree at the directory ``path`` for the duration of the block, as a :class:`Mount`."""
    mount = Mount(host, path, make_host)
    try:
        yield mount
    finally:
        mount.close()


def find_helper() -> str | None:
    """Return the path of fusermount3, which mounts for unprivileged users, or None if it is not installed."""
    return shutil.which("fusermount3")


def new_tag() -> str:
    """Return a unique source for a mount."""
    return f"mdevref-{secrets.token_hex(8)}"


def serve(host: Host, descriptor: int) -> SysfsServer:
    """Begin to serve a new mount. The current user owns its files."""
    server = SysfsServer(host, descriptor, owner=(os.geteuid(), os.getegid()), report=_report)
    server.start()
    return server


def _report(error: Exception) -> None:
    traceback.print_exception(error)


def mount(tag: str, path: Path, helper: str | None) -> int:
    """Mount at ``path`` and return the connection. Raise :class:`MountError` if mounting fails."""
    descriptor = open_device()
    try:
        mount_fuse(descriptor, tag, path)
    except OSError as error:
        os.close(descriptor)
        if error.errno != EPERM:
            raise MountError(f"{path}: {error.strerror}") from error
        if helper is None:
            raise MountError(
                "mounting requires root or fusermount3 (package fuse3); mdevref run requires neither"
            ) from error
        return _mount_by(helper, tag, path)
    return descriptor


def open_device() -> int:
    """Open /dev/fuse. Raise :class:`MountError` if it is missing or not accessible."""
    try:
        return os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (ENOENT, ENODEV, ENXIO):
            raise MountError(
                f"{DEVICE} not found: this kernel has no FUSE, or the container has no access to it"
            ) from error
        if error.errno in (EACCES, EPERM):
            raise MountError(f"{DEVICE}: permission denied") from error
        raise


def mount_fuse(descriptor: int, tag: str, path: Path) -> None:
    """Mount a connection at ``path`` with mount(2). Raise OSError with its errno."""
    options = f"fd={descriptor},rootmode=40755,user_id={os.geteuid()},group_id={os.getegid()},allow_other"
    mount_call(tag, path, watcher.FILESYSTEM, MS_NOSUID | MS_NODEV | MS_NOEXEC, options)


def mount_call(source: str | Path, target: str | Path, kind: str, flags: int, options: str = "") -> None:
    """Call mount(2). Raise OSError with its errno."""
    words = [os.fsencode(word) for word in (source, target, kind)]
    if _LIBC.mount(*words, ctypes.c_ulong(flags), options.encode()):
        raise fail(ctypes.get_errno(), os.fspath(target))


_LIBC = ctypes.CDLL(None, use_errno=True)


def _mount_by(helper: str, tag: str, path: Path) -> int:
    """Mount with fusermount3, which passes the connection through the socket named in its environment."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        done = subprocess.run(  # noqa: S603  # fusermount3, found on the PATH
            [helper, "-o", f"fsname={tag},subtype=mdevref,nosuid,nodev,noexec", "--", path],
            env={**os.environ, "_FUSE_COMMFD": str(theirs.fileno())},
            pass_fds=[theirs.fileno()],
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise MountError(" ".join(done.stderr.split()) or f"{helper} failed")
        return socket.recv_fds(ours, 1, 1)[1][0]


def _watch(tag: str, helper: str | None) -> subprocess.Popen[bytes]:
    """Start the watcher, which unmounts if this process is killed."""
    try:
        return subprocess.Popen(  # noqa: S603  # our own interpreter
            [sys.executable, "-I", "-S", watcher.__file__, tag, *([helper] if helper else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Protects the watcher from Ctrl-C and from the end of the terminal.
            start_new_session=True,
            bufsize=0,
        )
    except OSError as error:
        raise MountError(f"{sys.executable}: cannot start the watcher of the mount: {error.strerror}") from error
