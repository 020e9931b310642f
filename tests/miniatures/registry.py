"""Register parts of the reference host that contain a fault, and make a target of each."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from mdevref.drivers.mtty import Mtty
from mdevref.drivers.mtty.card import Card
from mdevref.drivers.mtty.config import ConfigSpace
from mdevref.drivers.mtty.interrupts import Interrupts
from mdevref.drivers.mtty.uart import Port
from mdevref.drivers.vendor import VendorDriver
from mdevref.host import DRIVERS, Host, find_era
from mdevref.kernel.bus import Bus
from mdevref.kernel.files import Files, OpenFile
from mdevref.mdev.core import Core
from mdevref.mdev.eras import DEFAULT, Era
from mdevref.suite.interface.terms import Interface
from mdevref.suite.targets.reference import target as reference
from mdevref.suite.targets.reference.process import ReferenceProcess
from mdevref.suite.targets.reference.target import ReferenceMachine, ReferenceTarget
from mdevref.vfio.cdev import CdevFile
from mdevref.vfio.containers import ContainerFile
from mdevref.vfio.core import Vfio
from mdevref.vfio.device import VfioDevice
from mdevref.vfio.device_files import DeviceFile
from mdevref.vfio.group_files import GroupFile
from mdevref.vfio.groups import Group
from mdevref.vfio.mappings import Mapping as DmaMapping
from mdevref.vfio.pinning import Pinning
from mdevref.vfio.type1 import Type1

#: A function that modifies the era, or a class that replaces a class of the machine.
Part = Callable[[Era], Era] | type

_OF_THE_SAMPLE = (Card, ConfigSpace, Interrupts, Port)  #: parts of a card of the sample driver

AnyPart = TypeVar("AnyPart", bound=Part)


#: The classes of VFIO's objects, by the name of the attribute of :class:`Vfio` that selects the class.
_PARTS_OF_VFIO: Mapping[str, type] = {
    "container_file": ContainerFile,
    "group": Group,
    "group_file": GroupFile,
    "device": VfioDevice,
    "cdev_file": CdevFile,
    "device_file": DeviceFile,
}


@dataclass(frozen=True, slots=True)
class Miniature:
    """A host with one fault. Calling it returns a target.

    ``breaks`` maps each requirement that it is meant to break to a text that the report must contain for
    every scenario that fails. ``tells_leftovers`` is False if the fault leaves something behind in every scenario:
    such a machine does not report its leftovers, because otherwise no scenario would pass. ``interface`` is the
    interface that the suite tests.
    """

    name: str
    era: str
    part: Part
    breaks: Mapping[str, str]
    tells_leftovers: bool
    interface: Interface

    @property
    def module(self) -> str:
        return self.part.__module__

    @property
    def sentence(self) -> str:
        """Return the description of the fault: the docstring of the part, one sentence."""
        return " ".join(inspect.cleandoc(self.part.__doc__ or "").split())

    @property
    def target(self) -> str:
        """Return the name of the target for the command line."""
        return f"python:{__package__}:{self.name}"

    def __call__(self) -> ReferenceTarget:
        return _Target(self)


MINIATURES: dict[str, Miniature] = {}


def wrong(
    breaks: Mapping[str, str],
    *,
    era: str = DEFAULT,
    tells_leftovers: bool = True,
    interface: Interface = "management",
) -> Callable[[AnyPart], AnyPart]:
    """Register a part as a miniature of that era, under the part's own name; see :class:`Miniature`."""

    def register(part: AnyPart) -> AnyPart:
        name = part.__name__
        assert name not in MINIATURES, f"{name} is registered twice"
        MINIATURES[name] = Miniature(name, era, part, breaks, tells_leftovers, interface)
        return part

    return register


class _Target(ReferenceTarget):
    def __init__(self, miniature: Miniature) -> None:
        self._miniature = miniature
        super().__init__(miniature.era, name=miniature.target, host=lambda era: _host(miniature.part, find_era(era)))

    def environment(self) -> Mapping[str, str]:
        return {**super().environment(), "fault": self._miniature.sentence.replace("``", "")}

    def machine(self) -> ReferenceMachine:
        part = self._miniature.part
        machine_class = ReferenceMachine if self._miniature.tells_leftovers else _Forgetful
        if isinstance(part, type) and issubclass(part, ReferenceMachine):
            machine_class = part
        machine = machine_class(self._host(self._era))
        if isinstance(part, type) and issubclass(part, ReferenceProcess):
            machine.process_class = part
        if isinstance(part, type) and issubclass(part, Files | OpenFile):
            machine.files = reference.Files(_files(part, machine.host))
        return machine


class _Forgetful(ReferenceMachine):
    def leftovers(self) -> Sequence[str]:
        return ()


def _host(part: Part, era: Era) -> Host:
    """Return a host that uses ``part`` if a host can contain such a part."""
    if not isinstance(part, type):
        return Host(part(era))
    if issubclass(part, Core):
        return Host(era, core=part)
    if issubclass(part, Bus):
        return Host(era, core=type("CoreWithBus", (Core,), {"bus_class": part}))
    if issubclass(part, VendorDriver):
        return Host(era, drivers={**DRIVERS, part.name: part})
    if issubclass(part, _OF_THE_SAMPLE):
        return Host(era, drivers={**DRIVERS, Mtty.name: _sample_with(part)})
    host = Host(era)
    if issubclass(part, Vfio):
        host.vfio = part(host.kernel, host.era)
    if issubclass(part, Type1):
        host.back_end = part
    if issubclass(part, DmaMapping):
        host.back_end = type("Type1WithMapping", (Type1,), {"mapping": part})
    if issubclass(part, Pinning):
        host.pinning = part
    for name, kind in _PARTS_OF_VFIO.items():
        if issubclass(part, kind):
            host.vfio = type("VfioWithPart", (Vfio,), {name: part})(host.kernel, host.era)
            break  # a CdevFile is also a DeviceFile
    return host


def _sample_with(part: type) -> type[Mtty]:
    """Return a sample driver whose cards use ``part``."""
    if issubclass(part, Interrupts):
        return type("SampleWithInterrupts", (_SampleWithInterrupts,), {"interrupts": part})
    if issubclass(part, Port):
        part = type("CardWithPorts", (Card,), {"port": part})
    elif issubclass(part, ConfigSpace):
        part = type("CardWithConfigSpace", (Card,), {"config_space": part})
    return type("SampleWithCards", (Mtty,), {"card": part})


class _SampleWithInterrupts(Mtty):
    interrupts: type[Interrupts]

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # handed through
        self.release = replace(self.release, interrupts=self.interrupts)


def _files(part: type[Files | OpenFile], host: Host) -> Files:
    """Return the files of the host, with ``part`` in front of them."""
    if issubclass(part, Files):
        return part(host.kernel.tree)
    files = Files(host.kernel.tree)
    files.open_file = part
    return files
