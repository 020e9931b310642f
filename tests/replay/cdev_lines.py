"""Rules for lines about device nodes and /dev/iommu."""

from __future__ import annotations

import ast

from tests.replay.device_lines import CARD, CONFIG, FCR, RX, ask, pread, registers
from tests.replay.group_lines import answer, request
from tests.replay.lines import rule
from tests.replay.state import DEVICES, FIRST, State, add, implied

IOMMUFD = "iommufd"  #: the name under which /dev/iommu is open


@rule(r"/dev/iommu True")
def iommu(state: State) -> None:
    add(state, "open-node", "iommu", on=IOMMUFD, result={"ok": True})


@rule(r"vfio-dev (?P<names>\[.*\])")
def vfio_devices(state: State, names: str) -> None:
    add(state, "list", f"{DEVICES}/{FIRST}/vfio-dev", result={"names": ast.literal_eval(names)})


@rule(r"DEVICE_GET_INFO before bind (?P<errno>\w+)")
def not_bound(state: State, errno: str) -> None:
    implied(state, "open-node", "vfio/devices/vfio0", on=CARD)
    ask(state, "DEVICE_GET_INFO", errno, {}, argsz=24)


@rule(r"BIND_IOMMUFD 0 devid (?P<number>\d+)")
def bound(state: State, number: str) -> None:
    request(state, CARD, "DEVICE_BIND_IOMMUFD", {"id": int(number)}, iommufd=IOMMUFD)


@rule(r"BIND again (?P<errno>\w+)")
def bound_again(state: State, errno: str) -> None:
    request(state, CARD, "DEVICE_BIND_IOMMUFD", answer(errno), iommufd=IOMMUFD)


@rule(r"IOAS_ALLOC 0 id (?P<number>\d+)")
def space(state: State, number: str) -> None:
    request(state, IOMMUFD, "IOMMU_IOAS_ALLOC", {"id": int(number)})


@rule(r"ATTACH_IOMMUFD_PT (?P<errno>\w+)")
def attached(state: State, errno: str) -> None:
    request(state, CARD, "DEVICE_ATTACH_IOMMUFD_PT", answer(errno), pt=2)


@rule(r"config (?P<found>48 .*)")
def config(state: State, found: str) -> None:
    pread(state, CONFIG, found.replace(" ", ""))


@rule(r"loopback (?P<received>b'.')")
def loopback(state: State, received: str) -> None:
    byte = ast.literal_eval(received)
    registers(state, 0, (FCR, 0x07), (RX, byte[0]))
    pread(state, RX, byte.hex())


@rule(r"group open while cdev bound -> (?P<errno>\w+)")
def group_is_busy(state: State, errno: str) -> None:
    add(state, "open-node", "vfio/0", on="group", result={"errno": errno})
