"""The pages on the source document: each statement, links in both directions, and no text unless it is provided."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from bs4 import Tag

from mdevref.suite import data, site
from mdevref.suite.results import verdicts
from mdevref.suite.spec import outline
from mdevref.suite.sphinx.coverage import anchor_of
from mdevref.suite.trace import editions
from mdevref.suite.trace.account import FILE, account
from mdevref.suite.trace.command import VARIABLE
from mdevref.suite.trace.document import read
from mdevref.suite.trace.drift import drift
from tests.suite.sphinx.conftest import Built
from tests.suite.sphinx.made import results_file
from tests.suite.sphinx.test_build import page_of, soup, words
from tests.suite.trace.documents import kernels_document


def test_every_statement_has_a_cell_and_a_row(built: Built) -> None:
    known = account(data.spec())
    page = soup(built.folder / "coverage.html")
    rows = [row["id"] for row in page.select("table.statements tbody tr")]
    assert rows == [anchor_of(each.key) for each in known.edition.statements]
    assert [str(cell["href"]) for cell in page.select("ol.cells a")] == [f"#{row}" for row in rows]
    states = [words(state) for state in page.select("table.statements tbody td:nth-of-type(1) > .verdict:first-child")]
    assert states == [known.state(each.key) for each in known.edition.statements]


def test_a_mark_has_a_text_alternative(built: Built) -> None:
    known = account(data.spec())
    for listed, cell in zip(
        known.edition.statements, soup(built.folder / "coverage.html").select("ol.cells a"), strict=True
    ):
        said = words(cell)
        assert known.state(listed.key) in said
        if known.state(listed.key) == "required":
            assert said.rsplit(": ", 1)[1] in ("pass", *(verdict.replace("-", " ") for verdict in verdicts.VERDICTS))


def test_a_statement_has_the_worst_verdict_of_its_requirements(built: Built) -> None:
    known = account(data.spec())
    given = {requirement.id: verdict for verdict, requirement in built.faulty.items()}
    page = soup(built.folder / "coverage.html")
    for key, ids in known.required.items():
        if key in known.edition.all_keys():
            word = page.select_one(f"[id='{anchor_of(key)}'] [data-verdicts]")
            assert word is not None
            worst = verdicts.worst(given.get(id, "pass") for id in ids)
            assert str(word["data-verdicts"]).split() == ["pass", worst], key


def test_statements_and_requirements_link_to_each_other(built: Built) -> None:
    known = account(data.spec())
    key, ids = next(iter(known.required.items()))
    row = soup(built.folder / "coverage.html").find(id=anchor_of(key))
    assert isinstance(row, Tag)
    assert {str(link["href"]).rpartition("#")[2] for link in row.select(".rests a")} == set(ids)
    box = soup(page_of(built, ids[0])).find(id=ids[0])
    assert isinstance(box, Tag)
    assert f"../coverage.html#{anchor_of(key)}" in [str(link["href"]) for link in box.select(".sources a")]


def test_an_erratum_has_its_verdicts_and_links_in_both_directions(built: Built) -> None:
    heads = outline.read(data.spec())
    page = soup(built.folder / "spec" / "errata.html")
    assert [box["id"] for box in page.select(".erratum")] == [erratum.id for erratum in built.spec.errata]
    erratum = heads.errata["ops.close"]
    box = page.find(id=erratum.id)
    assert isinstance(box, Tag)
    assert [words(term) for term in box.select("dt")] == [
        "Section", "Defect", "Evidence", "Proposed correction", "Verdicts",
    ]  # fmt: skip
    (requirement,) = erratum.words("requirements")
    links = [str(link["href"]) for link in box.select("dd a")]
    assert f"callbacks.html#{requirement}" in links
    (source,) = erratum.words("source")
    assert f"../coverage.html#{anchor_of(source)}" in links
    back = soup(page_of(built, requirement)).find(id=requirement)
    row = soup(built.folder / "coverage.html").find(id=anchor_of(source))
    assert isinstance(back, Tag)
    assert isinstance(row, Tag)
    assert f"errata.html#{erratum.id}" in [str(link["href"]) for link in back.select(".sources a")]
    assert f"spec/errata.html#{erratum.id}" in [str(link["href"]) for link in row.select("a")]


def test_editions_are_shown_side_by_side(built: Built) -> None:
    known = editions.load_all(data.spec())
    page = soup(built.folder / "editions.html")
    assert len(page.select("h2")) == len(known) - 1
    changes = drift(known["5.10"], known["6.1"])
    rows = page.select("table.editions tr:not(.same) > th[scope=row]")
    assert sorted(words(row) for row in rows) == sorted(change.kind for change in changes)
    new = next(
        row for row in page.select("table.editions tr") if "mdev_register_parent" in words(row) and "new" in words(row)
    )
    assert words(new.select("td")[0]) == "not present"
    paraphrases = account(data.spec()).paraphrases
    assert [said for said in paraphrases.values() if said not in words(page.find("article"))] == []
    assert paraphrases
    gone = next(row for row in page.select("table.editions tr") if "supported_config" in words(row))
    assert words(gone.select("td")[1]) == "removed"
    assert "type-group.directory" in words(gone.select("td")[0])


def test_the_site_contains_no_text_of_the_document(built: Built) -> None:
    known = read(kernels_document("5.10"))
    long = [each.text for each in known.statements if each.kind == "sentence" and len(each.text) > 60]
    for name in ("coverage.html", "editions.html", "spec/errata.html"):
        shown = words(soup(built.folder / name).find("body"))
        assert [text for text in long if text in shown] == [], name


OWN = """\
Widgets
=======

