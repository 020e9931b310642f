"""Open group files and their requests (/dev/vfio/N, facts 3.2)."""

from __future__ import annotations

import sys
from errno import EINVAL, ENODEV, ENOTTY

from mdevref.kernel.errors import fail
from mdevref.kernel.memory import PAGE_SIZE
from mdevref.kernel.open_files import FileOperations, Task, UserArgument
from mdevref.vfio import uapi
from mdevref.vfio.arguments import give, take
from mdevref.vfio.containers import ContainerFile
from mdevref.vfio.device_files import DeviceFile
from mdevref.vfio.devices import Devices
from mdevref.vfio.groups import Group
from mdevref.vfio.uapi import GroupFlags


class GroupFile(FileOperations):
    """An open /dev/vfio/N."""

    __slots__ = ("_device_file", "devices", "group")

    def __init__(self, group: Group, devices: Devices, device_file: type[DeviceFile] = DeviceFile) -> None:
        """Create the file of a group that the caller has opened. ``device_file`` is the class of its device files."""
        self.group = group
        self.devices = devices
        self._device_file = device_file

    def ioctl(self, request: int, argument: UserArgument) -> int:
        """Handle a group request. ``ENOTTY`` if it is unknown."""
        match request:
            case uapi.GROUP_GET_STATUS:
                self.get_status(argument)
            case uapi.GROUP_SET_CONTAINER:
                self.set_container(argument)
            case uapi.GROUP_UNSET_CONTAINER:
                self.group.unset_container()
            case uapi.GROUP_GET_DEVICE_FD:
                return self.get_device_fd(argument)
            case _:
                raise fail(ENOTTY, f"ioctl {request:#x}")
        return 0

    def release(self) -> None:
        self.group.close()

    def get_status(self, argument: UserArgument) -> None:
        status = take(argument, uapi.GroupStatus)
        group = self.group
        if group.is_revoked:
            raise fail(ENODEV, group.name)
        in_container = GroupFlags.CONTAINER_SET if group.container is not None else GroupFlags(0)
        status.flags = in_container | (GroupFlags.VIABLE if group.is_viable else 0)
        give(argument, status)

    def set_container(self, argument: UserArgument) -> None:
        descriptor = int.from_bytes(argument.copy_in(4), sys.byteorder, signed=True)
        group, process = self.group, argument.process
        if not group.era.looks_up_first:
            if descriptor < 0:
                raise fail(EINVAL, group.name)
            group.check_free()
            group.check_capability(process)
        with process.file(descriptor) as file:
            group.check_free()
            if not isinstance(file.operations, ContainerFile):
                raise fail(group.era.not_a_container_errno, group.name)
            group.check_capability(process)
            group.set_container(file.operations.container)

    def get_device_fd(self, argument: UserArgument) -> int:
        name = argument.copy_in_string(PAGE_SIZE).decode("latin-1")
        if self.group.era.looks_up_first:
            return self._open_device_later(argument.process, name)
        return self._open_device(argument.process, name)

    def _open_device(self, process: Task, name: str) -> int:
        """Open a device until 5.12: check the container, look up the name, call the vendor, reserve a descriptor."""
        self.group.check_usable()
        self.group.check_capability(process)
        file = self._device_file(self.devices.take(self.group, name), process)
        try:
            descriptor = process.take_descriptor()
        except OSError:
            file.release()
            raise
        process.install_at(descriptor, file)
        return descriptor

    def _open_device_later(self, process: Task, name: str) -> int:
        """Open a device from 6.1 on: look up the name, reserve a descriptor, check the container, call the vendor."""
        device = self.devices.take(self.group, name)
        try:
            descriptor = process.take_descriptor()
        except OSError:
            device.put()
            raise
        try:
            file = self._device_file(device, process)
        except BaseException:
            process.give_back_descriptor(descriptor)
            raise
        process.install_at(descriptor, file)
        return descriptor
