"""How vendors take the structures of device ioctls from their callers and give them back (fact 3.4)."""

from __future__ import annotations

from errno import EINVAL
from typing import Protocol, TypeVar

from mdevref.kernel.errors import fail
from mdevref.vfio import uapi
from mdevref.vfio.uapi import ACTIONS, DATA_SIZES, DATA_TYPES, IrqSet, Record

_Record = TypeVar("_Record", bound=Record)
_U32_MAX = 0xFFFFFFFF
_UNKNOWN = _U32_MAX ^ (DATA_TYPES | ACTIONS)  # inverting a Flag keeps to the bits that it has names for


class Argument(Protocol):
    """Where a structure is: what an ioctl handler gets. Both fail with ``EFAULT`` outside the caller's memory."""

    def copy_in(self, size: int, offset: int = 0, /) -> bytes: ...
    def copy_out(self, data: bytes, offset: int = 0, /) -> None: ...


def take(argument: Argument, record: type[_Record]) -> _Record:
    """The caller's structure: ``EFAULT`` if it is not there, ``EINVAL`` if its ``argsz`` says less than the minimum."""
    taken = record.read(argument.copy_in(record.minimum))
    if taken.argsz < record.minimum:
        raise fail(EINVAL, f"argsz of {taken!r}")
    return taken


def give(argument: Argument, record: Record) -> None:
    """Write the structure back, as far as every caller has room for it."""
    argument.copy_out(bytes(record)[: record.minimum])


def take_irq_set(argument: Argument, interrupts: int, indexes: int = uapi.PCI_IRQS) -> tuple[IrqSet, bytes]:
    """The argument of SET_IRQS and its payload, of which no more is taken than ``count`` and the kind of data say.

    ``interrupts`` is how many there are of the index, ``indexes`` how many indexes. ``EINVAL`` for what the kernel's
    helper refuses; actions are not among that: none or several at once are the vendor's affair.
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
