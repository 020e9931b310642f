"""Rules that convert each line of a raw recording to operations with their results.

The rules add operations that the recorder performed without printing a line as implied operations. For example, it
created a device again after a removal, or cleaned up between two steps.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from tests.replay.recording import CORES_LOG, Verb
from tests.replay.state import (
    DEVICES,
    FIRST,
    MTTY_TYPE,
    State,
    add,
    create,
    implied,
    outcome,
    remove,
    shown,
    sysfs,
    text,
    uuid,
)

#: Lines of the raw recordings that are not operations of the management, bus or driver interfaces.
LEFT_OUT = {
    r"@@.*|PROBE-END|posix\.uname_result.*|console=.*|python \d.*|": "the recorder's own words",
    r"driver \w+|two writes on one fd:": "the recorder on what it did or was about to do",
}
VENDORS_LOG = "log lines of vendor drivers and of the module loader: no interface of mdev"

#: Sections after which the recorder cleaned up without a line.
CLEARED = ("exhaustion", "order and failure of a refused create: uevents", "VFIO cdev and iommufd")

Rule = Callable[..., None]
RULES: list[tuple[re.Pattern[str], Rule]] = []


def rule(pattern: str) -> Callable[[Rule], Rule]:
    """Register a function for the lines that match; its arguments are the groups of the match."""

    def register(function: Rule) -> Rule:
        RULES.append((re.compile(pattern), function))
        return function

    return register


@rule(r"# prep .* mods (?P<names>.*)")
def initial_modules(state: State, names: str) -> None:
    state.modules = names.split()


@rule(r"======== (?P<title>.*) ========")
def section(state: State, title: str) -> None:
    """Start a section on a new machine, on which the modules and devices that exist at this point are set up first."""
    if state.section in CLEARED:
        state.live.clear()  # the recorder cleaned up; the next section starts on a new machine anyway
    state.section = title
    if title == "identity":
        return
    for name in state.modules:
        implied(state, "load", name)
    for device, path in list(state.live.items()):
        implied(state, "write", path, data=device)
    if title == "double remove":
        for name in ("first", "second", "third"):
            implied(state, "open", f"{DEVICES}/{FIRST}/remove", flags=["O_WRONLY"], on=name)
    if title == "rmmod with devices":
        create(state, 1, "mtty-2")
        create(state, 2, "mtty-2")


@rule(r"   uevent: (?P<event>.*)")
def uevent(state: State, event: str) -> None:
    carrier = state.operations[state.carrier]
    state.operations[state.carrier] = msgspec.structs.replace(carrier, uevents=[*(carrier.uevents or ()), event])
    if carrier.implied and event.startswith("bind@"):
        state.carrier = len(state.operations) - 1  # one batch has the uevents of the creation and the later ones


@rule(r"   kmsg: (?P<message>.*)")
def kmsg(state: State, message: str) -> None:
    if not re.fullmatch(CORES_LOG, message):
        state.left_out[VENDORS_LOG] += 1
        return
    at = state.carrier
    if state.operations[at].on == "unbinder" and ("Adding" in message or "group_id" in message):
        at -= 4  # as above: the log is a separate batch
    carrier = state.operations[at]
    state.operations[at] = msgspec.structs.replace(carrier, log=[*(carrier.log or ()), message])


@rule(r"write (?P<path>\S+)\s+(?P<data>b'.*')\s+-> (?P<result>\S+)(?:   # (?P<note>.*))?")
def writing(state: State, path: str, data: str, result: str, note: str | None) -> None:
    note, path, written = note or "", sysfs(path), text(data)
    parent = path.partition("/mdev_supported_types")[0]
    if state.section.startswith("order") and state.live and parent not in "".join(state.live.values()):
        remove(state)
    if note == "drivers_probe when unbound" and state.bound:
        implied(state, "write", f"bus/mdev/drivers/{state.device_driver}/unbind", data=FIRST)
    add(state, "write", path, data=written, result=outcome(result), uevents=shown(state, note), note=note)
    if state.section == "double remove" and result == "open:ENOENT":
        state.carrier -= 3  # the recorder collected uevents only now; the first writer caused them
    if path.endswith("/create") and result.startswith("ok=3"):
        state.live[written[:36].lower()] = path
    elif path.endswith("/remove") and result.startswith("ok=") and state.section != "remove values":
        del state.live[path.split("/")[-2]]
    elif path.endswith("drivers_autoprobe") and state.live:
        remove(state)


@rule(r"   created: (?P<names>\[.*\])")
def created(state: State, names: str) -> None:
    new = ast.literal_eval(names)
    add(state, "list", DEVICES, result={"names": sorted({FIRST, *new})})
    remove(state, *new)


@rule(r"   still there: (?P<there>True|False)")
def still_there(state: State, there: str) -> None:
    add(state, "exists", f"{DEVICES}/{FIRST}", result={"exists": there == "True"})
    if there == "False":
        create(state, 1, "mtty-2")


@rule(r"write 1 on already open fd -> (?P<result>\w+)")
def write_on_open(state: State, result: str) -> None:
    on = ("first", "second", "third")[sum(op.op == "write" and bool(op.on) for op in state.operations[-3:])]
    add(state, "write", on=on, data="1", result=outcome(result), uevents=[])
    state.live.pop(FIRST, None)


@rule(r"ls (?P<path>\S+) (?P<names>\[.*\]|[A-Z]+)")
def listing(state: State, path: str, names: str) -> None:
    path = sysfs(path)
    if path == DEVICES and names == "[]" and "device" not in state.open:
        remove(state)
    found = {"names": ast.literal_eval(names)} if names.startswith("[") else {"errno": names}
    add(state, "list", path, result=found)
    if path == "bus/mdev/drivers" and state.live:
        state.device_driver = "vfio_mdev" if "vfio_mdev" in names else "mtty"


@rule(r"(?P<names>\['83b8.*\])")
def devices_listed(state: State, names: str) -> None:
    add(state, "list", DEVICES, result={"names": ast.literal_eval(names)})
    remove(state, *(device for device in list(state.live) if device != FIRST))


@rule(r"readlink (?P<path>\S+) (?P<target>\S+)")
def readlink(state: State, path: str, target: str) -> None:
    add(state, "readlink", sysfs(path), result={"link" if "/" in target else "errno": target})
    if path.endswith("/driver"):
        state.bound = "/" in target


@rule(r"lsmod (?P<lines>\[.*\])")
def modules(state: State, lines: str) -> None:
    rows = (line.split() for line in ast.literal_eval(lines))
    modules = {
        name: [int(uses), *sorted(filter(None, users.strip("-").split(",")))] for name, _size, uses, users in rows
    }
    add(state, "modules", result={"modules": modules})


@rule(r"insmod /late/(?P<name>\w+)\.ko (?P<arguments>\S*) ?-> (?P<result>\w+)")
def load(state: State, name: str, arguments: str, result: str) -> None:
    given = dict(word.split("=") for word in arguments.split())
    add(state, "load", name, arguments=given, result=outcome(result), uevents=[])
    if result == "ok":
        state.modules.append(name)


@rule(r"rmmod with device fd open:")
def open_device(state: State) -> None:
    implied(state, "open-device", FIRST, on="device")
    state.open.add("device")


@rule(r"rmmod (?P<name>\w+) -> (?P<result>.*)")
def unload(state: State, name: str, result: str) -> None:
    if result.startswith("BLOCKS"):
        add(state, "unload", name, start="rmmod", result={"blocked": True}, uevents=[])
        return
    if name == "mdpy":
        remove(state)
    add(state, "unload", name, result=outcome(result), uevents=[])
    if result == "ok":
        unloaded(state, name)


@rule(r"   blocked rmmod (?P<name>\w+) -> (?P<result>.*)")
def blocked_unload(state: State, name: str, result: str) -> None:
    add(state, "finish", on="rmmod", result=outcome(result), uevents=[])
    unloaded(state, name)


def unloaded(state: State, name: str) -> None:
    state.modules.remove(name)
    state.live = {device: path for device, path in state.live.items() if f"/{name}/" not in path}


#: Lines that represent one operation on a path that they do not name.
FIXED: tuple[tuple[str, Verb, str, Mapping[str, object]], ...] = (
    (r"read create as root -> (?P<result>\w+)", "read", f"{MTTY_TYPE}/create", {}),
    (r"read remove as root -> (?P<result>\w+)", "read", f"{DEVICES}/{FIRST}/remove", {}),
    (r"uevent file: (?P<content>b'.*')", "read", f"{DEVICES}/{FIRST}/uevent", {}),
    (r"drivers_autoprobe (?P<content>b'.*')", "read", "bus/mdev/drivers_autoprobe", {}),
    (r"mkdir in devices/ -> (?P<result>\w+)", "mkdir", f"{MTTY_TYPE}/devices/x", {}),
    (r"rmdir type -> (?P<result>\w+)", "rmdir", MTTY_TYPE, {}),
    (
        r"create file in type dir -> (?P<result>\w+)",
        "open",
        f"{MTTY_TYPE}/x",
        {"flags": ["O_WRONLY", "O_CREAT"], "on": "new"},
    ),
    (r"create as uid 65534 -> (?P<open>\w+)", "write", f"{MTTY_TYPE}/create", {"user": 65534, "data": uuid(1)}),
    (r"read name as uid 65534 -> (?P<content>b'.*')", "read", f"{MTTY_TYPE}/name", {"user": 65534}),
)


def fixed(state: State, op: Verb, path: str, more: Mapping[str, object], **found: str) -> None:
    (kind, word), *_ = found.items()
    result = {"content": text(word)} if kind == "content" else outcome(f"open:{word}" if kind == "open" else word)
    add(state, op, path, result=result, **more)


RULES += [(re.compile(pattern), partial(fixed, op=op, path=path, more=more)) for pattern, op, path, more in FIXED]
