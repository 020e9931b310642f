"""The target ``vm:VERSION`` or ``vm:PATH``: a kernel in QEMU, with the suite running inside it.

The guest reports each verdict at once. If a guest dies, hangs or prints an invalid result, the current scenario gets
the verdict ``error``. The other scenarios then run in a new guest, for as long as guests boot.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

from mdevref.suite import data
from mdevref.suite.interface.releases import Release, parse_release
from mdevref.suite.interface.selection import SAMPLE
from mdevref.suite.interface.terms import Interface
from mdevref.suite.results import format as results
from mdevref.suite.results.ledger import Ledger
from mdevref.suite.targets.errors import TargetError
from mdevref.suite.targets.live.target import GuestTarget
from mdevref.suite.vm import boot, cpio, emulator, guests, initramfs, process
from mdevref.suite.vm.fetch import Progress, quiet
from mdevref.suite.vm.kernels import cache_root
from mdevref.suite.vm.request import AGAIN, PATH, Request

SILENCE = 90.0  #: maximum seconds without a verdict; the slowest scenario takes less, even if its operations time out
PATIENCE = 60.0, 2.0  #: maximum seconds of a run: a constant part, and a part for each scenario
GUESTS = 4  #: maximum number of guests in a run in which guests die
_SUITE = "suite"  # the folder of the suite in a guest
_NOT_IN_A_GUEST = frozenset(("_data", "sphinx"))

#: A scenario by its requirement and its title.
Key = tuple[str, str]


class VmTarget:
    """A kernel that is booted when the suite is run on it."""

    interfaces: frozenset[Interface] = GuestTarget.interfaces | {"device"}

    def __init__(
        self, name: str, folder: Path | None = None, drivers: Sequence[Path] = (), progress: Progress = quiet
    ) -> None:
        """Fetch the kernel into the cache if it is one of the distribution. Raises VmError if it cannot be run."""
        self._qemu = process.run([emulator.QEMU, "--version"]).stdout.splitlines()[0]
        process.program("busybox")
        self.name = f"vm:{name}"
        self.guest = guests.guest_for(name, folder, drivers, progress)
        if any(module.name == SAMPLE for module in self.guest.ready):
            self.interfaces |= {"sample"}
        self.release: Release | None = None
        if self.guest.release:
            self.release = parse_release(".".join(self.guest.release.split("-")[0].split(".")[:2]))

    def environment(self) -> Mapping[str, str]:
        """Return the facts that a report shows, without booting the kernel."""
        return {
            "kernel": f"Linux {self.guest.release or 'of unknown release'}",
            "origin": self.guest.origin,
            # A guest that KVM cannot start runs under TCG; which one ran it is known only afterwards.
            "machine": f"{self._qemu}, {'KVM, or TCG if KVM cannot run it' if emulator.kvm_works() else 'TCG'}",
            "drivers": ", ".join(module.name for module in self.guest.ready) or "none",
        }

    def machine(self) -> NoReturn:
        """Raise RuntimeError: the suite runs inside the guest."""
        raise RuntimeError(f"{self.name} supports `mdevref check` only, which runs the suite inside the guest")

    def shell_path(self, path: str) -> str:
        return f"/sys/{path}"

    def close(self) -> None:
        """Do nothing: no guest outlives its run."""

    def run_suite(
        self, wanted: Sequence[Key], *, seed: int, ledger: Ledger, report: Callable[[results.Scenario], None]
    ) -> None:
        """Run the scenarios in a guest; ``report`` is called with each when it is judged.

        Raises TargetError if the guest boots but has no mediated devices or rejects a module.
        """
        remaining = dict.fromkeys(wanted)
        first, each = PATIENCE
        until = time.monotonic() + first + each * len(remaining)
        entries = suite_entries({requirement for requirement, _ in remaining})

        def judged(line: results.Scenario) -> None:
            del remaining[line.requirement, line.scenario]
            report(line)

        for _ in range(GUESTS):
            before = len(remaining)
            try:
                self._boot(list(remaining), seed, ledger, judged, entries, until)
                return
            except boot.Refusal as refusal:
                # The suite cannot test this kernel, so no scenario gets a verdict.
                raise TargetError(f"{self.name}: {refusal.text}") from refusal
            except boot.GuestError as error:
                trouble = error
            if not isinstance(trouble, _Again):
                judged(_error(next(iter(remaining)), trouble))
            if not remaining:
                return
            if len(remaining) >= before - 1:
                break
        for key in list(remaining):
            judged(_error(key, boot.GuestError(f"not run, because guests failed: {trouble.text}")))

    def _boot(
        self,
        wanted: list[Key],
        seed: int,
        ledger: Ledger,
        judged: Callable[[results.Scenario], None],
        entries: Sequence[cpio.Entry],
        until: float,
    ) -> None:
        """Run scenarios in one guest. Raises GuestError unless each of them has its verdict at the end."""
        left = set(wanted)

        def on_line(text: str) -> None:
            try:
                line = results.decode(text.encode())
            except results.ResultsError:
                line = None
            if not isinstance(line, results.Scenario) or (key := (line.requirement, line.scenario)) not in left:
                raise boot.GuestError(f"invalid output of the guest: {text[:80]!r}")
            left.remove(key)
            judged(line)

        request = Request(
            target=self.name,
            core=[module.name for module in self.guest.loaded],
            drivers=[module.name for module in self.guest.ready],
            scripted=self.guest.scripted is not None,
            wanted=wanted,
            seed=seed,
            deviations=list(ledger.deviations),
        )
        result = boot.run_guest(
            self.guest,
            [initramfs.PYTHON, "-S", "-m", "mdevref.suite.run.agent"],
            on_line,
            entries=(*entries, cpio.Entry(PATH, 0o100644, msgspec.json.encode(request))),
            deadline=max(1.0, until - time.monotonic()),
            silence=SILENCE,
        )
        if result.exit_status == AGAIN:
            raise _Again("the guest's kernel did not return to a clean state", result.console_tail)
        if result.exit_status or left:
            status = f"exited with status {result.exit_status}" if result.exit_status else "did not run every scenario"
            raise boot.GuestError(f"the suite in the guest {status}", result.console_tail)


class _Again(boot.GuestError):
    """The guest's kernel is unusable; the scenario that caused it has its verdict already."""


def _error(key: Key, error: boot.GuestError) -> results.Scenario:
    requirement, title = key
    return results.Scenario(
        requirement=requirement, scenario=title, verdict="error", duration=0.0, operations=[], reason=str(error)
    )


def suite_entries(requirements: Collection[str]) -> list[cpio.Entry]:
    """Return the suite for a guest: the package and the steps, with compiled modules, and the features.

    Only the features that contain one of the requirements are included, because a guest reads them slowly.
    """
    root, compiled = data.root(), cache_root() / "guest" / "compiled"
    entries = [
        *initramfs.python_sources(data.PACKAGE, f"{_SUITE}/mdevref", compiled, leave_out=_NOT_IN_A_GUEST),
        *initramfs.python_sources(data.steps(), f"{_SUITE}/steps", compiled),
        cpio.copy(f"{_SUITE}/environment.py", root / "environment.py"),
    ]
    for path in sorted(data.features().rglob("*.feature")):
        rules = re.findall(r"^ *Rule: (\S+)$", path.read_text(), re.MULTILINE)
        if not set(rules).isdisjoint(requirements):
            entries.append(cpio.copy(f"{_SUITE}/features/{path.relative_to(data.features())}", path))
    return entries
