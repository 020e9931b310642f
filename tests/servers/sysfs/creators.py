"""A program that creates and removes devices on a mount for some seconds, concurrently with others."""

from __future__ import annotations

import errno
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable

#: The expected errors of concurrent operations: no instance left, lost race, device being created or removed.
EXPECTED = {
    "create": (errno.ENOSPC, errno.ENOMEM, errno.EEXIST),
    "remove": (errno.ENOENT, errno.ENODEV, errno.EAGAIN),
    "look": (errno.ENOENT, errno.ENODEV),
}


def write(path: str, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        written = os.write(descriptor, data)
        assert written == len(data), (path, written)
    finally:
        os.close(descriptor)


def look(top: str, uuid: str) -> None:
    device = f"{top}/bus/mdev/devices/{uuid}"
    kind = os.path.basename(os.readlink(f"{device}/mdev_type"))
    assert kind in ("mtty-1", "mtty-2", "mdpy-vga"), kind
    os.listdir(device)
    for uuid_of_somebody in os.listdir(f"{top}/bus/mdev/devices"):
        assert len(uuid_of_somebody) == 36


def main(top: str, seconds: float, number: int) -> None:
    """Create and remove this process's device, and occasionally one that other processes also create."""
    rng = random.Random(number)
    done: Counter[str] = Counter()

    def attempt(name: str, operation: Callable[[], None]) -> bool:
        try:
            operation()
        except OSError as error:
            if error.errno not in EXPECTED[name]:
                raise
            done[errno.errorcode[error.errno]] += 1
            return False
        done[name] += 1
        return True

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        is_shared = rng.random() < 0.2
        uuid = f"{rng.randrange(4) if is_shared else 1000 + number:08x}-0000-4000-8000-000000000000"
        kind = rng.choice(("mtty/mdev_supported_types/mtty-1", "mtty/mdev_supported_types/mtty-2"))
        kind = rng.choice((kind, "mdpy/mdev_supported_types/mdpy-vga"))
        if attempt("create", lambda: write(f"{top}/class/mdev_bus/{kind}/create", uuid.encode())):  # noqa: B023  # called at once
            attempt("look", lambda: look(top, uuid))  # noqa: B023
            # Only the creator of a device removes it.
            assert attempt("remove", lambda: write(f"{top}/bus/mdev/devices/{uuid}/remove", b"1"))  # noqa: B023
    json.dump(done, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
