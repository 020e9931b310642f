"""An invalid host file is reported in one line with file, line and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdevref import hosts
from mdevref.host import DRIVERS
from mdevref.hosts import HostError, ManualClock
from mdevref.mdev.eras import ERAS, VARIANTS

GPUS = '[[parents]]\ndriver = "i915"\n[[parents]]\naddress = "0000:03:00.0"\ndriver = "i915"\n'
DEVICE = 'uuid = "c0ffee00-0001-4000-8000-000000000001"\ntype = "mtty-1"\n'


def said_of(folder: Path, text: str) -> str:
    path = folder / "host.toml"
    path.write_text(text)
    with pytest.raises(HostError) as caught:
        hosts.load(path, clock=ManualClock())
    said = str(caught.value)
    assert "\n" not in said
    assert said.startswith(f"{path}:")
    return said.removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('era = "5.10"\nera', "2: Expected '=' after a key in a key/value pair"),
        ('era = "5.10', "1: Unterminated string"),
        ('era = "5.9"', f"1: unknown era '5.9' (choose from {', '.join([*ERAS, *VARIANTS])})"),
        ("\nera = 5.10", "2: Expected `str`, got `float`"),
        ('\n\nyear = "5.10"', "3: Object contains unknown field `year`"),
        ('era = "6.1"\nbus_driver = false', "2: invalid bus_driver: kernels of era 6.1 have no bus driver"),
        ("# one\n[[parents]]\n# two", "2: Object missing required field `driver`"),
        (
            '[[parents]]\ndriver = "vgpu"',
            f"2: unknown driver 'vgpu' (choose from {', '.join(DRIVERS)})",
        ),
        (
            '[[parents]]\ndriver = "mtty"\naddress = "0000:00:02.0"',
            "3: mtty does not take an address",
        ),
        (
            '[[parents]]\ndriver = "i915"\naddress = "2"',
            "3: invalid address '2' (expected a PCI address such as 0000:00:02.0)",
        ),
        (
            '[[parents]]\ndriver = "mdpy"\noptions = { count = 1, colour = "red" }',
            "3: unknown option 'colour' for mdpy (known: count)",
        ),
        (
            '[[parents]]\ndriver = "mtty"\n[parents.options]\ncount = 1',
            "4: unknown option 'count' for mtty (known: none)",
        ),
        ('[[parents]]\ndriver = "mdpy"\noptions.count = "many"', "3: invalid options for mdpy: count=many"),
        (
            '[[parents]]\ndriver = "i915"\noptions.aperture = 100',
            "3: invalid options for i915: aperture=100 generation=9",
        ),
        ('[[parents]]\ndriver = "mtty"\n[[parents]]\ndriver = "mtty"\n', "3: duplicate parent mtty"),
        (
            f"{GPUS}options.aperture = 512",
            "6: options of i915 are only allowed with its first parent",
        ),
        (
            f"{GPUS}registered_after = 1",
            "6: registered_after must be the same for all parents of i915",
        ),
        (
            f'[[parents]]\ndriver = "mtty"\nregistered_after = 1\n[[parents.devices]]\n{DEVICE}',
            "4: a parent with registered_after cannot have devices",
        ),
        ('[[parents]]\ndriver = "mtty"\nregistered_after = -1', "3: Expected `float` >= 0.0"),
        (
            '[[parents]]\ndriver = "mtty"\n[[parents.faults]]\nat = "create"\nerrno = "ENOWAY"',
            "5: unknown errno 'ENOWAY'",
        ),
        ('[[parents]]\ndriver = "mtty"\n[[parents.faults]]\nat = "open"', "4: Invalid value 'open'"),
        (
            '[[parents]]\ndriver = "mtty"\n[[parents.faults]]\nat = "create"\nerrno = "EIO"\ncalls = [\n1,\n0]',
            "6: Expected `int` >= 1",
        ),
        (
            'era = "6.1"\n[[parents]]\ndriver = "mtty"\n[[parents.faults]]\nat = "remove"\nerrno = "EBUSY"',
            "4: a vendor driver cannot refuse a removal in kernels of era 6.1",
        ),
        (
            '[[parents]]\ndriver = "nvidia"\n[[parents.faults]]\nat = "attribute"\nname = "vgpu_params"\nerrno = "EIO"',
            "5: nvidia devices have no writable attribute 'vgpu_params' (writable: nvidia/vgpu_params)",
        ),
        (
            '[[parents]]\ndriver = "mtty"\n[[parents.devices]]\nuuid = "1"\ntype = "mtty-1"',
            "4: Expected `str` matching regex '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'",
        ),
        (
            f'[[parents]]\ndriver = "mtty"\n[[parents.devices]]\n{DEVICE.replace("-1", "-3")}',
            "5: unknown type 'mtty-3' of mtty (choose from mtty-1, mtty-2)",
        ),
        (
            f'[[parents]]\ndriver = "mtty"\n[[parents.devices]]\n{DEVICE}[[parents.devices]]\n{DEVICE}',
            "7: duplicate device c0ffee00-0001-4000-8000-000000000001",
        ),
        (
            f'[[parents]]\ndriver = "mtty"\n[[parents.devices]]\n{DEVICE}in_use = true\nvanishes = true',
            "3: in_use and vanishes cannot be combined",
        ),
        (
            '[[parents]]\ndriver = "vfio_ccw"\noptions.broken = "0.0.0313"\n[[parents.devices]]\n'
            + DEVICE.replace("mtty-1", "vfio_ccw-io"),
            "4: c0ffee00-0001-4000-8000-000000000001: No such device",
        ),
        (
            '[[parents]]\ndriver = "mtty"\n[[parents.devices]]\n' + DEVICE.replace("mtty-1", "mtty-2/../mtty-1"),
            "5: unknown type 'mtty-2/../mtty-1' of mtty (choose from mtty-1, mtty-2)",
        ),
        ('[[parents]]\ndriver = "mtty"\nregistered_after = inf', "3: Expected `float` <= 86400.0"),
        (
            f'[[parents]]\ndriver = "mtty"\n[[parents.devices]]\n{DEVICE}attributes = [{{ colour = "red" }}]',
            "3: c0ffee00-0001-4000-8000-000000000001: Permission denied",
        ),
    ],
)
def test_a_wrong_file_is_told_with_line_and_reason(text: str, said: str, tmp_path: Path) -> None:
    assert said_of(tmp_path, text) == said


def test_text_that_looks_like_keys_misleads_nobody(tmp_path: Path) -> None:
    text = 'summary = """\n[[parents]]\ndriver = "vgpu"\n"""\n[[parents]]\ndriver = "vgpu"\n'
    assert said_of(tmp_path, text).startswith("6: unknown driver 'vgpu'")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"nowhere\.toml: No such file or directory$"):
        hosts.load(tmp_path / "nowhere.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff")
    with pytest.raises(HostError, match=r"binary\.toml: not valid UTF-8$"):
        hosts.load(tmp_path / "binary.toml")


def test_a_name_that_no_host_has() -> None:
    with pytest.raises(
        HostError,
        match=r"^unknown host 'one-gpu' \(choose from attribute-in-use, .*, or give the path of a \.toml file\)$",
    ):
        hosts.load("one-gpu")
