"""mtty under arbitrary operations: EFAULT is the only error, and the loop-back behaves like a queue."""

from __future__ import annotations

from collections import deque
from errno import EFAULT
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from mdevref.drivers.mtty.card import OFFSET_BITS, Card
from mdevref.drivers.mtty.releases import RELEASES, Release
from mdevref.drivers.units import units
from mdevref.vfio.uapi import PciRegion
from tests.machines import errno_of

DATA, FCR, LSR = 0, 2, 5

positions = st.builds(
    lambda region, offset: (region << OFFSET_BITS) + offset,
    st.integers(0, 10),
    st.integers(0, 0x110) | st.integers(0, (1 << OFFSET_BITS) - 1),
)
accesses = st.tuples(positions, st.integers(0, 16) | st.binary(max_size=16))


@given(st.sampled_from(RELEASES), st.integers(1, 2), st.lists(accesses, max_size=40))
def test_any_transfer_is_done_whole_or_refused(
    release: Release, ports: int, made: list[tuple[int, int | bytes]]
) -> None:
    card = Card(ports, release, lambda line: None)
    for position, what in made:
        count = what if isinstance(what, int) else len(what)
        regions = {at >> OFFSET_BITS for at, _ in units(position, count)}
        transfer = partial(card.read, what) if isinstance(what, int) else partial(card.write, what)
        if regions <= {*range(PciRegion.ROM), PciRegion.CONFIG}:
            given_back = transfer(position)
            assert count == (len(given_back) if isinstance(given_back, bytes) else given_back)
        else:
            assert errno_of(transfer, position) == EFAULT


@given(st.lists(st.binary(min_size=1, max_size=4) | st.integers(1, 4), max_size=60), st.integers(0, 1))
def test_a_port_is_a_queue_of_fifteen(made: list[bytes | int], port: int) -> None:
    """Each operation sends bytes or receives a number of them. A sixteenth unread byte is never sent (oddity M1)."""
    card, waiting = Card(2, RELEASES[0], lambda line: None), deque[int]()
    bar = port << OFFSET_BITS
    card.write(b"\x07", bar + FCR)
    for what in made:
        if isinstance(what, int):
            for _ in range(min(what, len(waiting))):
                assert card.read(1, bar + DATA)[0] == waiting.popleft()
        else:
            for value in what[: 15 - len(waiting)]:
                card.write(bytes((value,)), bar + DATA)
                waiting.append(value)
        assert card.read(1, bar + LSR) == (b"\x01" if waiting else b"\x60")
