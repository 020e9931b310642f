"""Cases for the checking steps on cards of the sample driver; see ``test_then``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mdevref.vfio.uapi import RegionFlags, RegionInfo
from tests.steps.conftest import Stage

CARD = "Given a card A with two ports\n"
CONNECTED = f"{CARD}And MSI of A is connected to an eventfd\n"


def _card(**methods: Callable[..., Any]) -> Callable[[Stage], None]:
    """Modify the answers of card A."""

    def spoil(stage: Stage) -> None:
        for name, method in methods.items():
            setattr(stage.world.cards["A"], name, method)

    return spoil


#: The steps, the function that modifies the machine at a line ``*``, and what the last step reports as seen.
CASES = {
    "another register": (f"{CARD}Then LSR of port 0 of A reads 01", None, "60"),
    "other bytes received": (
        f'{CARD}When "ab" is sent to port 0 of A\nThen "ba" is received from port 0 of A',
        None,
        '"ab"',
    ),
    "bytes lost": (
        f'{CARD}When "FCR 00" is written to the registers of port 0 of A\nAnd "ab" is sent to port 0 of A\n'
        "Then every byte sent to port 0 of A is received from it",
        None,
        "6100",
    ),
    "another first byte": (
        f'{CARD}When "ab" is sent to port 0 of A\nAnd 4 bytes are read from RX of port 0 of A in one read\n'
        "Then the first byte read is 62",
        None,
        "61",
    ),
    "other configuration space": (f"{CARD}Then the configuration space of A has 8680 at 0x00", None, "4843"),
    "no zeros": (f"{CARD}Then the configuration space of A has 4 zero bytes at 0x00", None, "48435332"),
    "another kind of card": (
        f"{CARD}Then card A is a PCI device with 9 regions and 6 interrupts",
        None,
        "flags 0x2, 9 regions, 5 interrupts",
    ),
    "another size": (f"{CARD}Then region 7 of card A has a size of 256 bytes", None, "255"),
    "other region flags": (
        f"{CARD}*\nThen region 0 of card A is readable and writable",
        _card(region=lambda index: RegionInfo(index=index, flags=RegionFlags.READ)),
        "flags 0x1",
    ),
    "another offset": (f"{CARD}Then region 1 of card A begins at 0x1000", None, "0x10000000000"),
    "another interrupt": (
        f"{CARD}And VFIO_DEVICE_GET_INFO of card A has been called\n"
        "Then interrupt 0 of card A has the flags 0x9 and a count of 1",
        None,
        "flags 0x7, a count of 1",
    ),
    "no signal": (f"{CONNECTED}Then MSI of A has signalled", None, "none"),
    "signals missing": (f"{CONNECTED}Then MSI of A has signalled 2 times", None, "0"),
    "a signal": (
        f'{CONNECTED}When "IER 02" is written to the registers of port 0 of A\nThen MSI of A has not signalled',
        None,
        "1",
    ),
    "the last eventfd signalled too late": (
        f"{CONNECTED}*\nThen only the last eventfd of MSI of A was signalled",
        _card(signals=lambda line: [1, 1]),
        "1, 1",
    ),
    "the first eventfd left out": (
        f"{CONNECTED}*\nThen only the first eventfd of MSI of A was signalled",
        _card(signals=lambda line: [0, 1]),
        "0, 1",
    ),
}
