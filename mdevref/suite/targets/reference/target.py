"""The targets ``reference`` and ``reference:era=5.10``: the reference host in this process."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from mdevref.drivers.scripted import ScriptedDriver
from mdevref.host import Host
from mdevref.kernel.files import Files as HostFiles
from mdevref.kernel.files import OpenFile
from mdevref.kernel.waiting import Started
from mdevref.mdev.eras import DEFAULT
from mdevref.suite.interface.device import HeldDevice, Process
from mdevref.suite.interface.drivers import Vendor
from mdevref.suite.interface.files import Stat
from mdevref.suite.interface.target import Uevent
from mdevref.suite.interface.terms import Interface
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.targets.reference.drivers import ReferenceDrivers
from mdevref.suite.targets.reference.process import ReferenceProcess
from mdevref.suite.targets.reference.translation import ReferenceTranslation

VENDORS = ("mtty", "mdpy")  #: the vendor drivers of a clean machine
_HIDDEN = ("ACTION", "DEVPATH", "SEQNUM")  #: variables that the interface leaves out of a uevent's environment


class Files:
    """The host's tree, adapted to the suite's interface."""

    def __init__(self, files: HostFiles) -> None:
        self._files = files
        self.listdir = files.listdir
        self.read = files.read
        self.write = files.write
        self.readlink = files.readlink

    def lstat(self, path: str) -> Stat:
        stat = self._files.lstat(path)
        return Stat(stat.kind, stat.mode, stat.size)

    def open(self, path: str, flags: int) -> OpenFile:
        return self._files.open(path, flags)


class ReferenceMachine:
    """A fresh host with its bus driver and two vendor drivers."""

    process_class = ReferenceProcess  #: overridden by hosts whose processes misbehave on purpose

    def __init__(self, host: Host) -> None:
        if host.era.has_bus_driver:
            host.load("vfio_mdev")
        for name in VENDORS:
            host.load(name)
        self.host = host
        self.files = Files(host.sysfs)
        self._subscription = host.subscribe()
        self._processes: list[ReferenceProcess] = []
        self._drivers: ReferenceDrivers | None = None
        self._translation: ReferenceTranslation | None = None

    def uevents(self) -> Sequence[Uevent]:
        return [
            Uevent(
                event.action,
                event.devpath,
                {key: value for key, value in event.environment.items() if key not in _HIDDEN},
            )
            for event in tuple(self._subscription.events)
        ]

    def load(self, driver: str) -> None:
        self.host.load(driver)

    def unload(self, driver: str) -> None:
        self.host.unload(driver)

    def vendor_drivers(self) -> Mapping[str, str]:
        return {name: name for name in self.host.vendors}

    def scripted_vendor(self, without: Sequence[str] = ()) -> Vendor:
        """Load the scripted driver. Raises Unsupported if the era's core itself creates an attribute of ``without``."""
        if self.host.era.core_owns_types and set(without) - {"description", "name"}:
            raise Unsupported(f"the core of {self.host.era.name} itself creates {', '.join(without)} of every type")
        self.host.load("scripted", without=",".join(without))
        vendor = self.host.vendors["scripted"]
        assert isinstance(vendor, ScriptedDriver)
        return vendor

    def drivers(self) -> ReferenceDrivers:
        if self._drivers is None:
            self._drivers = ReferenceDrivers(self.host)
        return self._drivers

    def translation(self) -> ReferenceTranslation:
        if self._translation is None:
            self._translation = ReferenceTranslation(self.host, self._processes)
        return self._translation

    def process(self) -> Process:
        kernel = self.host.kernel
        self._processes.append(self.process_class(kernel.nodes, kernel.host_memory))
        return self._processes[-1]

    def nodes(self) -> Collection[str]:
        return self._nodes_below("vfio")

    def _nodes_below(self, folder: str) -> list[str]:
        nodes, found = self.host.kernel.nodes, []
        for path in [f"{folder}/{name}" for name in nodes.names(folder)]:
            try:
                nodes.find(path)
                found.append(path)
            except IsADirectoryError:
                found += self._nodes_below(path)
        return found

    def open_device(self, uuid: str) -> HeldDevice:
        raise Unsupported(f"only a process can open the device {uuid}")

    def start(self, operation: Callable[[], object]) -> Started:
        return self.host.start(operation)

    def leftovers(self) -> Sequence[str]:
        return self.host.leftovers()

    def close(self) -> None:
        """Release every blocked operation, and drop the host."""
        self._subscription.close()
        for process in self._processes:
            process.exit()
        if self._drivers is not None:
            self._drivers.let_go()
        for vendor in self.host.vendors.values():
            if isinstance(vendor, ScriptedDriver):
                vendor.release("create")
                vendor.release("remove")


class ReferenceTarget:
    """The reference host of an era. ``host`` creates the host of each machine; it may misbehave on purpose."""

    interfaces: frozenset[Interface] = frozenset({"management", "driver", "device", "translation", "sample"})

    def __init__(
        self, era: str = DEFAULT, *, name: str | None = None, host: Callable[[str], Host] | None = None
    ) -> None:
        """Create the target. Raises ValueError if the era is unknown."""
        self._host = host or Host
        self._era = era
        example = self._host(era)
        self.release: tuple[int, int] | None = example.era.release
        self.name = name or ("reference" if era == DEFAULT else f"reference:era={era}")

    def environment(self) -> Mapping[str, str]:
        from importlib.metadata import version  # imported here because it takes 20 ms and a plain run does not need it

        return {
            "implementation": f"mdevref {version('mdevref')}",
            "kernel": f"era {self._era}",
            "drivers": ", ".join(VENDORS),
        }

    def machine(self) -> ReferenceMachine:
        return ReferenceMachine(self._host(self._era))

    def shell_path(self, path: str) -> str:
        return f"/sys/{path}"

    def close(self) -> None:
        """Do nothing: the target has no state of its own."""


def open_reference(argument: str = "") -> ReferenceTarget:
    """Return the target for the ``argument`` after ``reference:`` on the command line: nothing, or ``era=NAME``.

    Raises ValueError for any other argument.
    """
    if not argument:
        return ReferenceTarget()
    key, _, value = argument.partition("=")
    if key != "era":
        raise ValueError(f"invalid argument {argument!r} (expected era=NAME)")
    return ReferenceTarget(value)
