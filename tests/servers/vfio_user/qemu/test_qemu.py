"""A real guest with the card: QEMU's vfio-user client on one side, the reference host's mtty on the other.

One boot for all, since booting takes longest. What was seen is kept as the transcript that the site shows beside the
walk-through.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mdevref.host import Host
from mdevref.servers.vfio_user.counters import Counters
from mdevref.servers.vfio_user.server import VfioUserServer
from mdevref.suite import data
from mdevref.suite.spec import reader as spec
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
ADDRESS = "0000:00:05.0"  #: where the document's guest has its card
#: Until 5.1 the vendor is asked to remove a device before its users have gone, and the sample frees what they use.
ERA = "5.10"
TYPES = "class/mdev_bus/mtty/mdev_supported_types"
DEADLINE = 80.0  #: seconds for the guest; it takes 11
SEED = os.environ.get("TYPING_SEED", "20261123")

Step = dict[str, Any]


@dataclass
class Run:
    """What was seen: the guest's steps, the host's own observations, what the servers counted and logged."""

    machine: qemu.Machine
    steps: list[Step] = field(default_factory=list)
    seen: dict[str, Any] = field(default_factory=dict)
    counters: dict[str, Counters] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rates(self) -> list[float]:
        """What each loop-back gave, in bytes a second."""
        return [each["typed"] / each["seconds"] for each in self.of("loop-back")]

    def of(self, step: str) -> list[Step]:
        return [each for each in self.steps if each["step"] == step]

    def note(self, text: str) -> None:
        """Keep a remark for the transcript."""
        self.steps.append({"step": "note", "text": text})

    def on_the_host(self, command: str, output: str = "") -> None:
        """Keep what is done outside of the guest, for the transcript."""
        self.steps.append({"step": "host", "command": command, "output": output})

    def list_on(self, host: Host, path: str) -> None:
        """Keep what is in a folder of the host's tree."""
        self.on_the_host(f"ls /sys/{path}", "\n".join(sorted(host.sysfs.listdir(path))))

    def output(self, command: str) -> list[str]:
        """What the guest printed at a command that begins so, each time."""
        return [each["output"] for each in self.of("command") if each["command"].startswith(command)]


def tell(message: str) -> None:
    """Progress, for a person who waits."""
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
    # The document's guest is a PC without PCI Express; QEMU takes the last machine that it is told.
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
        # Whoever unplugged it has let go of it before the guest was told.
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


def apart_from_addresses(dump: bytes) -> bytes:
    """The first 64 bytes of config space without what a guest's firmware writes: the BARs, and the interrupt line."""
    return dump[:0x10] + bytes(8) + dump[0x18:0x3C] + bytes(1) + dump[0x3D:]


def documents_dump() -> bytes:
    """The first 64 bytes of config space, as the walk-through has them from the document."""
    rows = spec.read(data.spec()).cases["walk-through-dump"].rows
    return bytes.fromhex("".join(row[1].partition(": ")[2] for row in rows))


def test_lspci_shows_the_documents_bytes(run: Run) -> None:
    (card, second) = run.of("card")
    expected = apart_from_addresses(documents_dump())
    assert len(expected) == 64
    assert apart_from_addresses(bytes.fromhex(card["config"])) == expected
    shown = [line for line in run.output("lspci -s")[0].splitlines() if line[2:4] == ": "]
    assert bytes.fromhex("".join(line[4:] for line in shown)) == bytes.fromhex(card["config"])
    # Both BARs are I/O ports at addresses of the guest's own: 8 apart, the lowest bit says I/O.
    first, other = (int.from_bytes(bytes.fromhex(card["config"])[at : at + 4], "little") for at in (0x10, 0x14))
    assert first % 8 == other % 8 == 1
    assert first != other
    assert apart_from_addresses(bytes.fromhex(second["config"])) == expected
    assert bytes.fromhex(second["config"])[0x14:0x18] == bytes(4)


def test_lspci_knows_class_and_ids(run: Run) -> None:
    shown = run.output("lspci -s")[0]
    assert "Serial controller" in shown
    assert "(rev 10) (prog-if 02 [16550])" in shown
    assert "Kernel driver in use: serial" in shown
    assert "0700: 4348:3253 (rev 10)" in run.output("lspci -n")[0]


