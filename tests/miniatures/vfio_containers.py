"""Containers and their back ends."""

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
    """A container cannot be opened before there is a device that somebody could want it for."""

    def open_container(self, process: Task, minor: int) -> ContainerFile:
        if not self.devices.by_mdev:
            raise fail(ENODEV, "vfio")
        return super().open_container(process, minor)


@wrong({"container.api-version": "expected 0; seen: 1"})
class another_version_of_the_interface(ContainerFile):
    """The version of the interface is 1."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        return 1 if request == uapi.GET_API_VERSION else super().ioctl(request, argument)


@wrong({"container.own": "expected EINVAL; seen: "})
class one_container_for_all(Vfio):
    """Whoever opens the node of containers gets the same one."""

    the_one: Container | None = None

    def open_container(self, process: Task, minor: int) -> ContainerFile:
        file = super().open_container(process, minor)
        self.the_one = file.container = self.the_one or file.container
        return file


@wrong({"container.extensions": "expected 1; seen: 0"})
class tells_of_no_back_end(ContainerFile):
    """No extension is told of, though its back end can be set."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        return 0 if request == uapi.CHECK_EXTENSION else super().ioctl(request, argument)


@wrong({"container.extension-unknown": "expected 0; seen: EINVAL"})
class an_unknown_extension_is_an_error(ContainerFile):
    """Asking for an extension that there is not fails."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        given = super().ioctl(request, argument)
        if request == uapi.CHECK_EXTENSION and not given:
            raise fail(EINVAL, "extension")
        return given


@wrong({"container.early-request": "expected EINVAL; seen: ENOTTY"})
class an_early_request_is_unknown(ContainerFile):
    """Before a container has its back end, what is for the back end is taken for no request at all."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        known = (uapi.GET_API_VERSION, uapi.CHECK_EXTENSION, uapi.SET_IOMMU)
        if self.container.backend is None and request not in known:
            raise fail(ENOTTY, f"{request:#x}")
        return super().ioctl(request, argument)


@wrong({"container.unknown-request": "expected ENOTTY; seen: EINVAL"})
class an_unknown_request_is_invalid(ContainerFile):
    """What the back end does not know is invalid."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        try:
            return super().ioctl(request, argument)
        except OSError as error:
            raise fail(EINVAL if error.errno == ENOTTY else error.errno or 0, "request") from error


class _SetIommu(ContainerFile):
    """A container whose SET_IOMMU is wrong."""

    def ioctl(self, request: int, argument: UserArgument) -> int:
        if request == uapi.SET_IOMMU:
            return self.set_iommu(argument.value)
        return super().ioctl(request, argument)

    def set_iommu(self, kind: int) -> int:
        self.container.set_iommu(kind)
        return 0


@wrong({"back-end.set": "expected 0; seen: ENODEV"})
class type_1_in_its_second_version_only(_SetIommu):
    """The first version of type 1 cannot be set, though it is told of."""

    def set_iommu(self, kind: int) -> int:
        if kind == uapi.Extension.TYPE1:
            raise fail(ENODEV, "type 1")
        return super().set_iommu(kind)


@wrong({"back-end.no-group": "expected EINVAL; seen: 0"})
class an_empty_container_is_content(_SetIommu):
    """Setting a back end of a container without a group does nothing, and succeeds."""

    def set_iommu(self, kind: int) -> int:
        return super().set_iommu(kind) if self.container.groups else 0


@wrong({"back-end.unknown": "expected ENODEV; seen: EINVAL"})
class an_unknown_back_end_is_invalid(_SetIommu):
    """A number of no back end is invalid."""

    def set_iommu(self, kind: int) -> int:
        try:
            return super().set_iommu(kind)
        except OSError as error:
            raise fail(EINVAL, f"{kind}") from error


@wrong({"back-end.twice": "expected EINVAL; seen: 0"})
class the_first_back_end_stays(_SetIommu):
    """Setting a second back end succeeds and does nothing."""

    def set_iommu(self, kind: int) -> int:
        return 0 if self.container.backend is not None else super().set_iommu(kind)


@wrong({"back-end.shared": "expected success; seen: EINVAL"})
class who_comes_late_has_no_back_end(Group):
    """A group that joins a container with a back end cannot use it."""

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
    """When any group leaves its container, the container has no back end any more."""

    def _leave_container(self, container: Container) -> None:
        super()._leave_container(container)
        for other in list(container.groups):
            container.detach(other)
            container.groups.append(other)


class _Keeps(Container):
    """A container that keeps its back end."""

    def detach(self, group: IommuGroup) -> None:
        with self.lock:
            assert self.backend is not None or len(self.groups) >= 1
            if self.backend is not None:
                self.backend.detach(group)
            self.groups.remove(group)


@wrong({"back-end.dropped": "expected EINVAL; seen: "})
class keeps_its_back_end(ContainerFile):
    """A container that every group has left still has its back end."""

    container_class = _Keeps


class _Insists(Container):
    """A container that does not mind what its back end says."""

    def attach(self, group: IommuGroup, *, is_noiommu: bool = False) -> None:
        try:
            super().attach(group, is_noiommu=is_noiommu)
        except OSError:
            if self.backend is None or is_noiommu != self.is_noiommu:
                raise
            self.groups.append(group)


@wrong({"join.back-end": "; seen: 0"})
class takes_groups_that_its_back_end_refuses(ContainerFile):
    """A group joins a container, whether the container's back end accepts it or not."""

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
    """A container that takes any group."""

    def attach(self, group: IommuGroup, *, is_noiommu: bool = False) -> None:
        with self.lock:
            if self.backend is not None:
                self.backend.attach(group)
            self.groups.append(group)


@wrong({"join.no-iommu": "expected EPERM; seen: 0"})
class mixes_with_and_without_iommu(ContainerFile):
    """A container takes groups behind no IOMMU beside others."""

    container_class = _Mixes
