"""The host that a file describes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from mdevref.drivers.hardware import plug
from mdevref.drivers.placed import PlacedDriver
from mdevref.host import DRIVERS, Host
from mdevref.hosts.checks import check, driver_of, name_of
from mdevref.hosts.clock import Clock, WallClock
from mdevref.hosts.description import AttributeFault, Parent
from mdevref.hosts.faults import FaultyCore, ParentFaults, faulty, path_of
from mdevref.hosts.source import Key, Source
from mdevref.kernel.directories import Directory
from mdevref.vfio.holding import HeldDevice


class DescribedHost(Host):
    """A host with the parents, devices and faults of a description. Close it when it is no longer needed."""

    def __init__(self, source: Source, clock: Clock | None = None) -> None:
        """Raise :class:`~mdevref.hosts.source.HostError` if the description is invalid."""
        self.description = description = source.describe()
        check(description, source)
        self._source = source
        self._clock = clock or WallClock()
        self._to_come: list[Callable[[], object]] = []
        self._pausing: dict[Callable[[], None], None] = {}
        self._open: list[HeldDevice] = []
        self._vanishing: list[str] = []
        faults = {name_of(parent): ParentFaults(parent.faults) for parent in description.parents if parent.faults}
        spoilt = {parent.driver: faulty(driver_of(parent), faults) for parent in description.parents if parent.faults}
        super().__init__(
            description.era,
            core=lambda kernel, era: FaultyCore(kernel, era, faults, self.pause),
            drivers={**DRIVERS, **spoilt},
        )
        if self.era.has_bus_driver and description.bus_driver:
            self.load("vfio_mdev")
        self._fill()
        for each in faults.values():
            each.begin()

    def pause(self, seconds: float, why: str) -> None:
        """Block for ``seconds`` of the host's clock, or until the host is closed. ``waits`` shows ``why``."""
        changed = threading.Condition()
        passed = False

        def end() -> None:
            nonlocal passed
            with changed:
                passed = True
                changed.notify_all()

        self._pausing[end] = None
        self._clock.call_later(seconds, end)
        with changed:
            self.waits.wait_for(changed, lambda: passed, why)
        del self._pausing[end]

    def close(self) -> None:
        """Cancel scheduled events, end the waits in :meth:`pause`, and close the devices that are in use."""
        for forget in self._to_come:
            forget()
        for end in list(self._pausing):
            end()
        for device in self._open:
            device.close()

    def name_of(self, parent: Parent) -> str:
        """Return the parent's name in /sys."""
        return name_of(parent)

    # Building the host from the description

    def _fill(self) -> None:
        by_driver: dict[str, dict[int, Parent]] = {}
        for number, parent in enumerate(self.description.parents):
            by_driver.setdefault(parent.driver, {})[number] = parent
        for parents in by_driver.values():
            self._add_driver(parents)
        if self._vanishing:
            self._watched = self.core.bus.devices_directory
            self.kernel.tree.listed = self._listed

    def _add_driver(self, parents: Mapping[int, Parent]) -> None:
        """Load a driver for its parents, now or later. The keys are the parents' numbers in the file."""
        number, first = next(iter(parents.items()))
        driver = driver_of(first)
        options = {name: str(value) for name, value in first.options.items()}
        if issubclass(driver, PlacedDriver):
            options["addresses"] = " ".join(name_of(parent) for parent in parents.values())
            for parent in parents.values():
                plug(self.kernel, driver.hardware, name_of(parent), first.driver)
        try:
            # Do this now even if the driver is loaded later, so that a timer never raises an error.
            made = self._factories[first.driver](self.core, self.vfio, options)
        except OSError as error:
            raise self._source.problem(
                ("parents", number, "options"), f"invalid options for {first.driver}: {error.filename}"
            ) from None
        writable = {
            path_of(group, attribute)
            for group in made.device_groups()
            for attribute in group.attributes
            if attribute.store is not None
        }
        for each, parent in parents.items():
            self._check_attributes(("parents", each, "faults"), parent, writable)
        if first.registered_after:
            later = self._clock.call_later(first.registered_after, lambda: self.load(first.driver, **options))
            self._to_come.append(later)
            return
        self.load(first.driver, **options)
        for each, parent in parents.items():
            self._add_devices(("parents", each, "devices"), parent)

    def _check_attributes(self, key: Key, parent: Parent, writable: set[str]) -> None:
        for number, fault in enumerate(parent.faults):
            if isinstance(fault, AttributeFault) and fault.name not in writable:
                known = ", ".join(sorted(writable)) or "none"
                reason = f"{parent.driver} devices have no writable attribute {fault.name!r} (writable: {known})"
                raise self._source.problem((*key, number, "name"), reason)

    def _add_devices(self, key: Key, parent: Parent) -> None:
        types = f"class/mdev_bus/{name_of(parent)}/mdev_supported_types"
        for number, device in enumerate(parent.devices):
            known = self.sysfs.listdir(types)
            if device.type not in known:
                reason = f"unknown type {device.type!r} of {name_of(parent)} (choose from {', '.join(known)})"
                raise self._source.problem((*key, number, "type"), reason)
            try:
                self.sysfs.write(f"{types}/{device.type}/create", device.uuid.encode())
                for name, value in (item for table in device.attributes for item in table.items()):
                    self.sysfs.write(f"bus/mdev/devices/{device.uuid}/{name}", value.encode())
                if device.in_use:
                    self._open.append(self.open_device(device.uuid))
            except OSError as error:
                raise self._source.problem((*key, number), f"{device.uuid}: {error.strerror}") from None
            if device.vanishes:
                self._vanishing.append(device.uuid)

    def _listed(self, directory: Directory) -> None:
        """Remove the vanishing devices once the directory of devices has been listed."""
        if directory is self._watched:
            vanishing, self._vanishing = self._vanishing, []
            for uuid in vanishing:
                with suppress(OSError):  # already removed, or the removal was refused
                    self.sysfs.write(f"bus/mdev/devices/{uuid}/remove", b"1")
