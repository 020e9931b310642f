"""SET_IRQS of both generations of the sample: effects, errors and side effects of each action (fact 5.6)."""

from __future__ import annotations

import struct
from collections import Counter
from errno import EBADF, EINVAL, ENOTTY

import pytest

from mdevref.drivers.mtty.interrupts import EarlierInterrupts, Interrupts, LaterInterrupts
from mdevref.drivers.mtty.releases import release_of
from mdevref.kernel.errors import fail
from mdevref.vfio.uapi import IrqSet, IrqSetFlags, PciIrq
from tests.machines import errno_of

INTX, MSI, MSIX, ERR, REQ = PciIrq
NONE, BOOL, EVENTFD = IrqSetFlags.DATA_NONE, IrqSetFlags.DATA_BOOL, IrqSetFlags.DATA_EVENTFD
MASK, UNMASK, TRIGGER = IrqSetFlags.ACTION_MASK, IrqSetFlags.ACTION_UNMASK, IrqSetFlags.ACTION_TRIGGER
BOTH = [EarlierInterrupts, LaterInterrupts]


class Wiring:
    """Interrupts with counting eventfds. Descriptors above 90 are not open."""

    def __init__(self, interrupts: Interrupts) -> None:
        self.interrupts = interrupts
        self.signals: Counter[int] = Counter()
        self.held: list[int] = []

    def look_up(self, descriptor: int) -> Held:
        if descriptor > 90:
            raise fail(EBADF, str(descriptor))
        self.held.append(descriptor)
        return Held(self, descriptor)

    def set(self, index: int, flags: int, payload: bytes = b"", *, start: int = 0, count: int = 1) -> None:
        header = IrqSet(argsz=20 + len(payload), flags=flags, index=index, start=start, count=count)
        self.interrupts.set(header, payload, self.look_up)

    def install(self, index: int, descriptor: int) -> None:
        self.set(index, TRIGGER | EVENTFD, struct.pack("=i", descriptor))

    def signals_to(self) -> list[int]:
        """Return the descriptors that an interrupt signals now."""
        self.signals.clear()
        self.interrupts.signal()
        return sorted(self.signals.elements())


class Held:
    def __init__(self, wiring: Wiring, descriptor: int) -> None:
        self.wiring = wiring
        self.descriptor = descriptor

    def signal(self) -> None:
        assert self.descriptor in self.wiring.held
        self.wiring.signals[self.descriptor] += 1

    def release(self) -> None:
        self.wiring.held.remove(self.descriptor)


@pytest.fixture
def earlier() -> Wiring:
    return Wiring(EarlierInterrupts())


@pytest.fixture
def later() -> Wiring:
    return Wiring(LaterInterrupts())


@pytest.fixture(params=BOTH, ids=["earlier", "later"])
def either(request: pytest.FixtureRequest) -> Wiring:
    return Wiring(request.param())


def test_which_release_has_which() -> None:
    generations = {release: release_of(release).interrupts for release in [(4, 13), (5, 10), (6, 1), (6, 12), (7, 3)]}
    assert list(generations.values()) == [EarlierInterrupts] * 3 + [LaterInterrupts] * 2


# Both


@pytest.mark.parametrize("index", [INTX, MSI])
def test_an_interrupt_adds_one_to_the_eventfd_that_was_given(either: Wiring, index: int) -> None:
    either.install(index, 7)
    assert either.signals_to() == [7]


def test_m6_without_an_eventfd_nothing_happens(either: Wiring) -> None:
    assert either.signals_to() == []


@pytest.mark.parametrize("index", [INTX, MSI])
def test_a_descriptor_that_is_not_open_is_refused_as_the_look_up_says(either: Wiring, index: int) -> None:
    assert errno_of(either.install, index, 91) == EBADF
    assert either.signals_to() == []


@pytest.mark.parametrize("index", [INTX, MSI])
def test_without_data_and_count_the_eventfd_is_given_back(either: Wiring, index: int) -> None:
    either.install(index, 7)
    either.set(index, TRIGGER | NONE, count=0)
    assert either.held == []
    assert either.signals_to() == []


