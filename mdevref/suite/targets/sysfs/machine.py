"""A real machine for one scenario: the writes that are permitted, the devices created, and what is left behind."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from mdevref.suite.interface.device import HeldDevice, Process
from mdevref.suite.interface.drivers import Drivers, Vendor
from mdevref.suite.interface.selection import BUS, TYPES, instances, parents, types
from mdevref.suite.interface.target import Pending, Uevent
from mdevref.suite.interface.translation import Translation
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.targets.sysfs.files import Files
from mdevref.suite.targets.sysfs.journal import Journal
from mdevref.suite.targets.sysfs.nodes import LiveNodes, OwnNodes
from mdevref.suite.targets.sysfs.started import Started

_UUID = 36  # characters
_CREATE = re.compile(rf"(^|/){TYPES}/[^/]+/create$")
_BIND = re.compile(rf"^{BUS}/drivers/[^/]+/(bind|unbind)$")

READ_ONLY = "the suite changes nothing on this machine without --allow-changes"


class SysfsMachine:
    """A real machine for one scenario. The suite changes no devices except those that the scenario created."""

    def __init__(
        self, root: str, *, allow_changes: bool, journal: Journal | None = None, has_nodes: bool = False
    ) -> None:  # fmt: skip
        """``has_nodes`` says that the tree is that of the running kernel, whose VFIO nodes can be opened."""
        self._allow_changes = allow_changes
        self._journal = journal
        self._own: set[str] = set()
        self.files = Files(root, self._check, self._writing)
        self._nodes: LiveNodes | None = OwnNodes(self.files, self._own) if has_nodes else None
        self._root = root
        self._before = self._look()

    def _check(self, path: str, data: bytes) -> None:
        """Raise Unsupported if a write would change something other than the scenario's own devices."""
        if not self._allow_changes:
            raise Unsupported(READ_ONLY)
        if _CREATE.search(path):
            return
        own = any(part.lower() in self._own for part in path.split("/"))
        if _BIND.match(path):
            own = data.decode("latin-1").strip().lower() in self._own or not data
        if not own:
            raise Unsupported(f"the suite writes only to types and its own devices, not to {path}")

    @contextmanager
    def _writing(self, path: str, data: bytes) -> Iterator[None]:
        """Add a device to the journal before it is created, and to the scenario's own if the write succeeds."""
        self._check(path, data)
        if not (data and _CREATE.search(path)):
            yield
            return
        uuid = data[:_UUID].decode("latin-1").lower()
        if self._journal is None:
            yield
        else:
            with self._journal.device(path, uuid):
                yield
        self._own.add(uuid)

    def _look(self) -> dict[str, str]:
        """Return what a scenario must leave unchanged: parents, types, their instances, devices."""
        seen: dict[str, str] = {}
        with suppress(OSError):
            for parent in parents(self.files, self._root):
                seen[parent.path] = "present"
                for type in types(self.files, parent):
                    seen[f"{type.path}/available_instances"] = str(instances(self.files, type))
        with suppress(OSError):
            seen |= dict.fromkeys((f"{BUS}/devices/{name}" for name in self.files.listdir(f"{BUS}/devices")), "present")
        return seen

    def uevents(self) -> Sequence[Uevent]:
        raise Unsupported("a tree of files has no uevents")

    def load(self, driver: str) -> None:
        raise Unsupported(f"a tree of files cannot load the driver {driver}")

    def unload(self, driver: str) -> None:
        raise Unsupported(f"a tree of files cannot unload the driver {driver}")

    def vendor_drivers(self) -> Mapping[str, str]:
        """Return nothing: a tree of files cannot reload its drivers."""
        return {}

    def scripted_vendor(self, without: Sequence[str] = ()) -> Vendor:  # noqa: ARG002  # the interface has it
        raise Unsupported("only the reference has the scripted vendor driver")

    def drivers(self) -> Drivers:
        raise Unsupported("the target has no driver interface")

    def translation(self) -> Translation:
        raise Unsupported("the translation interface of a running kernel cannot be reached from user space")

    def process(self) -> Process:
        return self._nodes_of_vfio().process()

    def nodes(self) -> Collection[str]:
        return self._nodes_of_vfio().paths()

    def open_device(self, uuid: str) -> HeldDevice:
        raise Unsupported(f"a tree of files cannot open the device {uuid}")

    def _nodes_of_vfio(self) -> LiveNodes:
        if self._nodes is None:
            raise Unsupported("a tree of files cannot open devices")
        return self._nodes

    def start(self, operation: Callable[[], object]) -> Pending:
        return Started(operation)

    def leftovers(self) -> Sequence[str]:
        """Remove the scenario's own devices that still exist; report them and every other change."""
        found = []
        for uuid in sorted(self._own):
            path = f"{BUS}/devices/{uuid}"
            with suppress(FileNotFoundError):
                self.files.lstat(path)
                found.append(f"the device {uuid} still existed")
                with suppress(OSError, Unsupported):
                    self.files.write(f"{path}/remove", b"1")
        if self._journal is not None:
            self._journal.strike_gone()
        after = self._look()
        for path in sorted({*self._before, *after}):
            before, now = self._before.get(path, "absent"), after.get(path, "absent")
            if before != now:
                found.append(f"{path}: {now}, was {before}")
        return found

    def close(self) -> None:
        """Close everything that processes have open."""
        if self._nodes is not None:
            self._nodes.close()
