"""Kernel images: recognise them, and extract the plain kernel, which boots seconds faster under TCG."""

from __future__ import annotations

import re
import struct
from pathlib import Path

from mdevref.suite.vm import VmError
from mdevref.suite.vm.compression import available, compression, decompress

_PVH_ENTRY = 18  # the ELF note with the entry address of a kernel without firmware (one of Xen's public numbers)
_NOTE_SEGMENT = 4


def pvh_entry(elf: bytes) -> int | None:
    """Return the address at which QEMU can enter a kernel directly; None if the file is not such a kernel."""
    if elf[:6] != b"\x7fELF\x02\x01":
        return None
    try:
        (segments_at,) = struct.unpack_from("<Q", elf, 0x20)
        size, count = struct.unpack_from("<HH", elf, 0x36)
        for index in range(count):
            kind, _flags, offset, _virtual, _physical, length = struct.unpack_from(
                "<IIQQQQ", elf, segments_at + index * size
            )
            if kind == _NOTE_SEGMENT and (entry := _find_entry(elf[offset : offset + length])) is not None:
                return entry
    except struct.error:
        pass
    return None


def _find_entry(notes: bytes) -> int | None:
    at = 0
    while at + 12 <= len(notes):
        name_size, value_size, kind = struct.unpack_from("<III", notes, at)
        name_at, value_at = at + 12, at + 12 + (name_size + 3) // 4 * 4
        if notes[name_at : name_at + name_size].rstrip(b"\0") == b"Xen" and kind == _PVH_ENTRY:
            return int.from_bytes(notes[value_at : value_at + value_size], "little")
        at = value_at + (value_size + 3) // 4 * 4
    return None


def payload(image: bytes) -> bytes | None:
    """Return the packed kernel inside a bzImage (x86 boot protocol 2.08 and later); None if it is not a bzImage."""
    if len(image) < 0x250 or image[0x202:0x206] != b"HdrS" or image[0x1FE:0x200] != b"\x55\xaa":
        return None
    (protocol,) = struct.unpack_from("<H", image, 0x206)
    setup_sectors = image[0x1F1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    if protocol < 0x208 or not length or start + length > len(image):
        return b""
    return image[start : start + length]


def extract(image: Path, into: Path) -> bool:
    """Write the plain kernel of a bzImage to ``into``; return False if it cannot be unpacked or entered by QEMU."""
    packed = payload(image.read_bytes())
    if not packed or not available(compression(packed)):
        return False
    plain = decompress(packed)
    if pvh_entry(plain) is None:
        return False
    into.write_bytes(plain)
    return True


def release(image: bytes) -> str | None:
    """Return the release (``uname -r``) of a kernel image, or None if the image does not contain it."""
    if payload(image) is not None:
        (at,) = struct.unpack_from("<H", image, 0x20E)
        found = re.match(rb"[^ \0]+", image[at + 0x200 : at + 0x300]) if at else None
    else:
        found = re.search(rb"(?<=Linux version )[^ \0]+(?= \()", image)
    return found[0].decode(errors="replace") if found else None


def read(path: Path) -> bytes:
    """Return the contents of a kernel image. Raises VmError if the file is not a kernel that can be booted."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise VmError(f"{path}: {error.strerror}") from error
    if data[:4] == b"\x7fELF":
        if pvh_entry(data) is None:
            raise VmError(f"{path}: kernel without a PVH entry (CONFIG_PVH); use its bzImage instead")
    elif payload(data) is None:
        raise VmError(f"{path}: not an x86-64 kernel (neither a bzImage nor a vmlinux)")
    return data


def bootable(path: Path, scratch: Path) -> Path:
    """Return the file to boot in QEMU: ``path``, or the plain kernel extracted from it into ``scratch``.

    Raises VmError if ``path`` is not a kernel for x86-64.
    """
    data = read(path)
    if data[:4] == b"\x7fELF":
        return path
    return scratch / "vmlinux" if extract(path, scratch / "vmlinux") else path