Widgets are what frames hold, if anything.
"""


def test_the_text_is_shown_if_the_documents_are_available(
    tmp_path: Path, built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the text of the listed edition is shown, not that of another document with its file name."""
    given, kernels = [results_file(tmp_path / "r.ndjson", "reference", {})], kernels_document("5.10")
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "vfio-mediated-device-5.10.rst").write_text(OWN)
    monkeypatch.setenv(VARIABLE, str(folder))
    site.build(given, tmp_path / "html")
    assert soup(tmp_path / "html" / "coverage.html").select(".statement-text") == []
    shutil.copy(kernels, folder / "vfio-mediated-device-5.10.rst")
    site.build(given, tmp_path / "html")
    known = account(data.spec())
    assert len(soup(tmp_path / "html" / "coverage.html").select(".statement-text")) == len(known.edition.statements)
    # Without the folder, the text disappears again.
    monkeypatch.delenv(VARIABLE)
    site.build(given, tmp_path / "html")
    assert soup(tmp_path / "html" / "coverage.html").select(".statement-text") == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_invalid_document_stops_the_build(
    tmp_path: Path, built: Built, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    """The build also fails if pages of an earlier build exist, and if other processes write the pages."""
    shutil.copytree(built.folder, tmp_path / "html")
    (tmp_path / "vfio-mediated-device-5.10.rst").write_bytes(b"\0")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(site.SiteError, match=r"^/\S+/vfio-mediated-device-5\.10\.rst: binary file, not a text"):
        site.build([results_file(tmp_path / "r.ndjson", "reference", {})], tmp_path / "html", jobs=jobs)


def test_an_unlisted_edition_stops_the_build(tmp_path: Path, built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    spec_dir = tmp_path / "spec"
    shutil.copytree(data.spec(), spec_dir)
    (spec_dir / FILE).write_text((spec_dir / FILE).read_text().replace('"5.10"', '"9.9"'))
    monkeypatch.setattr(data, "spec", lambda: spec_dir)
    with pytest.raises(site.SiteError, match=r"trace\.toml: edition '9\.9' not found in "):
        site.build([results_file(tmp_path / "r.ndjson", "reference", {})], tmp_path / "html", jobs=2)
