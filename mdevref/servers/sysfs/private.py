"""Runs a command with a private /sys: a mount namespace in which the host's tree replaces the real one.

Files that exist only in the real /sys stay readable. They are bind-mounted on placeholders in the host's tree. For an
unprivileged user, the command runs as root of a new user namespace. Nothing remains afterwards, because a namespace
ends with its last process.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from mdevref.host import DRIVERS, Host
from mdevref.kernel.attributes import Attribute
from mdevref.kernel.directories import Directory
from mdevref.kernel.errors import fail
from mdevref.servers.sysfs import mounting, watcher
from mdevref.servers.sysfs.mounting import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_PRIVATE, MS_REC, MountError
from mdevref.servers.sysfs.roots import make_root
from mdevref.servers.sysfs.udev import Announcer

SYS = Path("/sys")
MDEVCTL = Path("/etc/mdevctl.d")  #: where mdevctl keeps its definitions
RUN = Path("/run")  #: where clients look for udevd

#: The shell's exit statuses for a command that is not found, and for one that cannot be executed.
NOT_FOUND, NOT_RUNNABLE = 127, 126

_CLONE_NEWNS, _CLONE_NEWUSER, _CLONE_NEWNET = 0x00020000, 0x10000000, 0x40000000
_PR_SET_PDEATHSIG = 1
_HANDED_ON = (signal.SIGTERM, signal.SIGHUP)
_LIBC = ctypes.CDLL(None, use_errno=True)


def run(make_host: Callable[[], Host], command: Sequence[str], *, with_root: bool, with_udev: bool) -> int:
    """Run ``command`` with the host's tree at /sys and return its exit status as a shell reports it.

    ``with_root``: set MDEVCTL_ENV_ROOT to a private root with the same tree in its ``sys``.
    ``with_udev``: send the host's uevents to the command as udevd does, with an empty /run and no network.
    This process also stays in the new namespaces. Raise :class:`MountError` if they cannot be set up.
    """
    _enter_namespaces(_CLONE_NEWNS | _CLONE_NEWNET if with_udev else _CLONE_NEWNS)
    host = make_host()
    _show_at_sys(host)
    # By default systemd's library rejects a /sys whose file system is not sysfs.
    environment = {**os.environ, "SYSTEMD_DEVICE_VERIFY_SYSFS": "0"}
    if with_udev:
        _mount_memory(RUN)
        (RUN / "udev").mkdir()
        (RUN / "udev/control").touch()
        Announcer(host)
    if not with_root:
        _hide_definitions()
        return _run(command, environment)
    with _root() as root:
        return _run(command, {**environment, "MDEVCTL_ENV_ROOT": str(root)})


def _enter_namespaces(kinds: int) -> None:
    """Enter new namespaces, and a new user namespace if the first attempt is not permitted."""
    uid, gid = os.geteuid(), os.getegid()
    try:
        try:
            _check(_LIBC.unshare(kinds))
        except PermissionError:
            _check(_LIBC.unshare(_CLONE_NEWUSER | kinds))
            for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
                Path(f"/proc/self/{name}").write_text(text)
        mounting.mount_call("none", "/", "none", MS_REC | MS_PRIVATE)
    except OSError as error:
        raise MountError(
            f"cannot create a mount namespace ({error.strerror}); this requires root or user namespaces"
        ) from error


def _show_at_sys(host: Host) -> None:
    """Mount the host's tree over /sys, and bind-mount the other entries of the real /sys into it."""
    real = os.open(SYS, os.O_PATH | os.O_DIRECTORY)
    rest = list(_make_room(host, Path(f"/proc/self/fd/{real}")))
    descriptor = mounting.open_device()
    try:
        mounting.mount_fuse(descriptor, mounting.new_tag(), SYS)
    except OSError as error:
        raise MountError(f"{SYS}: {error.strerror}") from error
    mounting.serve(host, descriptor)
    for path in rest:
        # A container may forbid some bind mounts; those placeholders stay empty.
        with suppress(OSError):
            mounting.mount_call(f"/proc/self/fd/{real}/{path}", SYS / path, "none", MS_BIND | MS_REC)
    os.close(real)


