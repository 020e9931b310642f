"""``mdevref hosts``: the list of hosts, the description of one host, and errors for an invalid file."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdevref import cli, hosts
from mdevref.mdev.eras import ERAS, VARIANTS


def test_each_host_is_listed_with_its_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["hosts"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == hosts.names()
    assert "two-gpus          Two GPUs: types of one share its memory, the other offers one type at a time" in lines


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "trouble",
            """\
Three parents with faults: a failed create, a late mdev_type, refused removals, a busy device
era 4.13

mtty (mtty)
  mtty-1: 24 available
  mtty-2: 12 available
  create fails with ENOSPC on call 3
  mdev_type appears 0.2 s late

mdpy (mdpy)
  mdpy-hd: 4 available
  mdpy-vga: 4 available
  mdpy-xga: 4 available
  remove fails with EBUSY on every call

scripted (scripted)
  scripted-fancy: 3 available
  scripted-plain: 3 available
  c0ffee00-0002-4000-8000-000000000001: scripted-plain, in use
""",
        ),
        (
            "late-parent",
            """\
A parent is registered two seconds after the host starts
era 5.10

0000:3b:00.0 (nvidia), registered after 2 s
""",
        ),
        (
            "vanishing-device",
            """\
A device disappears after it is listed and before it is read
era 5.10

mtty (mtty)
  mtty-1: 22 available
  mtty-2: 11 available
  c0ffee00-0119-4000-8000-000000000001: mtty-1, vanishes when devices are listed
  c0ffee00-0119-4000-8000-000000000002: mtty-1
""",
        ),
        (
            "no-bus-driver",
            "The bus driver is not loaded, so devices have no IOMMU group\nera 5.10, without vfio_mdev\n",
        ),
    ],
)
def test_a_host_in_words(name: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["hosts", name]) == 0
    assert capsys.readouterr().out.startswith(told)


def test_faults_of_attributes_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ap.toml"
    path.write_text(
        '[[parents]]\ndriver = "vfio_ap"\nfaults = [\n'
        '{ at = "attribute", name = "assign_adapter", errno = "EADDRINUSE", value = "7" },\n'
        '{ at = "attribute", name = "assign_domain", errno = "EBUSY" }]\n'
    )
    assert cli.run(["hosts", str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "  assign_adapter fails with EADDRINUSE for value 7",
        "  assign_domain fails with EBUSY for every value",
    ]


def test_a_wrong_file_is_one_line_and_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('era = "2.6"\n')
    assert cli.run(["hosts", str(path)]) == 2
    known = ", ".join([*ERAS, *VARIANTS])
    assert capsys.readouterr().err == f"mdevref: {path}:1: unknown era '2.6' (choose from {known})\n"
