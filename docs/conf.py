"""Configuration of the Sphinx project: guides, the spec with its verdicts, results, architecture and API."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from mdevref import __version__

project = "mdevref"
author = "the authors of mdevref"
release = version = __version__

extensions = ["sphinx.ext.autodoc", "mdevref.suite.sphinx"]
root_doc = "index"
exclude_patterns = ["deviations", "results"]  # ledgers and results: read by the extension, not pages
if not any((Path(__file__).parent / "deviations").glob("linux-*.toml")):
    exclude_patterns.append("deviations.rst")  # shows the ledgers
nitpicky = True
smartquotes = False  # quotes in clauses and steps must stay as they are

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_use_type_comments = False  # there are none, and the search takes a tenth of the build time
add_module_names = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90
toc_object_entries_show_parents = "hide"
# The site is built without network access, so names of other projects cannot be resolved. Types in signatures need not
# be documented. Every other reference must resolve.
nitpick_ignore_regex = [(r"py:.*", r"(?!mdevref\.).*"), ("py:class", r".*")]

html_theme = "furo"
html_title = "mdevref"
html_favicon = "_static/favicon.svg"
html_static_path = ["_static"]
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
html_use_index = False
html_domain_indices = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

# The verdict colours (--verdict-*) have a contrast of at least 4.5 : 1 to the page background in both palettes.
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#14506e",
        "color-api-name": "#14506e",
        "color-api-pre-name": "var(--color-foreground-secondary)",
        "color-brand-content": "#14608a",
        "color-brand-visited": "#14608a",
        "color-link-underline": "#b9ccd8",
        "verdict-pass": "#1a7040",
        "verdict-fail": "#b3261e",
        "verdict-error": "#8c1d5b",
        "verdict-unexpected-pass": "#a03a00",
        "verdict-expected-fail": "#7a5a00",
        "verdict-unsupported": "#5a5c63",
        "verdict-not-applicable": "#6b6f76",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7cc0e4",
        "color-api-name": "#7cc0e4",
        "color-api-pre-name": "var(--color-foreground-secondary)",
        "color-brand-content": "#7cc0e4",
        "color-brand-visited": "#7cc0e4",
        "color-link-underline": "#3b5566",
        "verdict-pass": "#6cc792",
        "verdict-fail": "#ff8f87",
        "verdict-error": "#f29ac6",
        "verdict-unexpected-pass": "#ffab70",
        "verdict-expected-fail": "#dcb956",
        "verdict-unsupported": "#a3a7ae",
        "verdict-not-applicable": "#8f949b",
    },
}


class HostKeys(SphinxDirective):
    """``host-keys:: Parent``: the keys of that part of a host's file, generated from the code."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        from mdevref.hosts import description, reference

        self.env.note_dependency(description.__file__)
        return self.parse_text_to_nodes(reference.keys(self.arguments[0]))


class DriverOptions(SphinxDirective):
    """``driver-options::``: the description and the options of each vendor driver, generated from the code."""

    def run(self) -> list[nodes.Node]:
        from mdevref.hosts import reference

        return self.parse_text_to_nodes(reference.options())


def setup(app: Sphinx) -> None:
    app.add_directive("host-keys", HostKeys)
    app.add_directive("driver-options", DriverOptions)
