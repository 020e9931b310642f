from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from mdevref.suite.vm import VmError, boot, emulator, guests, initramfs
from mdevref.suite.vm.boot import Guest, GuestError, run_guest
from mdevref.suite.vm.modules import read_module
from mdevref.suite.vm.request import FOLDER, MARKER
from tests.suite.vm import made_up

#: A QEMU that writes its process id to a file for the test, and a line to the guest's log.
QEMU = """
for word; do case $word in file:*) log=${word#file:} ;; esac; done
echo "[    0.1] a kernel's word" > "$log"
echo $$ > "$(dirname "$0")/pid"
"""


@pytest.fixture
def guest(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Guest:
    """Return a guest that is packed quickly, on a machine without KVM."""

    def pack(into: Path, entries: object) -> None:
        into.write_bytes(b"an archive")

    monkeypatch.setattr(initramfs, "pack", pack)
    monkeypatch.setattr(boot, "kvm_works", lambda: False)
    kernel = tmp_path / "vmlinux"
    kernel.write_bytes(emulator.probe_kernel())
    return Guest(kernel)


@pytest.fixture
def qemu(programs: Path) -> Callable[[str], Path]:
    """Install a QEMU that runs a script."""

    def install(body: str) -> Path:
        made_up.program(programs, emulator.QEMU, QEMU + body)
        return programs / "pid"

    return install


def is_running(pid_file: Path) -> bool:
    """Return whether the process runs. A dead one that its parent has not waited for does not."""
    try:
        state = Path(f"/proc/{int(pid_file.read_text())}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def nothing_left(cache: Path, pid_file: Path) -> bool:
    return not list((cache / "run").iterdir()) and not is_running(pid_file)


def test_lines_come_as_they_are_printed_and_the_status_last(
    guest: Guest, qemu: Callable[[str], Path], cache: Path
) -> None:
    pid = qemu(f'echo one; printf "two\\r\\n"; echo; echo "{MARKER} exit 3"; exec sleep 1000')
    lines: list[str] = []
    result = run_guest(guest, ["true"], lines.append, deadline=20)
    assert lines == ["one", "two"]
    assert result.exit_status == 3
    assert result.console_tail == "[    0.1] a kernel's word"
    assert nothing_left(cache, pid)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("echo one", "ended without the command's exit status"),
        ("exec sleep 1000", "did not end in time"),
        ('printf "a\\377b\\n"; exec sleep 1000', "invalid output of the guest: b'a.xffb'"),
        ("head -c 5000000 /dev/zero; exec sleep 1000", "invalid output of the guest: a line without an end"),
        (
            f'echo "{MARKER} failed the kernel rejected the module mdev"; exec sleep 1000',
            "^the kernel rejected the module mdev$",
        ),
        (f'echo "{MARKER} exit"; exec sleep 1000', "^exit$"),
        ('echo "[ 0.2] Kernel panic - not syncing: no init" > "$log"', "^the guest's kernel panicked: no init$"),
        (': > "$log"; echo "x: could not load PC BIOS" >&2; exit 1', "^QEMU: x: could not load PC BIOS$"),
    ],
)
def test_a_guest_that_does_not_come_to_its_end_is_an_error_and_leaves_nothing(
    guest: Guest, qemu: Callable[[str], Path], cache: Path, body: str, why: str
) -> None:
    pid = qemu(body)
    with pytest.raises(GuestError) as caught:
        run_guest(guest, ["true"], lambda _: None, deadline=0.7)
    assert re.search(why, caught.value.text)
    assert ("a kernel's word" in caught.value.tail) == ("log" not in body)
    assert nothing_left(cache, pid)


def test_a_silent_guest_is_not_waited_for_until_its_deadline(guest: Guest, qemu: Callable[[str], Path]) -> None:
    qemu("echo one; exec sleep 1000")
    with pytest.raises(GuestError, match="printed nothing for 0 s"):
        run_guest(guest, ["true"], lambda _: None, deadline=1000, silence=0.3)


def test_what_the_caller_raises_ends_the_guest(guest: Guest, qemu: Callable[[str], Path], cache: Path) -> None:
    pid = qemu("echo one; exec sleep 1000")

    def refuse(line: str) -> None:
        raise ValueError(line)

    with pytest.raises(ValueError, match="one"):
        run_guest(guest, ["true"], refuse, deadline=20)
    assert nothing_left(cache, pid)