def _make_room(host: Host, real: Path) -> Iterator[str]:
    """Create a placeholder for each entry that exists only in the real /sys. Yield the paths."""
    kernel = host.kernel
    shared = {
        "": kernel.tree.root,
        "bus": kernel.bus_directory,
        "class": kernel.class_directory,
        "devices": kernel.devices_directory,
        "devices/virtual": kernel.virtual_directory,
        "kernel": kernel.kernel_directory,
        "module": kernel.module_directory,
    }
    # The hardware of a described host may share a directory with hardware of this machine.
    for name, node in kernel.devices_directory.children.items():
        if isinstance(node, Directory) and node is not kernel.virtual_directory:
            shared[f"devices/{name}"] = node
    for path, directory in shared.items():
        known = frozenset(kernel.tree.names(directory))
        with suppress(FileNotFoundError), os.scandir(real / path) as entries:
            for entry in entries:
                if entry.name in known or _may_come(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    kernel.tree.add_directory(directory, entry.name)
                elif entry.is_file(follow_symlinks=False):
                    kernel.tree.add_file(directory, Attribute(entry.name, 0o444), None)
                else:
                    continue
                yield f"{path}/{entry.name}".lstrip("/")


def _may_come(name: str) -> bool:
    """Return whether the host may later create an entry of this name in a shared directory."""
    return name.startswith(("mdev", "vfio")) or name == "iommu_groups" or name in DRIVERS


def _hide_definitions() -> None:
    """Hide mdevctl's definitions of the machine's real parents. Definitions that the command writes are discarded."""
    if MDEVCTL.is_dir():
        with suppress(OSError):
            _mount_memory(MDEVCTL)
            for name in ("callouts", "notifiers"):
                (MDEVCTL / "scripts.d" / name).mkdir(parents=True)


@contextmanager
def _root() -> Iterator[Path]:
    """Create a root for MDEVCTL_ENV_ROOT in memory, for the duration of the block."""
    root = Path(tempfile.mkdtemp(prefix="mdevref-"))
    try:
        _mount_memory(root)
        mounting.mount_call(SYS, make_root(root), "none", MS_BIND | MS_REC)
        yield root
    finally:
        watcher.detach(str(root), None)
        root.rmdir()


def _mount_memory(path: Path) -> None:
    mounting.mount_call("mdevref", path, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755")


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command and return its exit status. Forward SIGTERM and SIGHUP; the terminal sends SIGINT itself."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        # A signal in any thread writes its number to the socket. The command does not inherit the empty handler, but
        # it would inherit an ignored signal.
        signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGQUIT, *_HANDED_ON):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, lambda *_: None)
        child = _start(command, environment)
        ended = os.pidfd_open(child.pid)
        while ended not in select.select([ours.fileno(), ended], [], [])[0]:
            for got in ours.recv(64):
                if got in _HANDED_ON:
                    child.send_signal(got)
        os.close(ended)
        signal.set_wakeup_fd(-1)
    status = child.wait()
    return 128 - status if status < 0 else status


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    prctl = _LIBC.prctl
    try:
        return subprocess.Popen(  # noqa: S603  # the user's command
            command,
            env=environment,
            preexec_fn=lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0),  # noqa: PLW1509  # takes no lock
        )
    except FileNotFoundError:
        raise NotRunError(f"{command[0]}: command not found", NOT_FOUND) from None
    except OSError as error:
        raise NotRunError(f"{command[0]}: {error.strerror}", NOT_RUNNABLE) from None


class NotRunError(Exception):
    """The command could not be started. ``status`` is the exit status that a shell would return."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status


def _check(status: int) -> None:
    if status:
        raise fail(ctypes.get_errno())
