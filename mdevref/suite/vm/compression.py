"""The compression formats of kernels and modules."""

from __future__ import annotations

import bz2
import lzma
import shutil
import subprocess
import zlib

from mdevref.suite.vm import VmError, process

#: The first bytes of each format, and its program. Python itself unpacks gzip, xz, lzma and bzip2.
MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\xfd7zXZ\x00": "xz",
    b"\x5d\x00\x00": "lzma",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x02\x21\x4c\x18": "lz4",
    b"\x89LZO": "lzop",
}


def compression(data: bytes) -> str | None:
    """Return the name of the compression by the first bytes of the data, or None if they match no known format."""
    return next((name for magic, name in MAGIC.items() if data.startswith(magic)), None)


def available(name: str | None) -> bool:
    """Return whether this machine can unpack the format."""
    return name in (None, "gzip", "xz", "lzma", "bzip2") or shutil.which(name) is not None


def decompress(data: bytes) -> bytes:
    """Return the unpacked data, or the data itself if it is not packed. Raises VmError if it is damaged.

    Bytes after the end are ignored, because a kernel has its size there.
    """
    name = compression(data)
    try:
        match name:
            case None:
                return data
            case "gzip":
                return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data)
            case "xz" | "lzma":
                return lzma.LZMADecompressor().decompress(data)
            case "bzip2":
                return bz2.BZ2Decompressor().decompress(data)
            case _:
                return _by_program(name, data)
    except (lzma.LZMAError, zlib.error, OSError, EOFError) as error:
        raise VmError(f"damaged {name} data: {error}") from error


def _by_program(name: str, data: bytes) -> bytes:
    done = subprocess.run([process.program(name), "-dcq"], input=data, capture_output=True, check=False)  # noqa: S603 - no shell, a program from a table
    # These programs report an error for trailing bytes after they have written all data, so ignore the exit status.
    if not done.stdout:
        raise VmError(f"damaged {name} data: {done.stderr.decode(errors='replace').strip() or done.returncode}")
    return done.stdout
