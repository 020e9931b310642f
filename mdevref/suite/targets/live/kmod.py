"""Load and unload kernel modules, through the C library's own calls: insmod and rmmod would hide the errno."""

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
    """Load a module from its file (unpacked). OSError: EEXIST loaded already, ENOENT a symbol is missing, ENOEXEC."""
    image = path.read_bytes()
    _check(_libc().init_module(image, ctypes.c_ulong(len(image)), parameters.encode()), str(path))


def unload(name: str) -> None:
    """Unload a module by its name as rmmod does. OSError: ENOENT not loaded, EAGAIN or EWOULDBLOCK in use."""
    _check(_libc().delete_module(name.encode(), os.O_NONBLOCK), name)


def loaded() -> frozenset[str]:
    """The names of the modules that are loaded and are no part of the kernel."""
    try:
        return frozenset(line.split()[0] for line in Path("/proc/modules").read_text().splitlines())
    except FileNotFoundError:  # a kernel without modules
        return frozenset()
