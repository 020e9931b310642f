"""Worker processes that share the tasks of a run. Their output is returned in the order of the tasks."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from multiprocessing.sharedctypes import Synchronized

from mdevref.suite.errors import BadInput

#: Performs the task with this number, and sends its output piece by piece.
Worker = Callable[[int, Callable[[bytes], None]], None]

# A message of a worker: the task, one of these kinds, and the piece or the text of the error.
_PIECE, _DONE, _BROKEN = range(3)

_context = multiprocessing.get_context("fork")  # each worker inherits the features, which are already loaded


class WorkerError(BadInput):
    """A worker process died or failed; its scenarios have no verdict."""


def start(tasks: int, jobs: int, make_worker: Callable[[], Worker]) -> Iterator[bytes]:
    """Start up to ``jobs`` processes, and return an iterator over their pieces in the order of the tasks.

    ``make_worker`` is called once in each process. The iterator ends the processes, and raises :class:`WorkerError` if
    one of them fails.
    """
    next_task: Synchronized[int] = _context.Value("i", 0)
    processes: list[ForkProcess] = []
    ends: list[Connection] = []
    for _ in range(min(jobs, tasks)):
        receiving, sending = _context.Pipe(duplex=False)
        process = _context.Process(target=_work, args=(sending, next_task, tasks, make_worker), daemon=True)
        process.start()
        sending.close()
        processes.append(process)
        ends.append(receiving)
    return _gather(tasks, processes, ends)


def _work(sending: Connection, next_task: Synchronized[int], tasks: int, make_worker: Callable[[], Worker]) -> None:
    # Ctrl-C reaches every process of the terminal; only the parent handles it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    task = -1
    try:
        worker = make_worker()
        while True:
            with next_task.get_lock():
                task = next_task.value
                next_task.value += 1
            if task >= tasks:
                return
            worker(task, partial(_send, sending, task))
            sending.send((task, _DONE, b""))
    except Exception as error:
        sending.send((task, _BROKEN, f"{type(error).__name__}: {error}".encode()))


def _send(sending: Connection, task: int, piece: bytes) -> None:
    sending.send((task, _PIECE, piece))


def _gather(tasks: int, processes: list[ForkProcess], ends: list[Connection]) -> Iterator[bytes]:
    held: dict[int, list[bytes]] = {task: [] for task in range(tasks)}
    done: set[int] = set()
    current = 0
    try:
        while ends:
            for end in wait(ends):
                assert isinstance(end, Connection)
                try:
                    task, what, piece = end.recv()
                except EOFError:
                    ends.remove(end)
                    continue
                if what == _BROKEN:
                    raise WorkerError(f"internal error in a worker process: {piece.decode()}")
                if what == _DONE:
                    done.add(task)
                else:
                    held[task].append(piece)
                while current < tasks:
                    yield from held.pop(current, ())
                    held[current] = []
                    if current not in done:
                        break
                    current += 1
        if len(done) < tasks:
            for process in processes:
                process.join()
            codes = ", ".join(str(process.exitcode) for process in processes if process.exitcode)
            raise WorkerError(f"a worker process died (exit code {codes or 'unknown'})")
    finally:
        for process in processes:
            process.terminate()
            process.join()
