"""Convert raw recordings to clean ones: run ``python -m tests.replay.convert RAW...`` in the root of the repository.

A raw recording is the output of a script that ran inside a kernel. The rules in ``lines.py`` convert each line to
operations, or skip it for a reason; the header counts the skipped lines by reason. An unknown line stops the
conversion.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.replay import (  # noqa: F401  # their rules
    cdev_lines,
    group_lines,
    in_use_lines,
    instance_lines,
    listing_lines,
)
from tests.replay.device_lines import LEFT_OUT as DEVICE_LEFT_OUT
from tests.replay.lines import LEFT_OUT, RULES
from tests.replay.recording import RECORDINGS, Header, write
from tests.replay.state import VFIO, State

DEVICE_SECTIONS = (VFIO, "VFIO cdev and iommufd", "remove while open")
OTHERWISE = "sections on what this kernel was configured without"


def convert(lines: Sequence[str]) -> State:
    """Turn the lines of one raw recording into operations."""
    left_out = {**LEFT_OUT, **DEVICE_LEFT_OUT}
    state = State([re.sub(r"^\[ *[\d.]+\] ", "", line) for line in lines])
    while state.at < len(state.lines) and not state.lines[state.at].startswith("# qemu"):
        line = state.lines[state.at]
        state.at += 1
        reason = next((why for pattern, why in left_out.items() if re.fullmatch(pattern, line)), "")
        if reason:
            state.left_out[reason] += 1
            continue
        for pattern, function in RULES:
            if match := pattern.fullmatch(line):
                function(state, **match.groupdict())
                state.last = line
                break
        else:
            raise SystemExit(f"line {state.at}: nothing knows {line!r}")
    return state


def main(arguments: Sequence[str]) -> None:
    """Convert each raw recording into the file of the same name beside this script.

    A ``tiny`` kernel has a minimal configuration without power management and without some modules. Only its sections
    about devices are kept.
    """
    for raw in map(Path, arguments):
        state = convert(raw.read_text().splitlines())
        if "-tiny" in raw.stem:
            kept = [operation for operation in state.operations if operation.section in DEVICE_SECTIONS]
            lines = {operation.line for operation in state.operations} - {operation.line for operation in kept}
            state.left_out[OTHERWISE] = len(lines)
            state.operations = kept
        name = raw.stem.replace("-tiny", "")
        header = Header(kernel=name, lines=len(state.lines), left_out=dict(sorted(state.left_out.items())))
        write(RECORDINGS / f"{name}.ndjson", header, state.operations)


if __name__ == "__main__":
    main(sys.argv[1:])
