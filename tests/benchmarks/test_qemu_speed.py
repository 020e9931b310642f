"""A real guest on the reference host's card: how long it takes, what a message costs, how fast a port gives back."""

from __future__ import annotations

from tests.servers.vfio_user.qemu.guest import Run, pytestmark, run

__all__ = ["pytestmark", "run"]  # the guest, booted once

SECONDS = 90.0  #: for all of it, once everything is in the cache
COST = 25.0  #: microseconds of processor time that a message may cost the server
RATE = 3000.0  #: bytes that a port gives back in a second


def test_a_guest_with_a_card_is_done_soon(run: Run) -> None:
    assert run.seconds <= SECONDS


def test_a_message_costs_the_server_little(run: Run) -> None:
    for name, counters in run.counters.items():
        assert counters.total().each <= COST, name


def test_what_is_typed_comes_back_fast(run: Run) -> None:
    # The best of them: this machine may have other things to do.
    assert max(run.rates) >= RATE
