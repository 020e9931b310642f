"""The fallback from KVM to TCG: watch the start of a guest, and remember if KVM cannot run kernels.

KVM may run the probe of ``emulator`` but fail to run a guest's kernel. A software KVM, for example, emulates kernel
code one instruction at a time, and stops at the first instruction that it does not implement.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from selectors import BaseSelector

from mdevref.suite.vm import process
from mdevref.suite.vm.kernels import cache_root

COMES_UP = 15.0  #: seconds without output after which KVM counts as failed; a boot under KVM takes 2
MEMORY = "kvm-cannot-run-kernels"  #: the file in the cache
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_VERSION_DEADLINE = 5.0
_KVM_ERROR = re.compile(r"KVM internal error.*|KVM: entry failed.*|error: kvm run failed.*")
_given_up = threading.Event()  # remembers it in this process, which may be unable to write the file


def given_up(qemu: str) -> bool:
    """Return whether KVM failed to run a kernel since this machine was booted, with this version of QEMU."""
    if _given_up.is_set():
        return True
    try:
        noted = _path().read_bytes()
        # An incomplete file, or one of another boot or QEMU, differs from the one that would be written now.
        return noted == _note(qemu)
    except (OSError, subprocess.TimeoutExpired):
        return False


def give_up(qemu: str) -> None:
    """Remember that KVM cannot run kernels on this machine, for this process and for later ones."""
    _given_up.set()
    # If the file cannot be written, later processes try KVM again.
    with suppress(OSError, subprocess.TimeoutExpired):
        note = _note(qemu)
        with open(os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(note)


def _path() -> Path:
    return cache_root() / MEMORY


def _note(qemu: str) -> bytes:
    version = process.run([qemu, "--version"], deadline=_VERSION_DEADLINE).stdout.partition("\n")[0]
    return f"{BOOT_ID.read_text().strip()}\n{version}\n".encode()


def tell_fallback(why: str) -> None:
    """Report on stderr that a guest is started again under TCG."""
    print(f"mdevref: KVM cannot run the guest ({why}); starting it again under TCG", file=sys.stderr, flush=True)


def kvm_error(errors: Path) -> str | None:
    """Return the line in which QEMU reports a failure of KVM, or None. QEMU keeps running, with a stopped processor."""
    found = _KVM_ERROR.search(errors.read_text(errors="replace"))
    return found and found[0].strip()


def _nothing() -> None:
    pass


class Watch:
    """Wait for the output of a guest, and call ``on_first`` when the first output arrives."""

    trouble: str | None = None  #: the reason why waiting ended early

    def __init__(self, on_first: Callable[[], None] = _nothing) -> None:
        self.came_up = False
        self._on_first = on_first

    def wait(self, selector: BaseSelector, seconds: float) -> bool:
        """Wait up to ``seconds`` for output, and return whether there is some to read."""
        return bool(selector.select(seconds))

    def heard(self) -> None:
        """Record that the guest has printed something."""
        if not self.came_up:
            self.came_up = True
            self._on_first()


class KvmWatch(Watch):
    """A Watch that stops waiting as soon as KVM has failed.

    KVM has failed if QEMU reports an error of KVM. It has also failed if the guest has printed nothing yet and its
    console (a file) has not grown for ``COMES_UP`` seconds.
    """

    def __init__(self, console: Path, errors: Path) -> None:
        super().__init__()
        self._console, self._errors = console, errors
        self._size, self._since = 0, time.monotonic()

    def wait(self, selector: BaseSelector, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if selector.select(min(left, process.TICK)):
                return True
            self.trouble = self._error() or self._silence()
            if self.trouble:
                return False
        return False

    def _error(self) -> str | None:
        error = kvm_error(self._errors)
        if error and self.came_up:
            # It is too late to start this guest again, but the next one must not fail in the same way.
            _given_up.set()
        return error

    def _silence(self) -> str | None:
        if self.came_up:
            return None
        size, now = self._console.stat().st_size, time.monotonic()
        if size != self._size:
            self._size, self._since = size, now
        return f"no output for {COMES_UP:.0f} s" if now - self._since > COMES_UP else None
