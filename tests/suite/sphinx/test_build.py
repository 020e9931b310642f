"""The built site: the content of its pages, its links, and the input that a build rejects."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag

from mdevref.suite import data, site
from mdevref.suite.errors import BadInput
from mdevref.suite.results import ledger
from mdevref.suite.run import step_modules
from mdevref.suite.spec.model import Spec
from mdevref.suite.sphinx import overviews
from mdevref.suite.sphinx.freshness import ledgers
from tests.suite.sphinx.conftest import Built
from tests.suite.sphinx.made import EXPECTED, REASON, SEEN, TYPE, UUID, results_file


def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text().replace("<wbr>", ""), "html.parser")


def words(tag: Tag | None) -> str:
    assert tag is not None
    return " ".join(tag.get_text(" ").split())


def page_of(built: Built, id: str) -> Path:
    chapter = next(c.name for c in built.spec.chapters for s in c.sections for r in s.requirements if r.id == id)
    return built.folder / "spec" / f"{chapter}.html"


def test_each_requirement_is_on_its_page_with_a_verdict_of_each_target(built: Built) -> None:
    for chapter in built.spec.chapters:
        page = soup(built.folder / "spec" / f"{chapter.name}.html")
        for section in chapter.sections:
            for requirement in section.requirements:
                box = page.find(id=requirement.id)
                assert isinstance(box, Tag), requirement.id
                clause = box.select_one(".req-clause p")
                assert clause is not None
                assert "".join(requirement.clause.split()).startswith("".join(clause.get_text().split()))
                targets = [words(chip) for chip in box.select(".req-verdicts .verdict-target")]
                assert targets == (["reference", "faulty"] if requirement.scenarios else []), requirement.id
                assert len(box.select(".scenario")) == len(requirement.scenarios)


def test_a_verdict_links_to_its_operations(built: Built) -> None:
    failing = built.faulty["fail"]
    box = soup(page_of(built, failing.id)).find(id=failing.id)
    assert isinstance(box, Tag)
    chip = box.select_one(".req-verdicts .v-fail")
    assert chip is not None
    assert chip["href"] == f"../targets/faulty.html#{failing.id}"
    found = soup(built.folder / "targets" / "faulty.html").find(id=failing.id)
    assert isinstance(found, Tag)
    text = words(found)
    assert EXPECTED in text
    assert SEEN in text
    rows = [words(row) for row in found.select("table.operations tbody tr")]
    assert rf'write "{UUID}\n" {TYPE}/create 37 of 37 bytes' in rows
    assert rf"printf '%s\n' {UUID} > /sys/{TYPE}/create" in words(found.select_one(".shell pre"))


def test_a_requirement_that_passes_is_not_among_the_findings(built: Built) -> None:
    page = soup(built.folder / "targets" / "faulty.html")
    assert page.select_one(".other-spec") is None
    shown = {tag["id"] for tag in page.select(".finding, .stopped li")}
    expected = {each.id for verdict, each in built.faulty.items() if verdict != "not-applicable"}
    assert shown == expected


def test_each_reason_for_unsupported_is_shown_once(built: Built) -> None:
    page = soup(built.folder / "targets" / "faulty.html")
    assert [words(p) for p in page.select(".stopped > p")] == [REASON]


def test_every_verdict_has_its_own_shape_and_word(built: Built) -> None:
    css = (built.folder / "_static" / "mdevref.css").read_text()
    row = soup(built.folder / "verdicts.html").select("table.matrix tbody td:nth-of-type(2) .verdict")
    seen = {tag["class"][1]: words(tag) for tag in row}
    assert len(seen) == 7
    assert len(set(seen.values())) == 7
    shapes = [css.split(f".{name} {{", 1)[1].split("--shape:", 1)[1].split(";", 1)[0] for name in seen]
    assert len(set(shapes)) == 7


def test_the_summary_shows_which_targets_conform(built: Built) -> None:
    rows = soup(built.folder / "index.html").select("table.summary tbody tr")
    texts = {words(row.select_one("a")): words(row) for row in rows}
    assert "conforms" in texts["reference"]
    # After an internal error of the suite, the conformance of a target is unknown.
    assert "internal error" in texts["faulty"]
    bar = rows[1].select_one("svg.bar")
    assert bar is not None
    assert "1 fail" in str(bar["aria-label"])
    assert sum(float(str(part["width"])) for part in bar.select("rect")) == float(str(bar["viewbox"]).split()[2])


def test_links_within_the_site_resolve(built: Built) -> None:
    pages = {path.resolve(): soup(path) for path in built.folder.rglob("*.html")}
    anchors = {path: {tag["id"] for tag in page.find_all(id=True)} for path, page in pages.items()}
    dead = []
    for path, page in pages.items():
        for tag in page.find_all(["a", "link", "script", "img"]):
            parts = urlsplit(str(tag.get("href") or tag.get("src") or ""))
            if parts.scheme or parts.netloc:
                continue
            leads_to = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not leads_to.exists() or (parts.fragment and unquote(parts.fragment) not in anchors[leads_to]):
                dead.append(f"{path.name}: {tag.get('href') or tag.get('src')}")
    assert dead == []


def test_ids_are_unique_on_each_page(built: Built) -> None:
    for path in built.folder.rglob("*.html"):
        ids = [tag["id"] for tag in soup(path).find_all(id=True)]
        assert len(ids) == len(set(ids)), path.name


def test_pages_load_nothing_from_other_servers(built: Built) -> None:
    for path in built.folder.rglob("*.html"):
        for tag in soup(path).find_all(["script", "img", "link", "iframe"]):
            address = str(tag.get("src") or tag.get("href") or "")
            assert not urlsplit(address).netloc, f"{path.name}: {address}"


def test_each_step_definition_is_in_the_catalogue(built: Built) -> None:
    page = soup(built.folder / "steps.html")
    assert len(page.select(".catalogue dt")) == len(step_modules.load_catalogue(data.steps()).definitions)


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory, built: Built) -> Path:
    """Build a site from rare input: two files of one target, another edition, a partial run, a single miniature."""
    folder = tmp_path_factory.mktemp("odd")
    given = [results_file(folder / f"{name}.ndjson", "vm:6.1", {}, release="6.1") for name in ("old", "new")]
    given[0].write_bytes(given[0].read_bytes().replace(built.spec.checksum.encode(), b"0" * 64))
    ids = [each.id for each in built.faulty.values()]
    given.append(results_file(folder / "part.ndjson", "part", {}, only=ids[:2]))
    (folder / "table.toml").write_text(
        f"""
        [[miniature]]
        name = "does_nothing"
        era = "4.13"
        module = "tests.miniatures.creating"
        sentence = "A write to ``create`` does nothing."
        breaks = ["{ids[0]}", "{ids[1]}"]
        fails = ["{ids[0]}", "{ids[1]}", "{ids[2]}"]
        """
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overviews, "miniatures_table", lambda: folder / "table.toml")
        site.build(given, folder / "html")
    return folder / "html"


def test_miniatures_are_listed_with_the_requirements_that_they_break(odd: Path, built: Built) -> None:
    ids = [each.id for each in built.faulty.values()]
    page = soup(odd / "fault-detection.html")
    assert words(page.select_one("dl.miniatures dt")) == "does_nothing era 4.13"
    assert [words(link) for link in page.select("dl.miniatures .miniature-breaks a")] == ids[:2]
    assert [words(link) for link in page.select("dl.miniatures details a")] == ids[2:3]
    rows = {words(row) for row in page.select("#by-requirement ~ div tbody tr")}
    assert rows == {f"{id} does_nothing" for id in ids[:2]}


def test_two_files_of_one_target_have_different_labels(odd: Path) -> None:
    heads = [words(th) for th in soup(odd / "verdicts.html").select("table.matrix thead th")]
    assert heads[1:] == ["vm:6.1 (old)", "vm:6.1 (new)", "part"]
    assert {path.name for path in (odd / "targets").iterdir()} == {"vm-6-1-old.html", "vm-6-1-new.html", "part.html"}


def test_a_partial_run_is_marked(odd: Path, built: Built) -> None:
    tested = sum(bool(each.scenarios) for each in built.spec.requirements())
    limited = f"only 2 of {tested} requirements were run"
    rows = [words(row) for row in soup(odd / "index.html").select("table.summary tbody th")]
    assert rows[1:] == ["vm:6.1 (new) conforms", f"part conforms {limited}"]
    assert limited in words(soup(odd / "targets/part.html"))


def test_results_of_another_edition_are_marked(odd: Path) -> None:
    old, new = (soup(odd / "targets" / f"vm-6-1-{name}.html").select_one(".other-spec") for name in ("old", "new"))
    assert "another edition" in words(old)
    assert new is None


def test_the_deviations_are_those_of_the_ledgers(built: Built) -> None:
    known = [(path, each) for path in ledgers(data.docs()) for each in ledger.load(path).deviations]
    page = built.folder / "deviations.html"
    assert page.exists() == bool(known)
    text = words(soup(page).select_one("article")) if known else ""
    for path, each in known:
        assert each.requirement in text
        assert each.reference in text
        assert path.stem.removeprefix("linux-") in text


def test_without_results_the_site_explains_how_to_create_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "committed", list)
    first = site.build([], tmp_path / "html")
    assert "mdevref check" in words(soup(first).select_one("p.note"))
    assert not (tmp_path / "html" / "targets").exists()


def test_truncated_results_are_rejected(tmp_path: Path) -> None:
    whole = results_file(tmp_path / "whole.ndjson", "reference", {})
    cut = tmp_path / "cut.ndjson"
    cut.write_bytes(b"".join(whole.read_bytes().splitlines(keepends=True)[:-1]))
    with pytest.raises(BadInput, match=r"cut\.ndjson.*footer"):
        site.build([cut], tmp_path / "html")


def test_results_with_an_unknown_requirement_are_rejected(tmp_path: Path, read_spec: Spec) -> None:
    known = next(read_spec.requirements()).id
    path = results_file(tmp_path / "made.ndjson", "reference", {})
    path.write_bytes(path.read_bytes().replace(known.encode(), b"no.such-thing"))
    with pytest.raises(BadInput, match=r"made\.ndjson.*no\.such-thing"):
        site.build([path], tmp_path / "html")


def test_a_folder_with_other_files_is_rejected(tmp_path: Path) -> None:
    mine = tmp_path / "thesis.tex"
    mine.write_text("not a site")
    with pytest.raises(BadInput, match="contains files that are not from an earlier build"):
        site.build([], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
