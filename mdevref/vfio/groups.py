"""/dev/vfio/N: groups, through which user space gets at devices (facts 3.2, and the recordings of removals)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EBUSY, EINVAL, ENODEV, EPERM

from mdevref.kernel.core import Kernel
from mdevref.kernel.device import Device, DeviceClass
from mdevref.kernel.errors import fail
from mdevref.kernel.ids import LowestFree
from mdevref.kernel.iommu import IommuGroup, IommuGroups
from mdevref.kernel.modules import LoadedModule
from mdevref.kernel.nodes import Opener
from mdevref.kernel.open_files import Task
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio.backends import Backend
from mdevref.vfio.containers import Container


class GroupNodes:
    """The class, the major and the minors of groups, and the group behind each minor."""

    def __init__(self, kernel: Kernel) -> None:
        self.major = 0
        self.groups: dict[int, Group] = {}
        self.kernel = kernel
        self._minors = LowestFree()
        self._class: DeviceClass | None = None

    def start(self, opener: Opener) -> None:
        """The module's init. ``opener`` opens a group by its minor."""
        self._class = self.kernel.driver_core.add_class("vfio")
        self.major = self.kernel.majors.take()
        self.kernel.nodes.serve_major(self.major, opener)

    def stop(self) -> None:
        """The module's exit."""
        self.kernel.nodes.stop_serving_major(self.major)
        if self._class is not None:
            self.kernel.driver_core.remove_class(self._class)
        self.kernel.majors.give_back(self.major)

    def take_minor(self) -> int:
        return self._minors.take()

    def give_back_minor(self, minor: int) -> None:
        self._minors.give_back(minor)

    def device(self, name: str, minor: int) -> Device:
        """The device of a group: its directory and its node."""
        return Device(name, cls=self._class, number=(self.major, minor), node=f"vfio/{name}")

    def show(self, group: Group) -> None:
        self.kernel.driver_core.add_device(group.device)
        self.groups[group.minor] = group
        self.kernel.nodes.add(group.device.node, (self.major, group.minor))

    def hide(self, group: Group) -> None:
        self.kernel.nodes.remove(group.device.node)
        del self.groups[group.minor]
        self.kernel.driver_core.delete_device(group.device)


class Group:
    """A VFIO group, from its device's registration until nobody refers to it: its device, and its open file.

    ``users`` counts what keeps it in its container: its file, its open devices, pins that are being made. ``lock``
    guards that and the rest of the state; no vendor is called under it.
    """

    def __init__(
        self,
        iommu_group: IommuGroup,
        *,
        nodes: GroupNodes,
        iommu: IommuGroups,
        module: LoadedModule,
        era: Era,
        changed: threading.Condition,
        is_noiommu: bool = False,
    ) -> None:
        """``module`` is kept in the kernel while the group is open. ``changed`` guards ``devices``; it is notified
        when the group leaves its container. ``is_noiommu``: nothing translates the DMA of its device, which root alone
        may use."""
        self.iommu_group = iommu_group
        self.era = era
        self.changed = changed
        self.is_noiommu = is_noiommu
        self.name = f"noiommu-{iommu_group.number}" if is_noiommu else str(iommu_group.number)
        self.lock = threading.Lock()
        self.devices: dict[str, MdevDevice] = {}  # guarded by changed
        self.container: Container | None = None
        self.users = 0
        self.is_open = False
        self.is_revoked = False
        self.is_viable = True  #: False: it also has a device of a driver that is not VFIO's, as no mdev's group does
        self.lone_devices = 0  #: bound to an iommufd: the group cannot be opened
        self._references = 1
        self._nodes = nodes
        self._iommu = iommu
        self._module = module
        self.minor = nodes.take_minor()
        self.device = nodes.device(self.name, self.minor)

    # Coming and going

    def add(self) -> None:
        """Make it visible."""
        try:
            self.show()
        except OSError:
            self._nodes.give_back_minor(self.minor)
            raise
        if not self.era.revokes_groups:
            self._iommu.get(self.iommu_group)

    def show(self) -> None:
        """Its directory and its node."""
        self._nodes.show(self)

    def hide(self) -> None:
        """Take directory and node away."""
        self._nodes.hide(self)

    def leave(self) -> None:
        """Its last device has gone."""
        if self.era.revokes_groups:
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
        if not self.era.revokes_groups:
            self.hide()
            self._iommu.put(self.iommu_group)
        self._nodes.give_back_minor(self.minor)

    # Its file

    def open(self, process: Task) -> None:
        """``ENODEV`` for a group that has gone, ``EPERM`` without the capability that a noiommu group asks for,
        ``EBUSY`` if it is open, still in a container since it was, or a device of it is bound to an iommufd."""
        self._module.get()
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
            self._module.put()
            raise
        if self.era.has_group_cdevs:
            self._module.get()

    def close(self) -> None:
        """The file has gone. Open devices keep the group in its container."""
        with self.lock:
            if self.users:
                self._drop_user()
            self.is_open = False
        self.put()
        self._module.put()
        if self.era.has_group_cdevs:
            self._module.put()

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
            container.attach(self.iommu_group, is_noiommu=self.is_noiommu)
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
        container.detach(self.iommu_group)
        self.users = 0
        self.container = None
        with self.changed:  # a removal may wait for it
            self.changed.notify_all()
