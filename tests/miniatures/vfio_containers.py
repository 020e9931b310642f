"""Hosts whose containers or back ends are wrong."""

from __future__ import annotations

from errno import EINVAL, ENODEV, ENOTTY
from functools import partial

from mdevref.kernel.errors import fail
from mdevref.kernel.iommu import IommuGroup
from mdevref.kernel.open_files import Task, UserArgument
from mdevref.vfio import uapi
from mdevref.vfio.backends import Backend
from mdevref.vfio.containers import Container, ContainerFile
from mdevref.vfio.core import Vfio
from mdevref.vfio.groups import Group
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="device")


@wrong({"container.open": "expected success; seen: ENODEV"})
class no_container_without_a_device(Vfio):
    """Opening a container fails until a mediated device exists."""

    def open_container(self, process: Task, minor: int) -> ContainerFile:
        if not self.devices.by_mdev:
            raise fail(ENODEV, "vfio")
        return super().open_container(process, minor)


@wrong({"container.api-version": "expected 0; seen: 1"})
class another_version_of_the_interface(ContainerFile):
    """The reported version of the interface is 1."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        return 1 if request == uapi.GET_API_VERSION else super().ioctl(request, argument)


@wrong({"container.own": "expected EINVAL; seen: "})
class one_container_for_all(Vfio):
    """All processes that open ``/dev/vfio/vfio`` share one container."""

    the_one: Container | None = None

    def open_container(self, process: Task, minor: int) -> ContainerFile:
        file = super().open_container(process, minor)
        self.the_one = file.container = self.the_one or file.container
        return file


@wrong({"container.extensions": "expected 1; seen: 0"})
class tells_of_no_back_end(ContainerFile):
    """CHECK_EXTENSION reports that no back end is supported, although SET_IOMMU succeeds."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        return 0 if request == uapi.CHECK_EXTENSION else super().ioctl(request, argument)


@wrong({"container.extension-unknown": "expected 0; seen: EINVAL"})
class an_unknown_extension_is_an_error(ContainerFile):
    """CHECK_EXTENSION fails for an unknown extension."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        given = super().ioctl(request, argument)
        if request == uapi.CHECK_EXTENSION and not given:
            raise fail(EINVAL, "extension")
        return given


@wrong({"container.early-request": "expected EINVAL; seen: ENOTTY"})
class an_early_request_is_unknown(ContainerFile):
    """Without a back end, a container rejects requests for a back end with ENOTTY."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        known = (uapi.GET_API_VERSION, uapi.CHECK_EXTENSION, uapi.SET_IOMMU)
        if self.container.backend is None and request not in known:
            raise fail(ENOTTY, f"{request:#x}")
        return super().ioctl(request, argument)


@wrong({"container.unknown-request": "expected ENOTTY; seen: EINVAL"})
class an_unknown_request_is_invalid(ContainerFile):
    """A request that the back end does not know fails with EINVAL."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        try:
            return super().ioctl(request, argument)
        except OSError as error:
            raise fail(EINVAL if error.errno == ENOTTY else error.errno or 0, "request") from error


class _SetIommu(ContainerFile):
    """A container with a modified SET_IOMMU."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if request == uapi.SET_IOMMU:
            return self.set_iommu(argument.value)
        return super().ioctl(request, argument)

    def set_iommu(self, kind: int) -> int:
        self.container.set_iommu(kind)
        return 0


@wrong({"back-end.set": "expected 0; seen: ENODEV"})
class type_1_in_its_second_version_only(_SetIommu):
    """SET_IOMMU fails for version 1 of type 1, although CHECK_EXTENSION reports it."""

    def set_iommu(self, kind: int) -> int:
        if kind == uapi.Extension.TYPE1:
            raise fail(ENODEV, "type 1")
        return super().set_iommu(kind)


@wrong({"back-end.no-group": "expected EINVAL; seen: 0"})
class an_empty_container_is_content(_SetIommu):
    """SET_IOMMU succeeds without effect for a container without a group."""

    def set_iommu(self, kind: int) -> int:
        return super().set_iommu(kind) if self.container.groups else 0


@wrong({"back-end.unknown": "expected ENODEV; seen: EINVAL"})
class an_unknown_back_end_is_invalid(_SetIommu):
    """SET_IOMMU fails with EINVAL for an unknown back end."""

    def set_iommu(self, kind: int) -> int:
        try:
            return super().set_iommu(kind)
        except OSError as error:
            raise fail(EINVAL, f"{kind}") from error


@wrong({"back-end.twice": "expected EINVAL; seen: 0"})
class the_first_back_end_stays(_SetIommu):
    """SET_IOMMU succeeds without effect if the container already has a back end."""

    def set_iommu(self, kind: int) -> int:
        return 0 if self.container.backend is not None else super().set_iommu(kind)


@wrong({"back-end.shared": "expected success; seen: EINVAL"})
class who_comes_late_has_no_back_end(Group):
    """A group that joins a container with a back end cannot use the back end."""

    came_late = False

    def set_container(self, container: Container) -> None:
        self.came_late = container.backend is not None
        super().set_container(container)

    def check_usable(self) -> Backend:
        if self.came_late:
            raise fail(EINVAL, self.name)
        return super().check_usable()


@wrong({"back-end.stays": "expected success; seen: EINVAL"})
class whoever_leaves_first_takes_the_back_end(Group):
    """The back end of a container is removed as soon as any group leaves."""

    def _leave_container(self, container: Container) -> None:
        super()._leave_container(container)
        for other in list(container.groups):
            container.detach(other)
            container.groups.append(other)


class _Keeps(Container):
    """A container that keeps its back end after its last group has left."""

    def detach(self, group: IommuGroup) -> None:
        with self.lock:
            assert self.backend is not None or len(self.groups) >= 1
            if self.backend is not None:
                self.backend.detach(group)
            self.groups.remove(group)


@wrong({"back-end.dropped": "expected EINVAL; seen: "})
class keeps_its_back_end(ContainerFile):
    """A container keeps its back end after its last group has left."""

    container_class = _Keeps


class _Insists(Container):
    """A container that accepts a group even if its back end refuses the group."""

    def attach(self, group: IommuGroup, *, is_noiommu: bool = False) -> None:
        try:
            super().attach(group, is_noiommu=is_noiommu)
        except OSError:
            if self.backend is None or is_noiommu != self.is_noiommu:
                raise
            self.groups.append(group)


@wrong({"join.back-end": "; seen: 0"})
class takes_groups_that_its_back_end_refuses(ContainerFile):
    """A group joins a container even if the back end of the container refuses the group."""

    container_class = _Insists


@wrong({"join.refused-stays-out": "expected no CONTAINER_SET; seen: "})
class keeps_a_refused_group(Group):
    """A group that the back end refuses joins the container, although SET_CONTAINER fails."""

    def set_container(self, container: Container) -> None:
        try:
            super().set_container(container)
        except OSError:
            if container.backend is not None and self.container is None:
                container.groups.append(self.iommu_group)
                self.container, self.users = container, 1
            raise


class _Mixes(Container):
    """A container that accepts groups with and without an IOMMU."""

    def attach(self, group: IommuGroup, *, is_noiommu: bool = False) -> None:
        with self.lock:
            if self.backend is not None:
                self.backend.attach(group)
            self.groups.append(group)


@wrong({"join.no-iommu": "expected EPERM; seen: 0"})
class mixes_with_and_without_iommu(ContainerFile):
    """A container can contain groups with and without an IOMMU."""

    container_class = _Mixes
