"""The implementation of each verb of a recording on a reference host, and the form of its result."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from mdevref.host import Host
from mdevref.kernel.files import OpenFile, Stat
from mdevref.kernel.process import Process
from mdevref.kernel.waiting import Started
from tests.replay.recording import Operation

Result = dict[str, object]
DEV = "/dev/"


class Device(Protocol):
    """An open device, regardless of how it was opened."""

    @property
    def process(self) -> Process: ...
    def read(self, count: int, position: int) -> bytes: ...
    def write(self, data: bytes, position: int) -> int: ...
    def ioctl(self, request: int, argument: int | bytearray = 0) -> int: ...
    def mmap(self, length: int, position: int) -> object: ...
    def close(self) -> None: ...


T = TypeVar("T")


@dataclass
class Bench:
    """A host with the open files, open devices and pending operations of the recording."""

    host: Host
    held: dict[str, OpenFile] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    eventfds: dict[str, int] = field(default_factory=dict)  # descriptors in the process that holds the device
    pending: dict[str, Started] = field(default_factory=dict)
    descriptors: dict[str, int] = field(default_factory=dict)  # descriptors of containers and groups in `process`
    process: Process = field(init=False)

    def __post_init__(self) -> None:
        self.process = self.host.process()

    def close(self) -> None:
        """Close what is open, so that no thread of a failed section remains."""
        self.process.exit()
        for device in self.devices.values():
            with suppress(OSError):
                device.close()
        for pending in self.pending.values():
            pending.result()


def perform(bench: Bench, operation: Operation) -> Result:
    """Perform an operation and return its value or the name of its errno."""
    try:
        return VERBS[operation.op](bench, operation)
    except OSError as error:
        return {"errno": errno.errorcode[error.errno or 0]}


def held(table: Mapping[str, T], name: str) -> T:
    """Return the open file with a name. If the host failed to open it, every use fails."""
    if name not in table:
        raise OSError(errno.EBADF, name)
    return table[name]


def load(bench: Bench, operation: Operation) -> Result:
    if operation.implied and operation.path in bench.host.kernel.modules.loaded:
        return {"ok": True}  # the recorder loaded modules one by one, the host loads dependencies too
    bench.host.load(operation.path, **operation.arguments)
    return {"ok": True}


def unload(bench: Bench, operation: Operation) -> Result:
    bench.host.unload(operation.path)
    return {"ok": True}


def modules(bench: Bench, operation: Operation) -> Result:
    files = bench.host.sysfs_as(operation.user)
    return {
        "modules": {
            name: [int(files.read(f"module/{name}/refcnt")), *files.listdir(f"module/{name}/holders")]
            for name in files.listdir("module")
        }
    }


def read_file(bench: Bench, operation: Operation) -> Result:
    return {"content": bench.host.sysfs_as(operation.user).read(operation.path).decode("latin-1")}


def write_file(bench: Bench, operation: Operation) -> Result:
    data = (operation.data or "").encode("latin-1")
    if operation.on:
        return {"count": held(bench.held, operation.on).write(data)}
    try:
        file = bench.host.sysfs_as(operation.user).open(operation.path, os.O_WRONLY)
    except OSError as error:
        return {"errno": f"open:{errno.errorcode[error.errno or 0]}"}
    with file:
        return {"count": file.write(data)}


def open_file(bench: Bench, operation: Operation) -> Result:
    flags = 0
    for name in operation.flags:
        flags |= getattr(os, name)
    bench.held[operation.on] = bench.host.sysfs_as(operation.user).open(operation.path, flags)
    return {"ok": True}


def close_file(bench: Bench, operation: Operation) -> Result:
    held(bench.held, operation.on).close()
    return {"ok": True}


def list_directory(bench: Bench, operation: Operation) -> Result:
    if operation.path.startswith(DEV):
        return {"names": bench.host.kernel.nodes.names(operation.path.removeprefix(DEV))}
    return {"names": bench.host.sysfs_as(operation.user).listdir(operation.path)}


def read_link(bench: Bench, operation: Operation) -> Result:
    return {"link": bench.host.sysfs_as(operation.user).readlink(operation.path)}


def exists(bench: Bench, operation: Operation) -> Result:
    return {"exists": bench.host.sysfs_as(operation.user).exists(operation.path)}


def mode(found: Stat) -> str:
    return {"directory": "d", "file": "-", "link": "l"}[found.kind] + stat.filemode(found.mode)[1:]


def nodes(host: Host, directory: str) -> dict[str, str]:
    """List directories; nodes are not compared."""
    entries = {}
    for name in host.kernel.nodes.names(directory):
        try:
            host.kernel.nodes.names(f"{directory}/{name}")
        except OSError:
            entries[name] = "?"
        else:
            entries[name] = "drwxr-xr-x links=2"
    return entries


def details(bench: Bench, operation: Operation) -> Result:
    """Return the details of a directory as in `ls -l`."""
    if operation.path.startswith(DEV):
        return {"entries": nodes(bench.host, operation.path.removeprefix(DEV))}
    files, entries = bench.host.sysfs_as(operation.user), {}
    for name in files.listdir(operation.path):
        path = f"{operation.path}/{name}"
        found = files.lstat(path)
        extra = {"directory": f" links={found.links}", "file": f" size={found.size}"}.get(found.kind)
        entries[name] = mode(found) + (extra or f" -> {files.readlink(path)}")
    return {"entries": entries}


def tree(bench: Bench, operation: Operation) -> Result:
    """Return everything below a directory as the recorder does, without following links."""
    files = bench.host.sysfs_as(operation.user)
    entries: dict[str, str] = {}

    def walk(path: str, shown: str) -> None:
        found = files.lstat(path)
        entries[shown] = mode(found)
        if found.kind == "link":
            entries[shown] += f" -> {files.readlink(path)}"
        elif found.kind == "file":
            content = f" = {files.read(path).decode('latin-1')}" if found.mode & 0o444 else ""
            entries[shown] += f" size={found.size}{content}"
        elif path.endswith("/power"):
            entries.update({f"{shown}/{name}": "?" for name in files.listdir(path)})  # recorded with names only
        else:
            for name in files.listdir(path):
                walk(f"{path}/{name}", name if shown == "." else f"{shown}/{name}")

    walk(operation.path, ".")
    return {"entries": entries}


def make_directory(bench: Bench, operation: Operation) -> Result:
    bench.host.sysfs_as(operation.user).mkdir(operation.path)
    return {"ok": True}


def remove_directory(bench: Bench, operation: Operation) -> Result:
    bench.host.sysfs_as(operation.user).rmdir(operation.path)
    return {"ok": True}


def open_device(bench: Bench, operation: Operation) -> Result:
    bench.devices[operation.on] = bench.host.open_device(operation.path)
    return {"ok": True}


def close_device(bench: Bench, operation: Operation) -> Result:
    held(bench.devices, operation.on).close()
    return {"ok": True}


def finish(bench: Bench, operation: Operation) -> Result:
    result = bench.pending.pop(operation.on).result()
    assert isinstance(result, dict)
    return result


VERBS: dict[str, Callable[[Bench, Operation], Result]] = {
    "load": load,
    "unload": unload,
    "modules": modules,
    "read": read_file,
    "write": write_file,
    "open": open_file,
    "close": close_file,
    "list": list_directory,
    "details": details,
    "tree": tree,
    "readlink": read_link,
    "exists": exists,
    "mkdir": make_directory,
    "rmdir": remove_directory,
    "open-device": open_device,
    "close-device": close_device,
    "finish": finish,
}
