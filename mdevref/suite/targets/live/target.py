"""A running kernel as a target: the suite receives its uevents and opens its devices; in a guest it reloads drivers.

A guest's kernel is reset before each scenario: the drivers are loaded, there is no mediated device, and the bus binds
drivers automatically. If a reset fails, the kernel is unusable, and ``spent`` says why.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from mdevref.suite.interface.drivers import Vendor
from mdevref.suite.interface.releases import Release
from mdevref.suite.interface.selection import BUS, CLASS
from mdevref.suite.interface.target import Uevent
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.targets.live import kmod
from mdevref.suite.targets.live.netlink import Uevents
from mdevref.suite.targets.live.scripted import NAME, ScriptedVendor
from mdevref.suite.targets.sysfs.machine import SysfsMachine
from mdevref.suite.targets.sysfs.nodes import LiveNodes
from mdevref.suite.targets.sysfs.started import within_deadline
from mdevref.suite.targets.sysfs.target import SysfsTarget

#: Log messages of a kernel about an internal error, including those after which it continues.
COMPLAINT = re.compile(r"BUG:|WARNING:|Oops|general protection fault|UBSAN:|KASAN:|refcount_t:|blocked for more than")


class LiveMachine(SysfsMachine):
    """A machine whose kernel is the running one."""

    def __init__(self, root: str, *, allow_changes: bool, has_nodes: bool = False) -> None:
        super().__init__(root, allow_changes=allow_changes, has_nodes=has_nodes)
        self._events: list[Uevent] = []
        self._listener: Uevents | None = None
        self._deaf = ""
        try:
            self._listener = Uevents()
        except Unsupported as why:
            self._deaf = str(why)

    def uevents(self) -> Sequence[Uevent]:
        if self._listener is None:
            raise Unsupported(self._deaf)
        self._events += self._listener.drain()
        return tuple(self._events)

    def close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        super().close()


class GuestMachine(LiveMachine):
    """A guest's kernel for one scenario: the suite may write any file, and load and unload drivers."""

    def __init__(self, target: GuestTarget) -> None:
        super().__init__(target.root, allow_changes=True, has_nodes=target.has_nodes)
        if target.has_nodes:
            self._nodes = LiveNodes(self.files, may_open=lambda _path: None)
        self._target = target
        target.complaints()

    def _check(self, path: str, data: bytes) -> None:
        """Permit every write: a guest belongs to the suite."""

    def load(self, driver: str) -> None:
        within_deadline(lambda: self._target.load(driver))

    def unload(self, driver: str) -> None:
        within_deadline(lambda: self._target.unload(driver))

    def vendor_drivers(self) -> Mapping[str, str]:
        there = kmod.loaded()
        return {name: parent for name, parent in {**self._target.vendors, NAME: NAME}.items() if name in there}

    def scripted_vendor(self, without: Sequence[str] = ()) -> Vendor:
        return self._target.load_scripted(without)

    def leftovers(self) -> Sequence[str]:
        """Return what the scenario left behind, and the kernel's error messages during the scenario."""
        self._target.unload_scripted()
        return [*super().leftovers(), *(f"kernel log: {text}" for text in self._target.complaints())]

    def close(self) -> None:
        super().close()
        self._target.reset()


