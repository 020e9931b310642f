"""The speed of the registers of mtty. Runs only if named; with ``-s`` it prints the figures."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from mdevref.drivers.mtty.card import Card
from mdevref.host import Host
from mdevref.mdev.eras import ERAS
from tests.machines import create, machine, uuid

ACCESSES_PER_SECOND = 300_000
ACCESSES = 20_000  #: in a round
ROUNDS = 10  #: only the best one counts, because other load slows the others down
LSR, SCR = 5, 7


def fastest(accesses: Callable[[], None]) -> float:
    """Return the processor seconds of one access in the best round of :data:`ACCESSES`."""
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.process_time()
        accesses()
        best = min(best, time.process_time() - begin)
    return best / ACCESSES


def host_with_card(era: str) -> Host:
    host = machine(era, "mtty")
    create(host, 1)
    return host


@pytest.mark.parametrize("era", ERAS)
def test_register_accesses(era: str) -> None:
    host = host_with_card(era)
    device = host.open_device(uuid(1))
    read, write = device.read, device.write
    scratch = b"\x5a"

    def reads() -> None:
        for _ in range(ACCESSES):
            read(1, LSR)

    def writes() -> None:
        for _ in range(ACCESSES):
            write(scratch, SCR)

    def loop_back() -> None:
        for _ in range(ACCESSES // 2):
            write(scratch, 0)
            read(1, 0)

    for what, accesses in (("reads", reads), ("writes", writes), ("loop-back", loop_back)):
        each = fastest(accesses)
        print(f"\nera {era}: {what:9} {each * 1e6:5.2f} us, {1 / each:9,.0f} register accesses/s", end="")
        assert 1 / each >= ACCESSES_PER_SECOND
    device.close()


def test_config_space() -> None:
    host = host_with_card("6.1")
    device = host.open_device(uuid(1))
    card: Card = host.core.devices[uuid(1)].data

    def dwords() -> None:
        for _ in range(ACCESSES):
            card.read(4, 7 << 40)

    each = fastest(dwords)
    print(f"\nconfig space: {each * 1e6:.2f} us, {1 / each:,.0f} words of 4 bytes/s", end="")
    device.close()
