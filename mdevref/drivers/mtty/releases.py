"""Differences of the sample's device between kernels, as data (facts 5.2, 5.6, M4; recordings of 5.10, 6.1, 6.12)."""

from __future__ import annotations

from dataclasses import dataclass

from mdevref.drivers.mtty.interrupts import EarlierInterrupts, Interrupts, LaterInterrupts


@dataclass(frozen=True, slots=True)
class Release:
    """The sample from one kernel release until the next one in :data:`RELEASES`.

    * ``interrupts``: the implementation of SET_IRQS and of interrupts.
    * ``answers_req``: GET_IRQ_INFO supports the REQ index.
    * ``logs_files``: opening and closing the device writes a line to the kernel log.
    * ``close_disables_interrupts``: the last close removes the eventfds. Otherwise they remain with the device.
    """

    since: tuple[int, int]
    interrupts: type[Interrupts]
    answers_req: bool
    logs_files: bool
    close_disables_interrupts: bool


RELEASES = (
    Release((4, 10), EarlierInterrupts, answers_req=True, logs_files=True, close_disables_interrupts=False),
    Release((6, 1), EarlierInterrupts, answers_req=True, logs_files=False, close_disables_interrupts=False),
    Release((6, 12), LaterInterrupts, answers_req=False, logs_files=False, close_disables_interrupts=True),
)


def release_of(kernel: tuple[int, int]) -> Release:
    """Return the sample of a kernel release."""
    return [release for release in RELEASES if release.since <= kernel][-1]
