"""Where the sample's device differs between kernels, as data (facts 5.2, 5.6, M4; recordings of 5.10, 6.1 and 6.12)."""

from __future__ import annotations

from dataclasses import dataclass

from mdevref.drivers.mtty.interrupts import EarlierInterrupts, Interrupts, LaterInterrupts


@dataclass(frozen=True, slots=True)
class Release:
    """The sample as of one release of the kernel, until the next that is listed.

    * ``interrupts``: how SET_IRQS and the interrupts themselves work.
    * ``answers_req``: GET_IRQ_INFO knows the REQ index.
    * ``logs_files``: opening and closing the device writes a line to the kernel log.
    * ``close_disables_interrupts``: the last close takes the eventfds away; before, they stayed with the device.
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
    """The sample as that kernel release has it."""
    return [release for release in RELEASES if release.since <= kernel][-1]
