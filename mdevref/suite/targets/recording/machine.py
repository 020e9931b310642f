"""A machine that keeps what was asked of it and what it answered, so that a failure can show it and be repeated."""

from __future__ import annotations

import errno as errnos
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar, cast

from mdevref.suite.interface.device import HeldDevice, Process
from mdevref.suite.interface.target import (
    DeviceFile,
    Drivers,
    Files,
    Machine,
    OpenFile,
    Pending,
    Stat,
    Uevent,
    Unsupported,
    Vendor,
)
from mdevref.suite.interface.translation import Translation
from mdevref.suite.spec.notation import shown
from mdevref.suite.targets.recording.process import RecordedProcess

Answer = TypeVar("Answer")

_WAITS = object()
_LONGEST_ARRAY = 8
_LONGEST_TEXT = 240  # characters of an answer that a report shows
_FLAGS = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_EXCL", "O_TRUNC", "O_APPEND", "O_NONBLOCK")


class Entry:
    """One operation: what, on which path, with which bytes (or flags), and what came of it."""

    __slots__ = ("answer", "data", "op", "path")

    def __init__(self, op: str, path: str, data: str | bytes | None = None) -> None:
        self.op = op
        self.path = path
        self.data = data
        self.answer: object = _WAITS

    def result(self) -> str:
        """What came of it, in words; nothing long is kept."""
        text = _words(self.answer)
        return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."


def _words(answer: object) -> str:
    match answer:
        case OSError():
            return errnos.errorcode.get(answer.errno or 0, str(answer))
        case Unsupported():
            return f"unsupported: {answer}"
        case BaseException():
            return f"{type(answer).__name__}: {answer}"
        case bytes():
            return shown(answer)
        case Stat():
            return f"{answer.kind}, mode {answer.mode:04o}, {answer.size} bytes"
        case list() | tuple():
            return ", ".join(map(str, answer)) or "nothing"
        case int() | str():
            return str(answer)
    return "still waits" if answer is _WAITS else "done"


