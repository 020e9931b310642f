"""A fixture for tests of the core: a host with a test parent whose callbacks record their calls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from mdevref.host import Host
from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.core import Kernel
from mdevref.kernel.device import Device
from mdevref.mdev.core import Core
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice, MdevDriver, MdevParentOps, MdevType, Parent, TypeInfo
from tests.machines import machine

VENDOR_GROUP = AttributeGroup("vendor", [Attribute("note", 0o444, lambda mdev: f"{mdev.name}\n".encode())])
API = Attribute("device_api", 0o444, lambda mtype: b"test\n")


def type_group(name: str | None, *attributes: Attribute) -> AttributeGroup:
    return AttributeGroup(name, attributes)


class Stage:
    """A host with vfio_mdev, if the era has it, and a class device ``parent`` that is not registered yet."""

    def __init__(self, era: str, core: Callable[[Kernel, Era], Core] = Core, bus_driver: bool = True) -> None:
        self.host = Host(era, core=core)
        self.core = self.host.core
        self.sysfs = self.host.sysfs
        self.calls: list[str] = []
        self.host.load("mdev")
        if self.host.era.has_bus_driver and bus_driver:
            self.host.load("vfio_mdev")
        self.cls = self.host.kernel.driver_core.add_class("test")
        self.device = self.add_device("parent")

    def add_device(self, name: str, **where: Any) -> Device:
        device = Device(name, **(where or {"cls": self.cls}))
        self.host.kernel.driver_core.add_device(device)
        return device

    def create(self, mtype: MdevType, mdev: MdevDevice) -> int | None:
        self.calls.append(f"create {mdev.name} {mtype.name}")
        return None

    def remove(self, mdev: MdevDevice) -> None:
        self.calls.append(f"remove {mdev.name}")

    def ops(self, **changes: Any) -> MdevParentOps:
        """Return parent ops with two types and a device attribute."""
        members: dict[str, Any] = {
            "supported_type_groups": [type_group("a", API), type_group("b", API)],
            "create": self.create,
            "remove": self.remove,
            "mdev_attr_groups": [VENDOR_GROUP],
        }
        return MdevParentOps(**{**members, **changes})

    def driver(self, **changes: Any) -> MdevDriver:
        """Return the equivalent driver for 6.1."""
        members: dict[str, Any] = {
            "name": "driver",
            "probe": lambda mdev: self.create(mdev.type, mdev),
            "remove": self.remove,
            "device_api": "test",
            "max_instances": 3,
            "groups": [VENDOR_GROUP],
        }
        return MdevDriver(**{**members, **changes})

    def register(self, device: Device | None = None, **changes: Any) -> Parent:
        """Register ``device``, by default the parent, with the function of the era."""
        if self.host.era.has_bus_driver:
            return self.core.register_device(device or self.device, self.ops(**changes))
        driver = self.driver(**changes)
        self.core.register_driver(driver)
        infos: Sequence[TypeInfo] = [TypeInfo("a"), TypeInfo("b", "Type B")]
        return self.core.register_parent(device or self.device, driver, infos)

    def unregister(self, parent: Parent) -> None:
        if self.host.era.has_bus_driver:
            self.core.unregister_device(parent.device)
        else:
            self.core.unregister_parent(parent)

    def write_create(self, uuid: str, suffix: str = "a", parent: str = "parent") -> int:
        path = f"class/mdev_bus/{parent}/mdev_supported_types/test-{suffix}/create"
        return self.sysfs.write(path, uuid.encode())

    def tree(self, path: str = "") -> list[str]:
        """Return every path below ``path``, with the targets of links, without entries that change by themselves."""
        found = []
        for name in self.sysfs.listdir(path):
            below = f"{path}/{name}".lstrip("/")
            kind = self.sysfs.lstat(below).kind
            found.append(f"{below} -> {self.sysfs.readlink(below)}" if kind == "link" else below)
            if kind == "directory":
                found += self.tree(below)
        return found


class Pause:
    """A place in the core where a thread blocks until the test releases it."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.released = threading.Event()

    def here(self) -> None:
        self.entered.set()
        assert self.released.wait(10)


def core_that(**methods: Callable[..., object]) -> type[Core]:
    """Return a core class with replaced methods; a replacement receives the core and the method's arguments."""
    return type("OtherCore", (Core,), dict(methods))


def pausing_before(method: str, pause: Pause) -> type[Core]:
    """Return a core class that blocks at ``pause`` before each call of ``method``."""
    original = getattr(Core, method)

    def paused(self: Core, *arguments: object) -> object:
        pause.here()
        return original(self, *arguments)

    return core_that(**{method: paused})


__all__ = ["API", "VENDOR_GROUP", "Pause", "Stage", "core_that", "machine", "pausing_before", "type_group"]
