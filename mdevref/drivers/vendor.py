"""The common base of vendor drivers: a class, one parent device, types, and registration as the era requires it.

A driver defines its types and its create and remove. Until 5.12 these are the parent's callbacks, and the driver
creates the files of its types. From 6.1 on the same code runs as probe and remove of a driver of the mdev bus.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.device import Device, DeviceClass
from mdevref.kernel.modules import LoadedModule
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice, MdevDriver, MdevParentOps, MdevType, Parent, TypeInfo
from mdevref.vfio.core import Vfio
from mdevref.vfio.pinning import Pinning


@dataclass(frozen=True, slots=True)
class Offer:
    """A type of a driver: second half of its name, and the contents of ``name`` and ``description``."""

    suffix: str
    name: str
    description: str | None = None


class VendorDriver:
    """A vendor driver as a module. Subclasses set the class attributes and define the callbacks.

    ``uses_vfio``: whether the module also depends on ``vfio`` until 5.12. ``max_instances``: the number of instances of
    the parent that the core of 6.1 counts, or None if the driver reports the number itself. ``defaults``: the
    parameters of the module with their default values.
    """

    name: str
    uses_vfio = False
    device_api = "vfio-pci"
    offers: Sequence[Offer] = ()
    optional_attributes: frozenset[str] = frozenset({"name", "description", "available_instances", "device_api"})
    max_instances: int | None = None
    defaults: ClassVar[Mapping[str, str]] = {}
    open_device: Callable[[MdevDevice], None] | None = None
    close_device: Callable[[MdevDevice], None] | None = None
    read_device: Callable[[MdevDevice, int, int], bytes] | None = None
    write_device: Callable[[MdevDevice, bytes, int], int] | None = None
    ioctl_device: Callable[[MdevDevice, int, Any], Any] | None = None
    mmap_device: Callable[[MdevDevice, int, int], Any] | None = None
    dma_unmap_device: Callable[[MdevDevice, int, int], None] | None = None

    def __init__(self, core: Core, vfio: Vfio, parameters: Mapping[str, str]) -> None:
        self.core = core
        self.vfio = vfio
        self.pinning = Pinning(vfio)
        self.kernel = core.kernel
        self.parameters = {**self.defaults, **parameters}
        for unknown in parameters.keys() - self.defaults.keys():
            # The kernel loads the module despite an unknown parameter.
            self.kernel.log.append(f"{self.name}: unknown parameter '{unknown}' ignored")
            del self.parameters[unknown]
        self.depends: Sequence[str] = ("mdev", "vfio") if self.uses_vfio or not core.era.has_bus_driver else ("mdev",)
        self.module: LoadedModule | None = None
        self._class: DeviceClass | None = None
        self._device: Device | None = None
        self._parent: Parent | None = None
        self._driver: MdevDriver | None = None
        self._major = 0
        self._operations = MdevParentOps(
            open=self.open_device,
            release=self.close_device,
            read=self.read_device,
            write=self.write_device,
            ioctl=self.ioctl_device,
            mmap=self.mmap_device,
            dma_unmap=self.dma_unmap_device,
        )

    # For subclasses

    def parent_groups(self) -> Sequence[AttributeGroup]:
        """Return the attribute groups of the parent (until 5.12)."""
        return ()

    def device_groups(self) -> Sequence[AttributeGroup]:
        """Return the attribute groups of each mediated device."""
        return ()

    def create(self, mtype: MdevType, mdev: MdevDevice) -> int | None:
        """Set up ``mdev``, or raise the errno with which creation fails."""
        raise NotImplementedError

    def remove(self, mdev: MdevDevice) -> None:
        """Release the resources that create took."""
        raise NotImplementedError

    def available(self, mtype: MdevType) -> int:
        """Return how many more devices of ``mtype`` can be created now."""
        raise NotImplementedError

    def greet(self) -> None:
        """Write the log lines of the module's init."""
        self.kernel.log.append(f"{self.name}_dev_init: major {self._major}")

    def say_goodbye(self) -> None:
        """Write the log lines of the module's exit."""

    def offer_of(self, mtype: MdevType) -> Offer:
        return next(offer for offer in self.offers if offer.suffix == mtype.group_name)

    # Loading and unloading

    def init(self, loaded: LoadedModule) -> None:
        self.module = loaded
        self._major = self.kernel.majors.take()
        self.greet()
        try:
            if self.core.era.has_bus_driver:
                self._register_parent_ops(loaded)
            else:
                self._register_driver(loaded)
        except OSError:
            self._undo()
            raise

    def exit(self) -> None:
        self._undo()
        self.say_goodbye()

    def _undo(self) -> None:
        """Unregister and remove everything that exists, in the order of the sample drivers' exit."""
        if self._parent is not None:
            if self.core.era.has_bus_driver:
                self.core.unregister_device(self._parent.device)
            else:
                self.core.unregister_parent(self._parent)
        if self._device is not None:
            self.kernel.driver_core.delete_device(self._device)
        if self._driver is not None:
            self.core.unregister_driver(self._driver)
        if self._class is not None:
            self.kernel.driver_core.remove_class(self._class)
        self.kernel.majors.give_back(self._major)

    def _add_device(self) -> Device:
        self._class = self.kernel.driver_core.add_class(self.name)
        device = Device(self.name, cls=self._class)
        self.kernel.driver_core.add_device(device)
        self._device = device
        return device

    def _register_parent_ops(self, loaded: LoadedModule) -> None:
        self._parent = self.core.register_device(self._add_device(), self.parent_ops(loaded))

    def _register_driver(self, loaded: LoadedModule) -> None:
        driver = self.mdev_driver(self.name)
        self.core.register_driver(driver, loaded)
        self._driver = driver
        self._parent = self.core.register_parent(self._add_device(), driver, self.type_infos())

    def parent_ops(self, loaded: LoadedModule) -> MdevParentOps:
        """Return the ops with which the driver registers a parent (until 5.12)."""
        return replace(
            self._operations,
            owner=loaded,
            dev_attr_groups=self.parent_groups(),
            mdev_attr_groups=self.device_groups(),
            supported_type_groups=[self._type_group(offer) for offer in self.offers],
            create=self.create,
            remove=self.remove,
        )

    def mdev_driver(self, name: str) -> MdevDriver:
        """Return the driver for the mdev bus (6.1 and later)."""
        return MdevDriver(
            name,
            probe=self._probe,
            remove=self._remove,
            device_api=self.device_api,
            max_instances=self.max_instances or 0,
            get_available=None if self.max_instances is not None else self.available,
            show_description=self._describe if any(offer.description for offer in self.offers) else None,
            groups=self.device_groups(),
        )

    def type_infos(self) -> list[TypeInfo]:
        """Return the types with which the driver registers a parent (6.1 and later)."""
        return [TypeInfo(offer.suffix, offer.name) for offer in self.offers]

    def _probe(self, mdev: MdevDevice) -> None:
        self.create(mdev.type, mdev)
        try:
            self.vfio.register(mdev, self._operations, self.module)
        except OSError:
            self.remove(mdev)
            raise

    def _remove(self, mdev: MdevDevice) -> None:
        self.vfio.unregister(mdev)
        self.remove(mdev)

    def _describe(self, mtype: MdevType) -> str:
        return f"{self.offer_of(mtype).description}\n"

    def _type_group(self, offer: Offer) -> AttributeGroup:
        attributes = [Attribute("name", 0o444, lambda mtype: f"{offer.name}\n".encode())]
        if offer.description is not None:
            attributes.append(Attribute("description", 0o444, lambda mtype: self._describe(mtype).encode()))
        attributes += [
            Attribute("device_api", 0o444, lambda mtype: f"{self.device_api}\n".encode()),
            Attribute("available_instances", 0o444, lambda mtype: f"{self.available(mtype)}\n".encode()),
        ]
        return AttributeGroup(offer.suffix, [one for one in attributes if one.name in self.optional_attributes])


