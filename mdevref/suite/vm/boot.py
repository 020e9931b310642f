"""Run a guest in QEMU: boot it from one archive, read its output from two serial lines, and remove it at the end.

The first line carries the kernel's log into a file. The second carries the output of the command in the guest, and
finally a marker with its exit status; without that marker the result is invalid. A guest has no disk, network or
screen. In a guest whose serial ports are under test, a virtual console replaces the second line. The guest's init
prints a marker as soon as it runs, so that a guest that does not start under KVM can be started again under TCG.
"""

from __future__ import annotations

import fcntl
import os
import re
import selectors
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mdevref.suite.vm import VmError, accelerator, cpio, image, initramfs, modules, process
from mdevref.suite.vm.emulator import KVM, MACHINE, QEMU, SECOND_SERIAL, TCG, USUAL, Emulator, Line, kvm_works
from mdevref.suite.vm.kernels import cache_root
from mdevref.suite.vm.request import FOLDER, MARKER

#: The first line carries the kernel's log only; a panic ends QEMU at once.
PARAMETERS = "console=ttyS0 panic=-1 quiet mitigations=off init_on_alloc=0"
LOG = 1 << 18  #: maximum bytes of the guest's log that are read, from its end
TAIL = 20  #: maximum lines of the log in an error
UP = f"{MARKER} up"  #: the first line that init prints
_LAST_MOMENT = 5.0  # maximum seconds from the end of QEMU's output to its exit
_TROUBLE = r"Kernel panic|BUG:|Oops|general protection|WARNING:|blocked for more than|Out of memory"
LONGEST_LINE = 4 << 20  #: bytes without a newline after which the guest's output is invalid

_INIT = """\
#!/bin/sh
# Started by the kernel: mounts, loads modules, runs the command, reports its status over the second serial line.
PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/shm /tmp
ln -s /proc/self/fd/0 /dev/stdin; ln -s /proc/self/fd/1 /dev/stdout; ln -s /proc/self/fd/2 /dev/stderr
mount -t tmpfs tmpfs /tmp
stty -F /dev/{line} raw -echo
exec </dev/null >/dev/{line} 2>/dev/ttyS0
echo "{up}"
for module in {modules}; do
  insmod /{folder}/$module.ko || {{ echo "{marker} failed the kernel rejected the module $module"; poweroff -f; }}
done
export HOME=/tmp LANG=C.UTF-8 PYTHONHOME=/{home} PYTHONPATH=/suite:/site LD_LIBRARY_PATH=/{libraries}
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONNOUSERSITE=1
cd /suite
{command}
status=$?
echo
echo "{marker} exit $status"
poweroff -f
"""


class GuestError(VmError):
    """A guest failed: the reason, and the tail of its kernel's log."""

    def __init__(self, text: str, tail: str = "") -> None:
        super().__init__(f"{text}\n{tail}" if tail else text)
        self.text = text
        self.tail = tail


class Refusal(GuestError):
    """A guest booted but reported why it cannot run the command."""


@dataclass(frozen=True, slots=True)
class Guest:
    """A guest: a kernel (bzImage or vmlinux), modules to load at boot (in order), and further modules to include.

    ``scripted`` is the suite's vendor driver, which scenarios load.
    """

    kernel: Path
    loaded: tuple[modules.Module, ...] = ()
    ready: tuple[modules.Module, ...] = ()
    scripted: modules.Module | None = None
    release: str | None = None  #: the release as uname -r reports it
    origin: str = "a file"  #: the origin of the kernel
    line: Line = SECOND_SERIAL

    def entries(self, command: Sequence[str]) -> Iterator[cpio.Entry]:
        """Yield the entries of the archive for this guest and a command in it."""
        for module in (*self.loaded, *self.ready, *((self.scripted,) if self.scripted else ())):
            yield cpio.Entry(f"{FOLDER}/{module.name}.ko", 0o100644, modules.contents(module.path))
        for name in ("proc", "sys", "dev", "suite"):
            yield cpio.directory(name)
        init = _INIT.format(
            modules=" ".join(module.name for module in self.loaded),
            folder=FOLDER,
            marker=MARKER,
            up=UP,
            home=initramfs.PYTHON_HOME,
            libraries=initramfs.LIBRARIES,
            line=self.line.node,
            command=shlex.join(command),
        )
        yield cpio.text("init", init, 0o755)
        # The kernel opens this node for init's output before anything is mounted.
        yield cpio.device("dev/console", 5, 1)


@dataclass(frozen=True, slots=True)
class GuestResult:
    """The result of a command in a guest: its exit status, the tail of the kernel's log, and the seconds it took."""

    exit_status: int
    console_tail: str
    seconds: float


