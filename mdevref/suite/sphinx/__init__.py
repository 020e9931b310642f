"""The Sphinx extension: requirements, scenarios and verdicts on the pages of the spec, and the overview pages.

The configuration value ``mdevref_results`` lists the results files to show, in that order. Its default is the
environment variable ``MDEVREF_RESULTS``, whose paths are separated as in ``PATH``.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ConfigError
from sphinx.util.typing import ExtensionMetadata

from mdevref import __version__
from mdevref.suite.errors import BadInput
from mdevref.suite.spec import directives, model


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the domain, the directives of the spec, the overviews and the pages of the targets."""
    from mdevref.suite.sphinx import coverage, freshness, overviews, pages
    from mdevref.suite.sphinx.domain import MdevDomain, RequirementRole

    app.add_config_value("mdevref_results", [], "", list)
    app.add_domain(MdevDomain)
    app.add_role("req", RequirementRole())
    for name, directive in directives.DIRECTIVES.items():
        app.add_directive(name, directive)
    app.add_node(directives.requirement_node, html=(pages.visit_requirement, None))
    app.add_node(directives.scenario_node, html=(pages.visit_scenario, None))
    app.add_node(directives.cases_node, html=(pages.visit_cases, None))
    app.add_node(directives.erratum_node, html=(coverage.visit_erratum, None))
    for name in overviews.OVERVIEWS:
        app.add_directive(name, overviews.OverviewDirective)
    app.add_node(overviews.overview_node, html=(overviews.visit_overview, None))

    app.add_post_transform(pages.OneIdATable)
    app.connect("builder-inited", _load)
    app.connect("env-updated", overviews.check)
    app.connect("env-updated", coverage.check)
    app.connect("env-updated", freshness.pages_to_write)
    app.connect("html-collect-pages", overviews.targets)
    app.connect("html-collect-pages", freshness.forget_index_entries)
    app.connect("html-page-context", pages.name_heading_levels, priority=600)  # after furo has built the sidebar
    app.connect("build-finished", freshness.record)
    app.add_css_file("mdevref.css")
    app.add_js_file("matrix.js", loading_method="defer")
    app.add_js_file("coverage.js", loading_method="defer")
    return {
        "version": __version__,
        "env_version": _code_version(),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def _load(app: Sphinx) -> None:
    from mdevref.suite.sphinx.domain import domain_of
    from mdevref.suite.sphinx.runs import load

    if not app.config.mdevref_results:
        named = os.environ.get("MDEVREF_RESULTS", "")
        app.config.mdevref_results = [path for path in named.split(os.pathsep) if path]
    app.config.html_static_path.append(str(Path(__file__).parent / "static"))
    try:
        domain_of(app.env).runs = load(app.config.mdevref_results)
    except BadInput as error:
        raise ConfigError(str(error)) from error


def _code_version() -> int:
    """Return a number that changes with the code that builds the stored trees, so that Sphinx rejects older trees."""
    folder = Path(__file__).parent
    files = [*sorted(folder.glob("*.py")), Path(directives.__file__), Path(model.__file__)]
    return int.from_bytes(hashlib.sha256(b"".join(file.read_bytes() for file in files)).digest()[:6], "big")
