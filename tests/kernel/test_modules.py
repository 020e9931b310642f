"""Modules: loading, unloading, dependencies, and /sys/module."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from errno import EAGAIN, EBUSY, EEXIST, EIO, ENODEV, ENOENT

import pytest

from mdevref.kernel.core import Kernel
from mdevref.kernel.modules import LoadedModule
from mdevref.kernel.waiting import Started
from mdevref.mdev.eras import ERAS
from tests.machines import errno_of


@dataclass
class Code:
    """A module with configurable init and exit."""

    name: str
    depends: Sequence[str] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    on_init: Callable[[], None] = lambda: None
    on_exit: Callable[[], None] = lambda: None
    loaded: LoadedModule | None = None

    def init(self, loaded: LoadedModule) -> None:
        self.loaded = loaded
        self.on_init()

    def exit(self) -> None:
        self.on_exit()


@pytest.fixture
def kernel() -> Kernel:
    return Kernel(ERAS["5.10"].kernel)


def test_a_loaded_module_is_seen_with_what_it_needs_and_its_parameters(kernel: Kernel) -> None:
    kernel.modules.load(Code("base"))
    kernel.modules.load(Code("top", ["base"], {"count": "4"}))
    assert kernel.sysfs.readlink("module/base/holders/top") == "../../top"
    assert kernel.sysfs.read("module/base/refcnt") == b"1\n"
    assert kernel.sysfs.read("module/top/refcnt") == b"0\n"
    assert kernel.sysfs.read("module/top/initstate") == b"live\n"
    assert kernel.sysfs.read("module/top/parameters/count") == b"4\n"
    assert not kernel.sysfs.exists("module/base/parameters")


def test_a_module_loads_once_and_not_without_what_it_needs(kernel: Kernel) -> None:
    kernel.modules.load(Code("base"))
    assert errno_of(kernel.modules.load, Code("base")) == EEXIST
    assert errno_of(kernel.modules.load, Code("top", ["nothing"])) == ENOENT
    assert kernel.sysfs.listdir("module") == ["base"]


def test_a_module_whose_init_fails_leaves_nothing(kernel: Kernel) -> None:
    def fail() -> None:
        raise OSError(EIO, "no")

    kernel.modules.load(Code("base"))
    assert errno_of(kernel.modules.load, Code("top", ["base"], on_init=fail)) == EIO
    assert kernel.sysfs.listdir("module") == ["base"]
    assert kernel.sysfs.listdir("module/base/holders") == []
    kernel.modules.unload("base")


def test_a_module_that_another_needs_or_that_is_in_use_stays(kernel: Kernel) -> None:
    top = Code("top", ["base"])
    kernel.modules.load(Code("base"))
    kernel.modules.load(top)
    assert errno_of(kernel.modules.unload, "base") == EAGAIN
    assert top.loaded is not None
    top.loaded.get()
    assert errno_of(kernel.modules.unload, "top") == EAGAIN
    top.loaded.put()
    kernel.modules.unload("top")
    kernel.modules.unload("base")
    assert kernel.sysfs.listdir("module") == []


def test_while_a_module_comes_it_is_not_unloaded_and_who_loads_it_too_waits_for_it(kernel: Kernel) -> None:
    coming, may_come = threading.Event(), threading.Event()

    def slowly() -> None:
        coming.set()
        assert may_come.wait(10)

    loader = Started(kernel.waits, lambda: kernel.modules.load(Code("slow", on_init=slowly)))
    assert coming.wait(10)
    assert kernel.sysfs.read("module/slow/initstate") == b"coming\n"
    assert errno_of(kernel.modules.unload, "slow") == EBUSY
    second = Started(kernel.waits, lambda: kernel.modules.load(Code("slow")))
    assert second.is_blocked()
    may_come.set()
    loader.result()
    assert errno_of(second.result) == EEXIST


def test_unloading_what_is_not_loaded_is_enoent(kernel: Kernel) -> None:
    assert errno_of(kernel.modules.unload, "nothing") == ENOENT


def test_while_a_module_leaves_nobody_may_use_it_unload_it_again_or_load_it_again(kernel: Kernel) -> None:
    leaving, may_go = threading.Event(), threading.Event()

    def slowly() -> None:
        leaving.set()
        assert may_go.wait(10)

    code = Code("slow", on_exit=slowly)
    kernel.modules.load(code)
    unloader = Started(kernel.waits, lambda: kernel.modules.unload("slow"))
    assert leaving.wait(10)
    assert code.loaded is not None
    assert errno_of(code.loaded.get) == ENODEV
    assert errno_of(kernel.modules.unload, "slow") == EBUSY
    assert kernel.sysfs.read("module/slow/initstate") == b"going\n"
    loader = Started(kernel.waits, lambda: kernel.modules.load(Code("slow")))
    assert loader.is_blocked()
    may_go.set()
    unloader.result()
    loader.result()
    assert kernel.sysfs.read("module/slow/initstate") == b"live\n"


@pytest.mark.parametrize(("era", "order"), [("4.13", ["add", "init"]), ("5.10", ["init", "add"])])
def test_the_add_event_stands_before_or_after_init_as_the_release_has_it(era: str, order: list[str]) -> None:
    kernel = Kernel(ERAS[era].kernel)
    subscription = kernel.uevents.subscribe()
    seen: list[str] = []
    kernel.modules.load(Code("one", on_init=lambda: seen.extend(["init", *("add" for _ in subscription.events)])))
    assert [event.action for event in subscription.events] == ["add"]
    assert (seen == ["init", "add"]) == (order == ["add", "init"])
