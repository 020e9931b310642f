"""A whole machine in memory: a kernel of some era, its sysfs tree, modules to load, devices to open.

>>> host = Host()
>>> host.load("mtty")
>>> host.sysfs.read("class/mdev_bus/mtty/mdev_supported_types/mtty-2/available_instances")
b'12\\n'
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from errno import ENOENT
from importlib import import_module

from mdevref.drivers.vendor import VendorDriver
from mdevref.kernel.core import Kernel
from mdevref.kernel.device import Device
from mdevref.kernel.directories import Directory
from mdevref.kernel.errors import fail
from mdevref.kernel.files import Files
from mdevref.kernel.memory import DEFAULT_MEMLOCK
from mdevref.kernel.modules import Module
from mdevref.kernel.process import OPEN_FILES, Process
from mdevref.kernel.uevents import Subscription
from mdevref.kernel.waiting import Started, Waits
from mdevref.mdev.core import Core
from mdevref.mdev.eras import DEFAULT, ERAS, VARIANTS, Era
from mdevref.mdev.module import MdevModule
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio.bare import BareDriver
from mdevref.vfio.core import Vfio
from mdevref.vfio.holding import HeldDevice, HeldDevices
from mdevref.vfio.modules import BackendModule, VfioMdev, VfioModule
from mdevref.vfio.pinning import Pinning
from mdevref.vfio.type1 import Type1, Type1Driver

DriverFactory = Callable[[Core, Vfio, Mapping[str, str]], VendorDriver]


class _Drivers(Mapping[str, DriverFactory]):
    """Vendor drivers by module name. Each is imported when it is asked for: most hosts have one, and start sooner."""

    def __init__(self, **classes: str) -> None:
        self._classes = classes

    def __getitem__(self, name: str) -> DriverFactory:
        class_name = self._classes[name]
        driver: DriverFactory = getattr(import_module(f"mdevref.drivers.{name}"), class_name)
        return driver

    def __contains__(self, name: object) -> bool:
        return name in self._classes

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)


#: The vendor drivers that can be loaded, by module name.
DRIVERS: Mapping[str, DriverFactory] = _Drivers(
    i915="I915",
    mbochs="Mbochs",
    mdpy="Mdpy",
    mtty="Mtty",
    nvidia="Nvidia",
    scripted="ScriptedDriver",
    vfio_ap="VfioAp",
    vfio_ccw="VfioCcw",
)

#: What modprobe loads after a module, if it can: a soft dependency.
LOADED_AFTER: Mapping[str, str] = {"vfio": "vfio_iommu_type1"}


class Host:
    """A machine. ``era`` is the name of one of :data:`mdevref.mdev.eras.ERAS` or ``VARIANTS``, or an era of one's own.

    ``core`` and ``drivers`` replace the core's class and the vendor drivers: for hosts that are wrong on purpose.
    Every file operation and callback may be made from any thread.
    """

    def __init__(
        self,
        era: str | Era = DEFAULT,
        *,
        core: Callable[[Kernel, Era], Core] = Core,
        drivers: Mapping[str, DriverFactory] = DRIVERS,
    ) -> None:
        self.era = find_era(era) if isinstance(era, str) else era
        self.kernel = Kernel(self.era.kernel)
        self.core = core(self.kernel, self.era)
        self.vfio = Vfio(self.kernel, self.era)
        self.back_end: type[Type1] = Type1  #: what the module of type 1 offers
        self.pinning: type[Pinning] = Pinning  #: what vendor drivers of others call
        self.vendors: dict[str, VendorDriver] = {}
        self._factories = drivers
        self._held = HeldDevices()

    @property
    def sysfs(self) -> Files:
        """The tree at /sys, as root sees it; paths are relative to it."""
        return self.kernel.sysfs

    def sysfs_as(self, uid: int) -> Files:
        """The tree as another user sees it."""
        return Files(self.kernel.tree, uid)

    @property
    def log(self) -> deque[str]:
        """The lines of the kernel log, oldest first."""
        return self.kernel.log

    @property
    def waits(self) -> Waits:
        """Which threads wait inside the host, and for what."""
        return self.kernel.waits

    def subscribe(self) -> Subscription:
        """The uevents from now on."""
        return self.kernel.uevents.subscribe()

    def start(self, operation: Callable[[], object]) -> Started:
        """Run ``operation`` beside the caller: one that may wait inside the host."""
        return Started(self.waits, operation)

    # Modules

    def load(self, name: str, **parameters: str) -> None:
        """Load a module and what it needs, as modprobe does.

        ``ENOENT`` for a module that this era does not have, ``EEXIST`` for one that is loaded, ``EINVAL`` for a value
        that a parameter cannot have; else what its init fails with. A parameter the module does not know is logged.
        """
        code = self._module(name, parameters)
        for needed in code.depends:
            if needed not in self.kernel.modules.loaded:
                self.load(needed)
        self.kernel.modules.load(code)
        if isinstance(code, VendorDriver):
            self.vendors[name] = code
        after = LOADED_AFTER.get(name)
        if after is not None and after not in self.kernel.modules.loaded:
            self.load(after)

    def unload(self, name: str) -> None:
        """Unload a module as rmmod does: blocked or refused (``EAGAIN``) while in use, as the era has it."""
        self.kernel.modules.unload(name)
        self.vendors.pop(name, None)

    def unload_all(self) -> None:
        """Unload every module, each before those it needs."""
        loaded = self.kernel.modules.loaded
        while loaded:
            self.unload(next(name for name in reversed(loaded) if not loaded[name].holders))

    def _module(self, name: str, parameters: Mapping[str, str]) -> Module:
        if name in self._factories:
            return self._factories[name](self.core, self.vfio, parameters)
        code = self._core_module(name)
        self.log.extend(f"{name}: unknown parameter '{unknown}' ignored" for unknown in parameters)
        return code

    def _core_module(self, name: str) -> Module:
        match name:
            case "mdev":
                return MdevModule(self.core)
            case "vfio":
                return VfioModule(self.vfio)
            case "vfio_mdev" if self.era.has_bus_driver:
                return VfioMdev(self.core, self.vfio)
            case Type1Driver.name:
                return BackendModule(self.vfio, Type1Driver(self.kernel, self.era, self.back_end))
            case BareDriver.name:
                return BackendModule(self.vfio, BareDriver())
        raise fail(ENOENT, name)

    # Devices

    def process(
        self,
        *,
        uid: int = 0,
        capabilities: frozenset[str] | None = None,
        open_files: int = OPEN_FILES,
        memlock: int | None = DEFAULT_MEMLOCK,
    ) -> Process:
        """A new user process, as :class:`mdevref.kernel.process.Process` has it."""
        return Process(
            self.kernel.nodes,
            self.kernel.host_memory,
            uid=uid,
            capabilities=capabilities,
            open_files=open_files,
            memlock=memlock,
        )

    def open_device(self, uuid: str) -> HeldDevice:
        """Open a bound mediated device by its lower-case UUID, in a process, container and group for that purpose.

        ``ENODEV`` if there is none; ``EBUSY`` if somebody else has its group; else the errno of what failed.
        """
        return self._held.open(self.vfio, uuid)

    def leftovers(self) -> list[str]:
        """What of mediated devices there still is, in words, whether it is seen in the tree or only in the tables."""
        found = [f"{wait.why}: a thread waits for it" for wait in self.waits.current()]
        found += [f"mediated device {uuid} on the core's list" for uuid in self.core.devices]
        found += [f"VFIO device of {mdev.name}" for mdev in self.vfio.devices.by_mdev]
        for directory in ("bus/mdev/devices", "kernel/iommu_groups", "class/vfio", "class/vfio-dev"):
            if self.sysfs.exists(directory):
                found += [f"{directory}/{name}" for name in self.sysfs.listdir(directory)]
        for parent in list(self.core.parents.values()):
            found += _leftovers_of(parent.device)
            found += [
                f"{mtype.name}/devices/{name}"
                for mtype in parent.types
                for name in self.kernel.tree.names(mtype.devices_directory)
            ]
        return found


def _leftovers_of(device: Device) -> list[str]:
    found = [f"child device {name} of {device.name}" for name, child in device.children.items() if _is_mdev(child)]
    return found + [
        f"directory {name} of {device.name}"
        for name, node in list(device.directory.children.items())
        if isinstance(node, Directory) and isinstance(node.owner, MdevDevice) and name not in device.children
    ]


def _is_mdev(device: Device) -> bool:
    return isinstance(device, MdevDevice)


def find_era(name: str) -> Era:
    """The era of that name; ``ValueError`` says which there are."""
    known = {**ERAS, **VARIANTS}
    if name not in known:
        raise ValueError(f"no era {name!r}; there are {', '.join(known)}")
    return known[name]
