"""Detection of blocked threads without sleeping."""

from __future__ import annotations

import threading

import pytest

from mdevref.kernel import waiting
from mdevref.kernel.ids import LowestFree, Majors
from mdevref.kernel.waiting import Gate, Mutex, Started, Waits


def test_an_operation_that_ends_is_not_blocked_and_gives_its_value() -> None:
    started = Started(Waits(), lambda: 42)
    assert not started.is_blocked()
    assert started.result() == 42


def test_what_an_operation_raises_is_raised_for_who_asks() -> None:
    def fail() -> None:
        raise PermissionError("no")

    started = Started(Waits(), fail)
    with pytest.raises(PermissionError):
        started.result()


def test_who_waits_for_a_mutex_is_blocked_until_it_is_free() -> None:
    waits = Waits()
    mutex = Mutex(waits, "the thing")

    def take() -> str:
        with mutex:
            return "taken"

    with mutex:
        started = Started(waits, take)
        assert started.is_blocked()
        assert [wait.why for wait in waits.current()] == ["the thing"]
    assert started.result() == "taken"
    assert waits.current() == []


def test_a_wait_whose_end_has_come_does_not_count_even_before_the_thread_runs_on() -> None:
    waits = Waits()
    condition = threading.Condition()
    done: list[bool] = []

    def wait() -> None:
        with condition:
            waits.wait_for(condition, lambda: bool(done), "the end")

    started = Started(waits, wait)
    assert started.is_blocked()
    with condition:  # the waiting thread cannot resume while this is held
        done.append(True)
        assert waits.current() == []
        condition.notify_all()
    assert not started.is_blocked()
    started.result()


def test_an_operation_that_is_stuck_elsewhere_is_reported_and_not_called_blocked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting, "DEADLINE", 0.05)
    event = threading.Event()
    started = Started(Waits(), lambda: event.wait(10))
    with pytest.raises(TimeoutError):
        started.is_blocked()
    with pytest.raises(TimeoutError):
        started.result()
    event.set()


def test_closing_a_gate_lets_nobody_in_and_waits_for_those_inside() -> None:
    waits = Waits()
    gate = Gate(waits, "the others")
    assert gate.try_enter()
    assert gate.try_enter()
    closer = Started(waits, gate.close)
    assert closer.is_blocked()
    assert not gate.try_enter()
    gate.leave()
    assert closer.is_blocked()
    gate.leave()
    closer.result()
    assert not gate.try_enter()
    gate.open()
    assert gate.try_enter()


def test_the_lowest_free_number_is_given_out() -> None:
    ids = LowestFree()
    assert [ids.take() for _ in range(4)] == [0, 1, 2, 3]
    ids.give_back(2)
    ids.give_back(0)
    assert [ids.take() for _ in range(3)] == [0, 2, 4]


def test_majors_are_given_out_from_above() -> None:
    majors = Majors(250)
    assert [majors.take() for _ in range(3)] == [250, 249, 248]
    majors.give_back(250)
    assert majors.take() == 250