def test_setserial_finds_two_16550a(run: Run) -> None:
    (card, second) = run.of("card")
    assert card["ports"] == ["ttyS1", "ttyS2"]
    shown, of_second = run.output("setserial")
    for name in card["ports"]:
        (line,) = (line for line in shown.splitlines() if line.startswith(f"/dev/{name},"))
        assert "UART: 16550A" in line
    assert len(second["ports"]) == 1
    assert f"/dev/{second['ports'][0]}, UART: 16550A" in of_second


def test_what_is_typed_comes_back(run: Run) -> None:
    typed = run.of("loop-back")
    # Both ports, the port that was plugged in, and both once more after it was unplugged.
    assert [each["port"] for each in typed] == ["ttyS1", "ttyS2", typed[2]["port"], "ttyS1", "ttyS2"]
    for each in typed:
        assert (each["typed"], each["read"], each["equal"]) == (inside.TYPED, inside.TYPED, True), each


def test_a_card_comes_and_goes_while_the_guest_runs(run: Run) -> None:
    (ready,), (plugged,), (unplugged,) = run.of("ready"), run.of("plugged"), run.of("unplugged")
    assert ready["cards"] == [ADDRESS]
    assert len(plugged["cards"]) == 2
    assert unplugged["cards"] == [ADDRESS]
    assert unplugged["ports"] == []


def test_the_transcript_has_every_step_of_the_walk(run: Run) -> None:
    told = (data.root() / "build" / transcript.NAME).read_text()
    steps = [
        "host # modprobe mtty\n",
        f"host # ls /sys/{PARENT}\nmdev_supported_types\n",
        f"host # echo {UUID} > ",
        "(QEMU is started with -device ",
        "guest # lspci -s ",
        "guest # setserial -g ",
        f"({inside.TYPED} bytes typed into /dev/ttyS1, {inside.TYPED} read back: the same; ",
        f"host # {REMOVE}\n(waits)\n",
        f"host # ls /sys/bus/mdev/devices\n{SECOND}\n",
    ]
    places = [told.find(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)
    assert '"path": "card.sock"' in told  # and no folder of this machine's


def test_remove_waits_for_the_guest_to_end(run: Run) -> None:
    assert run.seen["waits"] is True
    assert run.seen["removed"] == 1
    assert UUID not in run.seen["there"]
    assert run.seen["left"] == []


def test_the_guests_kernel_and_the_servers_have_nothing_to_complain_of(run: Run) -> None:
    assert run.output("dmesg | grep -iE")[0] == "none\n"
    assert [line for line in run.log if "has gone after" not in line] == []


def test_the_servers_count_what_they_are_sent(run: Run) -> None:
    for name, counters in run.counters.items():
        assert counters.total().messages > 10_000, name


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whoever_is_interrupted_leaves_nothing(number: signal.Signals, tmp_path: Path) -> None:
    mark = f"MDEVREF_TEST_MARK={tmp_path}"
    with boot.scratch() as folder:  # from here on there are only folders of guests that run
        others = set(folder.parent.iterdir())
    command = [sys.executable, "-m", "pytest", "-s", "-m", "qemu", f"--basetemp={tmp_path / 'base'}"]
    command += ["-p", "no:cacheprovider", f"{Path(__file__)}::test_remove_waits_for_the_guest_to_end"]
    with subprocess.Popen(
        command,
        cwd=data.root(),
        env={**os.environ, "MDEVREF_TEST_MARK": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stderr is not None
        for line in child.stderr:
            if "step=loop-back" in line:
                break
        assert len(marked(mark)) > 1
        child.send_signal(number)
        child.stderr.read()
        child.wait(30)
    assert marked(mark) == []
    if number != signal.SIGKILL:
        assert not list(tmp_path.rglob("*.sock"))
        assert abandoned(folder.parent, others) == []
    with boot.scratch():  # whoever was killed leaves its folder to the next
        assert abandoned(folder.parent, others) == []


def abandoned(root: Path, others: set[Path]) -> list[Path]:
    """The folders of guests, but for those others, that nobody holds: somebody else may run a guest at this moment."""
    found = []
    for each in set(root.iterdir()) - others:
        with suppress(FileNotFoundError, BlockingIOError):
            held = os.open(each, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                found.append(each)
            finally:
                os.close(held)
    return found


def marked(mark: str) -> list[str]:
    """The processes, by their numbers, that have this in their environment, and are not dead already."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark.encode() in (each / "environ").read_bytes().split(b"\0"):
                found.append(each.name)
    return found
