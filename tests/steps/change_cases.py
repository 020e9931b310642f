"""Cases for the steps that check instances, writers and uevents; see ``test_then``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from errno import EIO

from mdevref.suite.interface.target import Uevent
from tests.steps.conftest import Stage

Spoil = Callable[[Stage], None]
Cases = Mapping[str, tuple[str, Spoil | None, str]]

A = "Given a mediated device A\n"
TYPE = "Given a type with an instance available\n"
SCRIPTED = "Given the scripted vendor driver\n"


def uevents(*actions: str, path: str = "", **environment: str) -> Spoil:
    """Make these the only uevents of the machine, for device A or for ``path``."""

    def spoil(stage: Stage) -> None:
        devpath = path or f"/{stage.world.words.path('A')}"
        seen = [Uevent(action, devpath, environment) for action in actions]
        stage.world.uevents.seen = lambda: seen  # type: ignore[method-assign]  # events that no host sends

    return spoil


def outcomes(*errnos: int) -> Spoil:
    """Make these the outcomes of the concurrent writers."""

    def spoil(stage: Stage) -> None:
        race = []
        for errno in errnos:

            def operation(errno: int = errno) -> int:
                if errno:
                    raise OSError(errno, "made up")
                return 0

            race.append(stage.world.outcomes.attempt(operation))
        stage.world.writers.race = race

    return spoil


CASES: Cases = {
    # instances
    "not fewer": (
        f'{TYPE}And "available_instances" of the type is noted\n'
        'Then "available_instances" of the type is lower than noted',
        None,
        "4",
    ),
    "not as many": (
        f'{TYPE}And "available_instances" of the type is noted\nAnd a mediated device A of the type\n'
        'Then "available_instances" of the type is as noted',
        None,
        "3",
    ),
    # writers
    "nobody waits": (
        f'{A}When a writer starts to write "1" to "remove" of A\nThen the writer is blocked',
        None,
        "it returned",
    ),
    "a bad end": (
        f'{A}When a writer starts to write "no" to "remove" of A\nThen the writer returns successfully',
        None,
        "EINVAL",
    ),
    "a good end": (
        f'{A}When a second writer starts to write "1" to "remove" of A\nThen the second writer returns with ENODEV',
        None,
        "1 of 1",
    ),
    "a bad end at once": (
        f'{A}When a second writer starts to write "no" to "remove" of A\n'
        "Then the second writer succeeds without blocking",
        None,
        "EINVAL",
    ),
    "a wait instead": (
        f"{A}And a user holds A open\n"
        'When a writer starts to write "1" to "remove" of A\nThen the writer succeeds without blocking',
        None,
        "it is blocked",
    ),
    "a good end at once": (
        f'{A}And "remove" of A is open for writing\nWhen a second writer starts to write "1" to the open file\n'
        "Then the second writer fails with ENODEV without blocking",
        None,
        "1 of 1",
    ),
    "two winners": (f"{TYPE}*\nThen exactly one writer succeeds", outcomes(0, EIO, 0), "0, EIO, 0"),
    "no winner": (f"{TYPE}*\nThen exactly one writer succeeds", outcomes(EIO, EIO), "EIO, EIO"),
    "none of them won": (f"{TYPE}*\nThen at least one writer succeeds", outcomes(EIO, EIO), "EIO, EIO"),
    "another loser": (f"{TYPE}*\nThen the other writers fail with EEXIST", outcomes(EIO, 0), "EIO, 0"),
    "another winner": (
        f"{TYPE}*\nThen the other writers fail with EIO",
        outcomes(EIO, 0, 0),
        "EIO, 0, 0",
    ),
    "a bad loser": (f"{TYPE}*\nThen the other writers succeed or fail with ENODEV", outcomes(0, EIO), "EIO"),
    # the scripted vendor driver
    "not asked": (
        f"{SCRIPTED}And a mediated device A\nThen remove of the vendor driver was called once for A",
        None,
        "0",
    ),
    # uevents
    "two of them": (f'{A}*\nThen one uevent "add" of A was sent', uevents("add", "add"), "add@"),
    "another state": (
        f'{A}*\nThen one uevent "change" of A was sent, with MDEV_STATE "registered"',
        uevents("change", MDEV_STATE="unregistered"),
        "change@",
    ),
    "another order": (f'{A}*\nThen the uevents of A were "add, bind"', uevents("bind", "add"), "bind, add"),
    "one": (f"{A}*\nThen no uevent was sent", uevents("add"), "add@"),
    "one of it": (f"{A}*\nThen no uevent of A was sent", uevents("add"), "add@"),
    "one of that kind": (f'{A}*\nThen no uevent "add" of A was sent', uevents("add"), "add@"),
    "one of a type": (
        f"{A}*\nThen no uevent of a type was sent",
        uevents("add", path="/devices/virtual/mtty/mtty/mdev_supported_types/mtty-1"),
        "mtty-1",
    ),
    "another first": (f'{A}*\nThen the first uevent is "add" of A', uevents("bind", "add"), "bind@"),
    "none first": (f'{A}*\nThen the first uevent is "add" of A', uevents(), "none"),
    "another last": (f'{A}*\nThen the last uevent of A is "remove"', uevents("remove", "unbind"), "remove, unbind"),
    "another subsystem": (f'{A}*\nThen each uevent of A has SUBSYSTEM "mdev"', uevents("add", SUBSYSTEM="pci"), "pci"),
    "no uevent to look at": (f'{A}*\nThen each uevent of A has SUBSYSTEM "mdev"', uevents(), "none"),
    "no driver": (f'{A}*\nThen the uevent "bind" of A contains the name of its driver', uevents("bind"), "none"),
    "an add too many": (f'{A}*\nThen each uevent "add" of A was followed by "remove"', uevents("add"), "add"),
    "the wrong way round": (
        f'{A}*\nThen each uevent "add" of A was followed by "remove"',
        uevents("remove", "add"),
        "remove, add",
    ),
    "too early": (
        f'{A}*\nThen the uevent "change" of A came after the uevent "remove" of A',
        uevents("change", "remove"),
        "change@",
    ),
}
