"""The target vm:, with a QEMU that simulates a guest: it prints what a guest prints, and fails as guests do."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from mdevref.suite.errors import BadInput
from mdevref.suite.results import format as results
from mdevref.suite.results.ledger import Ledger
from mdevref.suite.targets import opening, vm
from mdevref.suite.targets.vm import VmTarget
from mdevref.suite.vm import boot, cpio, emulator, initramfs
from mdevref.suite.vm.request import AGAIN, MARKER, PATH
from tests.suite.vm import made_up

WANTED = [("widget.make", "One"), ("widget.make", "Two"), ("widget.sell", "Three")]
END = f'echo "{MARKER} exit 0"; exec sleep 1000\n'


def line(number: int, verdict: str = "pass") -> str:
    """Return a line of shell that prints the verdict of a scenario."""
    requirement, title = WANTED[number]
    said = {"kind": "scenario", "requirement": requirement, "scenario": title, "verdict": verdict}
    return f"echo '{json.dumps(said | {'duration': 0.1, 'operations': []})}'\n"


@pytest.fixture
def target(tmp_path: Path, cache: Path, programs: Path, monkeypatch: pytest.MonkeyPatch) -> VmTarget:
    """Create a made-up kernel, and a QEMU that runs the scripts in its folder, one for each boot."""
    packed: list[dict[str, object]] = []

    def pack(into: Path, entries: Sequence[cpio.Entry]) -> None:
        (request,) = (entry.data for entry in entries if entry.path == PATH)
        assert isinstance(request, bytes)
        packed.append(json.loads(request))
        (into.parent / "request").write_bytes(request)

    monkeypatch.setattr(initramfs, "pack", pack)
    for module in (boot, emulator):
        monkeypatch.setattr(module, "kvm_works", lambda: False)
    monkeypatch.setattr(vm, "suite_entries", lambda _: [])
    monkeypatch.setattr(vm, "PATIENCE", (20.0, 0.0))
    made_up.program(programs, "busybox", "exit 0")
    made_up.program(
        programs,
        emulator.QEMU,
        """
        here=$(dirname "$0")
        case $1 in --version) echo "QEMU emulator version 0.0"; exit ;; esac
        for word; do case $word in file:*) log=${word#file:} ;; esac; done
        echo "[    0.1] a kernel's word" > "$log"
        boot=$(ls "$here" | grep -c ^boot)
        : > "$here/boot$boot"
        . "$here/guest$boot"
        """,
    )
    (tmp_path / "bzImage").write_bytes(made_up.bzimage(b"", release="6.1.0-made-up"))
    opened = opening.open_target(f"vm:{tmp_path / 'bzImage'}")
    assert isinstance(opened, VmTarget)
    return opened


Play = Callable[..., list[results.Scenario]]


@pytest.fixture
def play(target: VmTarget, programs: Path) -> Play:
    """Run the suite on guests, each of which runs its script."""

    def run(*guests: str) -> list[results.Scenario]:
        for number, script in enumerate(guests):
            (programs / f"guest{number}").write_text(script)
        heard: list[results.Scenario] = []
        target.run_suite(WANTED, seed=1, ledger=Ledger(), report=heard.append)
        assert len(list(programs.glob("boot*"))) == len(guests)
        assert [(each.requirement, each.scenario) for each in heard] == WANTED
        return heard

    return run


def verdicts(heard: list[results.Scenario]) -> list[str]:
    return [each.verdict for each in heard]


def test_each_scenario_has_the_verdict_that_the_guest_gave_it(play: Play) -> None:
    assert verdicts(play(line(0) + line(1, "fail") + line(2) + END)) == ["pass", "fail", "pass"]


def test_a_target_says_what_it_is_without_booting(target: VmTarget, programs: Path) -> None:
    assert target.release == (6, 1)
    assert target.environment() == {
        "kernel": "Linux 6.1.0-made-up",
        "origin": "a file",
        "machine": "QEMU emulator version 0.0, TCG",
        "drivers": "none",
    }
    assert target.shell_path("bus/mdev") == "/sys/bus/mdev"
    assert not list(programs.glob("boot*"))
    with pytest.raises(RuntimeError, match="runs the suite inside the guest"):
        target.machine()


@pytest.mark.parametrize(
    ("end", "why"),
    [
        ("exit 0", "the guest ended without the command's exit status"),
        ('echo "[ 1.0] Kernel panic - not syncing: oh" > "$log"', "the guest's kernel panicked: oh"),
        (f'echo "{MARKER} exit 1"; exec sleep 1000', "the suite in the guest exited with status 1"),
        (END, "the suite in the guest did not run every scenario"),
        ("echo 'not a result'; exec sleep 1000", "invalid output of the guest: 'not a result'"),
        (line(0) + "exec sleep 1000", "invalid output of the guest"),
        ('echo "{}"; exec sleep 1000', "invalid output of the guest: '{}'"),
    ],
)
def test_a_guest_that_dies_costs_one_scenario_and_the_rest_goes_on_in_another(play: Play, end: str, why: str) -> None:
    heard = play(line(0) + end, line(2) + END)
    assert verdicts(heard) == ["pass", "error", "pass"]
    assert (heard[1].reason or "").startswith(why)
    assert (heard[1].reason or "").splitlines()[1:], "the tail of the log"


def test_a_guest_that_says_nothing_costs_one_scenario(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vm, "SILENCE", 0.4)
    heard = play(line(0) + line(1) + "exec sleep 1000")
    assert verdicts(heard) == ["pass", "pass", "error"]


def test_where_no_guest_comes_up_all_scenarios_are_errors(play: Play) -> None:
    heard = play("exit 1")
    assert verdicts(heard) == ["error"] * 3
    assert [("not run, because guests failed" in (each.reason or "")) for each in heard] == [False, True, True]


def test_where_one_guest_after_the_other_dies_an_end_is_made(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vm, "GUESTS", 1)
    assert verdicts(play(line(0) + "exit 1")) == ["pass", "error", "error"]


def test_a_spent_kernel_is_exchanged_and_costs_nothing(play: Play) -> None:
    again = f'echo "{MARKER} exit {AGAIN}"; exec sleep 1000'
    assert verdicts(play(line(0) + line(1, "fail") + again, line(2) + END)) == ["pass", "fail", "pass"]


def test_a_kernel_without_mediated_devices_says_so_once(play: Play) -> None:
    with pytest.raises(BadInput, match=r"^vm:.*/bzImage: this kernel has no mdev bus$"):
        play(f'echo "{MARKER} failed this kernel has no mdev bus"; exec sleep 1000')


def test_modules_are_for_guests_alone(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="reference: kernel modules are supported for vm: targets only"):
        opening.open_target("reference", modules=tmp_path)


def test_a_file_that_is_no_kernel_is_refused_before_anything_runs(
    tmp_path: Path, target: VmTarget, programs: Path
) -> None:
    (tmp_path / "notes").write_text("no kernel")
    with pytest.raises(BadInput, match="notes: not an x86-64 kernel"):
        opening.open_target(f"vm:{tmp_path / 'notes'}")
    assert not list(programs.glob("boot*"))


def test_without_qemu_nothing_is_fetched(cache: Path, programs: Path) -> None:
    with pytest.raises(BadInput, match="qemu-system-x86_64 is not installed"):
        opening.open_target("vm:6.1")
    assert not (cache / "kernels").exists()


def test_a_guest_gets_the_features_of_what_is_wanted(cache: Path) -> None:
    paths = {entry.path for entry in vm.suite_entries({"create.uuid"})}
    features = {path for path in paths if path.endswith(".feature")}
    assert features == {"suite/features/creating/accepted-input.feature"}
    assert {"suite/mdevref/suite/run/agent.py", "suite/environment.py", "suite/steps/management_tree.py"} <= paths
    assert not [path for path in paths if "/sphinx/" in path]
