"""A real guest with a card of the reference host: its duration, the cost of a message, the speed of a port."""

from __future__ import annotations

from tests.servers.vfio_user.qemu.guest import Run, pytestmark, run

__all__ = ["pytestmark", "run"]  # the guest, booted once

SECONDS = 90.0  #: for the whole run, with a full cache
COST = 25.0  #: limit of the server's processor time per message, in microseconds
RATE = 3000.0  #: bytes that a port must return per second


def test_a_guest_with_a_card_is_done_soon(run: Run) -> None:
    assert run.seconds <= SECONDS


def test_a_message_costs_the_server_little(run: Run) -> None:
    for name, counters in run.counters.items():
        assert counters.total().each <= COST, name


def test_what_is_typed_comes_back_fast(run: Run) -> None:
    # The best of them: this machine may have other things to do.
    assert max(run.rates) >= RATE
