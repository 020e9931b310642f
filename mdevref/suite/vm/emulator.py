"""QEMU: its command line, the line for a guest's output, and the probe that finds whether KVM works."""

from __future__ import annotations

import os
import struct
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from mdevref.suite.vm import accelerator, process

QEMU = "qemu-system-x86_64"
MEMORY = "1G"
#: One processor, because a second one makes TCG slower as soon as the machine has other work.
MACHINE = ("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-M", "q35", "-m", MEMORY, "-smp", "1")
TCG = ("-accel", "tcg,thread=multi,tb-size=512", "-cpu", "qemu64")
KVM = ("-accel", "kvm", "-cpu", "host")
KVM_DEADLINE = 5.0  #: maximum seconds of the probe, which takes a quarter of a second if KVM works


@dataclass(frozen=True, slots=True)
class Line:
    """The line for the guest's output: its node in the guest, and QEMU's options for it."""

    node: str
    options: tuple[str, ...]


SECOND_SERIAL = Line("ttyS1", ("-serial", "stdio"))
VIRTUAL_CONSOLE = Line(
    "hvc0", ("-device", "virtio-serial-pci", "-chardev", "stdio,id=line", "-device", "virtconsole,chardev=line")
)


@dataclass(frozen=True, slots=True)
class Emulator:
    """A QEMU: its command, its environment in addition to this process's, and its options for every guest.

    ``kvm`` says whether to use KVM; None uses it if it works.
    """

    command: tuple[str, ...] = (QEMU,)
    environment: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    kvm: bool | None = None


USUAL = Emulator()  #: the installed one


def kvm_works() -> bool:
    """Return whether KVM is expected to run a guest: it runs the probe, and it has not failed to run a kernel."""
    return not accelerator.given_up(QEMU) and probe_runs()


@cache
def probe_runs() -> bool:
    """Return whether KVM runs the probe. The node alone does not show it: opening may fail, or a guest may hang."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    with tempfile.TemporaryDirectory(prefix="mdevref-") as folder:
        kernel = Path(folder) / "probe"
        kernel.write_bytes(probe_kernel())
        try:
            return process.run(probe_command(kernel, KVM), deadline=KVM_DEADLINE).returncode == PROBE_STATUS
        except subprocess.TimeoutExpired:
            return False


_PROBE_PORT = 0xF4
_PROBE_VALUE = 0x21
PROBE_STATUS = _PROBE_VALUE << 1 | 1  #: QEMU's exit status when the probe's kernel has run, by isa-debug-exit


def probe_command(kernel: Path, accelerator: Sequence[str]) -> list[str]:
    """Return QEMU's command line for running the probe's kernel."""
    return [QEMU, *accelerator, *MACHINE, "-device", f"isa-debug-exit,iobase={_PROBE_PORT}", "-kernel", str(kernel)]


def probe_kernel() -> bytes:
    """Return the smallest kernel that QEMU can enter: it writes a byte to the port that ends QEMU, and halts."""
    address = 0x100000
    code = bytes((0xB0, _PROBE_VALUE, 0xE6, _PROBE_PORT, 0xF4, 0xEB, 0xFD))  # mov al, v; out port, al; hlt; jmp back
    note = struct.pack("<III4sI", 4, 4, 18, b"Xen\0", address)
    start = 64 + 2 * 56
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, 62, 1, address, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 5, start, address, address, len(code), len(code), 1)
    notes = struct.pack("<IIQQQQQQ", 4, 4, start + len(code), 0, 0, len(note), len(note), 4)
    return header + load + notes + code + note
