"""The output of ``mdevref trace``: text for people, JSON for programs."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator, Mapping

from mdevref.suite.errors import BadInput
from mdevref.suite.trace.account import STATES, Trace
from mdevref.suite.trace.document import Statement
from mdevref.suite.trace.drift import CHANGES, Change
from mdevref.suite.trace.editions import Listed
from mdevref.suite.trace.structure import MEANINGS, Difference

_WIDTH = 100


def render(format: str, trace: Trace) -> str:
    """Return the trace in a format. Raises :class:`BadInput` if the format is unknown."""
    if format not in FORMATS:
        raise BadInput(f"unknown format {format!r} (choose from {', '.join(FORMATS)})")
    return FORMATS[format](trace)


def text(trace: Trace) -> str:
    """Return a text with everything that needs review, in the order of the document, and the counts."""
    return "\n".join(_lines(trace)) + "\n"


def _lines(trace: Trace) -> Iterator[str]:
    places = {each.key: each for each in trace.document.statements}
    drifted = trace.drifted()
    for change in drifted:
        yield from _change(change, trace, places)
    told = {change.statement.key for change in drifted}
    for each in trace.unknown():
        if each.key not in told:
            yield f"UNKNOWN   {each.key}{_line(each.line)}"
            yield from _wrapped("text", each.text)
            yield ""
    for difference in trace.differences:
        if not difference.errata:
            yield from _difference(difference)
    yield from _summary(trace, drifted)


def _change(change: Change, trace: Trace, places: dict[str, Statement]) -> Iterator[str]:
    now = places[change.new.key] if change.new else None
    arrow = ""
    if change.new and change.old:
        arrow = f" -> {change.new.digest if change.new.section == change.old.section else change.new.key}"
    yield f"{change.kind.upper():<9} {_named(change.old or change.statement)}{arrow}{_line(now.line if now else 0)}"
    if change.old and (was := trace.before.get(change.old.key)) and change.kind != "moved":
        yield from _wrapped("old" if now else "text", was)
    if now:
        yield from _wrapped("new" if change.old else "text", now.text)
    if change.old:
        touched = trace.account.touched(change.old.key)
        errata = trace.account.errata.get(change.old.key, ())
        if touched:
            yield from _wrapped("affects", " ".join(touched))
        if errata:
            yield from _wrapped("errata", " ".join(errata))
        if why := trace.account.informative.get(change.old.key):
            yield from _wrapped("was", f"informative: {why}")
    yield ""


def _named(listed: Listed) -> str:
    return f"{listed.key}  {listed.kind}{f' {listed.name}' if listed.name else ''}"


def _difference(difference: Difference) -> Iterator[str]:
    yield f"FACT      {MEANINGS[difference.topic]}: {difference.name}"
    for holder, said in difference.said.items():
        yield f"  {holder:<9} {'missing' if said is None else said or 'present'}"
    yield ""


def _summary(trace: Trace, drifted: list[Change]) -> Iterator[str]:
    states = trace.states()
    total = len(trace.document.statements)
    base = trace.account.edition
    yield f"{trace.name}: {total} statements; compared with the {base.name} edition ({len(base.statements)} statements)"
    yield ""
    for state in STATES:
        if states[state] or state != "unknown":
            yield f"  {state:<12} {states[state]:>4}  {100 * states[state] / total:5.1f} %"
    kinds = [change.kind for change in drifted]
    if kinds:
        yield ""
        yield from (f"  {kind:<12} {kinds.count(kind):>4}" for kind in CHANGES if kind in kinds)
    if unexplained := [each for each in trace.differences if not each.errata]:
        yield ""
        yield f"  facts on which document, spec and reference disagree  {len(unexplained)}"
    if explained := [each for each in trace.differences if each.errata]:
        yield ""
        yield f"  facts that differ and have an erratum  {len(explained)}"
    touched = sorted({id for each in drifted if each.old for id in trace.account.touched(each.old.key)})
    if touched:
        yield ""
        yield from textwrap.wrap(
            f"{len(touched)} requirement{'s' if len(touched) > 1 else ''} affected: {' '.join(touched)}",
            _WIDTH,
            break_on_hyphens=False,
        )
    yield ""
    yield "Complete." if trace.is_complete else "Incomplete."


def _line(number: int) -> str:
    return f"  (line {number})" if number else ""


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=f"  {label:<8}", subsequent_indent=" " * 10, break_on_hyphens=False,
        break_long_words=False,
    )  # fmt: skip


def as_json(trace: Trace) -> str:
    """Return JSON with every statement and its state, every change, and every fact that differs."""
    account = trace.account
    statements = [
        {
            "key": each.key,
            "kind": each.kind,
            "line": each.line,
            "text": each.text,
            "state": account.state(each.key),
            "requirements": account.touched(each.key),
            "errata": account.errata.get(each.key, ()),
            "why": account.informative.get(each.key) or None,
        }
        for each in trace.document.statements
    ]
    texts = {each.key: each.text for each in trace.document.statements}
    changes = [
        {
            "kind": change.kind,
            "old": change.old and _listed(change.old, trace.before),
            "new": change.new and _listed(change.new, texts),
            "requirements": account.touched(change.old.key) if change.old else (),
            "errata": account.errata.get(change.old.key, ()) if change.old else (),
        }
        for change in trace.drifted()
    ]
    facts = [{"topic": each.topic, "name": each.name, **each.said, "errata": each.errata} for each in trace.differences]
    whole = {
        "document": trace.name,
        "edition": account.edition.name,
        "complete": trace.is_complete,
        "counts": trace.states(),
        "changes": changes,
        "facts": facts,
        "statements": statements,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _listed(listed: Listed, texts: Mapping[str, str]) -> dict[str, str | None]:
    return {"key": listed.key, "kind": listed.kind, "name": listed.name, "text": texts.get(listed.key)}


FORMATS: dict[str, Callable[[Trace], str]] = {"text": text, "json": as_json}
