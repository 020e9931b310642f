"""Hosts that are wrong throughout the sysfs tree: links, modes, sizes, reads, writes."""

from __future__ import annotations

import os
from dataclasses import replace
from errno import EINVAL

from mdevref.kernel.attributes import Attribute
from mdevref.kernel.core import Kernel
from mdevref.kernel.directories import File
from mdevref.kernel.errors import fail
from mdevref.kernel.files import Files, OpenFile, Stat
from mdevref.mdev.core import Core
from mdevref.mdev.eras import Era
from tests.miniatures.registry import wrong


@wrong({"sysfs.links-relative": "expected a relative link; seen: /sys/"})
class links_are_absolute(Files):
    """Every link is absolute."""

    def readlink(self, path: str) -> str:
        return "/sys/" + os.path.normpath(f"{path}/../{super().readlink(path)}")


@wrong({"sysfs.modes": "expected mode 0200; seen: 0644", "sysfs.write-only-unreadable": "expected EACCES; seen: EIO"})
class create_is_world_readable(Core):
    """The mode of ``create`` is 0644."""

    def __init__(self, kernel: Kernel, era: Era) -> None:
        super().__init__(kernel, era)
        self.create_attribute = Attribute("create", 0o644, None, self.create_store)


@wrong({"sysfs.modes": "expected mode 0", "binding.modes": "expected mode 0644; seen: 0600"})
class modes_are_cut_by_a_umask(Files):
    """Only the owner has permissions on any file, as if a umask applied."""

    def lstat(self, path: str) -> Stat:
        stat = super().lstat(path)
        return replace(stat, mode=stat.mode & 0o700)


@wrong({"sysfs.attribute-size": "expected 4096 bytes; seen: 0"})
class files_have_no_size(Files):
    """The size of every attribute is 0, as in procfs."""

    def lstat(self, path: str) -> Stat:
        stat = super().lstat(path)
        return replace(stat, size=0) if stat.kind == "file" else stat


@wrong(
    {
        "sysfs.write-only-unreadable": "expected EACCES; seen: EIO",
        "sysfs.read-only-unwritable": "expected EACCES; seen: EIO",
    }
)
class root_opens_anything(Files):
    """Root can open every file, whatever its mode is."""

    def open(self, path: str, flags: int = os.O_RDONLY) -> OpenFile:
        node = self._tree.walk(path)
        if isinstance(node, File):
            return OpenFile(self._tree, node, may_read=True, may_write=True)
        return super().open(path, flags)


@wrong({"sysfs.no-new-files": "expected EACCES; seen: 1 of 1 bytes written"})
class takes_new_files(Files):
    """Creating a file appears to succeed, but the file does not exist afterwards."""

    def write(self, path: str, data: bytes) -> int:
        return super().write(path, data) if self.exists(path) else len(data)


@wrong({"sysfs.read-to-end": "expected a text, then 0 bytes"})
class reads_from_the_start_again(OpenFile):
    """Each read of an open file returns the whole text again."""

    def pread(self, size: int, offset: int) -> bytes:
        return super().pread(size, 0)


@wrong({"create.empty-write": "expected 0; seen: EINVAL", "remove.empty-write": "expected 0; seen: EINVAL"})
class refuses_empty_writes(OpenFile):
    """A write of 0 bytes fails."""

    def write(self, data: bytes) -> int:
        if not data:
            raise fail(EINVAL)
        return super().write(data)


@wrong({"create.each-write": "expected"})
class joins_writes(OpenFile):
    """Successive writes to an open file are joined to one text."""

    _so_far = b""

    def write(self, data: bytes) -> int:
        self._so_far += data
        super().write(self._so_far)
        return len(data)


@wrong({"create.open-flags": "expected the write to succeed; seen: EINVAL"})
class cannot_be_appended_to(Files):
    """Opening a file with ``O_APPEND`` fails."""

    def open(self, path: str, flags: int = os.O_RDONLY) -> OpenFile:
        if flags & os.O_APPEND:
            raise fail(EINVAL, path)
        return super().open(path, flags)
