"""Replay the lines on an open device: its description, its registers, its configuration space.

The recorder opened a card with two ports and kept it open. Its lines omit its writes before a read. The rules add these
writes as implied operations where the lines reveal them.
"""

from __future__ import annotations

import ast

from tests.replay.lines import rule
from tests.replay.state import State, add, implied

CARD = "card"  #: the name under which the device is open
CONFIG = 7 << 40
RX, IER, FCR, LCR, MCR, LSR, MSR, SCR = range(8)
IIR = FCR

#: Lines on an open device that are not compared, and why.
LEFT_OUT = {
    r"pread config at 0x.*": "reads past the end of configuration space: the kernel's own memory",
    r"pread BAR2 .*": "a BAR that is not there: the kernel reads behind its ports",
}


def pread(state: State, position: int, expected: str, count: int | None = None) -> None:
    """Add a read with the result ``expected``, in hexadecimal. ``count`` defaults to its length in bytes."""
    asked = len(expected) // 2 if count is None else count
    arguments = {"offset": hex(position), "count": str(asked)}
    add(state, "pread", on=CARD, arguments=arguments, result={"bytes": expected})


def registers(state: State, port: int, *writes: tuple[int, int]) -> None:
    """Add writes to registers that left no line."""
    for register, value in writes:
        implied(state, "pwrite", on=CARD, arguments={"offset": hex((port << 40) + register)}, data=chr(value))


# The description of the device


def ask(state: State, request: str, errno: str, fields: dict[str, int], **asked: int) -> None:
    """Add an ioctl. ``asked`` are the fields of its argument, ``fields`` those of the result if ``errno`` is 0."""
    arguments = {"request": request} | {name: str(value) for name, value in asked.items()}
    result: dict[str, object] = dict(fields) if errno == "0" else {"errno": errno}
    add(state, "ioctl", on=CARD, arguments=arguments, result=result)


@rule(r"DEVICE_GET_INFO 0 argsz 24 flags (?P<flags>\S+) regions (?P<regions>\d+) irqs (?P<irqs>\d+) cap 0")
def device_info(state: State, flags: str, regions: str, irqs: str) -> None:
    found = {"argsz": 24, "flags": int(flags, 16), "num_regions": int(regions), "num_irqs": int(irqs)}
    ask(state, "DEVICE_GET_INFO", "0", found | {"cap_offset": 0}, argsz=24)


@rule(r"DEVICE_GET_INFO argsz=8 (?P<errno>\w+)")
def short_device_info(state: State, errno: str) -> None:
    ask(state, "DEVICE_GET_INFO", errno, {}, argsz=8)


@rule(
    r"REGION (?P<index>\d+) (?P<errno>\w+) argsz 32 flags (?P<flags>\S+) cap 0x0 size (?P<size>\S+) "
    r"offset (?P<offset>\S+)"
)
def region_info(state: State, index: str, errno: str, flags: str, size: str, offset: str) -> None:
    found = {"argsz": 32, "flags": int(flags, 16), "index": int(index), "cap_offset": 0}
    found |= {"size": int(size, 16), "offset": int(offset, 16)}
    ask(state, "DEVICE_GET_REGION_INFO", errno, found, argsz=32, index=int(index))


@rule(r"REGION argsz=16 (?P<errno>\w+)")
def short_region_info(state: State, errno: str) -> None:
    ask(state, "DEVICE_GET_REGION_INFO", errno, {}, argsz=16)


@rule(r"IRQ (?P<index>\d+) (?P<errno>\w+) flags (?P<flags>\S+) count (?P<count>\d+)")
def irq_info(state: State, index: str, errno: str, flags: str, count: str) -> None:
    found = {"argsz": 16, "flags": int(flags, 16), "index": int(index), "count": int(count)}
    ask(state, "DEVICE_GET_IRQ_INFO", errno, found, argsz=16, index=int(index))


@rule(r"(?P<name>DEVICE_RESET|QUERY_GFX_PLANE|unknown ioctl) (?P<errno>\w+)")
def plain_request(state: State, name: str, errno: str) -> None:
    ask(state, {"QUERY_GFX_PLANE": "DEVICE_QUERY_GFX_PLANE"}.get(name, name), errno, {})


# Configuration space


@rule(r"config (?P<offset>[0-9a-f]{2}): (?P<found>.*)")
def config_line(state: State, offset: str, found: str) -> None:
    pread(state, CONFIG + int(offset, 16), found.replace(" ", ""))


@rule(r"pread config (?P<count>\d+) (?P<found>[0-9a-f]*)")
def config_read(state: State, count: str, found: str) -> None:
    pread(state, CONFIG, found, int(count))


