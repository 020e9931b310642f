"""IOMMU_GET_INFO of a type1 container, as recorded on 5.10, 6.1, 6.12 and 7.3."""

from __future__ import annotations

import struct
from typing import Final

from mdevref.kernel.memory import PAGE_SIZE
from mdevref.vfio.arguments import Argument, take
from mdevref.vfio.uapi import IommuFlags, IommuInfo

#: One bit for each supported page size: the smallest page and every larger power of two.
PAGE_SIZES: Final = (1 << 64) - PAGE_SIZE

_CAPABILITY = struct.Struct("=HHI")  # id, version, offset of the next one
_MIGRATION = struct.Struct("=I4xQQ")  # flags, page sizes, maximum size of a dirty bitmap in bytes
_AVAILABLE = struct.Struct("=I")  # number of mappings still available
_MIGRATION_ID, _AVAILABLE_ID, _VERSION = 2, 3, 1
_LARGEST_BITMAP = 1 << 28


def give_info(argument: Argument, size: int | None, available: int) -> None:
    """Handle the request. ``size`` is the size of the structure with its capabilities, or None without capabilities.

    If the caller's buffer is smaller, ``argsz`` reports that size and no capabilities are copied. ``available`` is the
    number of mappings still available. ``EFAULT`` and ``EINVAL`` as for :func:`mdevref.vfio.arguments.take`.
    """
    info = take(argument, IommuInfo)
    room = min(info.argsz, IommuInfo.full) if size is not None else IommuInfo.minimum
    info.flags = IommuFlags.PGSIZES
    info.iova_pgsizes = PAGE_SIZES
    info.cap_offset = 0
    if size is not None:
        info.flags |= IommuFlags.CAPS
        if info.argsz < size:
            info.argsz = size
        else:
            info.cap_offset = IommuInfo.full
            argument.copy_out(_capabilities(available), IommuInfo.full)
    argument.copy_out(bytes(info)[:room])


def _capabilities(available: int) -> bytes:
    next_one = IommuInfo.full + _CAPABILITY.size + _MIGRATION.size
    return (
        _CAPABILITY.pack(_MIGRATION_ID, _VERSION, next_one)
        + _MIGRATION.pack(0, PAGE_SIZE, _LARGEST_BITMAP)
        + _CAPABILITY.pack(_AVAILABLE_ID, _VERSION, 0)
        + _AVAILABLE.pack(available)
    )
