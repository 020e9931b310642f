"""The Sphinx project: guides, the spec with its verdicts, the step catalogue, the API."""

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
exclude_patterns = ["deviations", "results"]  # ledgers and verdicts: read by the extension, no pages of their own
if not any((Path(__file__).parent / "deviations").glob("linux-*.toml")):
    exclude_patterns.append("departures.rst")  # made from ledgers
nitpicky = True
smartquotes = False  # a quote in a clause or a step is the quote that is written to the file

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_use_type_comments = False  # there are none, and looking for them costs a tenth of a build
add_module_names = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90
toc_object_entries_show_parents = "hide"
# The site is built without network, so names of other projects have no page to lead to; and a type that a signature
# names need not have an entry of its own. Every other reference must lead somewhere.
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

# Verdict colours: 4.5 : 1 or better on the page's background (--verdict-*) in both palettes.
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
    """``host-keys:: Parent``: the keys of that part of a host's file, as the code has them."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        from mdevref.hosts import description, reference

        self.env.note_dependency(description.__file__)
        return self.parse_text_to_nodes(reference.keys(self.arguments[0]))


class DriverOptions(SphinxDirective):
    """``driver-options::``: what each vendor driver says of itself and of its options."""

    def run(self) -> list[nodes.Node]:
        from mdevref.hosts import reference

        return self.parse_text_to_nodes(reference.options())


def setup(app: Sphinx) -> None:
    app.add_directive("host-keys", HostKeys)
    app.add_directive("driver-options", DriverOptions)
