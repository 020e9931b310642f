"""The driver interface of the reference host: bus drivers and vendor drivers that a scenario scripts."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from errno import ENODEV, ENOENT, ENOSYS
from functools import partial
from typing import Any

from mdevref.host import Host
from mdevref.kernel.bus import Bus
from mdevref.kernel.device import Device, DeviceClass, Driver
from mdevref.kernel.directories import path_of
from mdevref.kernel.errors import fail
from mdevref.kernel.modules import LoadedModule
from mdevref.mdev.objects import MdevDevice, MdevDriver, MdevParentOps, Parent, TypeInfo
from mdevref.suite.interface.drivers import BusDriver, Ops, Placement
from mdevref.suite.targets.reference.script import DEVICE_API, INSTANCES, Script, attribute_groups, type_group
from mdevref.vfio.holding import HeldDevice

MODULE = "scripted_drivers"  #: the owner of the scripted ops


class _EmptyModule:
    depends: Sequence[str] = ()
    parameters: Mapping[str, str] = {}

    def __init__(self, name: str) -> None:
        self.name = name

    def init(self, loaded: LoadedModule) -> None:
        """Do nothing."""

    def exit(self) -> None:
        """Do nothing."""


class ReferenceDrivers:
    """Scripted drivers on a host.

    From 6.1 on, a physical device is registered with its own mdev driver, as by the host's vendor drivers. The probe
    and remove functions of that driver are the create and remove members of the ops.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._kernel = host.kernel
        self._driver_core = host.kernel.driver_core
        self._core = host.core
        self._script = Script(host.waits)
        self.fail = self._script.fail
        self.answer = self._script.answer
        self.hold = self._script.hold
        self.is_held = self._script.is_held
        self.release = self._script.release
        self.calls = self._script.calls
        self.let_go = self._script.let_go
        self._first_line = len(host.log)
        self._devices: dict[str, Device] = {}
        self._parents: dict[Device, tuple[Parent, MdevDriver | None]] = {}
        self._drivers: dict[str, list[MdevDriver]] = {}
        self._refused: dict[str, MdevDriver] = {}
        self._buses: dict[str, tuple[Bus, Device]] = {}
        self._classes: dict[str, DeviceClass] = {}
        self._bus_drivers: list[tuple[Bus, Driver]] = []
        self._modules: list[str] = []
        self._opened: list[HeldDevice] = []

    # Physical devices

    def add_device(self, name: str, placement: Placement) -> str:
        bus, root = self._bus(placement.bus) if placement.bus else (None, None)
        if placement.driver and bus is not None:
            self._add_driver(placement.driver, bus)
        cls = self._class(placement.device_class) if placement.device_class else None
        return self._add(Device(name, parent=root, bus=bus, cls=cls))

    def add_child(self, device: str, name: str) -> str:
        return self._add(Device(name, parent=self._devices[device]))

    def bind_device(self, device: str, driver: str) -> None:
        bus = self._devices[device].bus
        if bus is None:
            raise fail(ENODEV, device)
        self._add_driver(driver, self._buses[bus.name][0])

    def _add(self, device: Device) -> str:
        self._driver_core.add_device(device)
        path = path_of(device.directory)
        self._devices[path] = device
        return path

    def _bus(self, name: str) -> tuple[Bus, Device]:
        if name not in self._buses:
            # Devices on different buses may have the same name, so each bus puts its devices in its own directory.
            root = Device(f"{name}0")
            self._driver_core.add_device(root)
            self._buses[name] = Bus(self._driver_core, name), root
        return self._buses[name]

    def _class(self, name: str) -> DeviceClass:
        if name not in self._classes:
            self._classes[name] = self._driver_core.add_class(name)
        return self._classes[name]

    def _add_driver(self, name: str, bus: Bus) -> None:
        driver = Driver(name, callbacks=MdevDriver(name))
        bus.add_driver(driver)
        self._bus_drivers.append((bus, driver))

    def add_module(self, name: str) -> None:
        self._kernel.modules.load(_EmptyModule(name))
        self._modules.append(name)

    # Registering physical devices

    def register_device(self, device: str | None, ops: Ops | None) -> None:
        physical = self._devices[device] if device is not None else None
        if self._core.era.core_owns_types:
            parent, driver = self._register_parent(physical, ops or Ops())
        else:
            parent = self._core.register_device(physical, self._parent_ops(device or "", ops) if ops else None)
            driver = None
        if physical is not None:
            self._parents[physical] = parent, driver

    def unregister_device(self, device: str) -> None:
        self._unregister(self._devices[device])

    def _unregister(self, physical: Device) -> None:
        parent, driver = self._parents.pop(physical, (None, None))
        if not self._core.era.core_owns_types:
            self._core.unregister_device(physical)
        elif parent is not None:
            self._core.unregister_parent(parent)
        if driver is not None:
            self._core.unregister_driver(driver)

    def _parent_ops(self, owner: str, ops: Ops) -> MdevParentOps:
        enter = self._script.enter

        def read(mdev: MdevDevice, count: int, offset: int) -> bytes:
            data: bytes = enter(owner, "read", mdev, bytes(count), count=count, offset=offset)
            return data

        def write(mdev: MdevDevice, data: bytes, offset: int) -> int:
            count: int = enter(owner, "write", mdev, len(data), data=data, offset=offset)
            return count

        members: dict[str, Any] = {
            "owner": self._owner() if "owner" not in ops.without else None,
            "dev_attr_groups": attribute_groups(ops.parent_attributes),
            "mdev_attr_groups": attribute_groups(ops.device_attributes),
            "supported_type_groups": [type_group(name, ops) for name in ops.types],
            "create": lambda mtype, mdev: enter(owner, "create", mdev, type=mtype.name),
            "remove": lambda mdev: enter(owner, "remove", mdev),
            "open": lambda mdev: enter(owner, "open", mdev),
            "release": lambda mdev: enter(owner, "release", mdev),
            "read": read,
            "write": write,
            "ioctl": lambda mdev, request, _: enter(owner, "ioctl", mdev, 0, request=request),
            "mmap": lambda mdev, count, offset: enter(owner, "mmap", mdev, 0, count=count, offset=offset),
        }
        return MdevParentOps(**{name: member for name, member in members.items() if name not in ops.without})

    def _register_parent(self, physical: Device | None, ops: Ops) -> tuple[Parent, MdevDriver]:
        if ops.parent_attributes:
            raise fail(ENOSYS, f"dev_attr_groups in {self._core.era.name}")
        vfio = self._host.vfio
        owner = path_of(physical.directory) if physical is not None else ""
        operations = self._parent_ops(owner, ops)
        create, remove = operations.create, operations.remove
        module = self._owner()

        def probe(mdev: MdevDevice) -> None:
            if create is not None:
                create(mdev.type, mdev)
            try:
                vfio.register(mdev, operations, module)
            except OSError:
                if remove is not None:
                    remove(mdev)
                raise

        def leave(mdev: MdevDevice) -> None:
            vfio.unregister(mdev)
            if remove is not None:
                remove(mdev)

        driver = MdevDriver(
            f"driver of {owner}".replace("/", " "),
            probe=probe,
            remove=leave,
            device_api=DEVICE_API,
            max_instances=INSTANCES,
            groups=operations.mdev_attr_groups,
        )
        self._core.register_driver(driver, module)
        try:
            return self._core.register_parent(physical, driver, [TypeInfo(name or "") for name in ops.types]), driver
        except OSError:
            self._core.unregister_driver(driver)
            raise

    def _owner(self) -> LoadedModule:
        loaded = self._kernel.modules.loaded
        if MODULE not in loaded:
            self.add_module(MODULE)
        return loaded[MODULE]

    # Registering bus drivers

    def register_driver(self, driver: BusDriver) -> None:
        enter, key = self._script.enter, driver.name or ""
        members: dict[str, Any] = {
            "name": driver.name,
            "probe": lambda mdev: enter(key, "probe", mdev),
            "remove": lambda mdev: enter(key, "remove", mdev),
            "device_api": DEVICE_API if self._core.era.core_owns_types else None,
        }
        mdev_driver = MdevDriver(**{name: member for name, member in members.items() if name not in driver.without})
        try:
            self._core.register_driver(
                mdev_driver, self._kernel.modules.loaded[driver.module] if driver.module else None
            )
        except OSError:
            self._refused[key] = mdev_driver
            raise
        self._drivers.setdefault(key, []).append(mdev_driver)

    def unregister_driver(self, name: str, was_refused: bool) -> None:
        if was_refused:
            if name not in self._refused:
                raise fail(ENOENT, name)
            driver = self._refused[name]
        else:
            registered = self._drivers.get(name)
            driver = registered.pop(0) if registered else MdevDriver(name)
        self._core.unregister_driver(driver)

    # The rest

    def kernel_log(self) -> Sequence[str]:
        return list(self._host.log)[self._first_line :]

    def open(self, uuid: str) -> HeldDevice:
        file = self._host.open_device(uuid)
        self._opened.append(file)
        return file

    def close(self) -> None:
        """Unregister and remove everything. Errors are ignored, because the machine reports what is left behind."""
        self.let_go()
        for file in self._opened:  # first, because a parent cannot be unregistered while its device is in use
            _quietly(file.close)
        for physical in list(self._parents):
            _quietly(partial(self._unregister, physical))
        for registered in self._drivers.values():
            for driver in registered:
                _quietly(partial(self._core.unregister_driver, driver))
        for its_bus, bus_driver in self._bus_drivers:
            its_bus.remove_driver(bus_driver)
        for device in reversed(list(self._devices.values())):
            self._driver_core.delete_device(device)
        for bus, root in self._buses.values():
            self._driver_core.delete_device(root)
            bus.destroy()
        for cls in self._classes.values():
            self._driver_core.remove_class(cls)
        for name in self._modules:
            _quietly(partial(self._kernel.modules.unload, name))


def _quietly(call: Callable[[], object]) -> None:
    with contextlib.suppress(OSError):
        call()
