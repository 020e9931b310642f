"""Hosts whose ``remove`` accepts wrong input, removes wrong devices, or fails for valid writers."""

from __future__ import annotations

import os
from errno import EINVAL, ENODEV, EPERM
from typing import Any, ClassVar
from weakref import WeakSet

from mdevref.kernel.errors import fail
from mdevref.kernel.files import Files, OpenFile
from mdevref.kernel.tree import Tree
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice
from mdevref.mdev.parsing import parse_unsigned
from tests.miniatures.registry import wrong


@wrong({"remove.one": "expected the write to succeed; seen: EINVAL"})
class remove_refuses_a_newline(Core):
    """``remove`` rejects a number with a trailing newline, so that ``echo`` cannot remove a device."""

    def wants_removal(self, data: bytes) -> bool:
        if data.endswith(b"\n"):
            raise fail(EINVAL)
        return super().wants_removal(data)


@wrong({"remove.other-numbers": "not to exist; seen: bus/mdev/devices/"})
class removes_on_one_only(Core):
    """Writing a number other than 1 to ``remove`` has no effect."""

    def wants_removal(self, data: bytes) -> bool:
        return parse_unsigned(data) == 1


@wrong({"remove.zero": "is gone", "hotplug.zero-silent": "expected no uevent; seen: remove@"})
class removes_on_zero(Core):
    """Writing 0 to ``remove`` also removes the device."""

    def wants_removal(self, data: bytes) -> bool:
        super().wants_removal(data)
        return True


@wrong({"remove.refused-values": "expected EINVAL; seen: "})
class reads_numbers_as_python_does(Core):
    """``remove`` also accepts numbers with a sign, surrounding blanks or a binary prefix."""

    def wants_removal(self, data: bytes) -> bool:
        try:
            return int(data.partition(b"\0")[0], 0) != 0
        except ValueError:
            raise fail(EINVAL) from None


@wrong({"remove.through-links": "expected the write to succeed; seen: EPERM"})
class cannot_be_removed_through_its_type(Files):
    """Writing to ``remove`` fails if the path leads through the type of the device."""

    def write(self, path: str, data: bytes) -> int:
        if "/mdev_supported_types/" in path and path.endswith("/remove"):
            raise fail(EPERM, path)
        return super().write(path, data)


@wrong({"remove.others-stay": "to exist; seen: no bus/mdev/devices/"})
class removes_all_of_the_type(Core):
    """Removing a device also removes the other devices of its type."""

    def remove(self, mdev: MdevDevice) -> None:
        super().remove(mdev)
        for other in self.devices_of(mdev.type.parent):
            if other.type is mdev.type:
                super().remove(other)


@wrong(
    {
        "remove.path-gone": "expected ENOENT; seen: 1 of 1 bytes written",
        "remove.in-use-second-writer": "expected ENOENT; seen: 1 of 1 bytes written",
    }
)
class removes_what_is_gone(Files):
    """Writing to ``remove`` succeeds even if the device or the file does not exist."""

    def write(self, path: str, data: bytes) -> int:
        if path.endswith("/remove") and not self.exists(path):
            return len(data)
        return super().write(path, data)


@wrong(
    {
        "remove.open-file-dead": "expected ENODEV; seen: 1 of 1 bytes written",
        "remove.in-use-open-file": "expected ENODEV; seen: 1 of 1 bytes written",
    }
)
class open_files_outlive_devices(OpenFile):
    """Writing to an open file succeeds after its device was removed."""

    def write(self, data: bytes) -> int:
        return super().write(data) if self._open_node().alive else len(data)


@wrong({"remove.one-winner": "expected at least one success; seen: ENODEV, ENODEV, ENODEV, ENODEV"})
class nobody_wins(OpenFile):
    """Removing a device fails with ENODEV if other processes have the file ``remove`` open."""

    everybody: ClassVar[WeakSet[OpenFile]] = WeakSet()

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.everybody.add(self)

    def write(self, data: bytes) -> int:
        node = self._open_node()
        count = super().write(data)
        if not node.alive and any(other is not self and other._node is node for other in list(self.everybody)):
            raise fail(ENODEV, node.name)
        return count


@wrong({"remove.other-writers": "expected success or ENODEV; seen: "})
class only_the_last_opener_writes(Files):
    """Opening a file closes it for the process that has opened it before."""

    def __init__(self, tree: Tree, uid: int = 0) -> None:
        super().__init__(tree, uid)
        self.last: dict[str, OpenFile] = {}

    def open(self, path: str, flags: int = os.O_RDONLY) -> OpenFile:
        opened = super().open(path, flags)
        if path in self.last:
            self.last[path].close()
        self.last[path] = opened
        return opened


@wrong({"remove.vendor-asked-once": "expected 1 call of remove; seen: 2"})
class asks_the_vendor_twice(Core):
    """The core calls the vendor driver's ``remove`` twice."""

    def vendor_remove(self, mdev: MdevDevice) -> None:
        super().vendor_remove(mdev)
        super().vendor_remove(mdev)
