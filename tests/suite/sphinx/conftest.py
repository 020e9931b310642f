"""A built site for the tests in this folder, with a target that conforms and one that does not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from mdevref.suite import data, site
from mdevref.suite.results.verdicts import VERDICTS, Verdict
from mdevref.suite.spec import reader as spec
from mdevref.suite.spec.model import Requirement, Spec
from mdevref.suite.trace.command import VARIABLE
from tests.suite.sphinx.made import results_file, some_requirement


@dataclass(frozen=True)
class Built:
    """A site, its spec, and for each verdict a requirement that has it in the results of the target ``faulty``."""

    folder: Path
    spec: Spec
    faulty: dict[Verdict, Requirement]


@pytest.fixture(scope="session")
def read_spec() -> Spec:
    return spec.read(data.spec())


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, read_spec: Spec) -> Built:
    folder = tmp_path_factory.mktemp("site")
    musts = [each for each in read_spec.requirements() if each.level == "must" and each.scenarios]
    musts.sort(key=lambda each: not each.sources)  # so that the statements of the document have all verdicts, too
    fails = some_requirement(read_spec)
    others = iter(each for each in musts if each is not fails)
    faulty: dict[Verdict, Requirement]
    faulty = {verdict: fails if verdict == "fail" else next(others) for verdict in VERDICTS if verdict != "pass"}
    given = [
        results_file(folder / "good.ndjson", "reference", {}, release="4.13"),
        results_file(folder / "bad.ndjson", "faulty", {each.id: verdict for verdict, each in faulty.items()}),
    ]
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv(VARIABLE, raising=False)  # the site must not show the text of the document
        site.build(given, folder / "html")
    return Built(folder / "html", read_spec, faulty)
