"""Mounting a host's tree, and taking it away again: also when the server is killed.

As root of the machine or of a user namespace by mount(2), else through fusermount3, which may.
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
    """It cannot be mounted; the text is one line that says why."""


class Mount:
    """A host's tree at ``path``. ``tag`` is the mount's source, which no other mount has."""

    def __init__(self, host: Host, path: Path, make_host: Callable[[], Host] | None = None) -> None:
        """Mount it and begin to serve. :class:`MountError` if that is not possible.

        ``make_host``: a suite in another process may have the host made anew by it, and more (see
        :mod:`mdevref.servers.sysfs.control`).
        """
        try:
            if not path.is_dir():
                raise MountError(f"{path}: no such folder")
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
        """Wait until somebody unmounts it."""
        self.server.session.wait()

    def close(self) -> None:
        """Unmount it. Who still waits for an answer gets an error."""
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
    """The host's tree at ``path``, a folder, for as long as the block lasts; as :class:`Mount`."""
    mount = Mount(host, path, make_host)
    try:
        yield mount
    finally:
        mount.close()


def find_helper() -> str | None:
    """The program that mounts for those who may not; None where there is none."""
    return shutil.which("fusermount3")


def new_tag() -> str:
    """A name that no other mount has."""
    return f"mdevref-{secrets.token_hex(8)}"


def serve(host: Host, descriptor: int) -> SysfsServer:
    """Serve a mount that was just made, as its owner."""
    server = SysfsServer(host, descriptor, owner=(os.geteuid(), os.getegid()), report=_report)
    server.start()
    return server


def _report(error: Exception) -> None:
    traceback.print_exception(error)


def mount(tag: str, path: Path, helper: str | None) -> int:
    """Mount at ``path``; the connection. :class:`MountError`: why it cannot be."""
    descriptor = open_device()
    try:
        mount_fuse(descriptor, tag, path)
    except OSError as error:
        os.close(descriptor)
        if error.errno != EPERM:
            raise MountError(f"{path}: {error.strerror}") from error
        if helper is None:
            raise MountError(
                "mounting takes root, or fusermount3 (package fuse3); mdevref run takes neither"
            ) from error
        return _mount_by(helper, tag, path)
    return descriptor


def open_device() -> int:
    """/dev/fuse, opened. :class:`MountError`: why it cannot be."""
    try:
        return os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (ENOENT, ENODEV, ENXIO):
            raise MountError(
                f"there is no {DEVICE}: this kernel has no FUSE, or the container was not given it"
            ) from error
        if error.errno in (EACCES, EPERM):
            raise MountError(f"{DEVICE}: no right to open it") from error
        raise


def mount_fuse(descriptor: int, tag: str, path: Path) -> None:
    """mount(2) of a connection. OSError."""
    options = f"fd={descriptor},rootmode=40755,user_id={os.geteuid()},group_id={os.getegid()},allow_other"
    mount_call(tag, path, watcher.FILESYSTEM, MS_NOSUID | MS_NODEV | MS_NOEXEC, options)


def mount_call(source: str | Path, target: str | Path, kind: str, flags: int, options: str = "") -> None:
    """mount(2). OSError."""
    words = [os.fsencode(word) for word in (source, target, kind)]
    if _LIBC.mount(*words, ctypes.c_ulong(flags), options.encode()):
        raise fail(ctypes.get_errno(), os.fspath(target))


_LIBC = ctypes.CDLL(None, use_errno=True)


def _mount_by(helper: str, tag: str, path: Path) -> int:
    """Let fusermount3 mount: it hands the connection over through the socket that the environment names."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        done = subprocess.run(  # noqa: S603  # fusermount3 as the PATH has it
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
    """Have somebody take the mount away if we are killed."""
    try:
        return subprocess.Popen(  # noqa: S603  # ourselves
            [sys.executable, "-I", "-S", watcher.__file__, tag, *([helper] if helper else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Neither Ctrl-C nor the end of the terminal reaches it.
            start_new_session=True,
            bufsize=0,
        )
    except OSError as error:
        raise MountError(f"{sys.executable}, which is to take the mount away in the end: {error.strerror}") from error
