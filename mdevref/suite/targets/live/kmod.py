"""Load and unload kernel modules by calls of the C library, because insmod and rmmod hide the errno."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(status: int, about: str) -> None:
    if status:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), about)


def load(path: Path, parameters: str = "") -> None:
    """Load a module from its uncompressed file.

    Raises OSError with EEXIST if it is already loaded, ENOENT if a symbol is missing, ENOEXEC if the file is invalid.
    """
    image = path.read_bytes()
    _check(_libc().init_module(image, ctypes.c_ulong(len(image)), parameters.encode()), str(path))


def unload(name: str) -> None:
    """Unload a module by its name, as rmmod does.

    Raises OSError with ENOENT if it is not loaded, EAGAIN or EWOULDBLOCK if it is in use.
    """
    _check(_libc().delete_module(name.encode(), os.O_NONBLOCK), name)


def loaded() -> frozenset[str]:
    """Return the names of the loaded modules, without those built into the kernel."""
    try:
        return frozenset(line.split()[0] for line in Path("/proc/modules").read_text().splitlines())
    except FileNotFoundError:  # the kernel does not support modules
        return frozenset()
