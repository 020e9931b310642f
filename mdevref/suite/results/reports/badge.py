"""A badge: an SVG image that shows one run."""

from __future__ import annotations

from collections.abc import Sequence

from mdevref.suite.errors import BadInput
from mdevref.suite.results import verdicts
from mdevref.suite.results.reports.run import Run, printable

_BADGE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{label}: {message}">
  <title>{label}: {message}</title>
  <rect width="{width}" height="20" rx="3" fill="#404040"/>
  <path d="M{left} 0h{inner}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{inner}z" fill="{color}"/>
  <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
    <text x="6" y="14" textLength="{label_length}">{label}</text>
    <text x="{message_x}" y="14" textLength="{message_length}">{message}</text>
  </g>
</svg>
"""
_CHARACTER = 6.4  # width in pixels of a character of 11 px; textLength enforces it for every font


def badge(runs: Sequence[Run]) -> str:
    """Return an SVG of one run: how many of the tested MUSTs pass. Each colour has a contrast of 4.5 to white."""
    if len(runs) != 1:
        raise BadInput(f"a badge shows one file of results, but {len(runs)} were given")
    (run,) = runs
    levels = run.levels()
    tested = [
        v for name, v in run.verdicts.items() if levels[name] == "must" and v not in ("not-applicable", "unsupported")
    ]
    status = verdicts.exit_status(run.verdicts, levels)
    message = f"{tested.count('pass')} of {len(tested)} MUST" if status < 2 else "internal error"
    if excused := tested.count("expected-fail"):
        message += f", {excused} known"
    label = printable(f"mdev {run.name}").replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    label_length, message_length = round(len(f"mdev {run.name}") * _CHARACTER), round(len(message) * _CHARACTER)
    left = label_length + 12
    return _BADGE.format(
        width=left + message_length + 12, left=left, inner=message_length + 9, message_x=left + 6,
        label=label, message=message, label_length=label_length, message_length=message_length,
        color=("#2e7d32", "#c62828", "#5f5f5f")[status],
    )  # fmt: skip
