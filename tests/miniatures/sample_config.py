"""Hosts whose mtty cards have a wrong configuration space."""

from __future__ import annotations

from functools import partial

from mdevref.drivers.mtty import Mtty, config
from mdevref.drivers.mtty.card import OFFSET_BITS, Card
from mdevref.drivers.mtty.config import ConfigSpace
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio.uapi import PciRegion
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="sample")


class _Patched(ConfigSpace):
    """Some bytes of the configuration space have wrong initial values."""

    __slots__ = ()
    at: int
    content: bytes

    def __init__(self, ports: int, log: object) -> None:
        super().__init__(ports, lambda line: None)
        self.space[self.at : self.at + len(self.content)] = self.content


@wrong({"sample.config": "expected 10 at 0x08; seen: 00"})
class has_no_revision(_Patched):
    """The revision of a card is 0."""

    at, content = 0x08, b"\0"


@wrong({"sample.config-vendor": " at 0x6"})
class has_no_name(_Patched):
    """The vendor's text in configuration space is missing."""

    at, content = 0x60, bytes(15)


@wrong({"sample.config-zero": "expected 1 zero bytes at 0x34; seen: 40"})
class has_capabilities(_Patched):
    """The configuration space of a card has a list of capabilities."""

    at, content = 0x34, b"\x40"


@wrong({"sample.config-one-port": "expected 00000000 at 0x14; seen: 01000000"})
class always_has_two_bars(_Patched):
    """A card with one port has a second BAR."""

    at, content = config.BAR1, b"\1"


class _Stores(ConfigSpace):
    __slots__ = ()

    def store(self, offset: int, data: bytes) -> None:
        self.space[offset : offset + len(data)] = data


@wrong({"sample.config-constant": "expected 0100 at 0x04; seen: 0700"})
class commands_can_be_given(_Stores):
    """The command register keeps every bit that is written."""

    def write(self, offset: int, data: bytes) -> None:
        if offset == config.COMMAND:
            self.store(offset, data)
        else:
            super().write(offset, data)


@wrong({"sample.bar-size": "expected f9ffffff at 0x1"})
class bars_are_large(ConfigSpace):
    """A BAR requests 16 bytes."""

    def write_bar(self, offset: int, data: bytes) -> None:
        super().write_bar(offset, b"\xf0" + data[1:] if data == b"\xff" * 4 else data)


@wrong({"sample.bar-address": "; seen: 01000000"})
class bars_forget(ConfigSpace):
    """A BAR does not keep the address that is written to it."""

    def write_bar(self, offset: int, data: bytes) -> None:
        super().write_bar(offset, data if data == b"\xff" * 4 else bytes(4))


@wrong({"sample.bar-unaligned": "; seen: 01c00000"})
class bars_align(ConfigSpace):
    """A BAR rounds the address down to a multiple of its size."""

    def write_bar(self, offset: int, data: bytes) -> None:
        super().write_bar(offset, bytes((data[0] & 0xF8,)) + data[1:])


@wrong({"sample.bar-low-bits": "; seen: 01c00000"})
class low_bits_are_constant(ConfigSpace):
    """The low two bits of a BAR always identify it as an I/O BAR, as on real hardware."""

    def write_bar(self, offset: int, data: bytes) -> None:
        super().write_bar(offset, bytes((data[0] & 0xFC,)) + data[1:])


@wrong({"sample.config-line": "expected 0a01 at 0x3c; seen: 0001"})
class cannot_be_routed(ConfigSpace):
    """The interrupt line register does not keep what is written."""

    def write_interrupt_line(self, offset: int, data: bytes) -> None:
        pass


@wrong({"sample.config-exact": "; seen: 0100ffff"})
class halves_can_be_written(_Stores):
    """A write to only half of a BAR takes effect."""

    def write(self, offset: int, data: bytes) -> None:
        if offset == config.BAR0 + 2:
            self.store(offset, data)
        else:
            super().write(offset, data)


@wrong({"sample.config-wide": "; seen: f9ffffff01000000"})
class takes_four_bytes(Card):
    """Only the first 4 bytes of a write to configuration space take effect."""

    def write(self, data: bytes, position: int) -> int:
        if position >> OFFSET_BITS == PciRegion.CONFIG:
            super().write(data[:4], position)
            return len(data)
        return super().write(data, position)


@wrong({"sample.config-apart": "; seen: 51c10000"})
class cards_share_an_address(Mtty):
    """All cards share one configuration space."""

    shared: ConfigSpace | None = None

    def new_card(self, mdev: MdevDevice) -> Card:
        card = super().new_card(mdev)
        card.config = self.shared = self.shared or card.config
        return card
