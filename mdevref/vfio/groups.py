"""/dev/vfio/N: groups, through which user space gets at devices (facts 3.2, and the recordings of removals)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EBUSY, EINVAL, ENODEV, EPERM
from typing import TYPE_CHECKING

from mdevref.kernel.device import Device
from mdevref.kernel.errors import fail

if TYPE_CHECKING:
    from mdevref.kernel.iommu import IommuGroup
    from mdevref.kernel.open_files import Task
    from mdevref.vfio.backends import Backend
    from mdevref.vfio.containers import Container
    from mdevref.vfio.core import Vfio
    from mdevref.vfio.device import VfioDevice
    from mdevref.vfio.group_files import GroupFile


class Group:
    """A VFIO group, from its device's registration until nobody refers to it: its device, and its open file.

    ``users`` counts what keeps it in its container: its file, its open devices, pins that are being made. ``lock``
    guards that and the rest of the state; no vendor is called under it.
    """

    def __init__(self, vfio: Vfio, iommu_group: IommuGroup, *, is_noiommu: bool = False) -> None:
        """``is_noiommu``: of a device whose DMA nothing translates, of which root alone may have the use."""
        self.vfio = vfio
        self.iommu_group = iommu_group
        self.is_noiommu = is_noiommu
        self.name = f"noiommu-{iommu_group.number}" if is_noiommu else str(iommu_group.number)
        self.lock = threading.Lock()
        self.devices: dict[str, VfioDevice] = {}  # guarded by Vfio.changed, as are their counts
        self.container: Container | None = None
        self.users = 0
        self.is_open = False
        self.is_revoked = False
        self.is_viable = True  #: False: it also has a device of a driver that is not VFIO's, as no mdev's group does
        self.lone_devices = 0  #: bound to an iommufd: the group cannot be opened
        self._references = 1
        self._minor = vfio.minors.take()
        self._device = Device(
            self.name, cls=vfio.group_class, number=(vfio.major, self._minor), node=f"vfio/{self.name}"
        )

    # Coming and going

    def add(self) -> None:
        """Make it visible."""
        try:
            self.show()
        except OSError:
            self.vfio.minors.give_back(self._minor)
            raise
        if not self.vfio.era.revokes_groups:
            self.vfio.kernel.iommu.get(self.iommu_group)

    def show(self) -> None:
        """Its directory and its node."""
        vfio = self.vfio
        vfio.kernel.driver_core.add_device(self._device)
        vfio.groups[self._minor] = self
        vfio.kernel.nodes.add(self._device.node, (vfio.major, self._minor))

    def hide(self) -> None:
        """Take directory and node away."""
        vfio = self.vfio
        vfio.kernel.nodes.remove(self._device.node)
        del vfio.groups[self._minor]
        vfio.kernel.driver_core.delete_device(self._device)

    def leave(self) -> None:
        """Its last device has gone."""
        if self.vfio.era.revokes_groups:
            self.hide()
            with self.lock:
                self.is_revoked = True
                if self.container is not None:
                    self._leave_container(self.container)
        self.put()

    def put(self) -> None:
        """One reference less; with the last one the group goes, and its number."""
        with self.lock:
            self._references -= 1
            if self._references:
                return
        if not self.vfio.era.revokes_groups:
            self.hide()
            self.vfio.kernel.iommu.put(self.iommu_group)
        self.vfio.minors.give_back(self._minor)

    # Its file

    def open(self, process: Task) -> GroupFile:
        """``ENODEV`` for a group that has gone, ``EPERM`` without the capability that a noiommu group asks for,
        ``EBUSY`` if it is open, still in a container since it was, or a device of it is bound to an iommufd."""
        self.vfio.hold_module()
        try:
            with self.lock:
                if not self._references or self.is_revoked:
                    raise fail(ENODEV, self.name)
                self.check_capability(process)
                if self.is_open or self.container is not None or self.lone_devices:
                    raise fail(EBUSY, self.name)
                self.is_open = True
                self._references += 1
        except OSError:
            self.vfio.release_module()
            raise
        if self.vfio.era.has_group_cdevs:
            self.vfio.hold_module()
        return self.vfio.group_file(self)

    def close(self) -> None:
        """The file has gone. Open devices keep the group in its container."""
        with self.lock:
            if self.users:
                self._drop_user()
            self.is_open = False
        self.put()
        self.vfio.release_module()
        if self.vfio.era.has_group_cdevs:
            self.vfio.release_module()

    def block(self) -> None:
        """A device is used without its group, which cannot be opened until :meth:`unblock`. ``EBUSY`` if it is."""
        with self.lock:
            if self.is_open:
                raise fail(EBUSY, self.name)
            self.lone_devices += 1

    def unblock(self) -> None:
        with self.lock:
            self.lone_devices -= 1

    def check_capability(self, process: Task) -> None:
        if self.is_noiommu and "CAP_SYS_RAWIO" not in process.capabilities:
            raise fail(EPERM, self.name)

    # Its container

    def set_container(self, container: Container) -> None:
        """``EINVAL`` if it has one, ``ENODEV`` if its device has gone, or what the container says."""
        with self.lock:
            self.check_free()
            container.attach(self)
            self.container = container
            self.users = 1

    def check_free(self) -> None:
        """Whether it may join a container; the caller holds the lock, or wants to know beforehand."""
        if self.container is not None:
            raise fail(EINVAL, self.name)
        if self.is_revoked:
            raise fail(ENODEV, self.name)

    def unset_container(self) -> None:
        """``EINVAL`` if it has none, ``EBUSY`` if a device is open or a pin is being made."""
        with self.lock:
            if self.container is None:
                raise fail(EINVAL, self.name)
            if self.users > 1:
                raise fail(EBUSY, self.name)
            self._drop_user()

    def check_usable(self) -> Backend:
        """The back end that a user works with. ``EINVAL`` without container, without SET_IOMMU or if not viable."""
        container = self.container
        if container is None or container.backend is None or not self.is_viable:
            raise fail(EINVAL, self.name)
        return container.backend

    def add_user(self) -> Backend:
        """Keep the group in its container until :meth:`drop_user`. ``EINVAL`` as :meth:`check_usable`."""
        with self.lock:
            backend = self.check_usable()
            self.users += 1
            return backend

    def drop_user(self) -> None:
        """The last one takes the group out of its container."""
        with self.lock:
            if self.users:  # revoking took them all
                self._drop_user()

    @contextmanager
    def borrowed(self) -> Iterator[Backend]:
        """For entry points of the translation: the back end, and the group kept in its container meanwhile.

        ``EINVAL`` without container, ``EPERM`` for a noiommu group, ``EINVAL`` without SET_IOMMU (facts 4.2, 5 to 7).
        """
        if self.container is not None and self.is_noiommu:
            raise fail(EPERM, self.name)
        backend = self.add_user()
        try:
            yield backend
        finally:
            self.drop_user()

    def _drop_user(self) -> None:
        self.users -= 1
        if not self.users and self.container is not None:
            self._leave_container(self.container)

    def _leave_container(self, container: Container) -> None:
        container.detach(self)
        self.users = 0
        self.container = None
        with self.vfio.changed:  # a removal may wait for it
            self.vfio.changed.notify_all()

    # Its devices

    def take_device(self, name: str) -> VfioDevice:
        """The device of that name, which cannot go until it is put. ``ENODEV`` if there is none."""
        with self.vfio.changed:
            device = self.devices.get(name)
            if device is None:
                raise fail(ENODEV, name)
            device.open_files += 1
            return device