class Log:
    """The operations of one scenario, in the order in which they began; from any thread."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def record(
        self, op: str, path: str, call: Callable[[], Answer], data: str | bytes | None = None
    ) -> Answer:  # fmt: skip
        """Make the call and keep what came of it, be it an exception."""
        return self.end(self.begin(op, path, data), call)

    def begin(self, op: str, path: str, data: str | bytes | None = None) -> Entry:
        """Keep that an operation is about to be made."""
        entry = Entry(op, path, data)
        self.entries.append(entry)
        return entry

    def end(self, entry: Entry, call: Callable[[], Answer]) -> Answer:
        """Make it."""
        try:
            answer = call()
        except BaseException as error:
            entry.answer = error
            raise
        entry.answer = answer
        return answer

    def gave(self, error: BaseException) -> bool:
        """Whether this very exception came out of one of the operations."""
        return any(entry.answer is error for entry in self.entries)


class RecordedFiles:
    """A tree whose operations are recorded."""

    def __init__(self, files: Files, log: Log) -> None:
        self._files = files
        self._log = log

    @property
    def unrecorded(self) -> Files:
        """The tree itself, for a look at everything: hundreds of lines would hide those that matter."""
        self._log.record("look at", "everything", lambda: None)
        return self._files

    def listdir(self, path: str) -> list[str]:
        return self._log.record("listdir", path, lambda: self._files.listdir(path))

    def read(self, path: str) -> bytes:
        return self._log.record("read", path, lambda: self._files.read(path))

    def write(self, path: str, data: bytes) -> int:
        return self._log.record("write", path, lambda: self._files.write(path, data), data)

    def readlink(self, path: str) -> str:
        return self._log.record("readlink", path, lambda: self._files.readlink(path))

    def lstat(self, path: str) -> Stat:
        return self._log.record("lstat", path, lambda: self._files.lstat(path))

    def open(self, path: str, flags: int) -> OpenFile:
        names = [name for name in _FLAGS if flags & getattr(os, name)]
        if not flags & (os.O_WRONLY | os.O_RDWR):
            names.insert(0, "O_RDONLY")
        opened = self._log.record("open", path, lambda: self._files.open(path, flags), ", ".join(names))
        return _RecordedOpenFile(opened, path, self._log)


class _RecordedOpenFile:
    def __init__(self, file: OpenFile, path: str, log: Log) -> None:
        self._file = file
        self._path = path
        self._log = log

    def read(self) -> bytes:
        return self._log.record("read open file", self._path, self._file.read)

    def write(self, data: bytes) -> int:
        return self._log.record("write open file", self._path, lambda: self._file.write(data), data)

    def close(self) -> None:
        self._log.record("close", self._path, self._file.close)


class _RecordedCalls:
    """Whatever is called on it is recorded, under the name of the thing and of the call; ``spell`` says arguments."""

    def __init__(self, thing: object, name: str, log: Log, spell: Callable[[object], str] | None = None) -> None:
        self._thing = thing
        self._name = name
        self._log = log
        self._spell = spell or _argument

    def __getattr__(self, name: str) -> object:
        found = getattr(self._thing, name)
        if not callable(found):
            return found
        log, about, spell = self._log, self._name, self._spell

        def call(*arguments: object) -> object:
            return log.record(
                name.replace("_", " "), about, lambda: found(*arguments), ", ".join(map(spell, arguments))
            )

        return call


class _RecordedDeviceFile:
    """A device file whose system calls are recorded, apart from those on the files of a tree."""

    def __init__(self, file: DeviceFile, uuid: str, log: Log) -> None:
        self._file = file
        self._uuid = uuid
        self._log = log

    def read(self, count: int, offset: int) -> bytes:
        return self._call("read", lambda: self._file.read(count, offset), f"{count} bytes at {offset}")

    def write(self, data: bytes, offset: int) -> int:
        return self._call("write", lambda: self._file.write(data, offset), f"{shown(data)} at {offset}")

    def ioctl(self, request: int) -> object:
        return self._call("ioctl", lambda: self._file.ioctl(request), str(request))

    def mmap(self, count: int, offset: int) -> object:
        return self._call("mmap", lambda: self._file.mmap(count, offset), f"{count} bytes at {offset}")

    def close(self) -> None:
        self._call("close", self._file.close)

    def _call(self, name: str, call: Callable[[], Answer], data: str | None = None) -> Answer:
        return self._log.record(f"{name} device", self._uuid, call, data)


class _RecordedDrivers:
    """A driver interface whose calls are recorded by what they are about, which is their first argument."""

    def __init__(self, drivers: Drivers, log: Log) -> None:
        self._drivers = drivers
        self._log = log
        self.calls = drivers.calls
        self.kernel_log = drivers.kernel_log

    def open(self, uuid: str) -> DeviceFile:
        file = self._log.record("open device", uuid, lambda: self._drivers.open(uuid))
        return _RecordedDeviceFile(file, uuid, self._log)

    def __getattr__(self, name: str) -> object:
        found = getattr(self._drivers, name)

        def call(*arguments: object) -> object:
            about, *rest = map(_argument, arguments) if arguments else ("",)
            return self._log.record(name.replace("_", " "), about, lambda: found(*arguments), ", ".join(rest) or None)

        return call


def _argument(value: object) -> str:
    if value is None:
        return "nothing"
    return errnos.errorcode.get(value, str(value)) if isinstance(value, int) else str(value)


def _number(value: object) -> str:
    """An argument of functions that take no errno; of a long array no more than how it begins."""
    if isinstance(value, list) and len(value) > _LONGEST_ARRAY:
        return f"[{', '.join(map(str, value[:2]))}, ... {len(value)} numbers]"
    return "nothing" if value is None else str(value)


class RecordedMachine:
    """A machine whose operations are recorded in ``log``."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.log = Log()
        self.files: Files = RecordedFiles(machine.files, self.log)
        self._drivers: Drivers | None = None
        self._translation: Translation | None = None
        self._processes = 0

    def uevents(self) -> Sequence[Uevent]:
        return self._machine.uevents()

    def load(self, driver: str) -> None:
        self.log.record("load", driver, lambda: self._machine.load(driver))

    def unload(self, driver: str) -> None:
        self.log.record("unload", driver, lambda: self._machine.unload(driver))

    def vendor_drivers(self) -> Mapping[str, str]:
        return self._machine.vendor_drivers()

    def scripted_vendor(self, without: Sequence[str] = ()) -> Vendor:
        vendor = self.log.record(
            "load", "scripted", lambda: self._machine.scripted_vendor(without), ", ".join(without) or None
        )
        return cast(Vendor, _RecordedCalls(vendor, "the scripted vendor driver", self.log))

    def drivers(self) -> Drivers:
        if self._drivers is None:
            self._drivers = cast(Drivers, _RecordedDrivers(self._machine.drivers(), self.log))
        return self._drivers

    def translation(self) -> Translation:
        if self._translation is None:
            found = _RecordedCalls(self._machine.translation(), "the vendor driver", self.log, _number)
            self._translation = cast(Translation, found)
        return self._translation

    def process(self) -> Process:
        self._processes += 1
        name = f"_{self._processes}_" if self._processes > 1 else ""
        return RecordedProcess(self._machine.process(), self.log, name)

    def nodes(self) -> Collection[str]:
        return self.log.record("list nodes", "vfio", self._machine.nodes)

    def open_device(self, uuid: str) -> HeldDevice:
        device = self.log.record("open device", uuid, lambda: self._machine.open_device(uuid))
        return cast(HeldDevice, _RecordedCalls(device, uuid or "the device", self.log))

    def start(self, operation: Callable[[], object]) -> Pending:
        return self._machine.start(operation)

    def leftovers(self) -> Sequence[str]:
        return self._machine.leftovers()

    def close(self) -> None:
        self._machine.close()