def test_another_eventfd_for_intx_takes_the_first_ones_place(either: Wiring) -> None:
    either.install(INTX, 7)
    either.install(INTX, 8)
    assert either.held == [8]
    assert either.signals_to() == [8]


def test_no_payload_is_no_eventfd(either: Wiring) -> None:
    if isinstance(either.interrupts, LaterInterrupts):
        assert errno_of(either.set, INTX, TRIGGER | EVENTFD, count=0) == EINVAL
    else:
        either.set(INTX, TRIGGER | EVENTFD, count=0)
    assert either.held == []


def test_all_eventfds_are_given_back_at_the_end(either: Wiring) -> None:
    either.install(INTX, 7)
    either.interrupts.drop_all()
    assert either.held == []
    assert either.signals_to() == []


# 6.1 and before


def test_earlier_every_interrupt_signals(earlier: Wiring) -> None:
    earlier.install(INTX, 7)
    assert [earlier.signals_to() for _ in range(3)] == [[7]] * 3


def test_earlier_the_last_installed_gets_the_interrupts(earlier: Wiring) -> None:
    earlier.install(INTX, 7)
    earlier.install(MSI, 8)
    assert earlier.signals_to() == [8]
    earlier.install(INTX, 9)
    assert earlier.signals_to() == [9]
    assert sorted(earlier.held) == [8, 9]


def test_earlier_without_msi_interrupts_go_to_intx_again(earlier: Wiring) -> None:
    earlier.install(INTX, 7)
    earlier.install(MSI, 8)
    earlier.set(MSI, TRIGGER | NONE, count=0)
    assert earlier.signals_to() == [7]
    assert earlier.held == [7]


def test_earlier_a_second_eventfd_for_msi_is_not_taken(earlier: Wiring) -> None:
    earlier.install(MSI, 7)
    earlier.install(MSI, 8)
    assert earlier.held == [7]
    assert earlier.signals_to() == [7]


@pytest.mark.parametrize("index", [INTX, MSI])
@pytest.mark.parametrize("descriptor", [0, -1, -5])
def test_earlier_descriptors_below_one_are_not_looked_at(earlier: Wiring, index: int, descriptor: int) -> None:
    earlier.install(index, 7)
    earlier.install(index, descriptor)
    assert earlier.signals_to() == [7]


@pytest.mark.parametrize("index", [INTX, MSI])
@pytest.mark.parametrize("action", [MASK, UNMASK])
@pytest.mark.parametrize("data", [NONE, BOOL, EVENTFD])
def test_earlier_masking_succeeds_and_does_nothing(earlier: Wiring, index: int, action: int, data: int) -> None:
    earlier.install(index, 7)
    earlier.set(index, action | data, b"\1\0\0\0")
    assert earlier.signals_to() == [7]


@pytest.mark.parametrize("index", [INTX, MSI])
def test_earlier_a_bool_triggers_nothing(earlier: Wiring, index: int) -> None:
    earlier.install(index, 7)
    earlier.set(index, TRIGGER | BOOL, b"\1")
    assert not earlier.signals


@pytest.mark.parametrize("index", [MSIX, ERR, REQ])
def test_earlier_other_indexes_succeed_and_do_nothing(earlier: Wiring, index: int) -> None:
    earlier.install(INTX, 7)
    earlier.install(index, 8)
    earlier.set(index, TRIGGER | NONE, count=0)
    assert earlier.signals_to() == [7]


def test_earlier_no_action_or_two_succeed_and_do_nothing(earlier: Wiring) -> None:
    for action in (0, MASK | TRIGGER, MASK | UNMASK | TRIGGER):
        earlier.set(INTX, action | EVENTFD, struct.pack("=i", 8))
    assert earlier.held == []


# 6.12


