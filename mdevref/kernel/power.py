"""The ``power`` directory of every device. No device suspends; files and modes were recorded from a real kernel."""

from __future__ import annotations

from errno import EINVAL, EIO

from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.device import Device
from mdevref.kernel.errors import fail


def _choice(name: str, first: bytes, second: bytes) -> Attribute:
    """Return an attribute with two states. Writing anything except their two words fails with ``EINVAL``."""

    def show(device: Device) -> bytes:
        return (second if name in device.power_switches else first) + b"\n"

    def store(device: Device, data: bytes) -> None:
        word = data.removesuffix(b"\n")
        if word not in (first, second):
            raise fail(EINVAL, name)
        device.power_switches = device.power_switches - {name} if word == first else device.power_switches | {name}

    return Attribute(name, 0o644, show, store)


def _fixed(name: str, content: bytes) -> Attribute:
    return Attribute(name, 0o444, lambda device: content)


def _show_no_delay(device: Device) -> bytes:
    raise fail(EIO, "autosuspend_delay_ms")


def _store_no_delay(device: Device, data: bytes) -> None:
    raise fail(EIO, "autosuspend_delay_ms")


POWER = AttributeGroup(
    "power",
    (
        _choice("async", b"disabled", b"enabled"),
        # The file exists even without autosuspend, which no device here uses; then reading and writing it fail.
        Attribute("autosuspend_delay_ms", 0o644, _show_no_delay, _store_no_delay),
        _choice("control", b"auto", b"on"),
        _fixed("runtime_active_kids", b"0\n"),
        _fixed("runtime_active_time", b"0\n"),
        _fixed("runtime_enabled", b"disabled\n"),
        _fixed("runtime_status", b"unsupported\n"),
        _fixed("runtime_suspended_time", b"0\n"),
        _fixed("runtime_usage", b"0\n"),
    ),
)
