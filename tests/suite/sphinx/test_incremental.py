"""An incremental build produces the same pages as a clean one, and only reads changed pages."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mdevref.suite import data, site
from tests.suite.sphinx.made import results_file


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of a copy of the Sphinx project. A copy of the spec is beside it."""
    shutil.copytree(data.spec(), tmp_path / "spec")
    shutil.copytree(data.docs(), tmp_path / "docs", symlinks=True)
    # Reading the code for the API takes a third of the build time and is not tested here.
    (tmp_path / "docs" / "api.rst").write_text("API\n===\n")
    return tmp_path / "docs"


def chapter(project: Path) -> Path:
    """Return a chapter of the spec that contains requirements."""
    return next(
        path for path in sorted((project.parent / "spec").glob("*.rst")) if ".. requirement::" in path.read_text()
    )


def pages(folder: Path) -> dict[str, bytes]:
    """Return the published files by path, without Sphinx's internal files."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.relative_to(folder).parts[0].startswith(".")
    }


def assert_same(one: Path, other: Path) -> None:
    left, right = pages(one), pages(other)
    assert left.keys() == right.keys()
    assert [name for name in left if left[name] != right[name]] == []


def test_two_clean_builds_are_identical(project: Path, tmp_path: Path) -> None:
    given = [results_file(tmp_path / "r.ndjson", "reference", {})]
    for name, jobs in (("one", 1), ("two", 2)):
        site.build(given, tmp_path / name, docs=project, jobs=jobs)
    assert_same(tmp_path / "one", tmp_path / "two")


def test_every_page_shows_a_changed_title(project: Path, tmp_path: Path) -> None:
    given = [results_file(tmp_path / "r.ndjson", "reference", {})]
    site.build(given, tmp_path / "grown", docs=project)
    path = chapter(project)
    lines = path.read_text().splitlines()
    assert set(lines[0]) == {"="}
    old, new = lines[1], "A title that no page had"
    path.write_text("\n".join(["=" * len(new), new, "=" * len(new), *lines[3:], ""]))

    site.build(given, tmp_path / "grown", docs=project)
    site.build(given, tmp_path / "clean", docs=project)
    assert_same(tmp_path / "grown", tmp_path / "clean")
    assert new in (tmp_path / "grown" / "verdicts.html").read_text()
    assert new in (tmp_path / "grown" / "api.html").read_text()
    assert f">{old}<" not in (tmp_path / "grown" / "index.html").read_text()


def test_every_page_shows_a_changed_clause(project: Path, tmp_path: Path) -> None:
    path = chapter(project)
    first = path.read_text().split(".. requirement:: ", 1)[1].split("\n", 1)[0]
    given = [results_file(tmp_path / "r.ndjson", "reference", {first: "fail"})]
    site.build(given, tmp_path / "grown", docs=project)
    path.write_text(path.read_text().replace(" MUST ", " MUST, for all we know, ", 1))

    site.build(given, tmp_path / "grown", docs=project)
    site.build(given, tmp_path / "clean", docs=project)
    assert_same(tmp_path / "grown", tmp_path / "clean")
    for page in (f"spec/{path.stem}.html", "verdicts.html", "targets/reference.html"):
        assert "for all we know" in (tmp_path / "grown" / page).read_text(), page


def test_a_term_added_to_the_glossary_is_linked_on_every_page(project: Path, tmp_path: Path) -> None:
    given = [results_file(tmp_path / "r.ndjson", "reference", {})]
    site.build(given, tmp_path / "grown", docs=project)
    terms = project.parent / "spec" / "terms.rst"
    terms.write_text(f"{terms.read_text()}\n.. glossary::\n\n   write\n      A request that passes bytes.\n")

    site.build(given, tmp_path / "grown", docs=project)
    site.build(given, tmp_path / "clean", docs=project)
    assert_same(tmp_path / "grown", tmp_path / "clean")
    linking = [page for page in (tmp_path / "grown/spec").glob("*.html") if "terms.html#term-write" in page.read_text()]
    assert len(linking) > 5


def test_changed_results_do_not_cause_reading_the_spec(project: Path, tmp_path: Path) -> None:
    first = chapter(project).read_text().split(".. requirement:: ", 1)[1].split("\n", 1)[0]
    before = results_file(tmp_path / "before.ndjson", "reference", {})
    after = results_file(tmp_path / "after.ndjson", "vm:6.1", {first: "fail"}, release="6.1")
    site.build([before], tmp_path / "grown", docs=project)
    trees = {path: path.stat().st_mtime_ns for path in (tmp_path / "grown" / ".doctrees").rglob("*.doctree")}
    assert trees

    site.build([after], tmp_path / "grown", docs=project)
    assert {path: path.stat().st_mtime_ns for path in trees} == trees
    site.build([after], tmp_path / "clean", docs=project)
    assert_same(tmp_path / "grown", tmp_path / "clean")
    assert [path.name for path in (tmp_path / "grown" / "targets").iterdir()] == ["vm-6-1.html"]


def test_a_build_without_changes_writes_no_page_of_the_spec(project: Path, tmp_path: Path) -> None:
    given = [results_file(tmp_path / "r.ndjson", "reference", {})]
    site.build(given, tmp_path / "html", docs=project)
    written = {path: path.stat().st_mtime_ns for path in (tmp_path / "html" / "spec").glob("*.html")}
    site.build(given, tmp_path / "html", docs=project)
    assert {path: path.stat().st_mtime_ns for path in written} == written


def test_a_warning_stops_every_build_until_it_is_fixed(project: Path, tmp_path: Path) -> None:
    given = [results_file(tmp_path / "r.ndjson", "reference", {})]
    guide = project / "index.rst"
    sound = guide.read_text()
    guide.write_text(sound + "\nSee :req:`no.such-requirement`.\n")
    for _ in range(2):
        with pytest.raises(site.SiteError, match=r"index\.rst.*no\.such-requirement"):
            site.build(given, tmp_path / "html", docs=project)
    guide.write_text(sound)
    site.build(given, tmp_path / "html", docs=project)


def test_an_outline_without_its_table_is_a_warning(project: Path, tmp_path: Path) -> None:
    path = next(p for p in sorted((project.parent / "spec").glob("*.rst")) if ":cases:" in p.read_text())
    name = path.read_text().split(":cases: ", 1)[1].split("\n", 1)[0]
    path.write_text(path.read_text().replace(f":cases: {name}\n", ":cases: nowhere\n", 1))
    with pytest.raises(site.SiteError, match="table of cases nowhere not found"):
        site.build([results_file(tmp_path / "r.ndjson", "reference", {})], tmp_path / "html", docs=project)
