"""The speed of pinning, and of looking up a mapping among many. Runs only if named.

``pytest tests/benchmarks/test_translation_speed.py -s`` prints the figures.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median

import pytest

from mdevref.vfio.pinning import MAX_PAGES
from tests.vfio.users import PAGE, User, host_of, user_of

PAGES_PER_SECOND = 1_000_000  #: pinned and unpinned again
CALLS = 400  #: in a round
ROUNDS = 15
MAPPINGS = (60, 60_000)  #: of the two containers that are compared
GROWTH = 2.0  #: limit of the cost of a look-up among the most mappings, relative to the fewest
LOOKUPS = 2_000  #: in a round


@pytest.fixture(autouse=True)
def no_collection() -> Iterator[None]:
    """Exclude the garbage collector from the figures."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def seconds(run: Callable[[], None]) -> float:
    """Return the processor time of ``run``, which excludes other processes of the machine."""
    begin = time.process_time()
    run()
    return time.process_time() - begin


def user_with(mappings: int, size: int) -> User:
    """Return a user of a device whose container has this many mappings of ``size`` bytes, a page apart."""
    user = user_of(host_of("5.10"), memlock=None)
    user.hear(lambda event: None)
    area = user.process.memory.map(size)
    for number in range(mappings):
        user.map(number * (size + PAGE), area.address, size)
    return user


def test_pages_in_calls_of_the_greatest_size() -> None:
    """Pin consecutive pages, and the same pages in random order."""
    user = user_with(1, 4 * MAX_PAGES * PAGE)
    pin, unpin, mdev = user.pinning.pin_pages, user.pinning.unpin_pages, user.mdev
    frames = [0] * MAX_PAGES
    neighbours = list(range(MAX_PAGES, 2 * MAX_PAGES))
    shuffled = random.Random(1).sample(neighbours, MAX_PAGES)
    rates = {}
    for name, pages in (("neighbours", neighbours), ("any order", shuffled)):

        def run(pages: list[int] = pages) -> None:
            for _ in range(CALLS):
                pin(mdev, pages, MAX_PAGES, 3, frames)
                unpin(mdev, pages, MAX_PAGES)

        rates[name] = CALLS * MAX_PAGES / min(seconds(run) for _ in range(ROUNDS))
        assert user.host.kernel.host_memory.pinned == 0
        print(f"\npin + unpin, {name}, {MAX_PAGES} pages a call: {rates[name]:,.0f} pages/s")
    assert min(rates.values()) >= PAGES_PER_SECOND


def pin_each(user: User, calls: Sequence[list[int]], frames: list[int]) -> None:
    """Pin and unpin each page in separate calls."""
    pin, unpin, mdev = user.pinning.pin_pages, user.pinning.unpin_pages, user.mdev
    for page in calls:
        pin(mdev, page, 1, 3, frames)
        unpin(mdev, page, 1)


def test_a_mapping_is_found_as_fast_among_many() -> None:
    """Pin pages of random mappings, one per call, in both containers by turns."""
    users = [user_with(count, PAGE) for count in MAPPINGS]
    chosen = [random.Random(1).choices(range(count), k=LOOKUPS) for count in MAPPINGS]
    costs: list[list[float]] = [[], []]
    frames = [0]
    for _ in range(ROUNDS):
        for user, numbers, cost in zip(users, chosen, costs, strict=True):
            cost.append(seconds(partial(pin_each, user, [[2 * number] for number in numbers], frames)) / LOOKUPS)
    few, many = (min(cost) for cost in costs)
    ratio = median(b / a for a, b in zip(*costs, strict=True))
    print(f"\npin + unpin of a page: {few * 1e6:.2f} us among {MAPPINGS[0]:,} mappings, {many * 1e6:.2f} us among")
    print(f"{MAPPINGS[1]:,}: {ratio:.2f} times as much")
    assert ratio <= GROWTH
