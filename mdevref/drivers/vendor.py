"""What the vendor drivers here have in common: a class, one parent device, types, and registering as the era wants it.

A driver says what it offers and what its create and remove do. Until 5.12 those are the parent's callbacks and the
driver makes its types' files itself; from 6.1 on the same code runs as probe and remove of a driver of the mdev bus.
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
    """A type that a driver offers: the name's second half, and the contents of ``name`` and ``description``."""

    suffix: str
    name: str
    description: str | None = None


class VendorDriver:
    """A vendor driver as a module. Subclasses fill in the class attributes and the callbacks.

    ``uses_vfio`` says whether the module needs ``vfio`` until 5.12 too. ``max_instances`` is the count that 6.1's core
    keeps for the parent; None where the driver tells the number itself. ``defaults`` names the module's parameters.
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
            # The kernel loads such a module all the same.
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

    # What a driver does

    def parent_groups(self) -> Sequence[AttributeGroup]:
        """Attributes of the parent, until 5.12."""
        return ()

    def device_groups(self) -> Sequence[AttributeGroup]:
        """Attributes of each mediated device."""
        return ()

    def create(self, mtype: MdevType, mdev: MdevDevice) -> int | None:
        """Set up ``mdev``, or raise the errno with which there is none."""
        raise NotImplementedError

    def remove(self, mdev: MdevDevice) -> None:
        """Give back what create took."""
        raise NotImplementedError

    def available(self, mtype: MdevType) -> int:
        """How many more of ``mtype`` could be made now."""
        raise NotImplementedError

    def greet(self) -> None:
        """The log lines of the module's init."""
        self.kernel.log.append(f"{self.name}_dev_init: major {self._major}")

    def say_goodbye(self) -> None:
        """The log lines of the module's exit."""

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
        """Take back what there is, in the order of the samples' exit."""
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
        """What the driver registers a parent with, until 5.12."""
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
        """The driver of the mdev bus, from 6.1 on."""
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
        """The types as the core is told of them, from 6.1 on."""
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
    """What is behind one device; every method fails as the system call that it answers does."""

    def read(self, count: int, position: int, /) -> bytes: ...
    def write(self, data: bytes, position: int, /) -> int: ...
    def ioctl(self, request: int, argument: Any, /) -> int: ...
    def map(self, length: int, position: int, /) -> Any: ...


class StatefulDriver(VendorDriver):
    """A vendor driver whose create puts a :class:`DeviceState` into the device's ``data``, to which all calls go."""

    def open_device(self, mdev: MdevDevice) -> None:
        """Nothing to set up."""

    def close_device(self, mdev: MdevDevice) -> None:
        """Nothing to give back."""

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
