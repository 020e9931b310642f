"""Runs in the guest: inspects the card as the document's walk-through does, and types on its ports.

Prints a line of JSON for each step, for the test on the host to check. The arguments are the PCI address of the card
and a seed for the typed data.
"""

from __future__ import annotations

import json
import os
import re
import select
import socket
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from random import Random

PCI = Path("/sys/bus/pci/devices")
CARD = "0x4348", "0x3253"  # vendor, device
TYPED = 4096  #: bytes for each port
CHUNK = 15  #: bytes that the card buffers: with 16 bytes, it considers its FIFO empty (oddity M1)
DEADLINE = 10.0  #: timeout in seconds
CFLAG, ISPEED, OSPEED = 2, 4, 5  # indexes into the result of tcgetattr
_UEVENTS = 15  # NETLINK_KOBJECT_UEVENT


def tell(step: str, **facts: object) -> None:
    print(json.dumps({"step": step, **facts}), flush=True)


def shell(command: str) -> str:
    """Run a command, report its output for the transcript, and return it."""
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=False)
    # Show stderr, such as complaints about missing modules, only if the command fails.
    output = done.stdout.decode() if done.returncode == 0 else (done.stdout + done.stderr).decode()
    tell("command", command=command, status=done.returncode, output=output)
    return output


def ports(address: str) -> list[str]:
    """Return the names of the serial ports of the card at a PCI address."""
    found = [
        name for name in os.listdir("/sys/class/tty") if f"/{address}/" in os.path.realpath(f"/sys/class/tty/{name}")
    ]
    return sorted(found, key=lambda name: int(name.removeprefix("ttyS")))


def cards() -> list[str]:
    """Return the PCI addresses of the cards."""
    return sorted(
        path.name
        for path in PCI.iterdir()
        if ((path / "vendor").read_text().strip(), (path / "device").read_text().strip()) == CARD
    )


def look_at(address: str) -> None:
    shell(f"lspci -s {address[5:]} -xxvv")
    shell(f"lspci -n -s {address[5:]}")
    shell(f"dmesg | grep -o '{address}.*'")
    found = ports(address)
    shell(f"setserial -g {' '.join(f'/dev/{name}' for name in ['ttyS0', *found])}")
    tell(
        "card",
        address=address,
        ports=found,
        config=(PCI / address / "config").read_bytes()[:64].hex(),
        driver=os.path.basename(os.readlink(PCI / address / "driver")),
    )


def type_into(name: str, rng: Random) -> None:
    """Write bytes and read them back, in chunks that the card can buffer."""
    written, read = rng.randbytes(TYPED), b""
    port = os.open(f"/dev/{name}", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        tty.setraw(port)
        attributes = termios.tcgetattr(port)
        attributes[CFLAG] = termios.CS8 | termios.CREAD | termios.CLOCAL  # no flow control by hardware
        attributes[ISPEED] = attributes[OSPEED] = termios.B115200
        termios.tcsetattr(port, termios.TCSANOW, attributes)
        termios.tcflush(port, termios.TCIOFLUSH)
        begun = time.monotonic()
        for start in range(0, TYPED, CHUNK):
            chunk = written[start : start + CHUNK]
            os.write(port, chunk)
            while len(read) < start + len(chunk) and select.select([port], [], [], DEADLINE)[0]:
                read += os.read(port, CHUNK)
            if len(read) < start + len(chunk):
                break
        seconds = time.monotonic() - begun
    finally:
        os.close(port)
    if read != written:
        shell("cat /proc/interrupts /proc/tty/driver/serial; dmesg | tail")
    tell("loop-back", port=name, typed=len(written), read=len(read), equal=read == written, seconds=seconds)


class Uevents:
    """Receives the kernel's uevents from now on."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _UEVENTS)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind((0, 1))
        self._socket.settimeout(DEADLINE)

    def until(self, pattern: str) -> re.Match[str]:
        """Wait for a uevent whose action and path match."""
        for line in self._lines():
            if match := re.search(pattern, line):
                return match
        raise AssertionError("uevents do not end")

    def _lines(self) -> Iterator[str]:
        while True:
            yield self._socket.recv(1 << 16).split(b"\0")[0].decode(errors="replace")


def main(address: str, seed: str) -> None:
    rng = Random(seed)
    look_at(address)
    for name in ports(address):
        type_into(name, rng)
    uevents = Uevents()
    tell("ready", cards=cards())
    # The uevent of the port is the last one, sent when the driver has finished.
    match = uevents.until(r"^add@.*/([0-9a-f:.]{12})/.*/tty/ttyS\d+$")
    plugged = match[1]
    look_at(plugged)
    for name in ports(plugged):
        type_into(name, rng)
    tell("plugged", cards=cards())
    uevents.until(rf"^remove@.*/{re.escape(plugged)}$")
    tell("unplugged", cards=cards(), ports=ports(plugged))
    for name in ports(address):
        type_into(name, rng)
    shell("dmesg | grep -iE 'oops|bug:|warning:|call trace' || echo none")


if __name__ == "__main__":
    main(*sys.argv[1:])
