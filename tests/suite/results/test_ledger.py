"""Ledgers: the choice of a ledger, the scenarios that an entry covers, and invalid ledgers."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdevref.suite import data
from mdevref.suite.results.ledger import Ledger, LedgerError, check_requirements, choose, load

ENTRY = """\
[[deviation]]
requirement = "widget.make"
kind = "bug"
since = "5.2"
why = "It forgets."
reference = "somewhere"
"""


@pytest.fixture
def ledger_file(tmp_path: Path) -> Path:
    path = tmp_path / "linux-5.10.toml"
    path.write_text(ENTRY + ENTRY.replace("widget.make", "widget.paint") + 'scenario = "Red"\n')
    return path


def test_an_entry_excuses_its_requirement_or_its_one_scenario(ledger_file: Path) -> None:
    ledger = load(ledger_file)
    assert ledger.keys() == ["widget.make", "widget.paint: Red"]
    assert ledger.find("widget.make", "anything") is not None
    assert ledger.find("widget.paint", "Red") is not None
    assert ledger.find("widget.paint", "Green") is None
    assert ledger.names_scenario("widget.paint", "Red")
    assert not ledger.names_scenario("widget.make", "anything")


def test_the_ledger_given_is_chosen_else_that_of_the_release(
    ledger_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "docs", lambda: tmp_path)
    (tmp_path / "deviations").mkdir()
    ledger_file.rename(tmp_path / "deviations/linux-5.10.toml")
    assert choose(None, (5, 10)).keys() == ["widget.make", "widget.paint: Red"]
    assert choose(None, (4, 13)) == Ledger()
    assert choose(None, None) == Ledger()
    other = tmp_path / "own.toml"
    other.write_text(ENTRY)
    assert choose(other, (5, 10)).keys() == ["widget.make"]


BROKEN = {
    "no TOML": ("kind =", "kind", "ledger.toml:3: Expected '='"),
    "kind": ('"bug"', '"wish"', "Invalid enum value 'wish' - at `$.deviation[0].kind`"),
    "no why": ('why = "It forgets."\n', "", "missing required field `why`"),
    "empty why": ("It forgets.", " ", "entry 1 (widget.make): why and reference must not be empty"),
    "unknown field": ("why =", 'wyh = ""\nwhy =', "unknown field `wyh`"),
    "since": ('"5.2"', '"5"', "entry 1 (widget.make): since: invalid kernel release '5'"),
    "later": ('"5.2"', '"6.1"', "entry 1 (widget.make): since 6.1 is later than the target's release 5.10"),
    "another table": ("[[deviation]]", "[[deviations]]", "unknown field `deviations`"),
}


@pytest.mark.parametrize(("old", "new", "said"), BROKEN.values(), ids=BROKEN)
def test_an_unsound_ledger_is_one_line_that_names_it(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in ENTRY
    path = tmp_path / "ledger.toml"
    path.write_text(ENTRY.replace(old, new))
    with pytest.raises(LedgerError) as caught:
        load(path, release=(5, 10))
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("second", [ENTRY, ENTRY + 'scenario = "Red"\n'])
def test_an_entry_twice_is_an_error(tmp_path: Path, second: str) -> None:
    path = tmp_path / "ledger.toml"
    path.write_text(ENTRY + second)
    with pytest.raises(LedgerError, match=r"entry 2 .*: duplicate entry"):
        load(path)


def test_a_missing_ledger_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="No such file or directory"):
        choose(tmp_path / "none.toml", None)


def test_an_entry_for_an_unknown_requirement_is_an_error(ledger_file: Path) -> None:
    check_requirements(load(ledger_file), {"widget.make", "widget.paint"})
    with pytest.raises(LedgerError, match=r"entry 2: unknown requirement 'widget\.paint'"):
        check_requirements(load(ledger_file), {"widget.make"})
