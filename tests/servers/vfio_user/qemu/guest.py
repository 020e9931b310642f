"""Boots a guest with the card once for all tests, and records observations and the site's transcript."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mdevref.host import Host
from mdevref.servers.vfio_user.counters import Counters
from mdevref.servers.vfio_user.server import VfioUserServer
from mdevref.suite import data
from mdevref.suite.vm import boot, cpio, initramfs, process, qemu
from tests.machines import machine, remove
from tests.servers.vfio_user.qemu import inside, transcript
from tests.servers.vfio_user.qemu.qmp import Qmp

pytestmark = [
    pytest.mark.qemu,
    *(
        pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not installed ({process.PACKAGES[name]})")
        for name in ("busybox", "apt-get")
    ),
]

UUID = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001"  #: the document's
SECOND = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1002"
PARENT = "devices/virtual/mtty/mtty"
REMOVE = f"echo 1 > /sys/bus/mdev/devices/{UUID}/remove"
ADDRESS = "0000:00:05.0"  #: the PCI address of the card in the document

#: Until 5.1 the core calls the vendor's remove while a device is in use, and the sample frees memory in use.
ERA = "5.10"
TYPES = "class/mdev_bus/mtty/mdev_supported_types"
DEADLINE = 80.0  #: seconds for the guest, which normally takes 11
SEED = os.environ.get("TYPING_SEED", "20261123")

Step = dict[str, Any]


@dataclass
class Run:
    """The record of a run: the guest's steps, observations on the host, and the servers' counters and log."""

    machine: qemu.Machine
    steps: list[Step] = field(default_factory=list)
    seen: dict[str, Any] = field(default_factory=dict)
    counters: dict[str, Counters] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rates(self) -> list[float]:
        """Return the rate of each loop-back in bytes per second."""
        return [each["typed"] / each["seconds"] for each in self.of("loop-back")]

    def of(self, step: str) -> list[Step]:
        return [each for each in self.steps if each["step"] == step]

    def note(self, text: str) -> None:
        """Add a remark to the transcript."""
        self.steps.append({"step": "note", "text": text})

    def on_the_host(self, command: str, output: str = "") -> None:
        """Add an operation on the host to the transcript."""
        self.steps.append({"step": "host", "command": command, "output": output})

    def list_on(self, host: Host, path: str) -> None:
        """Add the listing of a directory of the host's tree to the transcript."""
        self.on_the_host(f"ls /sys/{path}", "\n".join(sorted(host.sysfs.listdir(path))))

    def output(self, command: str) -> list[str]:
        """Return the output of each guest command that begins with ``command``."""
        return [each["output"] for each in self.of("command") if each["command"].startswith(command)]


def tell(message: str) -> None:
    """Print progress on stderr."""
    print(message, file=sys.stderr, flush=True)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("qemu")
    run = Run(qemu.fetch(tell))
    begun = time.monotonic()
    host = machine(ERA)
    host.load("mtty")
    run.on_the_host("modprobe mtty")
    for path in (PARENT, f"{TYPES}/mtty-2"):
        run.list_on(host, path)
    for number, uuid in ((2, UUID), (1, SECOND)):
        host.sysfs.write(f"{TYPES}/mtty-{number}/create", f"{uuid}\n".encode())
        run.on_the_host(f"echo {uuid} > /sys/{TYPES}/mtty-{number}/create")
    run.list_on(host, f"{PARENT}/{UUID}")
    servers = {
        name: VfioUserServer(host, uuid, folder / f"{name}.sock", run.log.append)
        for name, uuid in (("card", UUID), ("second", SECOND))
    }
    monitor = folder / "monitor"

    def socket(name: str) -> dict[str, str]:
        return {"type": "unix", "path": str(servers[name].path)}

    def on_line(line: str) -> None:
        step = json.loads(line)
        run.steps.append(step)
        tell("  " + " ".join(f"{key}={value}" for key, value in step.items() if key not in ("output", "config")))
        if step["step"] == "ready":
            run.seen["removal"] = removal = host.start(lambda: remove(host, UUID))
            run.seen["waits"] = removal.is_blocked()
            run.on_the_host(REMOVE, "(waits)" if run.seen["waits"] else "")
            with Qmp(monitor) as qmp:
                qmp.ask("device_add", driver="vfio-user-pci", id="second", socket=socket("second"))
        elif step["step"] == "plugged":
            with Qmp(monitor) as qmp:
                qmp.ask("device_del", id="second")
                qmp.await_event("DEVICE_DELETED")

    device = json.dumps({"driver": "vfio-user-pci", "addr": ADDRESS[-4:], "socket": socket("card")})
    # The document's guest is a PC without PCI Express. QEMU uses the last -M option.
    emulator = run.machine.emulator("-M", "pc", "-device", device, "-qmp", f"unix:{monitor},server=on,wait=off")
    run.note(f"QEMU is started with -device '{device.replace(f'{folder}/', '')}'")
    script = cpio.copy("suite/inside.py", Path(inside.__file__))
    command = ["/bin/env", "PATH=/tools/bin:/bin", initramfs.PYTHON, "-S", "inside.py", ADDRESS, SEED]
    try:
        for server in servers.values():
            server.start()
        result = boot.run_guest(
            run.machine.guest(),
            command,
            on_line,
            entries=[*run.machine.tools(), script],
            deadline=DEADLINE,
            emulator=emulator,
        )
        assert result.exit_status == 0, result.console_tail
        run.seen["removed"] = run.seen["removal"].result()
        run.note("the guest ends, and with it what waits on the host")
        run.list_on(host, "bus/mdev/devices")
        run.seen["there"] = host.sysfs.listdir("bus/mdev/devices")
        # The server released the unplugged card before the guest was notified.
        remove(host, SECOND)
        run.seen["left"] = host.leftovers()
    finally:
        for name, server in servers.items():
            server.close()
            run.counters[name] = server.counters()
        run.seconds = time.monotonic() - begun
    transcript.write(data.root() / "build" / transcript.NAME, run.steps, run.machine)
    yield run
    tell(f"  {run.seconds:.0f} s; {run.machine.qemu}, Linux {run.machine.release}")
    tell(f"  loop-back: {', '.join(f'{rate / 1000:.1f}' for rate in run.rates)} kB/s")
    for name, counters in run.counters.items():
        tell("\n".join([f"  {name}:", *(f"    {line}" for line in counters.lines())]))
