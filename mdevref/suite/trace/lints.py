"""What is wrong with how the spec accounts for its source document: sources, errata, ``spec/trace.toml``."""

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
    """Each finding with the place to look at. A spec without ``trace.toml`` is held to no edition."""
    known = editions.load_all(spec_dir)
    keys = frozenset[str]().union(*(each.all_keys() for each in known.values()))
    for requirement in spec.requirements():
        for key in requirement.sources:
            if key not in keys:
                yield requirement.place, f"{requirement.id}: the source {key} is in no edition of {editions.FOLDER}/"
    yield from _errata(spec, keys, {slug for each in known.values() for slug in each.sections})
    if (spec_dir / FILE).exists():
        yield from _trace(spec, spec_dir, known, keys)


def _errata(spec: Spec, keys: frozenset[str], sections: set[str]) -> Iterator[Finding]:
    ids = {requirement.id for requirement in spec.requirements()}
    counted = Counter(erratum.id for erratum in spec.errata)
    for erratum in spec.errata:
        said = [
            f"the source {key} is in no edition of {editions.FOLDER}/" for key in erratum.sources if key not in keys
        ]
        if erratum.section not in sections:
            said.append(f"no edition has the section {erratum.section}")
        said += [f"there is no requirement {id}" for id in erratum.requirements if id not in ids]
        said += [
            f"{id} is about none of {', '.join(TOPICS)}" for id in erratum.facts if id.partition("/")[0] not in TOPICS
        ]
        if counted[erratum.id] > 1:
            said.append("this id stands twice")
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
            yield place, f"{key} is in no edition of {editions.FOLDER}/"
        if not why.strip():
            yield place, f"{key}: say why it obliges nobody, or let a requirement or an erratum name it"
        if key in tested or key in wrong:
            yield place, f"{key}: a requirement or an erratum rests on it, so it is not informative"
    if name not in known:
        yield Place(FILE, 0), f"there is no edition {name!r} in {editions.FOLDER}/"
        return
    for key in file.paraphrases():
        if key not in keys - known[name].all_keys():
            yield Place(FILE, lines.get(key, 0)), f"{key} is in no other edition of {editions.FOLDER}/"
    for each in known[name].statements:
        if each.key not in tested and each.key not in wrong and each.key not in informative:
            yield Place(FILE, 0), f"nothing accounts for {each.key}"
        if tested.get(each.key) is False:
            yield Place(FILE, 0), f"{each.key}: none of the requirements that rest on it has a scenario"


def _lines(path: Path) -> dict[str, int]:
    """Statement -> the line of the file that has it."""
    found, section = {}, ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if table := re.match(r"\[(?:informative|later)\.(.+)\]", line):
            section = table[1]
        elif " = " in line:
            found[f"{section}/{line.partition(' = ')[0].strip()}"] = number
    return found
