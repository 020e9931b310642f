"""``mdevref check``: run the suite on a target, in one or several processes, and report whether it conforms."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from secrets import randbits
from typing import IO

from mdevref.suite import data
from mdevref.suite.errors import BadInput
from mdevref.suite.interface.target import Target
from mdevref.suite.results import console, writing
from mdevref.suite.results import format as results
from mdevref.suite.results.judged import Judged
from mdevref.suite.results.ledger import Ledger, check_requirements
from mdevref.suite.results.ledger import choose as choose_ledger
from mdevref.suite.results.outcome import Outcome
from mdevref.suite.run import workers
from mdevref.suite.run.judging import Session
from mdevref.suite.run.suite import Interrupted, Suite
from mdevref.suite.targets import opening
from mdevref.suite.targets.sysfs import journal

#: The exit status of an interrupted run: the one that shells report for SIGINT.
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Options:
    """The options of ``mdevref check``."""

    target: str = "reference"
    requirements: Sequence[str] = ()
    tags: str = ""
    interface: str = ""
    results: Path | None = None
    jobs: int = 1
    allow_changes: bool = False
    modules: Path | None = None
    drivers: Sequence[Path] = ()
    ledger: Path | None = None
    seed: int | None = None


def check(options: Options) -> int:
    """Run the suite, print the report, and return the exit status.

    The status is 0 if the target conforms, 1 if it does not, 2 after an internal error and 130 after an interrupt.
    Raises BadInput if the options are invalid.
    """
    kind = opening.kind_of(options.target)
    if options.jobs < 1:
        raise BadInput(f"--jobs: invalid value {options.jobs} (must be at least 1)")
    if options.jobs > 1 and not kind.many:
        raise BadInput(f"--jobs: {options.target} is a single machine; it supports only one job")
    _check_features()
    suite = Suite()
    count = suite.select(options.requirements, options.tags, options.interface)
    with closing(_open_target(options)) as target:
        ledger = choose_ledger(options.ledger, target.release if kind.kernel else None)
        check_requirements(ledger, suite.facts)
        seed = randbits(32) if options.seed is None else options.seed
        header = writing.header(options.target, target, seed=seed, ledger=ledger)
        with _open(options.results) as file:
            file.write(results.encode(header))
            scenarios: list[results.Scenario] = []
            # Fork the workers before the progress line starts its thread: a fork does not copy threads.
            pieces = _parallel(suite, options, seed, ledger) if options.jobs > 1 else None
            try:
                with console.progress(count) as advance:
                    _listen(_Heard(file, scenarios, advance), pieces, suite, target, seed, ledger)
            except (Interrupted, KeyboardInterrupt):
                what = f"; {options.results} is incomplete (no footer)" if options.results else ""
                print(f"mdevref: interrupted after {len(scenarios)} of {count} scenarios{what}", file=sys.stderr)
                return INTERRUPTED
            outcome = Outcome(header, tuple(scenarios), suite.facts)
            file.write(results.encode(writing.footer(header, scenarios, outcome.levels())))
        console.report(outcome, ledger, target.shell_path)
        return outcome.exit_status()


def clean_up(name: str) -> int:
    """Remove the devices that killed runs left on the target ``sysfs:ROOT``, and nothing else; return 0.

    Raises BadInput if the target is invalid or a device cannot be removed.
    """
    if opening.kind_of(name) is not opening.KINDS["sysfs"]:
        raise BadInput(f"--clean-up: {name} is not a sysfs: target; no run leaves devices on it")
    from mdevref.suite.targets.sysfs import files
    from mdevref.suite.targets.sysfs.opening import split_argument

    try:
        root, _ = split_argument(name.partition(":")[2])
    except ValueError as error:
        raise BadInput(f"{name}: {error}") from error
    if not Path(root).is_dir():
        raise BadInput(f"{name}: directory not found")
    with closing(journal.Journal(root)) as kept:
        cleaned = journal.clean(kept, files.remove)
    if cleaned.stuck:
        raise BadInput(cleaned.told())
    print(cleaned.told() or f"{root}: no devices of earlier runs found")
    return 0


@dataclass(frozen=True, slots=True)
class _Heard:
    """Record each result line as it arrives: in the file, in the list, and on the progress line."""

    file: IO[bytes]
    scenarios: list[results.Scenario]
    advance: Callable[[results.Scenario], None]

    def __call__(self, line: results.Scenario) -> None:
        self.scenarios.append(line)
        self.file.write(results.encode(line))
        self.file.flush()
        self.advance(line)


def _listen(
    heard: _Heard, pieces: Iterator[bytes] | None, suite: Suite, target: Target, seed: int, ledger: Ledger
) -> None:
    if isinstance(target, opening.Elsewhere):
        target.run_suite(_wanted(suite), seed=seed, ledger=ledger, report=heard)
        return
    if pieces is None:
        suite.run(Session(target, seed=seed, ledger=ledger, report=lambda judged: heard(writing.line(judged))))
        return
    for piece in pieces:
        line = results.decode(piece)
        assert isinstance(line, results.Scenario)
        heard(line)


def _parallel(suite: Suite, options: Options, seed: int, ledger: Ledger) -> Iterator[bytes]:
    def make_worker() -> workers.Worker:
        target = opening.open_target(options.target, allow_changes=options.allow_changes)

        def run_feature(number: int, send: Callable[[bytes], None]) -> None:
            def report(judged: Judged) -> None:
                send(results.encode(writing.line(judged)))

            suite.run(Session(target, seed=seed, ledger=ledger, report=report), [suite.features[number]])

        return run_feature

    return workers.start(len(suite.features), options.jobs, make_worker)


def _open_target(options: Options) -> Target:
    with console.waiting() as tell:
        return opening.open_target(
            options.target,
            allow_changes=options.allow_changes,
            modules=options.modules,
            drivers=options.drivers,
            tell=tell,
        )


def _wanted(suite: Suite) -> list[tuple[str, str]]:
    """Return the selected scenarios, each as its requirement and its title."""
    rules = [rule for feature in suite.features for rule in feature.rules]
    return [(rule.name, each.name) for rule in rules for each in rule.walk_scenarios() if each.should_run(suite.config)]


def _open(path: Path | None) -> IO[bytes]:
    try:
        return path.open("wb") if path else io.BytesIO()
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error


def _check_features() -> None:
    """Raise BadInput if a checkout's features are not those of its spec, whose checksum the results name."""
    if not data.is_checkout():
        return
    from mdevref.suite.run.lint import lint
    from mdevref.suite.spec import derivation as derive
    from mdevref.suite.spec import reader as spec
    from mdevref.suite.spec.model import SpecError

    read = spec.read(data.spec())
    if problems := lint(read, data.spec()):
        raise SpecError(problems)
    if derive.difference(derive.features(read), data.features()):
        raise BadInput("features/ is out of date with spec/: run `mdevref derive`")