@rule(r"config write (?P<offset>\S+) (?P<written>[0-9a-f]+) -> (?P<count>\d+) reads (?P<found>[0-9a-f]+)")
def config_write(state: State, offset: str, written: str, count: str, found: str) -> None:
    arguments = {"offset": hex(CONFIG + int(offset, 16))}
    data = bytes.fromhex(written).decode("latin-1")
    add(state, "pwrite", on=CARD, arguments=arguments, data=data, result={"count": int(count)})
    pread(state, CONFIG + int(offset, 16), found)


@rule(r"   pread config while remove waits (?P<found>[0-9a-f]+)")
def config_read_while_remove_waits(state: State, found: str) -> None:
    add(state, "pread", on="device", arguments={"offset": hex(CONFIG), "count": "4"}, result={"bytes": found})


# The interrupt


@rule(r"SET_IRQS INTx eventfd 0")
def connect(state: State) -> None:
    implied(state, "eventfd", on=CARD)
    ask(state, "DEVICE_SET_IRQS", "0", {}, eventfds=1)


@rule(r"eventfd after byte with IER\.RDI (?P<count>\d+)")
def interrupted(state: State, count: str) -> None:
    registers(state, 0, (FCR, 0x07), (IER, 0x01), (RX, ord("Z")))
    add(state, "read-eventfd", on=CARD, result={"count": int(count)})


@rule(r"IIR (?P<iir>[0-9a-f]{2}) RX (?P<received>b'.*')")
def pending(state: State, iir: str, received: str) -> None:
    pread(state, IIR, iir)
    pread(state, RX, ast.literal_eval(received).hex())


@rule(r"SET_IRQS disable 0")
def disconnect(state: State) -> None:
    ask(state, "DEVICE_SET_IRQS", "0", {})


@rule(r"SET_IRQS bad index (?P<errno>\w+)")
def bad_index(state: State, errno: str) -> None:
    ask(state, "DEVICE_SET_IRQS", errno, {}, index=9)


# Registers


@rule(r"BAR (?P<port>[01]) UART regs at start (?P<found>\[.*\])")
def all_registers(state: State, port: str, found: str) -> None:
    state.port = int(port)
    for register, value in enumerate(ast.literal_eval(found)):
        pread(state, (state.port << 40) + register, value)


@rule(r"   LCR (?P<lcr>\S\S) IIR (?P<iir>\S\S) LSR (?P<lsr>\S\S)")
def set_up(state: State, lcr: str, iir: str, lsr: str) -> None:
    registers(state, state.port, (LCR, 0x03), (FCR, 0x07), (IER, 0x00))
    read_registers(state, (LCR, lcr), (IIR, iir), (LSR, lsr))


@rule(r"   LSR after 4 bytes (?P<lsr>\S\S)")
def sent(state: State, lsr: str) -> None:
    registers(state, state.port, *((RX, value) for value in b"mdev"))
    read_registers(state, (LSR, lsr))


@rule(r"   loopback read (?P<received>b'.*') LSR (?P<lsr>\S\S)")
def received(state: State, received: str, lsr: str) -> None:
    read_registers(state, *((RX, f"{value:02x}") for value in ast.literal_eval(received)), (LSR, lsr))


@rule(r"   scratch (?P<value>\S\S)")
def scratch(state: State, value: str) -> None:
    registers(state, state.port, (SCR, 0x5A))
    read_registers(state, (SCR, value))


@rule(r"   MCR (?P<mcr>\S\S) MSR (?P<msr>\S\S)")
def modem(state: State, mcr: str, msr: str) -> None:
    registers(state, state.port, (MCR, 0x0B))
    read_registers(state, (MCR, mcr), (MSR, msr))


@rule(r"   DLAB: divisor (?P<low>\S\S) (?P<high>\S\S)")
def divisor(state: State, low: str, high: str) -> None:
    registers(state, state.port, (LCR, 0x83), (RX, 0x01), (IER, 0x00))
    read_registers(state, (RX, low), (IER, high))
    registers(state, state.port, (LCR, 0x03))


@rule(r"   20 bytes into the fifo, read b''")
def overfilled(state: State) -> None:
    """The recorder read while the line status reported a byte, and it reported none."""
    registers(state, state.port, (FCR, 0x07), *((RX, value) for value in range(20)))
    arguments = {"offset": hex((state.port << 40) + LSR), "count": "1", "mask": "01"}
    add(state, "pread", on=CARD, arguments=arguments, result={"bytes": "00"})


@rule(r"pread BAR0 at (?P<offset>\S+) (?P<value>\S\S)")
def behind_the_registers(state: State, offset: str, value: str) -> None:
    pread(state, int(offset, 16), value)


@rule(r"mmap BAR0 -> (?P<errno>\w+)")
def mapping(state: State, errno: str) -> None:
    add(state, "mmap", on=CARD, arguments={"offset": "0x0"}, result={"errno": errno})


def read_registers(state: State, *reads: tuple[int, str]) -> None:
    for register, value in reads:
        pread(state, (state.port << 40) + register, value)
