"""Writes the session in the guest as a shell transcript for the site."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mdevref.suite.vm.qemu import Machine

NAME = "walk-through.txt"


def write(path: Path, steps: Sequence[dict[str, Any]], machine: Machine) -> None:
    """Write the commands and their output."""
    lines = [f"QEMU {machine.qemu}, Linux {machine.release} in the guest, a card of the reference host", ""]
    for step in steps:
        match step["step"]:
            case "host":
                lines += [f"host # {step['command']}", *step["output"].splitlines(), ""]
            case "command":
                # Strip trailing whitespace.
                lines += [f"guest # {step['command']}", *map(str.rstrip, step["output"].rstrip().splitlines()), ""]
            case "loop-back":
                same = "the same" if step["equal"] else "different"
                rate = step["typed"] / step["seconds"] / 1000
                lines += _note(
                    f"{step['typed']} bytes typed into /dev/{step['port']}, {step['read']} read back: {same};"
                    f" {rate:.1f} kB/s"
                )
            case "ready":
                lines += _note("a second card, with one port, is plugged in")
            case "plugged":
                lines += _note("the second card is unplugged")
            case "note":
                lines += _note(step["text"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines).rstrip() + "\n")


def _note(text: str) -> list[str]:
    return [f"({text})", ""]
