"""Cards of the sample driver: what they tell of themselves, their regions, their configuration space."""

from __future__ import annotations

from errno import EINVAL
from functools import partial

from mdevref.drivers.mtty import Mtty, config
from mdevref.drivers.mtty.card import OFFSET_BITS, Caller, Card
from mdevref.drivers.mtty.config import ConfigSpace
from mdevref.kernel.errors import fail
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio import uapi
from mdevref.vfio.arguments import give, take
from mdevref.vfio.uapi import PciRegion, RegionFlags
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="sample")


@wrong({"sample.device": "; seen: flags 0x2, 8 regions, 5 interrupts"})
class forgets_vga(Card):
    """A card tells of 8 regions."""

    def get_info(self, argument: Caller) -> None:
        super().get_info(argument)
        info = take(argument, uapi.DeviceInfo)
        info.num_regions = uapi.PCI_REGIONS - 1
        give(argument, info)


@wrong({"sample.regions": "expected 8 bytes; seen: 16", "sample.region-sizes": "expected 8 bytes; seen: 16"})
class ports_are_large(Card):
    """The region of a port has 16 bytes."""

    def size_of(self, region: int) -> int:
        size = super().size_of(region)
        return 2 * size if size == config.BAR_SIZE else size


@wrong({"sample.region-flags": "expected flags 0x3; seen: flags 0x0"})
class empty_regions_have_no_flags(Card):
    """A region of no size tells that nothing can be done with it."""

    def get_region_info(self, argument: Caller) -> None:
        super().get_region_info(argument)
        info = take(argument, uapi.RegionInfo)
        info.flags = info.flags if info.size else RegionFlags(0)
        give(argument, info)


_SHORT = 32


@wrong({"sample.region-offsets": "00000000; seen: 0x"})
class regions_are_close_together(Card):
    """A region begins at its index times 2 to the power of 32."""

    def get_region_info(self, argument: Caller) -> None:
        super().get_region_info(argument)
        info = take(argument, uapi.RegionInfo)
        info.offset = info.index << _SHORT
        give(argument, info)

    def read(self, count: int, position: int) -> bytes:
        return super().read(count, _stretched(position))

    def write(self, data: bytes, position: int) -> int:
        return super().write(data, _stretched(position))


def _stretched(position: int) -> int:
    return position >> _SHORT << OFFSET_BITS | position & ((1 << _SHORT) - 1)


@wrong({"sample.no-more-regions": "expected EINVAL; seen: "})
class regions_without_end(Card):
    """A card has a region of every index, without size."""

    def get_region_info(self, argument: Caller) -> None:
        info = take(argument, uapi.RegionInfo)
        if info.index < uapi.PCI_REGIONS:
            super().get_region_info(argument)


@wrong({"sample.region-refused": "expected EFAULT; seen: "})
class rom_reads_as_ones(Card):
    """ROM and VGA read as ones, and take what is written."""

    def read_unit(self, position: int, size: int) -> bytes:
        if position >> OFFSET_BITS in (PciRegion.ROM, PciRegion.VGA):
            return b"\xff" * size
        return super().read_unit(position, size)

    def write_unit(self, position: int, data: bytes) -> None:
        if position >> OFFSET_BITS not in (PciRegion.ROM, PciRegion.VGA):
            super().write_unit(position, data)


@wrong({"sample.no-mapping": "expected EINVAL; seen: "})
class ports_can_be_mapped(Mtty):
    """A region of a card can be mapped."""

    def mmap_device(self, mdev: MdevDevice, length: int, position: int) -> bytearray:
        return bytearray(length)


@wrong({"sample.unknown-request": "expected ENOTTY; seen: EINVAL"})
class does_not_know_what_to_say(Card):
    """A request that is not known is an invalid one."""

    def ioctl(self, request: int, argument: Caller) -> int:
        if request == uapi.DEVICE_QUERY_GFX_PLANE:
            raise fail(EINVAL)
        return super().ioctl(request, argument)


@wrong({"sample.reset": "expected SCR 5a; seen: 00"})
class resets_its_ports(Card):
    """Resetting a card resets its ports."""

    def reset(self, argument: Caller) -> None:
        super().reset(argument)
        self.ports = [self.port(port.signal) for port in self.ports]


# Configuration space


class _Patched(ConfigSpace):
    """Some bytes are others from the beginning."""

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


@wrong({"sample.config-zero": "expected 1 bytes of zero at 0x34; seen: 40"})
class has_capabilities(_Patched):
    """A card has a list of capabilities."""

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
    """The command register keeps what is written."""

    def write(self, offset: int, data: bytes) -> None:
        if offset == config.COMMAND:
            self.store(offset, data)
        else:
            super().write(offset, data)


