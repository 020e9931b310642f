"""Find the problems in how the spec accounts for its source document: sources, errata and ``spec/trace.toml``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from mdevref.suite.spec.model import Place, Spec
from mdevref.suite.trace import editions
from mdevref.suite.trace.account import FILE, load_file
from mdevref.suite.trace.editions import Edition
from mdevref.suite.trace.structure import TOPICS

Finding = tuple[Place, str]


def findings(spec: Spec, spec_dir: Path) -> Iterator[Finding]:
    """Yield each finding with its place. The coverage of an edition is checked only if there is a ``trace.toml``."""
    known = editions.load_all(spec_dir)
    keys = frozenset[str]().union(*(each.all_keys() for each in known.values()))
    for requirement in spec.requirements():
        for key in requirement.sources:
            if key not in keys:
                yield (
                    requirement.place,
                    f"{requirement.id}: source {key} not found in any edition of {editions.FOLDER}/",
                )
    yield from _errata(spec, keys, {slug for each in known.values() for slug in each.sections})
    if (spec_dir / FILE).exists():
        yield from _trace(spec, spec_dir, known, keys)


def _errata(spec: Spec, keys: frozenset[str], sections: set[str]) -> Iterator[Finding]:
    ids = {requirement.id for requirement in spec.requirements()}
    counted = Counter(erratum.id for erratum in spec.errata)
    for erratum in spec.errata:
        said = [
            f"source {key} not found in any edition of {editions.FOLDER}/" for key in erratum.sources if key not in keys
        ]
        if erratum.section not in sections:
            said.append(f"section {erratum.section} not found in any edition")
        said += [f"unknown requirement {id}" for id in erratum.requirements if id not in ids]
        said += [
            f"fact {id}: unknown topic (choose from {', '.join(TOPICS)})"
            for id in erratum.facts
            if id.partition("/")[0] not in TOPICS
        ]
        if counted[erratum.id] > 1:
            said.append("duplicate id")
        yield from ((erratum.place, f"erratum {erratum.id}: {text}") for text in said)


def _trace(spec: Spec, spec_dir: Path, known: Mapping[str, Edition], keys: frozenset[str]) -> Iterator[Finding]:
    file = load_file(spec_dir)
    name, informative = file.edition, file.whys()
    lines = _lines(spec_dir / FILE)
    tested: dict[str, bool] = {}
    for requirement in spec.requirements():
        for key in requirement.sources:
            tested[key] = tested.get(key, False) or bool(requirement.scenarios)
    wrong = {key for erratum in spec.errata for key in erratum.sources}
    for key, why in informative.items():
        place = Place(FILE, lines.get(key, 0))
        if key not in keys:
            yield place, f"{key}: not found in any edition of {editions.FOLDER}/"
        if not why.strip():
            yield place, f"{key}: no reason given; fill it in, or name the statement in a requirement or an erratum"
        if key in tested or key in wrong:
            yield place, f"{key}: not informative, because a requirement or an erratum rests on it; remove the entry"
    if name not in known:
        yield Place(FILE, 0), f"edition {name!r} not found in {editions.FOLDER}/"
        return
    for key in file.paraphrases():
        if key not in keys - known[name].all_keys():
            yield Place(FILE, lines.get(key, 0)), f"{key}: not found in any other edition of {editions.FOLDER}/"
    for each in known[name].statements:
        if each.key not in tested and each.key not in wrong and each.key not in informative:
            yield Place(FILE, 0), f"{each.key}: not accounted for by a requirement, an erratum or this file"
        if tested.get(each.key) is False:
            yield Place(FILE, 0), f"{each.key}: none of its requirements has a scenario"


def _lines(path: Path) -> dict[str, int]:
    """Map each statement to its line in the file."""
    found, section = {}, ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if table := re.match(r"\[(?:informative|later)\.(.+)\]", line):
            section = table[1]
        elif " = " in line:
            found[f"{section}/{line.partition(' = ')[0].strip()}"] = number
    return found
