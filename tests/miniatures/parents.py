"""Hosts whose parents are wrong: the class, the directory of types, or the unloading of a vendor driver."""

from __future__ import annotations

from contextlib import suppress

from mdevref.kernel.attributes import Attribute
from mdevref.kernel.core import Kernel
from mdevref.kernel.files import Files, Stat
from mdevref.kernel.modules import LoadedModule
from mdevref.mdev.core import Core
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevDevice, MdevType, Parent
from mdevref.suite.targets.reference.target import ReferenceMachine
from mdevref.vfio.core import Vfio
from mdevref.vfio.device import Operations
from tests.miniatures.registry import wrong


@wrong({"parents.class-link": "expected no error; seen: ENOENT: class/mdev_bus/"})
class links_a_parent_only_once(Core):
    """A parent that is registered a second time has no link in the class."""

    def __init__(self, kernel: Kernel, era: Era) -> None:
        super().__init__(kernel, era)
        self.linked: set[str] = set()

    def link_class(self, parent: Parent) -> None:
        if parent.device.name not in self.linked:
            super().link_class(parent)
        self.linked.add(parent.device.name)


@wrong({"parents.class-only-parents": "bus/mdev/mdev_supported_types to be a directory; seen: nothing"})
class lists_the_bus_as_a_parent(Core):
    """The class ``mdev_bus`` also contains a link to the bus."""

    def start(self) -> None:
        super().start()
        self.kernel.tree.add_link(self.class_directory(), "mdev", self.bus.directory)


@wrong({"parents.class-link-name": "to point to a directory parent-"})
class class_links_have_a_prefix(Core):
    """The name of a parent's link in the class begins with ``parent-``."""

    def link_class(self, parent: Parent) -> None:
        self.kernel.tree.add_link(self.class_directory(), f"parent-{parent.device.name}", parent.device.directory)

    def unlink_class(self, parent: Parent) -> None:
        self.kernel.tree.remove_child(self.class_directory(), f"parent-{parent.device.name}")


@wrong({"parents.class-stays": "expected no error; seen: ENOENT: class/mdev_bus"})
class class_goes_with_the_last_parent(Core):
    """The class exists only while a parent is registered."""

    def unlink_class(self, parent: Parent) -> None:
        super().unlink_class(parent)
        directory = self.class_directory()
        if not directory.children:
            self.kernel.tree.remove(directory)
            self._class_directory = None


@wrong({"parents.unload-class-link": 'Then "{parent}" of the mdev_bus class does not exist'})
class keeps_the_class_link(Core):
    """The link of a parent still exists in the class after the parent was unregistered."""

    def unlink_class(self, parent: Parent) -> None:
        pass


@wrong({"parents.supported-types": "mdev_supported_types to be a directory; seen: nothing"})
class hides_the_types_of_the_second_parent(Core):
    """The directory of types has another name for the second parent."""

    def add_parent_files(self, parent: Parent) -> None:
        super().add_parent_files(parent)
        if len(self.parents) == 1:
            siblings = parent.device.directory.children
            siblings["types"] = siblings.pop(parent.types_directory.name)
            parent.types_directory.name = "types"


@wrong({"parents.types-are-directories": "mdev_supported_types/version to be a directory; seen: file"})
class keeps_a_file_among_the_types(Core):
    """The directory of types contains a file besides the types."""

    def add_parent_files(self, parent: Parent) -> None:
        super().add_parent_files(parent)
        self.kernel.tree.add_file(parent.types_directory, Attribute("version", 0o444, lambda parent: b"1\n"), parent)


@wrong({"parents.unload-types": "mdev_supported_types; seen: a directory"})
class keeps_the_types_of_a_parent_that_goes(Files):
    """The directory of types still exists after the parent was unregistered."""

    def lstat(self, path: str) -> Stat:
        try:
            return super().lstat(path)
        except FileNotFoundError:
            if not path.endswith("/mdev_supported_types"):
                raise
            return Stat("directory", 0o755, 0, 2)


@wrong({"parents.unload-devices": "not to exist; seen: bus/mdev/devices/"})
class leaves_devices_without_a_parent(Core):
    """Unregistering a parent does not remove its devices."""

    def devices_of(self, parent: Parent) -> list[MdevDevice]:
        return []


@wrong({"parents.unload-others": "to exist; seen: no bus/mdev/devices/"})
class takes_the_devices_of_others_along(Core):
    """When a parent is unregistered, the devices of all parents are removed."""

    def devices_of(self, parent: Parent) -> list[MdevDevice]:
        return [device for device in self.bus.devices.values() if isinstance(device, MdevDevice)]


@wrong({"parents.unload-despite-refusal": "not to exist; seen: bus/mdev/devices/"})
class lets_a_vendor_refuse_to_its_end(Core):
    """A vendor driver can keep a device by refusing its removal, even though the parent is unregistered."""

    def tear_down(self, mdev: MdevDevice) -> None:
        with suppress(OSError):
            self.remove_or_restore(mdev)


@wrong({"parents.unload-in-use-refused": "expected the unloading not to block; seen: it is blocked"}, era="6.1")
class open_devices_hold_no_module(Vfio):
    """A vendor driver's module can be unloaded while one of its devices is open."""

    def register(self, mdev: MdevDevice, operations: Operations, owner: LoadedModule | None = None) -> None:
        super().register(mdev, operations)


@wrong({"parents.unload-ends-creating": "expected ENODEV; seen: 36 of 36 bytes written"}, era="5.10")
class creates_while_the_parent_goes(Core):
    """Devices can still be created while the devices of an unregistering parent are removed."""

    def create(self, mtype: MdevType, uuid: str) -> None:
        self.make(self.claim(mtype, uuid))


@wrong({"parents.reload-instances": "expected 4 instances; seen: 3"})
class loses_an_instance_when_loaded_again(ReferenceMachine):
    """After it was unloaded and loaded again, a vendor driver offers one instance fewer."""

    def load(self, driver: str) -> None:
        self.host.load(driver, **({"count": "3"} if driver == "mdpy" else {}))


@wrong({"parents.reload-uuids": "expected the write to succeed; seen: EEXIST"}, era="5.10")
class keeps_the_uuids_of_a_parent_that_goes(Core):
    """The UUIDs of devices that were removed with their parent cannot be used again."""

    def tear_down(self, mdev: MdevDevice) -> None:
        for step in self._forced_removal:
            step(mdev)
