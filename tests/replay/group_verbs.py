"""The verbs for containers and groups: system calls of one process of the host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mdevref.kernel.process import Process
from mdevref.vfio import uapi
from mdevref.vfio.uapi import AttachIommufdPt, BindIommufd, Extension, GroupStatus, IoasAlloc
from tests.replay.recording import Operation
from tests.replay.verbs import Bench, Result, held

REQUESTS = {name.removeprefix("VFIO_"): number for number, name in uapi.CONTAINER_REQUESTS.items()}
REQUESTS |= {name.removeprefix("VFIO_"): number for number, name in uapi.GROUP_REQUESTS.items()}
REQUESTS |= {name.removeprefix("VFIO_"): number for number, name in uapi.DEVICE_REQUESTS.items()}
REQUESTS["IOMMU_IOAS_ALLOC"] = uapi.IOMMU_IOAS_ALLOC
_GIVES_A_VALUE = ("GET_API_VERSION", "CHECK_EXTENSION")


@dataclass
class OpenedDevice:
    """A device that the process of the recording opened itself through its group."""

    process: Process
    descriptor: int

    def read(self, count: int, position: int) -> bytes:
        return self.process.pread(self.descriptor, count, position)

    def write(self, data: bytes, position: int) -> int:
        return self.process.pwrite(self.descriptor, data, position)

    def ioctl(self, request: int, argument: int | bytearray = 0) -> int:
        return self.process.ioctl(self.descriptor, request, argument)

    def mmap(self, length: int, position: int) -> memoryview:
        return self.process.mmap(self.descriptor, length, position)

    def close(self) -> None:
        self.process.close(self.descriptor)


def open_node(bench: Bench, operation: Operation) -> Result:
    bench.descriptors[operation.on] = descriptor = bench.process.open(operation.path)
    if operation.path.startswith("vfio/devices/"):
        bench.devices[operation.on] = OpenedDevice(bench.process, descriptor)
    return {"ok": True}


def request(bench: Bench, operation: Operation) -> Result:
    """The other arguments select what the request is given, and so which part of the answer is compared."""
    arguments = dict(operation.arguments)
    name = arguments.pop("request")
    file, given = held(bench.descriptors, operation.on), _argument(bench, name, arguments)
    value = bench.process.ioctl(file, REQUESTS[name], given)
    if name in _GIVES_A_VALUE:
        return {"value": value}
    if name == "GROUP_GET_STATUS" and arguments and isinstance(given, bytearray):
        status = GroupStatus.read(given)
        return {"argsz": status.argsz, "flags": status.flags}
    if name == "DEVICE_BIND_IOMMUFD" and isinstance(given, bytearray):
        return {"id": BindIommufd.read(given).out_devid}
    if name == "IOMMU_IOAS_ALLOC" and isinstance(given, bytearray):
        return {"id": IoasAlloc.read(given).out_ioas_id}
    return {"ok": True}


def _argument(bench: Bench, name: str, arguments: Mapping[str, str]) -> int | bytearray:
    match name:
        case "GROUP_GET_STATUS":
            return GroupStatus(argsz=int(arguments.get("argsz", GroupStatus.full))).pack()
        case "GROUP_SET_CONTAINER":
            return uapi.container_fd(held(bench.descriptors, arguments["container"]))
        case "GROUP_GET_DEVICE_FD":
            return uapi.device_name(arguments["device"])
        case "DEVICE_BIND_IOMMUFD":
            iommufd = held(bench.descriptors, arguments["iommufd"])
            return BindIommufd(argsz=BindIommufd.full, iommufd=iommufd).pack()
        case "DEVICE_ATTACH_IOMMUFD_PT":
            return AttachIommufdPt(argsz=AttachIommufdPt.full, pt_id=int(arguments["pt"])).pack()
        case "IOMMU_IOAS_ALLOC":
            return IoasAlloc(size=IoasAlloc.full).pack()
    return int(arguments.get("value", "0"))


def get_device(bench: Bench, operation: Operation) -> Result:
    group = held(bench.descriptors, operation.arguments["group"])
    descriptor = bench.process.ioctl(group, uapi.GROUP_GET_DEVICE_FD, uapi.device_name(operation.path))
    bench.devices[operation.on] = OpenedDevice(bench.process, descriptor)
    return {"ok": True}


def open_group(bench: Bench, operation: Operation) -> Result:
    """Open a group. With ``container``, also attach it to a container that is ready for use."""
    process = bench.process
    bench.descriptors[operation.on] = group = process.open(f"vfio/{operation.path}")
    if operation.arguments.get("container"):
        bench.descriptors["container"] = container = process.open("vfio/vfio")
        process.ioctl(group, uapi.GROUP_SET_CONTAINER, uapi.container_fd(container))
        process.ioctl(container, uapi.SET_IOMMU, Extension.TYPE1V2)
    return {"ok": True}


def close_group(bench: Bench, operation: Operation) -> Result:
    """Close the group, and its container if it has one."""
    bench.process.close(held(bench.descriptors, operation.on))
    container = bench.descriptors.pop("container", None)
    if container is not None:
        bench.process.close(container)
    return {"ok": True}


VERBS: Mapping[str, Callable[[Bench, Operation], Result]] = {
    "open-node": open_node,
    "request": request,
    "get-device": get_device,
    "open-group": open_group,
    "close-group": close_group,
}