def run_guest(
    guest: Guest,
    command: Sequence[str],
    on_line: Callable[[str], None],
    *,
    entries: Iterable[cpio.Entry] = (),
    deadline: float = 300.0,
    silence: float = 120.0,
    emulator: Emulator = USUAL,
) -> GuestResult:
    """Boot a guest and run a command in it; ``on_line`` is called with each line of its output.

    ``deadline`` limits the seconds from QEMU's start to its end, ``silence`` those without a line. Raises GuestError if
    the guest panics, hangs, is killed, prints invalid text, or ends without the command's status. No process or file
    remains in any case. If ``emulator`` leaves the choice of KVM open, a guest that does not start under it is started
    again under TCG, with the whole deadline.
    """
    started = time.monotonic()
    with process.ends_on_terminate(), scratch() as folder:
        archive, console, qemu = folder / "initramfs", folder / "console", folder / "qemu"
        initramfs.pack(archive, (*guest.entries(command), *entries))
        console.touch()
        kernel = image.bootable(guest.kernel, folder)

        def boot(watch: accelerator.Watch, kvm: bool) -> int:
            argv = [
                *emulator.command,
                *command_line(kernel, archive, kvm=kvm)[1:],
                *emulator.options,
                *("-serial", f"file:{console}", *guest.line.options),
            ]
            with (
                qemu.open("wb") as errors,
                process.group(argv, env=emulator.environment, stdout=subprocess.PIPE, stderr=errors) as child,
            ):
                try:
                    return _listen(child, on_line, time.monotonic() + deadline, silence, watch)
                except GuestError as error:
                    raise _explained(error, folder, child) from None

        if emulator.kvm is None and kvm_works():
            status = _boot_with_fallback(boot, accelerator.KvmWatch(console, qemu))
        else:
            status = boot(accelerator.Watch(), bool(emulator.kvm))
        return GuestResult(status, tail(read_log(console)), time.monotonic() - started)


def _boot_with_fallback(boot: Callable[[accelerator.Watch, bool], int], watch: accelerator.KvmWatch) -> int:
    """Boot a guest under KVM, and under TCG if it did not start; remember the failure of KVM if it starts there."""
    try:
        return boot(watch, True)
    except GuestError as error:
        if watch.came_up:
            raise
        accelerator.tell_fallback(error.text)
    # If the guest does not start under TCG either, the failure may not be that of KVM.
    return boot(accelerator.Watch(lambda: accelerator.give_up(QEMU)), False)


def command_line(kernel: Path, archive: Path, *, kvm: bool) -> list[str]:
    """Return QEMU's command line without its serial lines."""
    parameters = ["-kernel", str(kernel), "-initrd", str(archive), "-append", PARAMETERS]
    return [QEMU, *(KVM if kvm else TCG), *MACHINE, *parameters]


def _listen(
    child: subprocess.Popen[bytes],
    on_line: Callable[[str], None],
    until: float,
    silence: float,
    watch: accelerator.Watch,
) -> int:
    """Read lines until the marker with the exit status, and return the status."""
    if child.stdout is None:
        raise AssertionError("QEMU was started without a pipe for its output")
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            left = until - time.monotonic()
            if left <= 0 or not watch.wait(selector, min(left, silence)):
                late = "did not end in time" if left <= silence else f"printed nothing for {silence:.0f} s"
                raise GuestError(watch.trouble or f"timed out: the guest {late}")
            data = os.read(child.stdout.fileno(), 1 << 16)
            if not data:
                # QEMU closes its output shortly before it exits.
                with suppress(subprocess.TimeoutExpired):
                    child.wait(_LAST_MOMENT)
                raise GuestError("the guest ended without the command's exit status")
            watch.heard()
            *lines, pending = (pending + data).split(b"\n")
            if len(pending) > LONGEST_LINE:
                raise GuestError("invalid output of the guest: a line without an end")
            for line in lines:
                try:
                    text = line.decode().rstrip("\r")
                except UnicodeDecodeError:
                    raise GuestError(f"invalid output of the guest: {line[:40]!r}") from None
                if (status := _status(text)) is not None:
                    return status
                if text and text != UP:
                    on_line(text)


def _status(line: str) -> int | None:
    """Return the exit status if the line is the marker with it. Raises Refusal if it reports why there is none."""
    mark, _, rest = line.partition(" ")
    if mark != MARKER or line == UP:
        return None
    if match := re.fullmatch(r"exit (\d+)", rest):
        return int(match[1])
    raise Refusal(rest.removeprefix("failed "))


def _explained(error: GuestError, folder: Path, child: subprocess.Popen[bytes]) -> GuestError:
    """Return the error with the tail of the log; a panic or an error of QEMU replaces its text."""
    log = read_log(folder / "console")
    panic = re.search(r"Kernel panic - not syncing: (.*)", log)
    refusal = (folder / "qemu").read_text(errors="replace").strip().splitlines()
    if panic:
        return GuestError(f"the guest's kernel panicked: {panic[1]}", tail(log))
    if kvm := accelerator.kvm_error(folder / "qemu"):
        return GuestError(f"QEMU: {kvm}", tail(log))
    if child.poll() is not None and refusal and not log:
        return GuestError(f"QEMU: {re.sub(rf'^[^ ]*{QEMU}: ', '', refusal[-1])}")
    return type(error)(error.text, tail(log))


def read_log(console: Path) -> str:
    """Return the end of the kernel's log, without the control sequences of terminals."""
    text = console.read_bytes()[-LOG:].decode(errors="replace")
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[^\n\t -~]", "", text)


def tail(log: str) -> str:
    """Return the relevant lines of a log: those from the first error on, or the last ones if there is none."""
    lines = [line for line in log.splitlines() if line.strip()]
    trouble = next((index for index, line in enumerate(lines) if re.search(_TROUBLE, line)), None)
    return "\n".join(lines[-TAIL:] if trouble is None else lines[trouble : trouble + TAIL])


@contextmanager
def scratch() -> Iterator[Path]:
    """Create a folder for one guest and remove it at the end; remove the folders of killed runs too."""
    root = cache_root() / "run"
    root.mkdir(mode=0o700, exist_ok=True)
    for old in root.iterdir():
        _remove_if_orphan(old)
    folder = Path(tempfile.mkdtemp(prefix="guest-", dir=root))
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def _remove_if_orphan(folder: Path) -> None:
    try:
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(held)
