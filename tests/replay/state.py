"""The state of a conversion at each line of a raw recording, and helpers that append operations."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, field

from tests.replay.recording import Operation, Verb

VFIO = "VFIO: container, group, device (mtty-2)"  #: the section on the device interface

#: Sections with occasional uevents: an operation without uevent lines was not observed for them.
QUIET = ("uuid validation on create", "duplicates", "remove values", "exhaustion", "remove while open", VFIO)

FIRST = "83b8f4f2-509f-382f-3c1e-e6bfe0fa0001"
DEVICES = "bus/mdev/devices"
MTTY = "devices/virtual/mtty/mtty"
MTTY_TYPE = f"{MTTY}/mdev_supported_types/mtty-1"


@dataclass
class State:
    """The position of the conversion, and the state of the kernel at that point."""

    lines: list[str]
    at: int = 0
    section: str = ""
    operations: list[Operation] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    modules: list[str] = field(default_factory=list)
    live: dict[str, str] = field(default_factory=dict)  # device -> the `create` file that created it
    carrier: int = 0  # the operation to which the next uevent line belongs
    device_driver: str = ""  # the bus driver of mtty's devices
    bound: bool = True
    port: int = 0  # the port of the card whose registers are shown
    last: str = ""  # the previous line, for pairs of lines with a meaning
    remover_done: str = ""
    open: set[str] = field(default_factory=set)


def uuid(number: int) -> str:
    """Return a UUID of the recorder from its last four digits."""
    return f"{FIRST[:-4]}{number:04x}"


def type_of(name: str) -> str:
    """Return the directory of a type such as ``mdpy-hd``."""
    vendor = name.partition("-")[0]
    return f"devices/virtual/{vendor}/{vendor}/mdev_supported_types/{name}"


def sysfs(path: str) -> str:
    """Return a path of the raw recording without ``/sys/``."""
    return path.replace("~/", "/sys/devices/virtual/", 1).removeprefix("/sys/")


def text(literal: str) -> str:
    """Return the bytes of a literal in the raw recording, as latin-1 text."""
    value = ast.literal_eval(literal)
    assert isinstance(value, bytes)
    return value.decode("latin-1")


def outcome(word: str) -> dict[str, object]:
    """``ok=37``, ``37``, ``ok``, ``EINVAL`` or ``open:ENOENT``."""
    word = word.removeprefix("ok=")
    return {"ok": True} if word == "ok" else {"count": int(word)} if word.isdigit() else {"errno": word}


def add(state: State, op: Verb, path: str = "", **more: object) -> None:
    """Append an operation; the following uevent lines belong to it."""
    fields: dict[str, object] = {"section": state.section, "line": state.at, "op": op, "path": path} | more
    if fields.get("uevents") == []:
        fields["log"] = []  # the recorder printed uevents and log together or neither
    state.carrier = len(state.operations)
    state.operations.append(Operation(**fields))  # type: ignore[arg-type]  # recording.read() checks every field


def implied(state: State, op: Verb, path: str = "", **more: object) -> None:
    """Append an operation that the recorder performed without printing a line."""
    add(state, op, path, implied=True, **more)


def shown(state: State, note: str = "") -> list[str] | None:
    """Return the initial uevents or log of an operation: an empty list, or None if they were not recorded."""
    return None if state.section in QUIET and "uevents" not in note and "while remove waits" not in note else []


def create(state: State, number: int, type_name: str, device: str = "") -> None:
    device = device or uuid(number)
    implied(state, "write", f"{type_of(type_name)}/create", data=device)
    state.live[device] = f"{type_of(type_name)}/create"


def remove(state: State, *devices: str) -> None:
    for device in devices or list(state.live):
        implied(state, "write", f"{DEVICES}/{device}/remove", data="1")
        del state.live[device]
