"""What is wrong with a spec: its requirements, scenarios and steps, and how it accounts for its source document."""

from __future__ import annotations

from pathlib import Path

from mdevref.suite.data import shown
from mdevref.suite.spec import lints
from mdevref.suite.spec.catalogue import Catalogue
from mdevref.suite.spec.model import Problem, Spec
from mdevref.suite.trace import lints as trace_lints


def lint(
    spec: Spec, spec_dir: Path, catalogue: Catalogue | None = None, steps_dir: Path | None = None
) -> list[Problem]:
    """Each finding by file and line; steps are checked where their ``catalogue`` is given."""
    found = lints.lint(spec, spec_dir, catalogue, steps_dir)
    found += [
        Problem(shown(spec_dir / place.file), place.line, text) for place, text in trace_lints.findings(spec, spec_dir)
    ]
    return sorted(set(found))
