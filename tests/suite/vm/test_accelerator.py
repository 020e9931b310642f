"""The fallback from KVM to TCG, with a QEMU that simulates both."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mdevref.suite.vm import accelerator, boot, emulator, initramfs
from mdevref.suite.vm.boot import Guest, GuestError
from mdevref.suite.vm.emulator import Emulator
from mdevref.suite.vm.request import MARKER
from tests.suite.vm import made_up

HANGS = "exec sleep 1000"
RUNS = f'echo "{boot.UP}"; echo hello; echo "{MARKER} exit 0"; exec sleep 1000'
INTERNAL_ERROR = 'printf "KVM internal error. Suberror: 1\\nemulation failure\\n" >&2; exec sleep 1000'
PANICS = 'echo "[ 0.2] Kernel panic - not syncing: no such instruction" > "$log"'
LONG = 1000.0


class Machine:
    """A machine on which KVM runs the probe, and a QEMU whose scripts define the behaviour of a guest."""

    def __init__(self, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.memory = cache / accelerator.MEMORY
        self._folder, self._monkeypatch = folder, monkeypatch
        self._kernel = folder / "vmlinux"
        self._kernel.write_bytes(emulator.probe_kernel())
        self.boots("this boot")
        self.new_process()

    def new_process(self) -> None:
        """Reset the state that is not in the cache."""
        self._monkeypatch.setattr(accelerator, "_given_up", threading.Event())

    def boots(self, identity: str) -> None:
        path = self._folder / "boot_id"
        path.write_text(f"{identity}\n")
        self._monkeypatch.setattr(accelerator, "BOOT_ID", path)

    def install(self, kvm: str = HANGS, tcg: str = RUNS, version: str = "1.0") -> None:
        """Install a QEMU that records its accelerator, and then runs the script for that accelerator."""
        made_up.program(
            self._folder,
            emulator.QEMU,
            f"""
            case $1 in --version) echo "QEMU emulator version {version}"; exit ;; esac
            for word; do case $word in file:*) log=${{word#file:}} ;; esac; done
            : > "$log"
            case "$*" in
              *"-accel kvm"*) echo kvm >> "{self._folder}/starts"; echo $$ > "{self._folder}/kvm-pid"
                {kvm} ;;
              *) echo tcg >> "{self._folder}/starts"
                {tcg} ;;
            esac""",
        )

    def starts(self) -> list[str]:
        """Return the accelerators with which QEMU was started since the last call."""
        path = self._folder / "starts"
        started = path.read_text().split() if path.exists() else []
        path.unlink(missing_ok=True)
        return started

    def kvm_runs(self) -> bool:
        """Return whether the QEMU under KVM is still running."""
        return Path("/proc", (self._folder / "kvm-pid").read_text().strip()).exists()

    def run(self, chosen: Emulator = emulator.USUAL, deadline: float = 20.0) -> list[str]:
        """Run a guest, and return the lines that it printed."""
        lines: list[str] = []
        boot.run_guest(Guest(self._kernel), ["true"], lines.append, deadline=deadline, emulator=chosen)
        return lines


@pytest.fixture
def machine(programs: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    def pack(into: Path, entries: object) -> None:
        into.write_bytes(b"an archive")

    monkeypatch.setattr(initramfs, "pack", pack)
    monkeypatch.setattr(emulator, "probe_runs", lambda: True)
    monkeypatch.setattr(accelerator, "COMES_UP", 0.3)
    machine = Machine(programs, cache, monkeypatch)
    machine.install()
    return machine


def test_a_guest_that_starts_under_kvm_stays_there(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.install(kvm=RUNS)
    assert machine.run() == ["hello"]
    assert machine.run() == ["hello"]
    assert machine.starts() == ["kvm", "kvm"]
    assert not machine.memory.exists()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("kvm", "patience", "why"),
    [
        (HANGS, 0.3, "no output for 0 s"),
        (INTERNAL_ERROR, LONG, "QEMU: KVM internal error. Suberror: 1"),
        ("echo 'error: kvm run failed Bad address' >&2; exit 1", LONG, "QEMU: error: kvm run failed Bad address"),
        ("echo 'qemu: failed to initialize kvm' >&2; exit 1", LONG, "QEMU: qemu: failed to initialize kvm"),
        ("exit 0", LONG, "the guest ended without the command's exit status"),
        (PANICS, LONG, "the guest's kernel panicked: no such instruction"),
    ],
)
def test_a_guest_that_does_not_start_under_kvm_starts_again_under_tcg(
    machine: Machine,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    kvm: str,
    patience: float,
    why: str,
) -> None:
    monkeypatch.setattr(accelerator, "COMES_UP", patience)
    machine.install(kvm)
    assert machine.run() == ["hello"]
    assert machine.starts() == ["kvm", "tcg"]
    assert not machine.kvm_runs()
    notice = f"mdevref: KVM cannot run the guest ({why}); starting it again under TCG\n"
    assert capsys.readouterr().err == notice


def test_the_fallback_is_remembered_by_this_process_and_by_later_ones(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.run()
    machine.run()
    machine.new_process()
    assert not emulator.kvm_works()
    capsys.readouterr()
    assert machine.run() == ["hello"]
    assert machine.starts() == ["kvm", "tcg", "tcg", "tcg"]
    assert stat.S_IMODE(machine.memory.stat().st_mode) == 0o600
    assert capsys.readouterr().err == ""


def test_a_memory_that_cannot_be_written_serves_this_process(machine: Machine) -> None:
    machine.memory.mkdir(parents=True)
    machine.run()
    machine.run()
    assert machine.starts() == ["kvm", "tcg", "tcg"]
    machine.new_process()
    machine.run()
    assert machine.starts() == ["kvm", "tcg"]


def _reboot(machine: Machine) -> None:
    machine.boots("a later boot")


def _upgrade_qemu(machine: Machine) -> None:
    machine.install(version="2.0")


def _tear(machine: Machine) -> None:
    machine.memory.write_bytes(machine.memory.read_bytes()[:-5])


def _empty(machine: Machine) -> None:
    machine.memory.write_bytes(b"")


def _fill_with_garbage(machine: Machine) -> None:
    machine.memory.write_bytes(b"\xff\0" * 1000)


@pytest.mark.parametrize("spoil", [_reboot, _upgrade_qemu, _tear, _empty, _fill_with_garbage])
def test_a_stale_or_torn_memory_is_ignored_and_replaced(machine: Machine, spoil: Callable[[Machine], None]) -> None:
    machine.run()
    machine.new_process()
    machine.starts()
    spoil(machine)
    assert machine.run() == ["hello"]
    assert machine.starts() == ["kvm", "tcg"]
    machine.new_process()
    machine.run()
    assert machine.starts() == ["tcg"]


def test_a_guest_that_starts_under_neither_is_no_fault_of_kvm(machine: Machine) -> None:
    machine.install(tcg=PANICS)
    with pytest.raises(GuestError, match="panicked: no such instruction"):
        machine.run()
    assert machine.starts() == ["kvm", "tcg"]
    assert not machine.memory.exists()
    assert emulator.kvm_works()


def test_kvm_that_is_asked_for_keeps_its_error(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(GuestError, match="did not end in time"):
        machine.run(Emulator(kvm=True), deadline=1.0)
    machine.install(INTERNAL_ERROR)
    with pytest.raises(GuestError, match=r"^QEMU: KVM internal error\. Suberror: 1$"):
        machine.run(Emulator(kvm=True), deadline=1.0)
    assert machine.starts() == ["kvm", "kvm"]
    assert not machine.memory.exists()
    assert capsys.readouterr().err == ""


def test_tcg_that_is_asked_for_says_nothing_of_kvm(machine: Machine) -> None:
    assert machine.run(Emulator(kvm=False)) == ["hello"]
    assert machine.starts() == ["tcg"]
    assert not machine.memory.exists()


def test_a_console_that_grows_is_a_sign_of_life(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accelerator, "COMES_UP", 1.0)
    machine.install(kvm=f'for second in 1 2 3 4 5 6; do echo "[ $second ]" >> "$log"; sleep 0.3; done; {RUNS}')
    assert machine.run() == ["hello"]
    assert machine.starts() == ["kvm"]


def test_a_guest_that_has_started_may_be_silent_under_kvm(machine: Machine) -> None:
    machine.install(kvm=f'echo "{boot.UP}"; sleep 1; {RUNS}')
    assert machine.run() == ["hello"]
    assert machine.starts() == ["kvm"]


def test_kvm_that_fails_later_costs_one_guest(machine: Machine) -> None:
    machine.install(kvm=f'echo "{boot.UP}"; echo hello; {INTERNAL_ERROR}')
    with pytest.raises(GuestError, match=r"^QEMU: KVM internal error\. Suberror: 1$"):
        machine.run()
    assert machine.run() == ["hello"]
    assert machine.starts() == ["kvm", "tcg"]
