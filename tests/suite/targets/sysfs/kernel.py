"""A substitute for the kernel: it creates and removes devices in a small tree of files that looks like sysfs."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from mdevref.suite.targets.sysfs import journal as journals
from mdevref.suite.targets.sysfs.journal import Journal, clean

PARENT, OTHER = "devices/virtual/mtty/mtty", "devices/virtual/mdpy/mdpy"
TYPES = "mdev_supported_types"
CREATE = f"{PARENT}/{TYPES}/mtty-1/create"
OWN = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"
SECOND = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002"


class Kernel:
    """A kernel that creates and removes devices in a tree; the devices in ``used`` cannot be removed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.used: set[str] = set()
        self.written: list[str] = []
        for parent, type in ((PARENT, "mtty-1"), (PARENT, "mtty-2"), (OTHER, "mdpy-1")):
            (root / parent / TYPES / type).mkdir(parents=True)
            (root / parent / TYPES / type / "create").touch()
        (root / "bus/mdev/devices").mkdir(parents=True)
        (root / "class/mdev_bus").mkdir(parents=True)
        for parent in (PARENT, OTHER):
            (root / "class/mdev_bus" / Path(parent).name).symlink_to(f"../../{parent}")

    def make(self, uuid: str, parent: str = PARENT, type: str = "mtty-1") -> Path:
        device = self.root / parent / uuid
        device.mkdir()
        (device / "remove").touch()
        (device / "mdev_type").symlink_to(f"../{TYPES}/{type}")
        (self.root / f"bus/mdev/devices/{uuid}").symlink_to(f"../../../{parent}/{uuid}")
        return device

    def take(self, uuid: str) -> None:
        link = self.root / f"bus/mdev/devices/{uuid}"
        shutil.rmtree(link.resolve())
        link.unlink()

    def remove(self, path: str) -> None:
        """Act on a write to ``remove``."""
        self.written.append(path)
        uuid = Path(path).parent.name
        if uuid in self.used:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        self.take(uuid)

    def devices(self) -> list[str]:
        return sorted(os.listdir(self.root / "bus/mdev/devices"))


def killed(kernel: Kernel, *creates: tuple[str, str], make: Callable[[str], object] | None = None) -> Path:
    """Leave behind what a run leaves if it is killed after its last create; return the journal's file."""
    journal = Journal(str(kernel.root))
    for create, uuid in creates:
        with journal.device(create, uuid):
            (make or kernel.make)(uuid)
    os.close(journal._descriptor)
    return journal.path


def clean_tree(kernel: Kernel) -> journals.Cleaned:
    journal = Journal(str(kernel.root))
    cleaned = clean(journal, kernel.remove)
    journal.close()
    return cleaned
