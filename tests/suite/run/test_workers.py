"""Worker processes: their output is returned in the order of the tasks, and errors are not lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from mdevref.suite.run import workers
from mdevref.suite.run.workers import WorkerError

Send = Callable[[bytes], None]


def test_the_pieces_come_in_the_order_of_the_tasks() -> None:
    def make() -> workers.Worker:
        def work(task: int, send: Send) -> None:
            for number in range(task % 4):
                send(b"%d.%d" % (task, number))

        return work

    expected = [b"%d.%d" % (task, number) for task in range(40) for number in range(task % 4)]
    assert list(workers.start(40, 3, make)) == expected


def test_each_process_is_made_ready_once_and_all_share_the_tasks() -> None:
    def make() -> workers.Worker:
        seen: list[int] = []

        def work(task: int, send: Send) -> None:
            seen.append(task)
            send(b"%d %d" % (os.getpid(), len(seen)))

        return work

    pieces = [piece.split() for piece in workers.start(20, 2, make)]
    by_process: dict[bytes, list[int]] = {}
    for process, number in pieces:
        by_process.setdefault(process, []).append(int(number))
    assert len(pieces) == 20
    assert all(sorted(numbers) == list(range(1, len(numbers) + 1)) for numbers in by_process.values())
    assert str(os.getpid()).encode() not in by_process


def test_there_are_no_more_processes_than_tasks() -> None:
    def make() -> workers.Worker:
        return lambda task, send: send(b"%d" % os.getpid())

    assert len(set(workers.start(1, 8, make))) == 1


def test_an_exception_ends_the_run_and_says_what_broke() -> None:
    def make() -> workers.Worker:
        def work(task: int, send: Send) -> None:
            if task == 3:
                raise RuntimeError("out of glue")

        return work

    with pytest.raises(WorkerError, match="internal error in a worker process: RuntimeError: out of glue"):
        list(workers.start(10, 2, make))


def test_a_process_that_is_killed_ends_the_run() -> None:
    def make() -> workers.Worker:
        def work(task: int, send: Send) -> None:
            if task == 3:
                os.kill(os.getpid(), signal.SIGKILL)

        return work

    with pytest.raises(WorkerError, match=r"died \(exit code .*-9"):
        list(workers.start(10, 2, make))


def test_who_stops_listening_leaves_no_process_behind() -> None:
    def make() -> workers.Worker:
        return lambda task, send: send(b"%d" % os.getpid())

    pieces = workers.start(1000, 2, make)
    process = int(next(pieces))
    pieces.close()  # type: ignore[attr-defined]  # it is a generator
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