@wrong({"sample.bar-size": "expected f9ffffff at 0x1"})
class bars_are_large(ConfigSpace):
    """A BAR asks for 16 bytes."""

    def write_bar(self, offset: int, data: bytes) -> None:
        super().write_bar(offset, b"\xf0" + data[1:] if data == b"\xff" * 4 else data)


@wrong({"sample.bar-address": "; seen: 01000000"})
class bars_forget(ConfigSpace):
    """A BAR does not keep an address."""

    def write_bar(self, offset: int, data: bytes) -> None:
        super().write_bar(offset, data if data == b"\xff" * 4 else bytes(4))


@wrong({"sample.bar-unaligned": "; seen: 01c00000"})
class bars_align(ConfigSpace):
    """A BAR keeps an address as a multiple of its size."""

    def write_bar(self, offset: int, data: bytes) -> None:
        super().write_bar(offset, bytes((data[0] & 0xF8,)) + data[1:])


@wrong({"sample.bar-low-bits": "; seen: 01c00000"})
class low_bits_are_constant(ConfigSpace):
    """The low two bits of a BAR always say that it is an I/O BAR, as on a real card."""

    def write_bar(self, offset: int, data: bytes) -> None:
        super().write_bar(offset, bytes((data[0] & 0xFC,)) + data[1:])


@wrong({"sample.config-line": "expected 0a01 at 0x3c; seen: 0001"})
class cannot_be_routed(ConfigSpace):
    """The interrupt line does not keep what is written."""

    def write_interrupt_line(self, offset: int, data: bytes) -> None:
        pass


@wrong({"sample.config-exact": "; seen: 0100ffff"})
class halves_can_be_written(_Stores):
    """Half of a BAR can be written."""

    def write(self, offset: int, data: bytes) -> None:
        if offset == config.BAR0 + 2:
            self.store(offset, data)
        else:
            super().write(offset, data)


@wrong({"sample.config-wide": "; seen: f9ffffff01000000"})
class takes_four_bytes(Card):
    """Of a write to configuration space, no more than 4 bytes have an effect."""

    def write(self, data: bytes, position: int) -> int:
        if position >> OFFSET_BITS == PciRegion.CONFIG:
            super().write(data[:4], position)
            return len(data)
        return super().write(data, position)


@wrong({"sample.config-apart": "; seen: 51c10000"})
class cards_share_an_address(Mtty):
    """All cards have one configuration space."""

    shared: ConfigSpace | None = None

    def new_card(self, mdev: MdevDevice) -> Card:
        card = super().new_card(mdev)
        card.config = self.shared = self.shared or card.config
        return card


# Both


@wrong({"sample.wide-write": "; seen: "})
class writes_every_register(Card):
    """Each byte of a wide write goes to a register of its own."""

    def write(self, data: bytes, position: int) -> int:
        if position >> OFFSET_BITS == PciRegion.CONFIG:
            return super().write(data, position)
        return sum(
            super(writes_every_register, self).write(data[at : at + 1], position + at) for at in range(len(data))
        )


@wrong({"sample.wide-read": 'expected "b"; seen: "\\x00"'})
class reads_again_and_again(Card):
    """A wide read reads the register once for each of its bytes."""

    def read_unit(self, position: int, size: int) -> bytes:
        if position >> OFFSET_BITS == PciRegion.CONFIG:
            return super().read_unit(position, size)
        return b"".join(super(reads_again_and_again, self).read_unit(position, 1) for _ in range(size))


@wrong({"sample.ungated": "expected SCR 5a; seen: ff"})
class answers_at_an_address_only(Card):
    """A port whose BAR was set to 0 does not answer."""

    def read(self, count: int, position: int) -> bytes:
        if count == 1 and position >> OFFSET_BITS == 0 and self.off:
            return b"\xff"
        return super().read(count, position)

    off = False

    def write(self, data: bytes, position: int) -> int:
        if position == (PciRegion.CONFIG << OFFSET_BITS) + config.BAR0:
            self.off = not any(data)
        return super().write(data, position)


@wrong({"sample.ports-apart": "; seen: "})
class ports_are_one(Card):
    """Both ports of a card are the same."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # handed through
        self.ports[1] = self.ports[0]


@wrong({"sample.reopened": "expected SCR 5a; seen: 00", "sample.irqs-remembered": "EINVAL"})
class begins_anew(Mtty):
    """Opening a card brings it back to where it was when it was new."""

    def open_device(self, mdev: MdevDevice) -> None:
        super().open_device(mdev)
        mdev.data = self.card(mdev.data.count, self.release, self.kernel.log.append)