class GuestTarget(SysfsTarget):
    """The kernel of a guest, with its modules in a folder.

    ``core`` are the modules of the bus driver and ``drivers`` the vendor drivers, by name in the order of loading.
    ``spent`` is set to the reason if a reset fails. The kernel is then unusable, and must be booted again.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        core: Sequence[str],
        drivers: Sequence[str],
        scripted: bool = False,
        *,
        root: str = "/sys",
        release: Release | None = None,
    ) -> None:
        """Load the drivers. Raises ValueError if the kernel has no mdev core or a driver cannot be loaded."""
        self._folder = folder
        self._core = tuple(core)
        self._drivers = tuple(drivers)
        self._scripted = scripted
        self.vendors: dict[str, str] = {}  #: module -> its first parent, of the drivers that have one
        if not os.path.isdir(f"{root}/{BUS}"):
            raise ValueError("this kernel has no mdev bus: CONFIG_VFIO_MDEV is neither built in nor a module")
        for driver in drivers:
            self._load_first(root, driver)
        super().__init__(root, allow_changes=True, release=release)
        self.name = name
        self.spent = ""
        self._clean = self._bound_drivers()
        self._log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.lseek(self._log, 0, os.SEEK_END)

    def _load_first(self, root: str, driver: str) -> None:
        """Load a driver; if it registers a parent, remember it as a vendor driver."""
        before = _names(f"{root}/{CLASS}")
        try:
            kmod.load(self._folder / f"{driver}.ko")
        except OSError as error:
            raise ValueError(f"cannot load the driver {driver}: {error.strerror}") from error
        new = sorted(_names(f"{root}/{CLASS}") - before)
        if new:
            self.vendors[driver] = new[0]

    def environment(self) -> Mapping[str, str]:
        uname = os.uname()
        there = kmod.loaded()
        return {
            "kernel": f"{uname.sysname} {uname.release} {uname.version} {uname.machine}",
            "drivers": ", ".join(name for name in (*self._core, *self._drivers) if name in there),
        }

    def machine(self) -> GuestMachine:
        return GuestMachine(self)

    def load(self, driver: str) -> int:
        kmod.load(self._folder / f"{driver}.ko")
        return 0

    def unload(self, driver: str) -> int:
        kmod.unload(driver)
        return 0

    def load_scripted(self, without: Sequence[str]) -> ScriptedVendor:
        """Load the scripted vendor driver; its types lack the attributes in ``without``.

        Raises Unsupported if there is no such driver for this kernel, or if the core itself creates such an attribute.
        """
        if not self._scripted:
            raise Unsupported("there is no scripted vendor driver for this kernel")
        has_bus_driver = "vfio_mdev" in self._core
        if not has_bus_driver and set(without) - {"description", "name"}:
            raise Unsupported(f"the core of this kernel itself creates {', '.join(without)} of every type")
        kmod.load(self._folder / f"{NAME}.ko", f"without={','.join(without)}")
        return ScriptedVendor(self.root, has_bus_driver=has_bus_driver)

    def unload_scripted(self) -> None:
        """Release every caller that is blocked in the scripted vendor driver, and unload it."""
        if NAME not in kmod.loaded():
            return
        with suppress(OSError, Unsupported):
            vendor = ScriptedVendor(self.root, has_bus_driver=False)
            for callback in ("create", "remove"):
                vendor.release(callback)
        with suppress(OSError):
            within_deadline(lambda: self.unload(NAME))

    def complaints(self) -> list[str]:
        """Return the kernel's error messages since the last call."""
        found: list[str] = []
        while True:
            try:
                record = os.read(self._log, 8192).decode(errors="replace")
            except BlockingIOError:
                return found
            except BrokenPipeError:  # records were overwritten before they were read
                continue
            text = record.partition(";")[2].partition("\n")[0]
            if COMPLAINT.search(text):
                found.append(text)

    def reset(self) -> None:
        """Reset the kernel to a clean state, or set ``spent`` to the reason why it is not clean."""
        self.unload_scripted()
        with suppress(OSError):
            _write(f"{self.root}/{BUS}/drivers_autoprobe", b"1")
        for uuid in sorted(_names(f"{self.root}/{BUS}/devices")):
            with suppress(OSError):
                within_deadline(lambda path=f"{self.root}/{BUS}/devices/{uuid}/remove": _write(path, b"1"))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        there = kmod.loaded()
        for module in (*self._core, *self._drivers):
            if module not in there:
                with suppress(OSError):
                    within_deadline(lambda module=module: self.load(module))  # type: ignore[misc]  # as above
        self.spent = self._not_clean()

    def _not_clean(self) -> str:
        if left := _names(f"{self.root}/{BUS}/devices"):
            return f"left behind: {', '.join(sorted(left))}"
        parents = frozenset(self.vendors.values()) - _names(f"{self.root}/{CLASS}")
        if NAME in kmod.loaded():
            return f"left behind: the driver {NAME}"
        missing = (self._clean - self._bound_drivers()) | parents
        return f"missing: {', '.join(sorted(missing))}" if missing else ""

    def _bound_drivers(self) -> frozenset[str]:
        return _names(f"{self.root}/{BUS}/drivers")


def _names(path: str) -> frozenset[str]:
    try:
        return frozenset(os.listdir(path))
    except FileNotFoundError:
        return frozenset()


def _write(path: str, data: bytes) -> int:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        return os.write(descriptor, data)
    finally:
        os.close(descriptor)
