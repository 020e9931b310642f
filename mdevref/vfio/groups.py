"""/dev/vfio/N: groups, through which user space opens devices (facts 3.2, and the recordings of removals)."""

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
    """The class and the major of groups, and the table of groups by minor."""

    def __init__(self, kernel: Kernel) -> None:
        self.major = 0
        self.groups: dict[int, Group] = {}
        self.kernel = kernel
        self._minors = LowestFree()
        self._class: DeviceClass | None = None

    def start(self, opener: Opener) -> None:
        """Register class and major, when the module is loaded. ``opener`` opens a group by its minor."""
        self._class = self.kernel.driver_core.add_class("vfio")
        self.major = self.kernel.majors.take()
        self.kernel.nodes.serve_major(self.major, opener)

    def stop(self) -> None:
        """Remove class and major, when the module is unloaded."""
        self.kernel.nodes.stop_serving_major(self.major)
        if self._class is not None:
            self.kernel.driver_core.remove_class(self._class)
        self.kernel.majors.give_back(self.major)

    def take_minor(self) -> int:
        return self._minors.take()

    def give_back_minor(self, minor: int) -> None:
        self._minors.give_back(minor)

    def device(self, name: str, minor: int) -> Device:
        """Return the device of a group, which has its directory and its node."""
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
    """A VFIO group. It exists from the registration of its device until its device and its open file are gone.

    ``users`` counts the users that keep it in its container: its file, its open devices, and running pin calls.
    ``lock`` guards the count and the rest of the state; vendor callbacks are never called under it.
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
        """An open group holds a reference to ``module``. ``changed`` guards ``devices``.

        ``changed`` is also notified when the group leaves its container. If ``is_noiommu`` is set, the DMA of the
        device is not translated and only processes with CAP_SYS_RAWIO may use it.
        """
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
        self.is_viable = True  #: False if a driver outside VFIO has a device of the group; mdev groups are viable
        self.lone_devices = 0  #: devices bound to an iommufd, which block opening the group
        self._references = 1
        self._nodes = nodes
        self._iommu = iommu
        self._module = module
        self.minor = nodes.take_minor()
        self.device = nodes.device(self.name, self.minor)

    # Adding and removing

    def add(self) -> None:
        """Make the group visible and, in eras that do not revoke groups, hold a reference to its IOMMU group."""
        try:
            self.show()
        except OSError:
            self._nodes.give_back_minor(self.minor)
            raise
        if not self.era.revokes_groups:
            self._iommu.get(self.iommu_group)

    def show(self) -> None:
        """Add the group's directory and node."""
        self._nodes.show(self)

    def hide(self) -> None:
        """Remove the group's directory and node."""
        self._nodes.hide(self)

    def leave(self) -> None:
        """Drop the reference of the last device after its removal. In eras that revoke groups, revoke the group."""
        if self.era.revokes_groups:
            self.hide()
            with self.lock:
                self.is_revoked = True
                if self.container is not None:
                    self._leave_container(self.container)
        self.put()

    def put(self) -> None:
        """Drop a reference. The last one removes the group and frees its minor."""
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
        """Open the group's file. ``ENODEV`` if the group was removed.

        ``EPERM`` if the process lacks the capability for a noiommu group. ``EBUSY`` if the group is open or still in a
        container, or if one of its devices is bound to an iommufd.
        """
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
        """Close the group's file. Open devices keep the group in its container."""
        with self.lock:
            if self.users:
                self._drop_user()
            self.is_open = False
        self.put()
        self._module.put()
        if self.era.has_group_cdevs:
            self._module.put()

    def block(self) -> None:
        """Block opening the group until :meth:`unblock`, for a device used without it. ``EBUSY`` if it is open."""
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
        """Attach the group to ``container``. ``EINVAL`` if it is in a container, ``ENODEV`` if its device was removed.

        Otherwise the errno of the container.
        """
        with self.lock:
            self.check_free()
            container.attach(self.iommu_group, is_noiommu=self.is_noiommu)
            self.container = container
            self.users = 1

    def check_free(self) -> None:
        """Raise ``EINVAL`` or ``ENODEV`` if the group cannot join a container.

        The result is binding only if the caller holds the lock.
        """
        if self.container is not None:
            raise fail(EINVAL, self.name)
        if self.is_revoked:
            raise fail(ENODEV, self.name)

    def unset_container(self) -> None:
        """Remove the group from its container. ``EINVAL`` if it has none, ``EBUSY`` if a device is open or pinning."""
        with self.lock:
            if self.container is None:
                raise fail(EINVAL, self.name)
            if self.users > 1:
                raise fail(EBUSY, self.name)
            self._drop_user()

    def check_usable(self) -> Backend:
        """Return the container's back end. ``EINVAL`` without container, before SET_IOMMU, or if not viable."""
        container = self.container
        if container is None or container.backend is None or not self.is_viable:
            raise fail(EINVAL, self.name)
        return container.backend

    def add_user(self) -> Backend:
        """Keep the group in its container until :meth:`drop_user`. ``EINVAL`` as for :meth:`check_usable`."""
        with self.lock:
            backend = self.check_usable()
            self.users += 1
            return backend

    def drop_user(self) -> None:
        """Drop a user. The last one removes the group from its container."""
        with self.lock:
            if self.users:  # 0 after the group was revoked
                self._drop_user()

    @contextmanager
    def borrowed(self) -> Iterator[Backend]:
        """Yield the back end and keep the group in its container within the block.

        The entry points for vendor drivers use this. ``EINVAL`` without container, ``EPERM`` for a noiommu group,
        ``EINVAL`` before SET_IOMMU (facts 4.2, 5 to 7).
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
        with self.changed:  # a removal may wait for this
            self.changed.notify_all()
