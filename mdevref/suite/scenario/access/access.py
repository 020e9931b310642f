"""The device interface of a machine, and the files that a scenario has open: its parts by name."""

from __future__ import annotations

from mdevref.suite.interface.target import Machine
from mdevref.suite.scenario.access.arguments import Arguments
from mdevref.suite.scenario.access.containers import Containers
from mdevref.suite.scenario.access.devices import OpenDevices
from mdevref.suite.scenario.access.groups import Groups
from mdevref.suite.scenario.access.handles import Handles
from mdevref.suite.scenario.access.interrupts import Interrupts
from mdevref.suite.scenario.access.nodes import Nodes
from mdevref.suite.scenario.access.regions import Regions
from mdevref.suite.scenario.access.requests import Requests
from mdevref.suite.scenario.devices import Devices


class Access:
    """The device interface for the mediated devices of a scenario."""

    def __init__(self, machine: Machine, devices: Devices) -> None:
        self.nodes = Nodes(machine.files, devices)
        self.handles = Handles(machine, self.nodes)
        self.containers = Containers(self.handles)
        self.groups = Groups(self.handles)
        self.devices = OpenDevices(self.handles, self.containers, self.groups, devices)
        self.regions = Regions(self.handles)
        self.interrupts = Interrupts(self.handles)
        self.arguments = Arguments(self.handles)
        self.requests = Requests(self.handles, self.arguments)