def test_later_an_interrupt_masks_intx_until_it_is_unmasked(later: Wiring) -> None:
    later.install(INTX, 7)
    assert [later.signals_to(), later.signals_to()] == [[7], []]
    later.set(INTX, UNMASK | NONE)
    assert later.signals_to() == [7]


def test_later_msi_is_never_masked(later: Wiring) -> None:
    later.install(MSI, 7)
    assert [later.signals_to(), later.signals_to()] == [[7], [7]]


def test_later_intx_can_be_masked_and_unmasked(later: Wiring) -> None:
    later.install(INTX, 7)
    later.set(INTX, MASK | NONE)
    assert later.signals_to() == []
    later.set(INTX, UNMASK | BOOL, b"\0")
    assert later.signals_to() == []
    later.set(INTX, UNMASK | BOOL, b"\1")
    assert later.signals_to() == [7]
    later.set(INTX, UNMASK | NONE)
    later.set(INTX, MASK | BOOL, b"\0")
    assert later.signals_to() == [7]
    later.set(INTX, UNMASK | NONE)
    later.set(INTX, MASK | BOOL, b"\1")
    assert later.signals_to() == []


@pytest.mark.parametrize("action", [MASK, UNMASK])
def test_later_masking_needs_an_active_intx_and_exactly_it(later: Wiring, action: int) -> None:
    assert errno_of(later.set, INTX, action | NONE) == EINVAL
    later.install(INTX, 7)
    assert errno_of(later.set, INTX, action | NONE, count=2) == EINVAL
    assert errno_of(later.set, INTX, action | NONE, start=1) == EINVAL
    assert errno_of(later.set, INTX, action | EVENTFD, bytes(4)) == ENOTTY
    assert errno_of(later.set, MSI, action | NONE) == ENOTTY


@pytest.mark.parametrize("index", [INTX, MSI])
def test_later_user_space_can_trigger_an_interrupt(later: Wiring, index: int) -> None:
    later.install(index, 7)
    later.set(index, TRIGGER | BOOL, b"\0")
    assert not later.signals
    later.set(index, TRIGGER | BOOL, b"\1")
    assert later.signals == {7: 1}


@pytest.mark.parametrize("index", [INTX, MSI])
def test_later_nothing_is_triggered_without_an_eventfd(later: Wiring, index: int) -> None:
    for data in (NONE, BOOL):
        assert errno_of(later.set, index, TRIGGER | data, b"\1") == EINVAL
    assert errno_of(later.set, index, TRIGGER | NONE, count=0) == EINVAL


@pytest.mark.parametrize(("first", "second"), [(INTX, MSI), (MSI, INTX)])
def test_later_only_one_of_both_is_active(later: Wiring, first: int, second: int) -> None:
    later.install(first, 7)
    assert errno_of(later.install, second, 8) == EINVAL
    later.install(first, -1)
    assert later.held == []
    later.install(second, 8)
    assert later.signals_to() == [8]


@pytest.mark.parametrize("index", [INTX, MSI])
def test_later_only_the_first_interrupt_can_be_set(later: Wiring, index: int) -> None:
    payload = struct.pack("=2i", 7, 8)
    assert errno_of(later.set, index, TRIGGER | EVENTFD, payload, count=2) == EINVAL
    assert errno_of(later.set, index, TRIGGER | EVENTFD, payload, start=1) == EINVAL
    assert later.held == []


@pytest.mark.parametrize("index", [INTX, MSI])
def test_later_a_bad_descriptor_leaves_none(later: Wiring, index: int) -> None:
    later.install(index, 7)
    assert errno_of(later.install, index, 91) == EBADF
    assert later.held == []
    assert later.signals_to() == []


@pytest.mark.parametrize("index", [MSIX, ERR, REQ])
def test_later_other_indexes_are_refused(later: Wiring, index: int) -> None:
    assert errno_of(later.install, index, 8) == ENOTTY


def test_later_a_new_eventfd_is_not_masked(later: Wiring) -> None:
    later.install(INTX, 7)
    later.interrupts.signal()
    later.install(INTX, 8)
    assert later.signals_to() == [8]
