"""Loading and unloading of modules: dependencies, reference counts, and /sys/module."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from errno import EAGAIN, EBUSY, EEXIST, ENODEV, ENOENT
from typing import Literal, Protocol

from mdevref.kernel.attributes import Attribute, table
from mdevref.kernel.directories import Directory, Table
from mdevref.kernel.errors import fail
from mdevref.kernel.tree import Tree
from mdevref.kernel.uevents import Uevents
from mdevref.kernel.waiting import Waits


class Module(Protocol):
    """The code of a module. Its ``parameters`` appear below /sys/module/NAME/parameters."""

    @property
    def name(self) -> str: ...
    @property
    def depends(self) -> Sequence[str]: ...
    @property
    def parameters(self) -> Mapping[str, str]: ...
    def init(self, loaded: LoadedModule) -> None: ...
    def exit(self) -> None: ...


class LoadedModule:
    """A loaded module: its directory, its state, its holders and its reference count."""

    __slots__ = (
        "_lock",
        "_tree",
        "code",
        "directory",
        "drivers_directory",
        "holders",
        "holders_directory",
        "name",
        "references",
        "state",
    )

    subsystem = "module"

    def __init__(self, code: Module, *, tree: Tree, parent: Directory, files: Table, lock: threading.Lock) -> None:
        """Add the module to the tree, below ``parent`` and with ``files``. ``lock`` guards the reference count."""
        self._lock = lock
        self._tree = tree
        self.code = code
        self.name = code.name
        self.references = 0
        self.state: Literal["coming", "live", "going"] = "coming"
        self.holders: set[str] = set()
        self.directory = tree.add_directory(parent, code.name, self, (files,))
        self.holders_directory = tree.add_directory(self.directory, "holders")
        self.drivers_directory: Directory | None = None
        if code.parameters:
            tree.add_directory(self.directory, "parameters", self, (_parameter_files(code.parameters),))

    def environment(self) -> dict[str, str]:
        return {}

    def get(self) -> None:
        """Take a reference. ``ENODEV`` if the module is being unloaded."""
        with self._lock:
            if self.state == "going":
                raise fail(ENODEV, self.name)
            self.references += 1

    def put(self) -> None:
        with self._lock:
            self.references -= 1

    def add_driver(self, name: str, directory: Directory) -> None:
        """Add /sys/module/MODULE/drivers/NAME, a link to the directory of a driver that the module registered."""
        if self.drivers_directory is None:
            self.drivers_directory = self._tree.add_directory(self.directory, "drivers")
        self._tree.add_link(self.drivers_directory, name, directory)

    def remove_driver(self, name: str) -> None:
        if self.drivers_directory is not None:
            self._tree.remove_child(self.drivers_directory, name)
            if not self.drivers_directory.children:
                self._tree.remove(self.drivers_directory)
                self.drivers_directory = None


class Modules:
    """The loaded modules by name. ``lock`` guards the table and the reference counts."""

    def __init__(
        self, *, tree: Tree, directory: Directory, uevents: Uevents, waits: Waits, announces_last: bool
    ) -> None:
        """``announces_last``: whether the ADD event of a module follows its init instead of preceding it."""
        self._tree = tree
        self._directory = directory
        self._uevents = uevents
        self._waits = waits
        self._announces_last = announces_last
        self._files: Table = table(
            Attribute("initstate", 0o444, _show_initstate),
            Attribute("refcnt", 0o444, _show_refcnt),
            Attribute("uevent", 0o200, None, uevents.store),
        )
        self.lock = threading.Lock()
        self._changed = threading.Condition(self.lock)
        self.loaded: dict[str, LoadedModule] = {}

    def load(self, code: Module) -> None:
        """Load a module. ``EEXIST`` if it is already loaded, ``ENOENT`` if a dependency is not loaded.

        If the module's init raises ``OSError``, remove all traces of the module and raise the error.
        """
        with self.lock:
            why = f"module {code.name} to finish loading or unloading"
            self._waits.wait_for(self._changed, lambda: self._state(code.name) in (None, "live"), why)
            if code.name in self.loaded:
                raise fail(EEXIST, code.name)
            for needed in code.depends:
                if needed not in self.loaded:
                    raise fail(ENOENT, needed)
            module = self.loaded[code.name] = LoadedModule(
                code, tree=self._tree, parent=self._directory, files=self._files, lock=self.lock
            )
        for needed in code.depends:
            self._hold(self.loaded[needed], module)
        if not self._announces_last:
            self._uevents.emit("add", module)
        try:
            code.init(module)
        except OSError:
            self._forget(module)
            raise
        with self.lock:
            module.state = "live"
            self._changed.notify_all()
        if self._announces_last:
            self._uevents.emit("add", module)

    def unload(self, name: str) -> None:
        """Unload a module. Blocks while the exit function of the module blocks.

        ``ENOENT`` if it is not loaded, ``EAGAIN`` if another module depends on it or it is in use, ``EBUSY`` if it is
        being loaded or unloaded.
        """
        with self.lock:
            module = self.loaded.get(name)
            if module is None:
                raise fail(ENOENT, name)
            if module.holders:
                raise fail(EAGAIN, name)
            if module.state != "live":
                raise fail(EBUSY, name)
            if module.references:
                raise fail(EAGAIN, name)
            module.state = "going"
        module.code.exit()
        self._uevents.emit("remove", module)
        self._forget(module)

    def _state(self, name: str) -> str | None:
        module = self.loaded.get(name)
        return module.state if module is not None else None

    def _hold(self, needed: LoadedModule, holder: LoadedModule) -> None:
        with self.lock:
            needed.holders.add(holder.name)
        self._tree.add_link(needed.holders_directory, holder.name, holder.directory)

    def _forget(self, module: LoadedModule) -> None:
        for needed in module.code.depends:
            self._tree.remove_child(self.loaded[needed].holders_directory, module.name)
        self._tree.remove(module.directory)
        with self.lock:
            for needed in module.code.depends:
                self.loaded[needed].holders.discard(module.name)
            del self.loaded[module.name]
            self._changed.notify_all()


def _parameter_files(parameters: Mapping[str, str]) -> Table:
    return table(*(_parameter_file(name, value) for name, value in parameters.items()))


def _parameter_file(name: str, value: str) -> Attribute:
    return Attribute(name, 0o444, lambda module: f"{value}\n".encode())


def _show_refcnt(module: LoadedModule) -> bytes:
    return f"{module.references + len(module.holders)}\n".encode()


def _show_initstate(module: LoadedModule) -> bytes:
    return f"{module.state}\n".encode()
