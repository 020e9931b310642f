"""Injects the faults of a host's file into the vendor drivers' callbacks and into one step of the core."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Mapping, Sequence

from mdevref.drivers.vendor import VendorDriver
from mdevref.hosts.description import AttributeFault, CreateFault, Fault, MdevTypeFault, RemoveFault
from mdevref.kernel.attributes import Attribute, AttributeGroup, Store
from mdevref.kernel.core import Kernel
from mdevref.kernel.errors import fail
from mdevref.mdev.core import Core
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice, MdevType

Pause = Callable[[float, str], None]


class ParentFaults:
    """The faults of one parent and the call counts of its callbacks, both active from :meth:`begin` on."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._described = faults
        self._faults: Sequence[Fault] = ()
        self._lock = threading.Lock()
        self._calls = {CreateFault: 0, RemoveFault: 0}

    def begin(self) -> None:
        """Activate the faults. The host calls this once its initial devices exist."""
        with self._lock:
            self._faults = self._described
            self._calls = dict.fromkeys(self._calls, 0)

    @property
    def delay(self) -> float:
        """The delay of ``mdev_type`` in seconds."""
        return max((fault.delay for fault in self._faults if isinstance(fault, MdevTypeFault)), default=0.0)

    def call(self, kind: type[CreateFault | RemoveFault], about: str) -> None:
        """Count a call of a callback. Raise OSError if this call is to fail."""
        with self._lock:
            self._calls[kind] += 1
            number = self._calls[kind]
        for fault in self._faults:
            if isinstance(fault, kind) and (not fault.calls or number in fault.calls):
                raise fail(getattr(errno, fault.errno), about)

    def write(self, path: str, data: bytes) -> None:
        """Raise OSError if writing ``data`` to the attribute at ``path`` below a device is to fail."""
        value = data.removesuffix(b"\n").decode("latin-1")
        for fault in self._faults:
            if isinstance(fault, AttributeFault) and fault.name == path and fault.value in (None, value):
                raise fail(getattr(errno, fault.errno), path)


NONE = ParentFaults(())


class FaultyDriver(VendorDriver):
    """Wraps the class of a vendor driver. ``faults`` maps the name of each parent to its faults."""

    faults: Mapping[str, ParentFaults]

    def create(self, mtype: MdevType, mdev: MdevDevice) -> int | None:
        self._of(mtype).call(CreateFault, mdev.name)
        return super().create(mtype, mdev)

    def remove(self, mdev: MdevDevice) -> None:
        self._of(mdev.type).call(RemoveFault, mdev.name)
        super().remove(mdev)

    def device_groups(self) -> Sequence[AttributeGroup]:
        return [
            AttributeGroup(group.name, [self._guard(group, attribute) for attribute in group.attributes])
            for group in super().device_groups()
        ]

    def _of(self, mtype: MdevType) -> ParentFaults:
        return self.faults.get(mtype.parent.device.name, NONE)

    def _guard(self, group: AttributeGroup, attribute: Attribute) -> Attribute:
        store: Store | None = attribute.store
        if store is None:
            return attribute
        path = path_of(group, attribute)

        def guarded(mdev: MdevDevice, data: bytes) -> int | None:
            self._of(mdev.type).write(path, data)
            return store(mdev, data)

        return Attribute(attribute.name, attribute.mode, attribute.show, guarded)


def faulty(driver: type[VendorDriver], faults: Mapping[str, ParentFaults]) -> type[VendorDriver]:
    """Return a subclass of ``driver`` whose parents have these faults."""
    return type(driver.__name__, (FaultyDriver, driver), {"faults": faults})


def path_of(group: AttributeGroup, attribute: Attribute) -> str:
    """Return the path of the attribute below the device."""
    return attribute.name if group.name is None else f"{group.name}/{attribute.name}"


class FaultyCore(Core):
    """A core that creates ``mdev_type`` late. Clients such as libvirt must wait for it (facts C1, 9.2)."""

    def __init__(self, kernel: Kernel, era: Era, faults: Mapping[str, ParentFaults], pause: Pause) -> None:
        super().__init__(kernel, era)
        self._faults = faults
        self._pause = pause

    def link_to_type(self, mdev: MdevDevice) -> None:
        delay = self._faults.get(mdev.type.parent.device.name, NONE).delay
        if delay:
            self._pause(delay, f"mdev_type of {mdev.name} to appear")
        super().link_to_type(mdev)
