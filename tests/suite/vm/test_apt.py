from __future__ import annotations

import pytest

from mdevref.suite.vm import VmError
from mdevref.suite.vm.apt import complaint, parse_sites, site_for

OUTPUT = """\
http://other.example/tool trixie main
http://deb.example/debian trixie main
http://deb.example/debian trixie main
http://deb.example/debian trixie-updates main
http://deb.example/debian trixie non-free-firmware
http://deb.example/security trixie-security main
http://other.example/node nodistro main
http://other.example/sdk cloud-sdk-trixie main
file:/media stable
"""


def test_the_machines_sites_are_those_of_the_distribution() -> None:
    assert parse_sites(OUTPUT) == [
        ("http://other.example/tool", "trixie"),
        ("http://deb.example/debian", "trixie"),
        ("http://deb.example/debian", "trixie-updates"),
        ("http://deb.example/security", "trixie-security"),
    ]


@pytest.mark.parametrize(
    ("suite", "site"),
    [
        ("bookworm-backports", "http://deb.example/debian"),
        ("trixie", "http://deb.example/debian"),
        ("bullseye-security", "http://deb.example/security"),
    ],
)
def test_a_suite_is_asked_of_the_site_of_its_sort(suite: str, site: str) -> None:
    assert site_for(suite, parse_sites(OUTPUT)) == site


def test_a_machine_of_another_distribution_is_told() -> None:
    with pytest.raises(VmError, match="no Debian site for bookworm-security found"):
        site_for("bookworm-security", parse_sites("http://archive.example/ubuntu noble main\n"))


def test_of_many_complaints_the_one_that_helps_is_told() -> None:
    assert complaint("W: a\nE: b\nE: write: No space left on device\n") == "write: No space left on device"
    assert complaint("W: a\nE: b\n") == "b"
    assert complaint("") == "failed without an error message"
