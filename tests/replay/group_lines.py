"""Rules for lines about containers and groups: their requests, and the device that a group returns."""

from __future__ import annotations

import ast

from tests.replay.device_lines import CARD, ask
from tests.replay.lines import rule
from tests.replay.state import FIRST, State, add, implied, uuid

CONTAINER, GROUP = "container", "group"  #: the names under which they are open


def request(state: State, on: str, name: str, result: dict[str, object], **asked: object) -> None:
    """Add a request to a container or group. ``result`` has the form that the verb returns."""
    arguments = {"request": name} | {key: str(value) for key, value in asked.items()}
    add(state, "request", on=on, arguments=arguments, result=result)


def answer(word: str) -> dict[str, object]:
    """Return the result of a request that returns only ``0`` or an errno."""
    return {"ok": True} if word == "0" else {"errno": word}


@rule(r"API (?P<version>\d+)")
def api_version(state: State, version: str) -> None:
    implied(state, "open-node", "vfio/vfio", on=CONTAINER)
    request(state, CONTAINER, "GET_API_VERSION", {"value": int(version)})


@rule(r"extensions (?:with group )?(?P<found>\{.*\})")
def extensions(state: State, found: str) -> None:
    for extension, value in ast.literal_eval(found).items():
        request(state, CONTAINER, "CHECK_EXTENSION", {"value": value}, value=extension)


@rule(r"group status 0 \((?P<argsz>\d+), (?P<flags>\d+)\)")
def group_status(state: State, argsz: str, flags: str) -> None:
    if GROUP not in state.open:
        implied(state, "open-node", "vfio/0", on=GROUP)
        state.open.add(GROUP)
    request(state, GROUP, "GROUP_GET_STATUS", {"argsz": int(argsz), "flags": int(flags)}, argsz=8)


@rule(r"(?:   )?GET_DEVICE_FD (?:before SET_CONTAINER|before SET_IOMMU|after remove) (?P<errno>\w+)")
def no_device(state: State, errno: str) -> None:
    request(state, GROUP, "GROUP_GET_DEVICE_FD", answer(errno), device=FIRST)
    close_group_after_removal(state)


@rule(r"   GROUP_GET_STATUS after remove (?P<errno>\w+)")
def status_after_removal(state: State, errno: str) -> None:
    request(state, GROUP, "GROUP_GET_STATUS", answer(errno))
    close_group_after_removal(state)


def close_group_after_removal(state: State) -> None:
    """The recorder asked once, then closed the group."""
    if state.lines[state.at - 1].partition(" after remove")[1]:
        implied(state, "close-group", on=GROUP)
        state.open.discard(GROUP)


@rule(r"SET_IOMMU before SET_CONTAINER (?P<errno>\w+)")
def no_iommu(state: State, errno: str) -> None:
    request(state, CONTAINER, "SET_IOMMU", answer(errno), value=3)


@rule(r"SET_IOMMU (?P<kind>99|type1v2) (?P<errno>\w+)")
def set_iommu(state: State, kind: str, errno: str) -> None:
    request(state, CONTAINER, "SET_IOMMU", answer(errno), value=3 if kind == "type1v2" else kind)


@rule(r"SET_CONTAINER (?P<errno>\w+)")
def set_container(state: State, errno: str) -> None:
    request(state, GROUP, "GROUP_SET_CONTAINER", answer(errno), container=CONTAINER)


@rule(r"GET_DEVICE_FD wrong name (?P<wrong>\w+) upper (?P<upper>\w+)")
def other_names(state: State, wrong: str, upper: str) -> None:
    request(state, GROUP, "GROUP_GET_DEVICE_FD", answer(wrong), device=uuid(2))
    request(state, GROUP, "GROUP_GET_DEVICE_FD", answer(upper), device=FIRST.upper())


@rule(r"GET_DEVICE_FD fd")
def device(state: State) -> None:
    add(state, "get-device", FIRST, on=CARD, arguments={"group": GROUP}, result={"ok": True})


@rule(r"second GET_DEVICE_FD fd")
def second_device(state: State) -> None:
    """The log shows that the recorder closed the second file immediately."""
    add(state, "get-device", FIRST, on="second", arguments={"group": GROUP}, result={"ok": True})
    implied(state, "close-device", on="second")


@rule(r"second open of group -> (?P<errno>\w+)")
def second_open(state: State, errno: str) -> None:
    add(state, "open-node", "vfio/0", on="again", result={"errno": errno})


@rule(r"UNSET_CONTAINER with device open (?P<errno>\w+)")
def unset_in_use(state: State, errno: str) -> None:
    request(state, GROUP, "GROUP_UNSET_CONTAINER", answer(errno))
    implied(state, "close-device", on=CARD)


@rule(r"UNSET_CONTAINER (?P<errno>\w+)")
def unset_container(state: State, errno: str) -> None:
    request(state, GROUP, "GROUP_UNSET_CONTAINER", answer(errno))
    implied(state, "close-group", on=GROUP)
    state.open.discard(GROUP)


@rule(r"DEVICE_FEATURE GET MIGRATION (?P<errno>\w+) (?P<found>[0-9a-f]+)")
def migration(state: State, errno: str, found: str) -> None:
    """The argument after the call: size and flags unchanged, and 8 bytes of result."""
    result: dict[str, object] = {"errno": errno} if errno != "0" else {"bytes": found}
    arguments = {"request": "DEVICE_FEATURE", "bytes": f"{found[:16]}{bytes(8).hex()}"}
    add(state, "ioctl", on=CARD, arguments=arguments, result=result)


@rule(r"SET_IRQS REQ index\(5\) eventfd -> (?P<errno>\w+)")
def request_interrupt(state: State, errno: str) -> None:
    """The recorder opened the remaining device for this request and closed it again."""
    implied(state, "open-device", *state.live, on=CARD)
    implied(state, "eventfd", on=CARD)
    ask(state, "DEVICE_SET_IRQS", errno, {}, index=5, eventfds=1)
    implied(state, "close-device", on=CARD)
