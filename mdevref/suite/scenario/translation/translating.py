"""The translation interface of a machine, and what a scenario does there: its parts by name."""

from __future__ import annotations

from mdevref.suite.interface.translation import Translation
from mdevref.suite.scenario.access.access import Access
from mdevref.suite.scenario.devices import Devices
from mdevref.suite.scenario.translation.back_ends import BackEnds
from mdevref.suite.scenario.translation.mappings import Mappings
from mdevref.suite.scenario.translation.memory import UserMemory
from mdevref.suite.scenario.translation.notifiers import Notifiers
from mdevref.suite.scenario.translation.pins import Pins


class Translating:
    """Users map their memory through ``access``; vendor drivers pin it through ``interface``."""

    def __init__(self, interface: Translation, access: Access, devices: Devices) -> None:
        self.interface = interface
        self.memory = UserMemory(access.handles)
        self.mappings = Mappings(interface, access.handles, self.memory)
        self.back_ends = BackEnds(interface, access, devices)
        self.pins = Pins(interface, devices)
        self.notifiers = Notifiers(interface, devices)