RUN = """
import sys
from pathlib import Path
from mdevref.suite.vm import boot, initramfs
boot.kvm_works = lambda: False
initramfs.pack = lambda into, entries: into.write_bytes(b"")
boot.run_guest(boot.Guest(Path(sys.argv[1])), ["true"], lambda line: print(line, flush=True), deadline=1000)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whoever_is_stopped_in_the_middle_leaves_no_guest(
    guest: Guest, qemu: Callable[[str], Path], cache: Path, tmp_path: Path, number: signal.Signals
) -> None:
    if shutil.which("setpriv", path=os.defpath) is None:
        pytest.skip("setpriv is not installed")
    # The guest keeps it open until it ends.
    held = tmp_path / "held"
    os.mkfifo(held)
    pid = qemu(f"exec 9>{held}; echo ready; exec sleep 1000")
    reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(reader, True)
    path = f"{os.environ['PATH']}:{os.defpath}"
    argv = [sys.executable, "-c", RUN, str(guest.kernel)]
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "PATH": path}
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        child.send_signal(number)
        child.wait(20)
    assert os.read(reader, 1) == b""
    os.close(reader)
    # A killed run leaves its folder behind, and the next run removes it.
    with boot.scratch():
        assert len(list((cache / "run").iterdir())) == 1
    assert nothing_left(cache, pid)


def test_without_qemu_the_error_names_its_package(guest: Guest, programs: Path) -> None:
    with pytest.raises(VmError, match=r"^qemu-system-x86_64 is not installed \(Debian package: qemu-system-x86\)$"):
        run_guest(guest, ["true"], lambda _: None)


def test_the_command_line_has_no_disk_no_network_and_no_screen(tmp_path: Path) -> None:
    argv = boot.command_line(tmp_path / "vmlinux", tmp_path / "initramfs", kvm=False)
    assert argv[0] == emulator.QEMU
    assert {"-nodefaults", "-no-user-config", "-no-reboot"} <= set(argv)
    pairs = dict(pairwise(argv))
    assert (pairs["-accel"].split(",")[0], pairs["-display"]) == ("tcg", "none")
    assert "panic=-1" in pairs["-append"].split()
    assert not {"-drive", "-hda", "-nic", "-netdev", "-device"} & set(argv)


def test_kvm_counts_only_where_a_guest_ran_on_it(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: True)
    monkeypatch.setattr(emulator, "KVM_DEADLINE", 0.3)
    for body, works in (("exit 67", True), ("exit 0", False), ("exit 1", False), ("exec sleep 1000", False)):
        made_up.program(programs, emulator.QEMU, body)
        assert emulator.probe_runs.__wrapped__() is works, body


def test_a_guests_archive_has_its_modules_and_its_command(tmp_path: Path) -> None:
    mdev = read_module(made_up.write_module(tmp_path / "mdev.ko"))
    mtty = read_module(made_up.write_module(tmp_path / "my-driver.ko", "mdev"))
    entries = {entry.path: entry for entry in Guest(tmp_path, (mdev,), (mtty,)).entries(["echo", "a b; c"])}
    assert {f"{FOLDER}/mdev.ko", f"{FOLDER}/my_driver.ko"} <= set(entries)
    init = entries["init"].data
    assert isinstance(init, bytes)
    assert b"for module in mdev; do" in init
    assert b"\necho 'a b; c'\n" in init
    assert init.index(boot.UP.encode()) < init.index(b"insmod")


def test_somebodys_own_kernel_gets_the_modules_that_it_has(tmp_path: Path) -> None:
    kernel = tmp_path / "bzImage"
    kernel.write_bytes(made_up.bzimage(b""))
    made_up.write_module(tmp_path / "modules" / "vfio.ko")
    made_up.write_module(tmp_path / "modules" / "mdev.ko", "vfio")
    driver = made_up.write_module(tmp_path / "mine.ko", "mdev")
    guest = guests.guest_for(str(kernel), tmp_path / "modules", [driver])
    assert [module.name for module in guest.loaded] == ["vfio", "mdev"]
    assert [module.name for module in guest.ready] == ["mine"]


def test_a_driver_of_another_kernel_is_refused_before_anything_boots(tmp_path: Path) -> None:
    kernel = tmp_path / "bzImage"
    kernel.write_bytes(made_up.bzimage(b"", release="6.1.0-9"))
    driver = made_up.write_module(tmp_path / "mine.ko", release="6.1.0-8")
    with pytest.raises(VmError, match=r"^mine\.ko was built for Linux 6\.1\.0-8, but the kernel is 6\.1\.0-9$"):
        guests.guest_for(str(kernel), None, [driver])


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("9.9", r"^vm:9\.9: unknown kernel \(choose from 5\.10, 6\.1, 6\.12, 7\.3, or give the path of a kernel\)$"),
        ("", r"^vm:: unknown kernel \(choose from .*, or give the path of a kernel\)$"),
        ("./none/bzImage", "none/bzImage: No such file or directory"),
    ],
)
def test_a_kernel_that_is_not_there_is_named(name: str, why: str) -> None:
    with pytest.raises(VmError, match=why):
        guests.guest_for(name)


def test_a_guest_may_leave_its_serial_ports_to_what_it_looks_at(
    guest: Guest, programs: Path, cache: Path, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    body = f'echo "$0 $*" > {told}; echo "$HELLO"; echo "{MARKER} exit 0"'
    mine = made_up.program(tmp_path / "mine", "some-qemu", body)
    other = replace(guest, line=emulator.VIRTUAL_CONSOLE)
    init = next(entry.data for entry in other.entries(["true"]) if entry.path == "init")
    assert isinstance(init, bytes)
    assert b">/dev/hvc0 " in init
    assert b"ttyS1" not in init
    lines: list[str] = []
    other_qemu = emulator.Emulator((str(mine), "--library-path", "x"), {"HELLO": "hello"}, ("-M", "pc"), kvm=False)
    run_guest(other, ["true"], lines.append, deadline=20, emulator=other_qemu)
    assert lines == ["hello"]
    command = told.read_text().split()
    assert command[:3] == [str(mine), "--library-path", "x"]
    # QEMU uses the last machine on its command line.
    assert [word for before, word in pairwise(command) if before == "-M"] == ["q35", "pc"]
    assert [word.split(":")[0] for before, word in pairwise(command) if before == "-serial"] == ["file"]
    assert "virtconsole,chardev=line" in command