class DeviceState(Protocol):
    """The state of one device. Each method handles a system call and fails with its errno."""

    def read(self, count: int, position: int, /) -> bytes: ...
    def write(self, data: bytes, position: int, /) -> int: ...
    def ioctl(self, request: int, argument: Any, /) -> int: ...
    def map(self, length: int, position: int, /) -> Any: ...


class StatefulDriver(VendorDriver):
    """A vendor driver that stores a :class:`DeviceState` in the device's ``data`` and passes all calls to it."""

    def open_device(self, mdev: MdevDevice) -> None:
        """Do nothing: the state exists already."""

    def close_device(self, mdev: MdevDevice) -> None:
        """Do nothing: the state outlives the file."""

    def read_device(self, mdev: MdevDevice, count: int, position: int) -> bytes:
        state: DeviceState = mdev.data
        return state.read(count, position)

    def write_device(self, mdev: MdevDevice, data: bytes, position: int) -> int:
        state: DeviceState = mdev.data
        return state.write(data, position)

    def ioctl_device(self, mdev: MdevDevice, request: int, argument: Any) -> int:
        state: DeviceState = mdev.data
        return state.ioctl(request, argument)

    def mmap_device(self, mdev: MdevDevice, length: int, position: int) -> Any:
        state: DeviceState = mdev.data
        return state.map(length, position)
