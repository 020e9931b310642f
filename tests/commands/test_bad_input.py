"""Each invalid input prints one line and exits with status 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.command import GOOD, Command, one_line

BAD_USE = {
    "unknown target": (("check", "refrence"), ("unknown target 'refrence'",)),
    "unknown requirement": (("check", GOOD, "--requirement", "widget.mak"), ('(did you mean "widget.make"?)',)),
    "bad expression": (("check", GOOD, "--tags", "must and"), ("invalid tag expression 'must and'",)),
    "unknown interface": (("check", GOOD, "--interface", "x"), ("unknown interface 'x'",)),
    "no jobs": (("check", GOOD, "--jobs", "0"), ("--jobs: invalid value 0 (must be at least 1)",)),
    "one machine": (("check", "sysfs:/sys", "--jobs", "2"), ("sysfs:/sys is a single machine",)),
    "no tree": (("check", "sysfs:/nowhere"), ("sysfs:/nowhere: directory not found",)),
    "no ledger": (("check", GOOD, "--ledger", "nothing.toml"), ("nothing.toml: No such file or directory",)),
    "results nowhere": (("check", GOOD, "--results", "nowhere/x.ndjson"), ("nowhere/x.ndjson: No such file",)),
    "no results": (("report", "nothing.ndjson"), ("nothing.ndjson: No such file or directory",)),
    "option": (("check", "--resluts", "x"), ("No such option: --resluts",)),
    "number": (("check", "--jobs", "many"), ("--jobs", "valid integer")),
    "command": (("chekc",), ("chekc",)),
    "argument": (("report",), ("Missing",)),
}


@pytest.mark.parametrize(("arguments", "words"), BAD_USE.values(), ids=BAD_USE)
def test_bad_use_is_one_clear_line_and_status_2(
    derived: Path, mdevref: Command, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    one_line(mdevref(*arguments), *words)


def test_a_ledger_for_an_unknown_requirement_is_one_clear_line(derived: Path, mdevref: Command) -> None:
    ledger = derived / "ledger.toml"
    ledger.write_text(
        '[[deviation]]\nrequirement = "no.such"\nkind = "bug"\nsince = "5.2"\nwhy = "x"\nreference = "x"\n'
    )
    one_line(mdevref("check", GOOD, "--ledger", ledger), "unknown requirement 'no.such'")
