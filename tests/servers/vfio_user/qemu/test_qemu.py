"""A real guest with the card: QEMU's vfio-user client on one side, the reference host's mtty on the other.

All tests share one boot, because booting takes longest. The run is recorded as the transcript that the site shows with
the walk-through.
"""

from __future__ import annotations

from mdevref.suite import data
from mdevref.suite.spec import reader as spec
from tests.servers.vfio_user.qemu import inside, transcript
from tests.servers.vfio_user.qemu.guest import ADDRESS, PARENT, REMOVE, SECOND, UUID, Run, pytestmark, run

__all__ = ["pytestmark", "run"]  # the shared guest


def apart_from_addresses(dump: bytes) -> bytes:
    """Mask the BARs and the interrupt line, which firmware writes, in the first 64 bytes of config space."""
    return dump[:0x10] + bytes(8) + dump[0x18:0x3C] + bytes(1) + dump[0x3D:]


def documents_dump() -> bytes:
    """Return the first 64 bytes of config space as in the document's walk-through."""
    rows = spec.read(data.spec()).cases["walk-through-dump"].rows
    return bytes.fromhex("".join(row[1].partition(": ")[2] for row in rows))


def test_lspci_shows_the_documents_bytes(run: Run) -> None:
    (card, second) = run.of("card")
    expected = apart_from_addresses(documents_dump())
    assert len(expected) == 64
    assert apart_from_addresses(bytes.fromhex(card["config"])) == expected
    shown = [line for line in run.output("lspci -s")[0].splitlines() if line[2:4] == ": "]
    assert bytes.fromhex("".join(line[4:] for line in shown)) == bytes.fromhex(card["config"])
    # Both BARs are I/O ports (lowest bit set) at addresses chosen by the guest, 8 apart.
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
    # Both ports, the plugged port, and both ports again after the unplug.
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
    assert '"path": "card.sock"' in told  # without the directory on this machine


def test_remove_waits_for_the_guest_to_end(run: Run) -> None:
    assert run.seen["waits"] is True
    assert run.seen["removed"] == 1
    assert UUID not in run.seen["there"]
    assert run.seen["left"] == []


def test_the_guests_kernel_and_the_servers_have_nothing_to_complain_of(run: Run) -> None:
    assert run.output("dmesg | grep -iE")[0] == "none\n"
    assert [line for line in run.log if "disconnected after" not in line] == []


def test_the_servers_count_what_they_are_sent(run: Run) -> None:
    for name, counters in run.counters.items():
        assert counters.total().messages > 10_000, name
