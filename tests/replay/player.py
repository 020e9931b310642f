"""Performs the operations of a recording on a reference host and reports differences from the kernel."""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from mdevref.host import Host
from mdevref.kernel.uevents import Uevent
from tests.replay.device_verbs import VERBS as DEVICE_VERBS
from tests.replay.group_verbs import VERBS as GROUP_VERBS
from tests.replay.recording import CORES_LOG, RECORDINGS, Operation, read
from tests.replay.verbs import VERBS, Bench, Result, perform

VERBS.update({**DEVICE_VERBS, **GROUP_VERBS})

#: Recorded kernel -> the era of the host that models it.
ERAS = {
    "linux-5.10": "5.10",
    "linux-6.1": "6.1",
    "linux-6.12": "6.12",
    "linux-7.3": "6.12",
    "linux-7.3-cdev": "6.12-cdev",
}

#: Where a kernel deviates from the era that models it: kernel, request or verb, its argument -> why.
NO_NESTING = "type1 for nested translation went away after 6.12: no era has that"
NO_MIGRATION = "migration, which the host's mtty has not"
OTHERWISE = {
    ("linux-6.12", "DEVICE_FEATURE", ""): NO_MIGRATION,
    ("linux-7.3", "DEVICE_FEATURE", ""): NO_MIGRATION,
    ("linux-7.3", "CHECK_EXTENSION", "6"): NO_NESTING,
    ("linux-7.3-cdev", "DEVICE_FEATURE", ""): NO_MIGRATION,
    ("linux-7.3-cdev", "CHECK_EXTENSION", "6"): NO_NESTING,
    ("linux-7.3-cdev", "modules", ""): "vfio is no module of that kernel",
    ("linux-7.3-cdev", "tree", ""): "that kernel has no power management, and so no directories of it",
}

#: Replacements on both sides before they are compared: pattern -> (replacement, reason).
MASKED_TEXT = {
    r"MAJOR=\d+": ("MAJOR=n", "device numbers are handed out anew at every boot"),
    r"crw.*": ("?", "modes and numbers of nodes below /dev: the device file system's"),
}
#: Names that are dropped from all listings -> reason.
MASKED_NAMES = dict.fromkeys(
    ("coresize", "import_ns", "initsize", "notes", "sections", "srcversion", "taint", "version"),
    "files of /sys/module/NAME on the module's binary, which the host's modules have not",
)


@dataclass
class Outcome:
    """The result of one section: operations recorded, operations compared, reasons for the others, differences."""

    recorded: int = 0
    compared: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    divergences: list[str] = field(default_factory=list)


@cache
def operations(kernel: str) -> dict[str, list[Operation]]:
    """Return the operations of a recording by section, both in the order of the recording."""
    found: dict[str, list[Operation]] = {}
    for operation in read(RECORDINGS / f"{kernel}.ndjson")[1]:
        found.setdefault(operation.section, []).append(operation)
    return found


@cache
def replay(kernel: str, section: str, era: str) -> Outcome:
    """Perform a section on a new host and compare the results."""
    outcome = Outcome()
    player = Player(Host(era), kernel)
    try:
        for operation in operations(kernel)[section]:
            player.play(operation, outcome)
    finally:
        player.bench.close()
    return outcome


class Player:
    """Plays one section on one host."""

    def __init__(self, host: Host, kernel: str) -> None:
        self.bench = Bench(host)
        self.kernel = kernel
        self.events = host.subscribe()

    def play(self, operation: Operation, outcome: Outcome) -> None:
        """Perform one operation and add it to the outcome."""
        expected = expectation(operation)
        is_recorded = bool(expected)
        outcome.recorded += is_recorded
        seen = self.observe(operation)
        if operation.implied and "errno" in seen["result"]:
            expected = {"result": "to succeed"}
        elif reason := self.otherwise(operation):
            outcome.left_out[reason] += is_recorded
            return
        outcome.compared += is_recorded
        where = f"line {operation.line}: {operation.op} {operation.path or operation.on} {operation.data!r}"
        for what, wanted in expected.items():
            if seen[what] != wanted:
                here, there = differing(wanted, seen[what])
                outcome.divergences.append(f"{where}: {what}\n  expected {here}\n  seen     {there}")

    def otherwise(self, operation: Operation) -> str:
        """Return the reason why the host cannot return the kernel's result, or an empty value."""
        arguments = operation.arguments
        return OTHERWISE.get((self.kernel, arguments.get("request", operation.op), arguments.get("value", "")), "")

    def observe(self, operation: Operation) -> dict[str, Any]:
        """Perform one operation and return its result, its uevents and its log lines."""
        bench = self.bench
        result: Result
        if operation.start:
            bench.pending[operation.start] = started = bench.host.start(partial(perform, bench, operation))
            result = {"blocked": started.is_blocked()}
        else:
            result = perform(bench, operation)
        seen: dict[str, Any] = {"result": mask(result), "uevents": [], "log": []}
        is_told = operation.uevents is not None or operation.log is not None
        if is_told or not bench.pending:  # else they go to the end of the pending operation, which may have caused them
            seen["uevents"] = [mask(event_text(event)) for event in take(self.events.events)]
            seen["log"] = [line for line in take(bench.host.log) if re.fullmatch(CORES_LOG, line)]
        return seen


def expectation(operation: Operation) -> dict[str, Any]:
    """Return the recorded result of an operation in the form of `Player.observe`."""
    recorded = {"result": operation.result, "uevents": operation.uevents, "log": operation.log}
    if operation.implied:
        del recorded["result"]
    return {what: mask(value) for what, value in recorded.items() if value is not None}


def differing(wanted: Any, seen: Any) -> tuple[Any, Any]:
    """Return the parts of two results that differ, such as the differing entries of a tree."""
    if isinstance(wanted, dict) and isinstance(seen, dict) and wanted.keys() & seen.keys():
        keys = [key for key in {**wanted, **seen} if wanted.get(key) != seen.get(key)]
        pairs = {key: differing(wanted.get(key, "nothing"), seen.get(key, "nothing")) for key in keys}
        return {key: pair[0] for key, pair in pairs.items()}, {key: pair[1] for key, pair in pairs.items()}
    return wanted, seen


def mask(value: Any) -> Any:
    """Return a result without the parts that cannot be compared."""
    if isinstance(value, str):
        for pattern, (instead, _) in MASKED_TEXT.items():
            value = re.sub(pattern, instead, value)
        return value
    if isinstance(value, dict):
        return {key: mask(item) for key, item in value.items() if key not in MASKED_NAMES}
    if isinstance(value, list):
        kept = [mask(item) for item in value if item not in MASKED_NAMES]
        if kept and isinstance(kept[0], int):
            kept[0] -= len(value) - len(kept)  # the use count of a module; its users follow
        return kept
    return value


def take(queue: deque[Any]) -> list[Any]:
    """Remove and return all entries of the queue."""
    taken = list(queue)
    queue.clear()
    return taken


def event_text(event: Uevent) -> str:
    """Return an event in the form of the recordings."""
    hidden = ("ACTION", "DEVPATH", "SEQNUM")
    variables = (f"{key}={value}" for key, value in event.environment.items() if key not in hidden)
    return " ".join((f"{event.action}@{event.devpath}", *variables))
