"""A kernel with no modules loaded: the top-level directories of its tree and the services that all modules use."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from mdevref.kernel.driver_core import DriverCore
from mdevref.kernel.files import Files
from mdevref.kernel.ids import Majors
from mdevref.kernel.iommu import IommuGroups
from mdevref.kernel.memory import HostMemory
from mdevref.kernel.modules import Modules
from mdevref.kernel.nodes import Nodes
from mdevref.kernel.tree import Tree
from mdevref.kernel.uevents import Uevents
from mdevref.kernel.waiting import Waits

LOG_LINES = 4096  #: capacity of the kernel log, a ring buffer, in lines


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Differences between kernel releases below the mdev core, as far as clients of mdev can observe them."""

    has_bind_uevents: bool  #: the kernel sends BIND and UNBIND events (4.14 and later)
    refuses_bad_uevents: bool  #: an invalid write to a ``uevent`` file fails (5.1 and later); before, it is only logged
    tells_of_module_last: bool  #: the ADD event of a module follows its init (as recorded on 5.10) or precedes it
    iommu_type_mode: int  #: permission bits of /sys/kernel/iommu_groups/N/type
    probe_failure: str  #: log line for a failed probe, with ``{driver}``, ``{device}`` and ``{errno}``
    first_major: int  #: highest character-device major that is allocated dynamically


class Kernel:
    """The kernel of a machine. Each part receives the parts that it uses."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.waits = Waits()
        self.log: deque[str] = deque(maxlen=LOG_LINES)
        self.uevents = Uevents(behaviour.has_bind_uevents, behaviour.refuses_bad_uevents)
        self.tree = tree = Tree(self.waits, self.log.append)
        self.sysfs = Files(tree)
        self.majors = Majors(behaviour.first_major)
        self.nodes = Nodes()
        self.host_memory = HostMemory()
        self.bus_directory = tree.add_directory(tree.root, "bus")
        self.class_directory = tree.add_directory(tree.root, "class")
        self.devices_directory = tree.add_directory(tree.root, "devices")
        self.virtual_directory = tree.add_directory(self.devices_directory, "virtual")
        self.kernel_directory = tree.add_directory(tree.root, "kernel")
        self.module_directory = tree.add_directory(tree.root, "module")
        self.driver_core = DriverCore(
            tree=tree,
            uevents=self.uevents,
            log=self.log,
            waits=self.waits,
            bus_directory=self.bus_directory,
            class_directory=self.class_directory,
            devices_directory=self.devices_directory,
            virtual_directory=self.virtual_directory,
            probe_failure=behaviour.probe_failure,
        )
        self.iommu = IommuGroups(tree, self.kernel_directory, self.log, behaviour.iommu_type_mode)
        self.modules = Modules(
            tree=tree,
            directory=self.module_directory,
            uevents=self.uevents,
            waits=self.waits,
            announces_last=behaviour.tells_of_module_last,
        )
