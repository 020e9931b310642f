"""The results format: files are read as written, match the schema, and are rejected if they are invalid."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

import mdevref.suite.results.format as r
from mdevref.suite.interface.terms import Level

HEADER = r.Header(
    format=r.FORMAT,
    suite=r.Suite(version="1.0", spec="0" * 64),
    target="reference",
    release="4.13",
    environment={"kernel": "Linux 4.13"},
    interfaces=["management"],
    ledger=["remove.vendor-refusal", "create.name: The first"],
    started="2026-11-22T10:00:00Z",
    seed=7,
)
PASS = r.Scenario(requirement="create.name", scenario="The first", verdict="pass", duration=0.001, operations=[])
FAIL = r.Scenario(
    requirement="create.duplicate-uuid",
    scenario="Again [lower case]",
    verdict="fail",
    duration=0.25,
    operations=[
        r.Operation(op="write", path="class/mdev_bus/x/create", data="\xff\n", result="2"),
        r.Operation(op="read", path="class/mdev_bus/x/name", result="Small"),
    ],
    failure=r.Failure(step="Then the write fails with EEXIST", expected="EEXIST", seen="36 bytes written"),
)
LEVELS: dict[str, Level] = {"create.name": "should", "create.duplicate-uuid": "must"}
LINES = [HEADER, PASS, FAIL]


def footer(*scenarios: r.Scenario) -> r.Footer:
    return r.Footer(counts=r.count(HEADER, scenarios, LEVELS), finished="2026-11-22T10:00:01Z")


def write(path: Path, lines: list[r.Line]) -> Path:
    path.write_bytes(b"".join(r.encode(line) for line in lines))
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "results.ndjson", [HEADER, PASS, FAIL, footer(PASS, FAIL)])


def test_what_is_written_is_read_back(file: Path) -> None:
    results = r.read(file, LEVELS)
    assert results.header == HEADER
    assert results.scenarios == (PASS, FAIL)
    assert results.requirements() == {"create.name": "pass", "create.duplicate-uuid": "fail"}
    assert results.footer.counts.scenarios == {"pass": 1, "fail": 1}
    assert results.footer.counts.requirements == r.RequirementCounts(must={"fail": 1}, should={"pass": 1})


def test_the_shipped_schema_is_that_of_the_code() -> None:
    shipped = Path(r.__file__).with_name("results.schema.json")
    fresh = json.dumps(r.schema(), indent=2) + "\n"
    assert shipped.read_text() == fresh, "write mdevref.suite.results.format.schema() there again"


def test_every_line_of_a_file_fits_the_schema(file: Path) -> None:
    schema = json.loads(Path(r.__file__).with_name("results.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    lines = file.read_text().splitlines()
    assert len(lines) == 4
    for line in lines:
        validator.validate(json.loads(line))


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    validator = jsonschema.Draft202012Validator(r.schema())
    good = json.loads(r.encode(FAIL))
    for wrong in ({"verdict": "passed"}, {"duration": -1}, {"extra": 1}, {"kind": "scenarios"}):
        bad = {**good, **wrong}
        assert not validator.is_valid(bad)
        with pytest.raises(r.ResultsError):
            r.decode(json.dumps(bad).encode())


Breaker = Callable[[list[bytes]], list[bytes]]
BROKEN: dict[str, tuple[Breaker, str]] = {
    "empty": (lambda lines: [], "results.ndjson: the file is empty"),
    "no footer": (lambda lines: lines[:-1], "results.ndjson:3: the footer is missing"),
    "only a header": (lambda lines: lines[:1], "results.ndjson:1: the footer is missing"),
    "cut within a line": (lambda lines: [*lines[:2], lines[2][:40]], "results.ndjson:3: "),
    "scenario twice": (
        lambda lines: [*lines[:2], lines[1], *lines[2:]],
        "results.ndjson:3: duplicate scenario 'The first' of create.name",
    ),
    "unknown requirement": (
        lambda lines: [lines[0], lines[1].replace(b"create.name", b"create.nome"), *lines[2:]],
        "results.ndjson:2: unknown requirement 'create.nome'",
    ),
    "no header": (lambda lines: lines[1:], "results.ndjson:1: the first line is not a header"),
    "two headers": (lambda lines: [lines[0], *lines], "results.ndjson:2: duplicate header"),
    "after the footer": (lambda lines: [*lines, lines[1]], "results.ndjson:5: unexpected line after the footer"),
    "bad line": (lambda lines: [lines[0], b"[]\n", *lines[1:]], "results.ndjson:2: Expected `object`, got `array`"),
    "no JSON": (lambda lines: [b"\x00\xff\n", *lines], "results.ndjson:1: not a line of results: JSON is malformed"),
    "wrong type": (lambda lines: [lines[0].replace(b'"seed":7', b'"seed":"7"'), *lines[1:]], "got `str` - at `$.seed`"),
    "another format": (lambda lines: [lines[0].replace(b'"format":1', b'"format":2'), *lines[1:]], "at `$.format`"),
    "endless line": (lambda lines: [b"[" * (r.LONGEST_LINE + 5)], "results.ndjson:1: the line is longer than"),
    "other counts": (
        lambda lines: [*lines[:3], lines[3].replace(b'"fail":1', b'"fail":2')],
        "results.ndjson:4: the counts in the footer do not match the lines above",
    ),
    "a verdict changed": (
        lambda lines: [*lines[:2], lines[2].replace(b'"verdict":"fail"', b'"verdict":"pass"'), lines[3]],
        "results.ndjson:4: the counts in the footer",
    ),
}


@pytest.mark.parametrize(("breaker", "said"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_one_line_with_its_place(file: Path, breaker: Breaker, said: str) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    broken = breaker(lines)
    assert broken != lines
    file.write_bytes(b"".join(broken))
    with pytest.raises(r.ResultsError) as caught:
        r.read(file, LEVELS)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)


def test_each_cut_of_a_file_is_an_error(file: Path) -> None:
    data = file.read_bytes()
    for end in range(0, len(data) - 1, 7):
        file.write_bytes(data[:end])
        with pytest.raises(r.ResultsError):
            r.read(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(r.ResultsError, match=r"nothing\.ndjson: No such file or directory"):
        r.read(tmp_path / "nothing.ndjson")


def test_without_the_spec_any_requirement_is_taken(file: Path) -> None:
    assert r.read(file).requirements() == r.read(file, LEVELS).requirements()


def test_the_ledger_of_the_header_judges_requirements(tmp_path: Path) -> None:
    good = r.Scenario(
        requirement="remove.vendor-refusal", scenario="s", verdict="pass", duration=0, operations=[]
    )  # fmt: skip
    counts = r.count(HEADER, [good], {"remove.vendor-refusal": "must"})
    assert counts.scenarios == {"pass": 1}
    assert counts.requirements.must == {"unexpected-pass": 1}
