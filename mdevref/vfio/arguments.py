"""Helpers with which vendor drivers copy the structures of device ioctls from and to their callers (fact 3.4)."""

from __future__ import annotations

from errno import EINVAL
from typing import Protocol, TypeVar

from mdevref.kernel.errors import fail
from mdevref.vfio import uapi
from mdevref.vfio.uapi import ACTIONS, DATA_SIZES, DATA_TYPES, IrqSet, Record

_Record = TypeVar("_Record", bound=Record)
_U32_MAX = 0xFFFFFFFF
_UNKNOWN = _U32_MAX ^ (DATA_TYPES | ACTIONS)  # the inverse of a Flag has only its named bits


class Argument(Protocol):
    """The argument that an ioctl handler receives. Both methods fail with ``EFAULT`` outside the caller's memory."""

    def copy_in(self, size: int, offset: int = 0, /) -> bytes: ...
    def copy_out(self, data: bytes, offset: int = 0, /) -> None: ...


def take(argument: Argument, record: type[_Record]) -> _Record:
    """Return the caller's structure. ``EFAULT`` if it is not mapped, ``EINVAL`` if ``argsz`` is below the minimum."""
    taken = record.read(argument.copy_in(record.minimum))
    if taken.argsz < record.minimum:
        raise fail(EINVAL, f"argsz of {taken!r}")
    return taken


def give(argument: Argument, record: Record) -> None:
    """Copy the minimum size of the structure back, for which every caller has room."""
    argument.copy_out(bytes(record)[: record.minimum])


def take_irq_set(argument: Argument, interrupts: int, indexes: int = uapi.PCI_IRQS) -> tuple[IrqSet, bytes]:
    """Return the argument of SET_IRQS and its payload, whose size follows from ``count`` and the data type.

    ``interrupts`` is the number of interrupts of the index, ``indexes`` the number of indexes. ``EINVAL`` if the
    kernel's helper rejects the argument. The helper does not check actions: the vendor handles none or several.
    """
    wanted = take(argument, IrqSet)
    end = wanted.start + wanted.count
    size = DATA_SIZES.get(wanted.flags & DATA_TYPES)
    if (
        wanted.index >= indexes
        or end >= _U32_MAX
        or wanted.flags & _UNKNOWN
        or wanted.start >= interrupts
        or end > interrupts
        or size is None
        or wanted.argsz - IrqSet.minimum < wanted.count * size
    ):
        raise fail(EINVAL, repr(wanted))
    return wanted, argument.copy_in(wanted.count * size, IrqSet.minimum) if size and wanted.count else b""
