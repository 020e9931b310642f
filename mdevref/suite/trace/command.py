"""``mdevref trace``: find the document, report on it, or accept it as an edition."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from mdevref.suite import data
from mdevref.suite.data import shown
from mdevref.suite.spec import outline
from mdevref.suite.trace import editions
from mdevref.suite.trace.account import FILE, Account, TraceError, account, load_file, trace
from mdevref.suite.trace.document import Document, DocumentError, read
from mdevref.suite.trace.editions import Edition
from mdevref.suite.trace.report import render

VARIABLE = "MDEVREF_DOCUMENTS"
_RELEASE = re.compile(r"(?<=-)\d+\.\d+(?=\.\w+$)")
_NAME = re.compile(r"\w[\w.-]*")
_IN_A_KERNEL = ("Documentation/driver-api", "Documentation", ".")
_NAMES = ("vfio-mediated-device.rst", "vfio-mediated-device.txt")


def run(given: Path | None, format: str, accept: bool, edition: str) -> tuple[str, int]:
    """Return the output and the exit status: 0 if the spec accounts for the whole document, else 1."""
    spec_dir = data.spec()
    base = load_file(spec_dir).edition
    path = document_at(given, base)
    document = read(path)
    if accept:
        return accepted(document, _edition(path, edition), spec_dir), 0
    found = trace(document, shown(path), spec_dir)
    if found.drifted():
        found = replace(found, before=_texts(base))
    return render(format, found), 0 if found.is_complete else 1


def _edition(path: Path, given: str) -> str:
    """Return the name of the edition at ``path``: the ``given`` one, else the release in the file's name."""
    release = _RELEASE.search(path.name)
    name = given or (release[0] if release else "")
    if not _NAME.fullmatch(name):
        raise TraceError(f"{path}: no edition in the file's name; give one, as in --edition 6.1")
    return name


def _texts(edition: str) -> dict[str, str]:
    """Return the texts of an edition's statements by key; empty if the document is not available."""
    try:
        return {each.key: each.text for each in read(document_at(None, edition)).statements}
    except DocumentError:
        return {}


# -- Finding the document


def document_at(given: Path | None, edition: str) -> Path:
    """Return the path of the document: the ``given`` file, the one in the ``given`` folder, or one that is found.

    The search covers the folder in ``MDEVREF_DOCUMENTS``, then the source of the edition's kernel in the cache. Raises
    :class:`DocumentError` if there is no document.
    """
    if given is not None:
        if not os.path.isdir(given):  # False without permission too, unlike Path.is_dir; reading then reports it
            return given
        if (found := _in_folder(given, edition)) is None:
            raise DocumentError(f"{given}: no {_named(edition)} and no kernel source with the document found")
        return found
    named = os.environ.get(VARIABLE, "")
    folders = [Path(named)] if named else []
    for folder in (*folders, *_fetched(edition)):
        if (found := _in_folder(folder, edition)) is not None:
            return found
    if named:
        raise DocumentError(f"{VARIABLE}: no {_named(edition)} and no kernel source with the document found in {named}")
    raise DocumentError(
        f"document not found: name a file, set {VARIABLE} to a folder, or run `mdevref vm fetch {edition}`"
    )


def _named(edition: str) -> str:
    return f"vfio-mediated-device-{edition}.rst"


def _in_folder(folder: Path, edition: str) -> Path | None:
    candidates = [folder / _named(edition)]
    candidates += [folder / place / name for place in _IN_A_KERNEL for name in _NAMES]
    return next((path for path in candidates if os.path.isfile(path)), None)


def _fetched(edition: str) -> Iterator[Path]:
    from mdevref.suite.vm.kernels import KERNELS, cache_folder

    if edition in KERNELS:
        yield cache_folder(edition) / "samples"


# -- Accepting


