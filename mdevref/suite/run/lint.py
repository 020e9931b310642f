"""Find the problems of a spec: in requirements, scenarios, steps, earlier names and references to the document."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from mdevref.suite.data import shown
from mdevref.suite.spec import lints, renamed_lints
from mdevref.suite.spec.catalogue import Catalogue
from mdevref.suite.spec.model import Problem, Spec
from mdevref.suite.trace import lints as trace_lints


def lint(
    spec: Spec, spec_dir: Path, catalogue: Catalogue | None = None, steps_dir: Path | None = None
) -> list[Problem]:
    """Return the problems of a spec, sorted by file and line; steps are checked only if a ``catalogue`` is given."""
    found = lints.lint(spec, spec_dir, catalogue, steps_dir)
    others = chain(renamed_lints.findings(spec, spec_dir), trace_lints.findings(spec, spec_dir))
    found += [Problem(shown(spec_dir / place.file), place.line, text) for place, text in others]
    return sorted(set(found))
