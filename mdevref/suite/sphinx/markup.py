"""HTML of clauses, steps and cells, and the templates of the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import jinja2
from docutils import nodes
from markupsafe import Markup, escape

from mdevref.suite.spec import notation
from mdevref.suite.sphinx.runs import VERDICT_NAMES

HERE = Path(__file__).parent

_TAGS: dict[type[nodes.Node], Markup] = {
    nodes.literal: Markup("<code>{}</code>"),
    nodes.emphasis: Markup("<em>{}</em>"),
    nodes.strong: Markup('<strong class="keyword">{}</strong>'),
}
_STEP_PARTS = re.compile(r'(?P<quoted>"[^"]*")|(?P<name><[^<>]+>)|(?P<errno>\bE[A-Z][A-Z0-9]+\b)')
_FIELD = re.compile(r"\{(\w+(?::[^{}]*)?)\}")
_NOTATION = re.compile(r"(\{\w+\}|<[^<>]+>|\\x[0-9a-f]{2}|\\[nt\\])")


@cache
def templates() -> jinja2.Environment:
    """Return the environment of the templates. It escapes every value that is not :class:`~markupsafe.Markup`."""
    loader = jinja2.FileSystemLoader(HERE / "templates")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "step": step_html,
        "notation": notation_html,
        "verdict_name": VERDICT_NAMES.__getitem__,
        "shown": notation.shown,
        "breakable": breakable,
        "prose": prose,
        "pattern": pattern_html,
    }
    return environment


def render(file: str, **context: object) -> str:
    """Return a template filled with ``context``."""
    return templates().get_template(file).render(context)


@cache
def macro(file: str, name: str) -> Callable[..., str]:
    """Return a macro of a template as a function."""
    found: Callable[..., str] = getattr(templates().get_template(file).module, name)
    return found


def inline_html(node: nodes.Node) -> Markup:
    """Return a clause as inline HTML for use on other pages. Links become text, other markup is kept."""
    if isinstance(node, nodes.Text):
        return escape(node.astext())
    inside = Markup("").join(inline_html(child) for child in node.children)
    return _TAGS.get(type(node), Markup("{}")).format(inside)


def notation_html(text: str) -> Markup:
    """Return ``text`` with its notation marked up: ``{uuid}``, ``<column>``, ``\\n``."""
    pieces = (Markup("<var>{}</var>").format(p) if i % 2 else escape(p) for i, p in enumerate(_NOTATION.split(text)))
    return Markup("").join(pieces)


def breakable(text: str) -> Markup:
    """Return a path or a target's name with optional line breaks after its separators."""
    return Markup("<wbr>").join(escape(part) for part in re.split(r"(?<=[/:.=_])(?=.)", text))


def prose(text: str) -> Markup:
    """Return a sentence of a docstring or ledger as HTML: text in double backquotes becomes code."""
    pieces = (Markup("<code>{}</code>").format(p) if i % 2 else escape(p) for i, p in enumerate(text.split("``")))
    return Markup("").join(pieces)


def step_html(text: str) -> Markup:
    """Return the text of a step as HTML, with quoted text, errnos and the columns of an outline marked up."""
    result, end = Markup(""), 0
    for match in _STEP_PARTS.finditer(text):
        result += escape(text[end : match.start()])
        if match["quoted"]:
            result += Markup("<code>&#34;{}&#34;</code>").format(notation_html(match[0][1:-1]))
        elif match["errno"]:
            result += Markup("<code>{}</code>").format(match[0])
        else:
            result += notation_html(match[0])
        end = match.end()
    return result + escape(text[end:])


def pattern_html(text: str) -> Markup:
    """Return the pattern of a step definition as HTML, with the names of its fields marked up."""
    pieces = (
        Markup("<var>{}</var>").format(p.partition(":")[0]) if i % 2 else step_html(p)
        for i, p in enumerate(_FIELD.split(text))
    )
    return Markup("").join(pieces)