def accepted(document: Document, name: str, spec_dir: Path) -> str:
    """Accept the document as the spec's base edition, and return a text that lists the work left.

    ``spec/trace.toml`` gets an entry without a reason for each statement that is not accounted for. The user fills it
    in, or removes it after naming the statement in a requirement or an erratum.
    """
    if not data.is_checkout() and spec_dir == data.spec():
        raise TraceError(f"{shown(spec_dir)}: part of an installation; accept documents in a checkout of the project")
    before = account(spec_dir)
    found = trace(document, name, spec_dir)
    now = editions.listed(document, name)
    was = {change.new.key: change.old.key for change in found.changes if change.new and change.old}
    listings = {**before.editions, name: now}
    known = frozenset[str]().union(*(each.all_keys() for each in listings.values()))
    # Drop the open entries of other editions: they are added again when such an edition is accepted again.
    whys = {key: why for key, why in before.informative.items() if why and key in known}
    open_keys = [each.key for each in found.unknown()]
    editions.path_of(spec_dir, name).write_text(editions.render(now))
    text = _trace_file(name, whys | dict.fromkeys(open_keys, ""), was, before, listings)
    (spec_dir / FILE).write_text(text)
    heads = outline.read(spec_dir)
    lost = {key: ids for key, ids in heads.naming(heads.requirements).items() if key not in known}
    lines = [f"{shown(editions.path_of(spec_dir, name))}: {len(now.statements)} statements"]
    lines.append(f"{shown(spec_dir / FILE)}: {len(open_keys)} to fill in, or to name in a requirement or an erratum")
    lines += [f"{key}: no longer in any edition, but a source of {' '.join(ids)}" for key, ids in lost.items()]
    return "\n".join(lines) + "\n"


def _trace_file(
    name: str, whys: Mapping[str, str], was: Mapping[str, str], before: Account, known: Mapping[str, Edition]
) -> str:
    """Return the text of ``spec/trace.toml``: the entries in the order of the edition, then those of other editions."""
    order = dict.fromkeys(each.key for edition in (known[name], *known.values()) for each in edition.statements)
    lines = [_HEAD, f"edition = {json.dumps(name)}", "", "# Our names for the sections of the document.", "[sections]"]
    lines += [f"{slug} = {json.dumps(said, ensure_ascii=False)}" for slug, said in before.sections.items()]
    remarks = {}
    for key, old in was.items():
        ids = before.touched(old)
        said = f"source of {' '.join(ids)}" if ids else before.informative.get(old) or "had an erratum"
        remarks[key] = f"# reworded from {old}: {said}"
    lines += _tables("informative", whys, list(order), remarks)
    # The tables above account for the statements of this edition, so they need no paraphrase.
    later = {key: said for key, said in before.paraphrases.items() if key not in known[name].all_keys()}
    if tables := _tables("later", later, list(order), {}):
        lines += ["", "# Paraphrases of statements of other editions, for the page that compares the editions."]
        lines += tables[1:]
    return "\n".join(lines) + "\n"


def _tables(name: str, said: Mapping[str, str], order: list[str], remarks: Mapping[str, str]) -> list[str]:
    """Return the lines of a TOML table for each section, with ``remarks`` above the entries still to be filled in."""
    lines: list[str] = []
    section = ""
    # TOML allows each table once, so the statements of other editions follow those of this one in the same table.
    sections = list(dict.fromkeys(key.partition("/")[0] for key in order))
    for key in sorted((key for key in order if key in said), key=lambda key: sections.index(key.partition("/")[0])):
        if key.partition("/")[0] != section:
            section = key.partition("/")[0]
            lines += ["", f"[{name}.{section}]"]
        if not said[key] and key in remarks:
            lines.append(remarks[key])
        lines.append(f"{key.partition('/')[2]} = {json.dumps(said[key], ensure_ascii=False)}")
    return lines


_HEAD = """\
# The base edition of the source document, and the reasons why some of its statements state no obligation.
#
# The statements on which a requirement or an erratum rests are in its :source:, and not repeated here. spec/editions
# lists the statements of each edition, by key and without their text."""
