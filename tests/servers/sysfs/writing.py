"""Writes to files of a mounted tree, as other programs do."""

from __future__ import annotations

import os
from pathlib import Path

from tests.machines import uuid
from tests.servers.sysfs.mounts import MTTY


def write(path: Path, data: bytes) -> int:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        return os.write(descriptor, data)
    finally:
        os.close(descriptor)


def create(at: Path, number: int, kind: str = MTTY) -> Path:
    write(at / kind / "create", f"{uuid(number)}\n".encode())
    return at / "bus/mdev/devices" / uuid(number)
