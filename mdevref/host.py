"""A whole machine in memory: a kernel of a chosen era with its sysfs tree, modules and devices.

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
from mdevref.vfio.bare_backend import BareDriver
from mdevref.vfio.core import Vfio
from mdevref.vfio.holding import HeldDevice, HeldDevices
from mdevref.vfio.modules import BackendModule, VfioMdev, VfioModule
from mdevref.vfio.pinning import Pinning
from mdevref.vfio.type1 import Type1, Type1Driver

DriverFactory = Callable[[Core, Vfio, Mapping[str, str]], VendorDriver]


class _Drivers(Mapping[str, DriverFactory]):
    """Vendor drivers by module name. Each is imported on first use, so that a host with one driver starts faster."""

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

#: Soft dependencies: the module that modprobe loads after a module.
LOADED_AFTER: Mapping[str, str] = {"vfio": "vfio_iommu_type1"}


class Host:
    """A machine. ``era`` is a name from :data:`mdevref.mdev.eras.ERAS` or ``VARIANTS``, or an :class:`Era` object.

    ``core`` and ``drivers`` replace the class of the core and the vendor drivers, to build deliberately wrong hosts.
    All methods may be called from any thread.
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
        self.back_end: type[Type1] = Type1  #: the type1 back end that the module provides
        self.pinning: type[Pinning] = Pinning  #: the pinning interface for external vendor drivers
        self.vendors: dict[str, VendorDriver] = {}
        self._factories = drivers
        self._held = HeldDevices()

    @property
    def sysfs(self) -> Files:
        """The files below /sys as root sees them. Paths are relative to /sys."""
        return self.kernel.sysfs

    def sysfs_as(self, uid: int) -> Files:
        """Return the files below /sys as the user ``uid`` sees them."""
        return Files(self.kernel.tree, uid)

    @property
    def log(self) -> deque[str]:
        """The lines of the kernel log, oldest first."""
        return self.kernel.log

    @property
    def waits(self) -> Waits:
        """The threads that are blocked inside the host, and what each waits for."""
        return self.kernel.waits

    def subscribe(self) -> Subscription:
        """Return a subscription that collects all later uevents."""
        return self.kernel.uevents.subscribe()

    def start(self, operation: Callable[[], object]) -> Started:
        """Run ``operation``, which may block inside the host, in its own thread."""
        return Started(self.waits, operation)

    # Modules

    def load(self, name: str, **parameters: str) -> None:
        """Load a module and its dependencies, as modprobe does.

        ``ENOENT`` if the era does not have the module, ``EEXIST`` if it is loaded, ``EINVAL`` if the value of a
        parameter is invalid, or the errno of the module's init. An unknown parameter is only logged.
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
        """Unload a module as rmmod does. While it is in use, this blocks or fails with ``EAGAIN``, as in the era."""
        self.kernel.modules.unload(name)
        self.vendors.pop(name, None)

    def unload_all(self) -> None:
        """Unload every module, each before the modules on which it depends."""
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
        """Return a new user process; the parameters are those of :class:`mdevref.kernel.process.Process`."""
        return Process(
            self.kernel.nodes,
            self.kernel.host_memory,
            uid=uid,
            capabilities=capabilities,
            open_files=open_files,
            memlock=memlock,
        )

    def open_device(self, uuid: str) -> HeldDevice:
        """Open a bound mediated device by its lower-case UUID and return it.

        A process, container and group are set up for it. ``ENODEV`` if the device is not found, ``EBUSY`` if its group
        is in use, or the errno of the step that failed.
        """
        return self._held.open(self.vfio, uuid)

    def leftovers(self) -> list[str]:
        """Return descriptions of all remains of mediated devices, in the tree and in internal tables."""
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
    """Return the era called ``name``. Raise ``ValueError``, which lists the known eras, if it is unknown."""
    known = {**ERAS, **VARIANTS}
    if name not in known:
        raise ValueError(f"unknown era {name!r} (choose from {', '.join(known)})")
    return known[name]
