"""The report formats by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mdevref.suite.errors import BadInput
from mdevref.suite.results.format import Results
from mdevref.suite.results.reports.badge import badge
from mdevref.suite.results.reports.earl import earl
from mdevref.suite.results.reports.junit import junit
from mdevref.suite.results.reports.ktap import ktap
from mdevref.suite.results.reports.markdown import markdown
from mdevref.suite.results.reports.run import Run
from mdevref.suite.spec.model import Spec

FORMATS: dict[str, Callable[[Sequence[Run]], str]] = {
    "junit": junit,
    "ktap": ktap,
    "earl": earl,
    "badge": badge,
    "markdown": markdown,
}


def render(format: str, results: Sequence[Results], spec: Spec) -> str:
    """Return a report. Raises BadInput if the format is unknown or does not accept that number of files."""
    if format not in FORMATS:
        raise BadInput(f"unknown report format {format!r} (choose from {', '.join(FORMATS)})")
    known = {requirement.id: requirement for requirement in spec.requirements()}
    return FORMATS[format]([Run(each, known, each.requirements()) for each in results])
