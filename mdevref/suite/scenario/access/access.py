"""The device interface in a scenario: what its words for containers, groups, devices and arguments mean."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping

from mdevref.suite.interface import vmm
from mdevref.suite.interface.device import Process
from mdevref.suite.interface.target import Machine
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.interface.vmm import DeviceFile
from mdevref.suite.scenario.access.held import ROOM, Held
from mdevref.suite.scenario.kind import Kind
from mdevref.vfio import uapi
from mdevref.vfio.uapi import IrqInfo, Record, RegionInfo

_NO_SUCH = 0x3BFF  #: a request of VFIO's type that nobody has
_LONG_NAME = 5000  #: bytes without an end, more than a page
_FILLED = b"\xaa"  #: what stands in an argument behind the structure
_NOT_OPEN = 1000  #: a descriptor that no scenario gets as far as

REQUESTS: Mapping[str, int] = {
    "an unknown request": _NO_SUCH,
    **{
        name: number
        for names in (uapi.CONTAINER_REQUESTS, uapi.GROUP_REQUESTS, uapi.DEVICE_REQUESTS)
        for number, name in names.items()
    },
}
_RECORDS: Mapping[int, type[Record]] = {
    uapi.GROUP_GET_STATUS: uapi.GroupStatus,
    uapi.DEVICE_GET_INFO: uapi.DeviceInfo,
    uapi.DEVICE_GET_REGION_INFO: RegionInfo,
    uapi.DEVICE_GET_IRQ_INFO: IrqInfo,
    uapi.IOMMU_GET_INFO: uapi.IommuInfo,
}
_DATA = {"NONE": 1, "BOOL": 2, "EVENTFD": 4, "MASK": 8, "UNMASK": 16, "TRIGGER": 32, "no data": 0}

_HANDLE = r"the (?:second )?container|the (?:group|node) of [A-Z]|the second file of [A-Z]|[A-Z]"
_DESCRIPTOR = r"the descriptor of (?:the (?:second )?container|the group of [A-Z]|an eventfd)"
_INDEX = r"\d+|the number of its (?:regions|interrupts)"


def _irq_flags(text: str) -> int:
    """``EVENTFD, TRIGGER``, or with a bit that has no name, ``NONE, TRIGGER, 64``."""
    return sum(int(word) if word.isdigit() else _DATA[word] for word in text.split(", "))


KINDS: Mapping[str, Kind] = {
    "Handle": Kind(_HANDLE),
    "Node": Kind(r"the (?:second )?container|the (?:group|node) of [A-Z]"),
    "Request": Kind(r"an unknown request|VFIO_[A-Z_]+", REQUESTS.__getitem__),
    "Argument": Kind(
        rf'\d+|a bad pointer|{_DESCRIPTOR}|the descriptor -?\d+|a descriptor that is not open|the name "[^"]*"'
        rf"|a name without an end|a name of \d+ characters|argsz \d+|index (?:{_INDEX})",
    ),
    "IrqFlags": Kind(r"(?:no data|\d+|[A-Z]+)(?:, (?:\d+|[A-Z]+))*", _irq_flags),
    "Amount": Kind(r"\d+|the limit|the limit less one|the number of its interrupts"),
    "Access": Kind(r"read|written"),
}


class Access(Held):
    """A machine's device interface, and what a scenario has open there.

    ``group_number`` tells the number of a device's IOMMU group, and ``vfio_device`` the name of what VFIO has below it,
    by the name that steps know the device by.
    """

    def __init__(
        self, machine: Machine, group_number: Callable[[str], str], vfio_device: Callable[[str], str]
    ) -> None:  # fmt: skip
        super().__init__()
        self._machine = machine
        self._group_number = group_number
        self._vfio_device = vfio_device
        self._processes: dict[str, Process] = {}
        self._loose: list[DeviceFile] = []  # that no words are for
        self.argument = bytearray()  #: of the last request, as it was left
        self.filled_from = 0  #: from where on nobody had to write anything into it
        self._ready: set[str] = set()  # containers with a back end

    # -- What is open

    def process(self, name: str = "") -> Process:
        """The scenario's process, or another one by its name; Unsupported where there are none."""
        if name not in self._processes:
            self._processes[name] = self._machine.process()
        return self._processes[name]

    def node(self, words: str) -> str:
        """The path below ``/dev`` of what can be opened."""
        if words.endswith("container"):
            return vmm.CONTAINER
        if words.startswith("the node"):
            return vmm.device_node(self._vfio_device(words[-1]))
        return vmm.group_node(self._group_number(words[-1]))

    def open(self, words: str, process: str = "") -> DeviceFile:
        """Open a container or a group, by the words that it is known by from here on."""
        owner = self.process(process)
        return self._keep(words, owner, owner.open(self.node(words)))

    def _keep(self, words: str, process: Process, descriptor: int) -> DeviceFile:
        self._ready.discard(words)
        if isinstance(before := self.handles.get(words), DeviceFile):
            self._loose.append(before)
        file = DeviceFile(process, descriptor)
        self.handles[words] = file
        return file

    def file(self, words: str) -> DeviceFile:
        """What is open by these words, with its descriptor. It is opened where it is not."""
        found = self.handles.get(words)
        if found is None:
            return self.open(words)
        if not isinstance(found, DeviceFile):
            raise Unsupported("this target has devices, and neither containers nor groups")
        return found

    def enter(self, name: str, container: str = "the container") -> None:
        """Put the group of a device into a container. OSError: it does not go."""
        group = self.file(f"the group of {name}")
        vmm.set_container(group.process, group.descriptor, self.file(container).descriptor)

    def leave(self, name: str) -> None:
        """Take the group of a device out of its container. OSError: it stays."""
        group = self.file(f"the group of {name}")
        vmm.unset_container(group.process, group.descriptor)

    def get(self, name: str, uuid: str, words: str = "") -> DeviceFile:
        """A file of a device, out of its group. OSError: there is none to be had."""
        group = self.file(f"the group of {name}")
        descriptor = vmm.get_device(group.process, group.descriptor, uuid)
        return self._keep(words or name, group.process, descriptor)

    def close(self, words: str) -> None:
        """Close what is open by these words."""
        self.handles.pop(words).close()

    def end(self, process: str = "") -> None:
        """A process ends and closes nothing."""
        ended = self._processes.pop(process)
        ended.exit()
        self._loose = [file for file in self._loose if file.process is not ended]
        self.handles = {
            words: held
            for words, held in self.handles.items()
            if not (isinstance(held, DeviceFile) and held.process is ended)
        }

    @property
    def holds_something(self) -> bool:
        """Whether a removal may have to wait for what is open here."""
        return bool(self.handles)

    def let_go(self) -> None:
        """Close whatever is open, the last first."""
        for held in reversed([*self._loose, *self.handles.values()]):
            with contextlib.suppress(OSError, Unsupported):
                held.close()
        self.handles.clear()
        self._loose.clear()

    # -- Requests

    def call(self, request: int, words: str, argument: int | bytearray = 0) -> int:
        """A request of what is open; its argument is kept as it was left."""
        target = self.handles[words] if words in self.handles else self.file(words)
        given = target.ioctl(request, argument)
        if isinstance(argument, bytearray):
            self.argument = argument
        if request == uapi.GROUP_GET_DEVICE_FD and isinstance(target, DeviceFile):
            self._loose.append(DeviceFile(target.process, given))
        return given

    def made(self, request: int, words: str, text: str) -> int | bytearray:
        """The argument that the words of a step describe, for a request of what is open by ``words``."""
        if text.isdigit():
            return int(text)
        if text == "a bad pointer":
            return 0
        if text.startswith("the name "):
            return uapi.device_name(text.split('"')[1])
        if text == "a name without an end":
            return bytearray(b"a" * _LONG_NAME)
        if text.startswith("a name of "):
            return uapi.device_name("a" * int(text.split()[3]))
        if text.startswith("argsz "):
            return self._structure(request, argsz=int(text.split()[1]))
        if text.startswith("index "):
            return self._structure(request, index=self.index(words, text.removeprefix("index ")))
        return uapi.container_fd(self._descriptor(text))

    def _structure(self, request: int, *, argsz: int | None = None, index: int | None = None) -> bytearray:
        record = _RECORDS[request]()
        record.argsz = record.minimum if argsz is None else argsz
        if index is not None:
            record.index = index
        self.filled_from = max(record.minimum, record.argsz)
        return bytearray(bytes(record)[: record.minimum].ljust(self.filled_from, b"\0") + _FILLED * ROOM)

    def _descriptor(self, text: str) -> int:
        if text.removeprefix("the descriptor ").lstrip("-").isdigit():
            return int(text.split()[2])
        if text == "a descriptor that is not open":
            return _NOT_OPEN
        what = text.removeprefix("the descriptor of ")
        return self._an_eventfd() if what == "an eventfd" else self.file(what).descriptor

    def _an_eventfd(self) -> int:
        process = self.process()
        descriptor = process.eventfd()
        self._loose.append(DeviceFile(process, descriptor))
        return descriptor

    def set_back_end(self, container: str) -> None:
        """Set the back end of a container, unless it has been set."""
        if container not in self._ready:
            file = self.file(container)
            vmm.set_back_end(file.process, file.descriptor)
            self._ready.add(container)

    def bind(self, words: str) -> None:
        """Bind an open node of a device to a new iommufd."""
        node = self.file(words)
        iommufd = DeviceFile(node.process, node.process.open(vmm.IOMMU))
        self._loose.append(iommufd)
        vmm.bind(node.process, node.descriptor, iommufd.descriptor)

    def hold(self, name: str, uuid: str, process: str = "") -> None:
        """Open a device by way of its group and a container, which stay open, too. OSError: it cannot be had."""
        whose = f" of {process}" if process else ""
        owner, container, group = self.process(process), f"the container{whose}", f"the group of {name}"
        if container not in self.handles:
            self._keep(container, owner, owner.open(vmm.CONTAINER))
        if group not in self.handles:
            self.open(group, process)
        self.enter(name, container)
        self.set_back_end(container)
        self.get(name, uuid)

    def status(self, name: str) -> list[str]:
        """The flags of a group's status, by name."""
        group = self.file(f"the group of {name}")
        return [flag.name or "" for flag in vmm.group_status(group.process, group.descriptor)]

    # -- Files, as devices are such

    def seek(self, name: str, offset: int) -> int:
        """Set the position in a device's file; Unsupported where it is no file."""
        file = self.file(name)
        return file.process.lseek(file.descriptor, offset)

    def wrong_descriptor(self, text: str) -> int:
        """A descriptor that is none of an eventfd."""
        return self._descriptor(text)
