"""A wrapper that records the operations on a machine and their results, to show and reproduce a failure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import cast

from mdevref.suite.interface.device import HeldDevice, Process
from mdevref.suite.interface.drivers import Drivers, Vendor
from mdevref.suite.interface.files import Files
from mdevref.suite.interface.target import Machine, Pending, Uevent
from mdevref.suite.interface.translation import Translation
from mdevref.suite.targets.recording.calls import RecordedCalls, number
from mdevref.suite.targets.recording.drivers import RecordedDrivers
from mdevref.suite.targets.recording.files import RecordedFiles
from mdevref.suite.targets.recording.log import Log
from mdevref.suite.targets.recording.process import RecordedProcess


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
        return cast(Vendor, RecordedCalls(vendor, "the scripted vendor driver", self.log))

    def drivers(self) -> Drivers:
        if self._drivers is None:
            self._drivers = cast(Drivers, RecordedDrivers(self._machine.drivers(), self.log))
        return self._drivers

    def translation(self) -> Translation:
        if self._translation is None:
            found = RecordedCalls(self._machine.translation(), "the vendor driver", self.log, number)
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
        return cast(HeldDevice, RecordedCalls(device, uuid or "the device", self.log))

    def start(self, operation: Callable[[], object]) -> Pending:
        return self._machine.start(operation)

    def leftovers(self) -> Sequence[str]:
        return self._machine.leftovers()

    def close(self) -> None:
        self._machine.close()
