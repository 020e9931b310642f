"""/dev/vfio/vfio: containers, whose groups share one translation (facts 3.2)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from errno import EINVAL, ENODEV, EPERM
from typing import Any, ClassVar

from mdevref.kernel.errors import fail
from mdevref.kernel.iommu import IommuGroup
from mdevref.kernel.modules import LoadedModule
from mdevref.kernel.open_files import FileOperations, UserArgument
from mdevref.vfio import uapi
from mdevref.vfio.backends import Backend, BackendDriver

NODE = "vfio/vfio"
NUMBER = (10, 196)  #: its number, one of the miscellaneous devices


class Container:
    """The groups of a container and their back end. It exists as long as its file or one of its groups.

    ``lock`` is held while a group is attached or detached, including the back end's ``attach``, ``detach`` and
    ``close``. A group's lock may be taken before it, not after it.
    """

    def __init__(self, drivers: Sequence[tuple[BackendDriver, LoadedModule]]) -> None:
        """``drivers`` are the loaded back ends, in the order in which SET_IOMMU tries them."""
        self.lock = threading.Lock()
        self.groups: list[IommuGroup] = []
        self.is_noiommu = False  #: whether its groups have no IOMMU; either all or none have one
        self.backend: Backend | None = None
        self._drivers = drivers
        self._driver: BackendDriver | None = None
        self._module: LoadedModule | None = None

    def check_extension(self, extension: int) -> int:
        """Return a positive number if the back end has the extension, else 0; never fail.

        Before SET_IOMMU, return a positive number if any loaded back end has it.
        """
        drivers = [driver for driver, _ in self._drivers] if self._driver is None else [self._driver]
        return max((driver.check_extension(extension) for driver in drivers), default=0)

    def set_iommu(self, kind: int) -> None:
        """Select the back end. ``EINVAL`` if the container has no group or has a back end already.

        ``ENODEV`` if no back end has the type. Otherwise the errno with which the last one rejected SET_IOMMU or a
        group.
        """
        with self.lock:
            if not self.groups or self.backend is not None:
                raise fail(EINVAL, "SET_IOMMU")
            error = fail(ENODEV, f"IOMMU type {kind}")
            for driver, module in self._drivers:
                try:
                    module.get()
                except OSError:  # its module is being unloaded
                    continue
                try:
                    if driver.check_extension(kind) > 0:
                        self.backend = self._attached(driver.open(kind))
                        self._driver, self._module = driver, module
                        return
                except OSError as refusal:
                    error = refusal
                module.put()
            raise error

    def attach(self, group: IommuGroup, *, is_noiommu: bool = False) -> None:
        """Attach a group. ``EPERM`` if only one of group and container is noiommu, or the back end's errno."""
        with self.lock:
            if self.groups and is_noiommu != self.is_noiommu:
                raise fail(EPERM, str(group.number))
            if self.backend is not None:
                self.backend.attach(group)
            self.groups.append(group)
            self.is_noiommu = is_noiommu

    def detach(self, group: IommuGroup) -> None:
        """Detach a group. The last one closes the back end and drops its mappings."""
        with self.lock:
            if self.backend is not None:
                self.backend.detach(group)
            self.groups.remove(group)
            if not self.groups and self.backend is not None:
                self.backend.close()
                self.backend = self._driver = None
                if self._module is not None:
                    self._module.put()

    def _attached(self, backend: Backend) -> Backend:
        """Attach all groups to ``backend`` and return it. If it rejects one, detach the others and close it."""
        attached: list[IommuGroup] = []
        try:
            for group in self.groups:
                backend.attach(group)
                attached.append(group)
        except OSError:
            for group in reversed(attached):
                backend.detach(group)
            backend.close()
            raise
        return backend


class ContainerFile(FileOperations):
    """An open /dev/vfio/vfio. Each open creates a container."""

    __slots__ = ("_mmap_errno", "_module", "container")

    container_class: ClassVar[type[Container]] = Container  #: replaceable, for deliberately wrong hosts

    def __init__(
        self, drivers: Sequence[tuple[BackendDriver, LoadedModule]], module: LoadedModule, mmap_errno: int
    ) -> None:
        """The file holds a reference to ``module``. Mapping the file fails with ``mmap_errno``."""
        module.get()
        self._module = module
        self._mmap_errno = mmap_errno
        self.container = self.container_class(drivers)

    def ioctl(self, request: int, argument: UserArgument) -> int:
        """Handle a container request. Requests that VFIO does not handle go to the back end.

        Before SET_IOMMU such a request fails with ``EINVAL``.
        """
        if request == uapi.GET_API_VERSION:
            return uapi.API_VERSION
        if request == uapi.CHECK_EXTENSION:
            return self.container.check_extension(argument.value)
        if request == uapi.SET_IOMMU:
            self.container.set_iommu(argument.value)
            return 0
        backend = self.container.backend
        if backend is None:
            raise fail(EINVAL, f"ioctl {request:#x}")
        return backend.ioctl(request, argument)

    def mmap(self, length: int, position: int) -> Any:
        raise fail(self._mmap_errno, NODE)

    def release(self) -> None:
        self._module.put()
