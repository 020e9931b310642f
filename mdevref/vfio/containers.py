"""/dev/vfio/vfio: containers, which give groups a common translation (facts 3.2)."""

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
NUMBER = (10, 196)  #: of the miscellaneous devices


class Container:
    """The groups of a container and their back end; it lives as long as its file or a group of it does.

    ``lock`` is held while groups come and go, the back end's ``attach``, ``detach`` and ``close`` included. Before it,
    a group's lock may be taken.
    """

    def __init__(self, drivers: Sequence[tuple[BackendDriver, LoadedModule]]) -> None:
        """``drivers``: the back ends that are loaded, in the order in which SET_IOMMU asks them."""
        self.lock = threading.Lock()
        self.groups: list[IommuGroup] = []
        self.is_noiommu = False  #: whether its groups are without an IOMMU; they are all alike
        self.backend: Backend | None = None
        self._drivers = drivers
        self._driver: BackendDriver | None = None
        self._module: LoadedModule | None = None

    def check_extension(self, extension: int) -> int:
        """Positive if the back end has it or, before there is one, any that there could be; never an error."""
        drivers = [driver for driver, _ in self._drivers] if self._driver is None else [self._driver]
        return max((driver.check_extension(extension) for driver in drivers), default=0)

    def set_iommu(self, kind: int) -> None:
        """``EINVAL`` without a group or for the second time, ``ENODEV`` if no back end is of that type, else the
        errno with which the last of them refused to open or one of the groups."""
        with self.lock:
            if not self.groups or self.backend is not None:
                raise fail(EINVAL, "SET_IOMMU")
            error = fail(ENODEV, f"IOMMU type {kind}")
            for driver, module in self._drivers:
                try:
                    module.get()
                except OSError:  # its module is leaving
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
        """A group joins. ``EPERM`` for one with an IOMMU among those without, or the back end's errno."""
        with self.lock:
            if self.groups and is_noiommu != self.is_noiommu:
                raise fail(EPERM, str(group.number))
            if self.backend is not None:
                self.backend.attach(group)
            self.groups.append(group)
            self.is_noiommu = is_noiommu

    def detach(self, group: IommuGroup) -> None:
        """A group leaves; with the last one the back end goes, and its mappings."""
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
        """The back end with all groups attached; if one is refused, it is closed and none is."""
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
    """An open /dev/vfio/vfio: a container of its own."""

    __slots__ = ("_mmap_errno", "_module", "container")

    container_class: ClassVar[type[Container]] = Container  #: for hosts that are wrong on purpose

    def __init__(
        self, drivers: Sequence[tuple[BackendDriver, LoadedModule]], module: LoadedModule, mmap_errno: int
    ) -> None:
        """``module`` is kept while the file is open; ``mmap_errno`` is what mapping it fails with."""
        module.get()
        self._module = module
        self._mmap_errno = mmap_errno
        self.container = self.container_class(drivers)

    def ioctl(self, request: int, argument: UserArgument) -> int:
        """What VFIO does not know itself is the back end's: ``EINVAL`` before SET_IOMMU."""
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
