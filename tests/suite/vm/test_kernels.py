"""Real kernels in QEMU: ``make test-kernels``, for 6.1, or for those that KERNELS names, or ``KERNELS=all``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from mdevref.suite import data
from mdevref.suite.errors import BadInput
from mdevref.suite.results import format as results
from mdevref.suite.results.ledger import Ledger
from mdevref.suite.run.suite import Suite
from mdevref.suite.targets.vm import VmTarget
from mdevref.suite.vm import VmError, accelerator, boot, emulator, fetch, guests, process, samples
from mdevref.suite.vm.kernels import KERNELS, cache_root

pytestmark = [
    pytest.mark.kernels,
    *(
        pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not installed ({process.PACKAGES[name]})")
        for name in (emulator.QEMU, "busybox", "make", "apt-get")
    ),
]

NAMES = os.environ.get("KERNELS", "").split() or ["6.1"]
CHOSEN = list(KERNELS) if NAMES == ["all"] else NAMES
DEPARTURE = "remove.vendor-refusal"  # one that every kernel since 5.2 has

each_kernel = pytest.mark.parametrize("version", CHOSEN)


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does."""
    argv = [sys.executable, "-c", "from mdevref.cli import main; main()", "check", *arguments]
    return subprocess.run(argv, capture_output=True, text=True, cwd=data.root(), check=False)


def wanted(*requirements: str) -> list[tuple[str, str]]:
    suite = Suite()
    rules = [rule for feature in suite.features for rule in feature.rules if rule.name in requirements]
    return [(rule.name, each.name) for rule in rules for each in rule.walk_scenarios()]


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No guest and no folder of one outlives a test. Kernels belong to the machine, and guests to the test."""
    own = tmp_path / "cache" / "mdevref"
    own.mkdir(parents=True)
    for name in ("kernels", "guest"):
        shared = cache_root() / name
        shared.mkdir(exist_ok=True)
        (own / name).symlink_to(shared)
    # What one test has found out about KVM spares the others the wait.
    (own / accelerator.MEMORY).symlink_to(cache_root() / accelerator.MEMORY)
    monkeypatch.setenv("XDG_CACHE_HOME", str(own.parent))
    yield
    with boot.scratch() as folder:
        assert list(folder.parent.iterdir()) == [folder]
        root = str(folder.parent).encode()
    commands = [path for path in Path("/proc").glob("[0-9]*/cmdline") if root in _contents(path)]
    assert not commands


def _contents(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@each_kernel
def test_a_kernel_conforms_apart_from_what_its_ledger_names(version: str, tmp_path: Path) -> None:
    done = check(f"vm:{version}", "--results", str(tmp_path / "results"))
    assert done.returncode == 0, done.stdout + done.stderr
    found = results.read(tmp_path / "results")
    levels = found.footer.counts.requirements
    assert levels.must["pass"] >= 60
    assert found.requirements()[DEPARTURE] == "expected-fail"
    assert all(each.reason for each in found.scenarios if each.verdict == "unsupported")
    assert found.header.release == version


@each_kernel
def test_a_ledger_has_to_be_true(version: str, tmp_path: Path) -> None:
    """The kernel fails without the entry, and also with one that does not apply."""
    empty, false = tmp_path / "empty.toml", tmp_path / "false.toml"
    empty.write_text("")
    false.write_text(
        '[[deviation]]\nrequirement = "create.uuid"\nkind = "bug"\nsince = "4.10"\nwhy = "a test"\nreference = "none"\n'
    )
    done = check(f"vm:{version}", "--requirement", DEPARTURE, "--ledger", str(empty))
    assert (done.returncode, f"FAIL  {DEPARTURE}" in done.stdout) == (1, True), done.stdout + done.stderr
    done = check(f"vm:{version}", "--requirement", "create.uuid", "--ledger", str(false))
    assert (done.returncode, "UNEXPECTED-PASS  create.uuid" in done.stdout) == (1, True), done.stdout + done.stderr


#: Faulty drivers: the kernels whose source has the text, the edit, and the requirement that must fail.
FAULTS = {
    "too many instances told": (
        ("6.1", "6.12", "7.3"),
        ("/ type->nr_ports;", "/ type->nr_ports + 1;"),
        "types.instances-can-be-created",
    ),
    "devices without end": (("6.1", "6.12", "7.3"), ("avail_ports < type->nr_ports", "false"), "create.exhausted"),
    "an unknown device API": (
        ("6.1", "6.12", "7.3"),
        (".device_api = VFIO_DEVICE_API_PCI_STRING", '.device_api = "vfio-none"'),
        "types.device-api-names-one",
    ),
    "a name that only its owner may read": (
        ("5.10",),
        ("MDEV_TYPE_ATTR_RO(name)", "MDEV_TYPE_ATTR(name, 0400, name_show, NULL)"),
        "sysfs.modes",
    ),
}


@pytest.mark.parametrize(
    ("version", "fault"), [(version, fault) for version in CHOSEN for fault in FAULTS if version in FAULTS[fault][0]]
)
def test_a_driver_that_is_wrong_is_found(version: str, fault: str, tmp_path: Path) -> None:
    _, edit, requirement = FAULTS[fault]
    kernel = fetch.fetch(version)
    (driver,) = samples.build(kernel.tree, kernel.sources, tmp_path / "build", ["mtty"], edits={"mtty.c": [edit]})
    check(f"vm:{version}", "--interface", "management", "--module", str(driver), "--results", str(tmp_path / "results"))
    found = results.read(tmp_path / "results")
    assert found.requirements()[requirement] == "fail"
    # The suite finds the fault of this driver, and is not confused by anything else.
    assert Counter(found.requirements().values())["pass"] > 60


def test_a_guest_that_is_killed_in_the_middle_costs_one_scenario(monkeypatch: pytest.MonkeyPatch) -> None:
    target = VmTarget(CHOSEN[0])
    keys = wanted("create.duplicate-uuid", "remove.one", "create.uuid")
    assert len(keys) >= 5
    pids: list[int] = []
    listen = boot._listen

    def noting(child: subprocess.Popen[bytes], *rest: object) -> int:
        pids.append(child.pid)
        return listen(child, *rest)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(boot, "_listen", noting)
    heard: list[results.Scenario] = []

    killed: list[int] = []

    def report(line: results.Scenario) -> None:
        heard.append(line)
        if len(heard) == 2:
            killed.append(pids[-1])  # an earlier one may be a guest that KVM could not start
            os.kill(killed[0], 9)

    target.run_suite(keys, seed=1, ledger=Ledger(), report=report)
    assert [(each.requirement, each.scenario) for each in heard] == keys
    assert Counter(each.verdict for each in heard)["error"] == 1
    assert len(pids[pids.index(killed[0]) :]) == 2


def test_a_kernel_that_panics_ends_in_an_error_with_its_log() -> None:
    guest = guests.guest_for(CHOSEN[0])
    with pytest.raises(boot.GuestError, match="panicked: sysrq triggered crash") as caught:
        boot.run_guest(guest, ["sh", "-c", "echo c > /proc/sysrq-trigger"], print, deadline=60)
    assert "Call Trace" in caught.value.tail


def test_a_guest_that_hangs_ends_at_its_deadline() -> None:
    guest = guests.guest_for(CHOSEN[0])
    with pytest.raises(boot.GuestError, match="printed nothing for 3 s"):
        boot.run_guest(guest, ["sleep", "1000"], print, deadline=60, silence=3)


def test_somebodys_own_kernel_and_driver() -> None:
    """The distribution's image and modules replace another kernel, packed and with a driver given by its file."""
    kernel = fetch.fetch(CHOSEN[0])
    target = VmTarget(str(kernel.vmlinuz), kernel.modules, [kernel.driver("mtty")])
    heard: list[results.Scenario] = []
    target.run_suite(wanted("create.uuid"), seed=1, ledger=Ledger(), report=heard.append)
    assert {each.verdict for each in heard} == {"pass"}


