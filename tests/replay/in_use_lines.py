"""Rules for lines about files that are held open, and devices that are removed or unbound while in use."""

from __future__ import annotations

import ast

from tests.replay.lines import rule
from tests.replay.state import (
    DEVICES,
    FIRST,
    MTTY,
    MTTY_TYPE,
    State,
    add,
    create,
    implied,
    outcome,
    shown,
    type_of,
    uuid,
)


@rule(r"   (?P<short>short write -> )?(?P<result>37|EINVAL)")
def write_on_one_fd(state: State, short: str | None, result: str) -> None:
    if FIRST in state.live and "two writes" in state.lines[state.at - 2]:
        implied(state, "open", f"{MTTY_TYPE}/create", flags=["O_WRONLY"], on="create")
    if short:
        add(state, "write", on="create", data="short", result=outcome(result))
        implied(state, "close", on="create")
        return
    device = uuid(len(state.live) + 2)
    add(state, "write", on="create", data=f"{device}\n", result=outcome(result))
    state.live[device] = f"{MTTY_TYPE}/create"


@rule(r"open O_APPEND\|O_TRUNC ok")
def open_flags(state: State) -> None:
    flags = ["O_WRONLY", "O_APPEND", "O_TRUNC"]
    add(state, "open", f"{MTTY_TYPE}/create", flags=flags, on="create", result={"ok": True})
    implied(state, "close", on="create")


@rule(
    r"(?P<what>.*?) : remove (?:(?P<at_once>returned at once)|BLOCKS .*?) \| bus link (?P<link>True|False) "
    r"\| device dir (?P<names>False|\[.*?\]) \| type link (?P<links>\[.*?\]) \| avail (?P<avail>\d+)"
)
def remove_in_use(state: State, what: str, at_once: str | None, link: str, names: str, links: str, avail: str) -> None:
    if what.startswith("group"):
        arguments = {"container": "yes"} if "in container" in what else {}
        implied(state, "open-group", "0", on="group", arguments=arguments)
        state.open.add("group")
    elif "device" not in state.open:
        implied(state, "open-device", FIRST, on="device")
        state.open.add("device")
    remover = len(state.operations)
    seen = shown(state) if state.lines[state.at].startswith("   uevent") else []
    add(
        state,
        "write",
        f"{DEVICES}/{FIRST}/remove",
        data="1",
        start="remover",
        result={"blocked": not at_once},
        uevents=seen,
    )
    if at_once:
        remover = len(state.operations)
        add(state, "finish", on="remover", result=outcome(state.remover_done), uevents=[])
        del state.live[FIRST]
    else:
        state.open.add("remover")
    add(state, "exists", f"{DEVICES}/{FIRST}", result={"exists": link == "True"})
    found = {"errno": "ENOENT"} if names == "False" else {"names": ast.literal_eval(names)}
    add(state, "list", f"{MTTY}/{FIRST}", result=found)
    add(state, "list", f"{type_of('mtty-2')}/devices", result={"names": ast.literal_eval(links)})
    add(state, "read", f"{type_of('mtty-2')}/available_instances", result={"content": f"{avail}\n"})
    state.carrier = remover


@rule(r"   remover: (?P<result>ok=\d+) after .*")
def remover(state: State, result: str) -> None:
    state.remover_done = result
    if "remover" in state.open:
        state.open.discard("remover")
        add(state, "finish", on="remover", result=outcome(result), uevents=[])
        del state.live[FIRST]


@rule(r"\s*closing (?:the )?device fd")
def close_device(state: State) -> None:
    implied(state, "close-device", on="device")
    state.open.discard("device")


@rule(r"unbind with device fd open: BLOCKS")
def unbind_in_use(state: State) -> None:
    create(state, 8, "mtty-2")
    implied(state, "open-device", uuid(8), on="device")
    path = f"bus/mdev/drivers/{state.device_driver}/unbind"
    add(state, "write", path, data=uuid(8), start="unbinder", result={"blocked": True})


@rule(r"   unbinder: (?P<result>ok=\d+) after .*")
def unbinder(state: State, result: str) -> None:
    implied(state, "close-device", on="device")
    add(state, "finish", on="unbinder", result=outcome(result), uevents=[])
    state.carrier -= 4  # the following lines begin with the creation of the device
