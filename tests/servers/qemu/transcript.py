"""The session in the guest as a person would have had it, for the site."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mdevref.suite.vm.qemu import Machine

NAME = "walk-through.txt"


def write(path: Path, steps: Sequence[dict[str, Any]], machine: Machine, uuid: str) -> None:
    """Write what the guest printed, command by command."""
    lines = [f"QEMU {machine.qemu}, a guest with Linux {machine.release}, on the reference host's device {uuid}", ""]
    for step in steps:
        match step["step"]:
            case "command":
                lines += [f"# {step['command']}", *step["output"].rstrip().splitlines(), ""]
            case "loop-back":
                same = "the same" if step["equal"] else "others"
                rate = step["typed"] / step["seconds"] / 1000
                lines += [
                    f"({step['typed']} bytes typed into /dev/{step['port']}, {step['read']} read back: {same};"
                    f" {rate:.1f} kB/s)",
                    "",
                ]
            case "ready":
                lines += ["(a second card, with one port, is plugged in)", ""]
            case "plugged":
                lines += ["(and unplugged)", ""]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines).rstrip() + "\n")