def test_a_kernel_without_mediated_devices_is_refused_in_one_line() -> None:
    target = VmTarget(str(fetch.fetch(CHOSEN[0]).vmlinuz))
    with pytest.raises(BadInput, match="this kernel has no mdev bus"):
        target.run_suite(wanted("create.uuid"), seed=1, ledger=Ledger(), report=lambda _: None)


def test_the_probe_for_kvm_ends_a_guest_that_runs(tmp_path: Path) -> None:
    """The probe for KVM also succeeds under TCG, which always works."""
    kernel = tmp_path / "probe"
    kernel.write_bytes(emulator.probe_kernel())
    assert process.run(emulator.probe_command(kernel, emulator.TCG), deadline=30).returncode == emulator.PROBE_STATUS


def test_a_full_disk_is_told_and_leaves_no_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=150m", "mdevref", disk], capture_output=True, text=True, check=False
    )
    if mount.returncode:
        pytest.skip(f"no small disk can be made here: {mount.stderr.strip()}")
    try:
        with monkeypatch.context() as small:
            small.setenv("XDG_CACHE_HOME", str(disk))
            with pytest.raises(VmError, match=r"(?i)no space left") as caught:
                fetch.fetch(CHOSEN[0])
            assert "\n" not in str(caught.value)
            assert fetch.cached(CHOSEN[0]) is None
    finally:
        subprocess.run(["umount", disk], check=True)
