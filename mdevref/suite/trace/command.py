"""``mdevref trace``: which document, what is said of it, and what is written when it is accepted."""

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
    """What to print, and the exit status: 0 where the spec accounts for the whole document, else 1."""
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
    """What to call the edition at ``path``: as it was ``given``, else by the release in the file's name."""
    release = _RELEASE.search(path.name)
    name = given or (release[0] if release else "")
    if not _NAME.fullmatch(name):
        raise TraceError(f"{path}: which edition is this? Say it with --edition, as in --edition 6.1")
    return name


def _texts(edition: str) -> dict[str, str]:
    """What the statements of an edition say, where it is at hand."""
    try:
        return {each.key: each.text for each in read(document_at(None, edition)).statements}
    except DocumentError:
        return {}


# -- Which document


def document_at(given: Path | None, edition: str) -> Path:
    """The document that was given, or the one in a folder that was given, or else one that is found.

    The folders to look in are that of ``MDEVREF_DOCUMENTS``, then the source of the edition's kernel in the cache.
    :class:`DocumentError` where there is none.
    """
    if given is not None:
        if not os.path.isdir(given):  # unlike Path.is_dir, False where it must not look: reading then says why
            return given
        if (found := _in_folder(given, edition)) is None:
            raise DocumentError(f"{given}: neither a document on mediated devices nor a kernel's source that has one")
        return found
    named = os.environ.get(VARIABLE, "")
    folders = [Path(named)] if named else []
    for folder in (*folders, *_fetched(edition)):
        if (found := _in_folder(folder, edition)) is not None:
            return found
    if named:
        raise DocumentError(f"{VARIABLE}: {named} is no folder with a {_named(edition)}, and no kernel's source either")
    raise DocumentError(
        f"which document? Name one, or a folder in {VARIABLE}, or let `mdevref vm fetch {edition}` bring the kernel's"
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
    """List the document as an edition and hold the spec to it; what is left to do by hand, to be printed.

    ``spec/trace.toml`` gets an entry without a reason for each statement that nothing accounts for: somebody fills it
    in, or removes it once a requirement or an erratum names the statement.
    """
    if not data.is_checkout() and spec_dir == data.spec():
        raise TraceError(f"{shown(spec_dir)} is of an installation; accept a document in a checkout of the project")
    before = account(spec_dir)
    found = trace(document, name, spec_dir)
    now = editions.listed(document, name)
    was = {change.new.key: change.old.key for change in found.changes if change.new and change.old}
    listings = {**before.editions, name: now}
    known = frozenset[str]().union(*(each.all_keys() for each in listings.values()))
    # What another edition left open is asked again when that one is accepted again, not before.
    whys = {key: why for key, why in before.informative.items() if why and key in known}
    open_keys = [each.key for each in found.unknown()]
    editions.path_of(spec_dir, name).write_text(editions.render(now))
    text = _trace_file(name, whys | dict.fromkeys(open_keys, ""), was, before, listings)
    (spec_dir / FILE).write_text(text)
    heads = outline.read(spec_dir)
    lost = {key: ids for key, ids in heads.naming(heads.requirements).items() if key not in known}
    lines = [f"{shown(editions.path_of(spec_dir, name))}: {len(now.statements)} statements"]
    lines.append(f"{shown(spec_dir / FILE)}: {len(open_keys)} to be filled in, or to be named by a requirement")
    lines += [f"{key} is in no edition any more, and still a source of {' '.join(ids)}" for key, ids in lost.items()]
    return "\n".join(lines) + "\n"


def _trace_file(
    name: str, whys: Mapping[str, str], was: Mapping[str, str], before: Account, known: Mapping[str, Edition]
) -> str:
    """``spec/trace.toml``, its entries in the order of the edition, those of other editions after them."""
    order = dict.fromkeys(each.key for edition in (known[name], *known.values()) for each in edition.statements)
    lines = [_HEAD, f"edition = {json.dumps(name)}", "", "# What we call the sections of the document.", "[sections]"]
    lines += [f"{slug} = {json.dumps(said, ensure_ascii=False)}" for slug, said in before.sections.items()]
    remarks = {}
    for key, old in was.items():
        ids = before.touched(old)
        said = f"on which {' '.join(ids)} rest" if ids else before.informative.get(old) or "which had an erratum"
        remarks[key] = f"# reworded from {old}: {said}"
    lines += _tables("informative", whys, list(order), remarks)
    # What the edition states is accounted for above, and needs no paraphrase any more.
    later = {key: said for key, said in before.paraphrases.items() if key not in known[name].all_keys()}
    if tables := _tables("later", later, list(order), {}):
        lines += ["", "# What statements of other editions come to, for the page that shows these side by side."]
        lines += tables[1:]
    return "\n".join(lines) + "\n"


def _tables(name: str, said: Mapping[str, str], order: list[str], remarks: Mapping[str, str]) -> list[str]:
    """A table a section; ``remarks`` stand above what nobody has filled in yet."""
    lines: list[str] = []
    section = ""
    # A table may stand once: what other editions have in a section follows what this one has in it.
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
# The edition of the source document that the spec is held to, and why some of its statements oblige nobody.
#
# What a requirement or an erratum rests on is in its own :source:, and not repeated here. The statements of each
# edition are listed in spec/editions, by key and without their text."""
