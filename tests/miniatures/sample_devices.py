"""Hosts whose mtty cards report wrong information, or have wrong regions, requests or resets."""

from __future__ import annotations

from errno import EINVAL
from functools import partial

from mdevref.drivers.mtty import Mtty, config
from mdevref.drivers.mtty.card import OFFSET_BITS, Caller, Card
from mdevref.kernel.errors import fail
from mdevref.mdev.objects import MdevDevice
from mdevref.vfio import uapi
from mdevref.vfio.arguments import give, take
from mdevref.vfio.uapi import PciRegion, RegionFlags
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="sample")


@wrong({"sample.device": "; seen: flags 0x2, 8 regions, 5 interrupts"})
class forgets_vga(Card):
    """A card reports 8 regions."""

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
    """The flags of a region without size are 0."""

    def get_region_info(self, argument: Caller) -> None:
        super().get_region_info(argument)
        info = take(argument, uapi.RegionInfo)
        info.flags = info.flags if info.size else RegionFlags(0)
        give(argument, info)


_SHORT = 32


@wrong({"sample.region-offsets": "00000000; seen: 0x"})
class regions_are_close_together(Card):
    """The offset of a region is its index times 2 to the power of 32."""

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
    """A card reports an empty region for every index."""

    def get_region_info(self, argument: Caller) -> None:
        info = take(argument, uapi.RegionInfo)
        if info.index < uapi.PCI_REGIONS:
            super().get_region_info(argument)


@wrong({"sample.region-refused": "expected EFAULT; seen: "})
class rom_reads_as_ones(Card):
    """The ROM and VGA regions return ones and accept writes."""

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
    """An unknown request fails with EINVAL."""

    def ioctl(self, request: int, argument: Caller) -> int:
        if request == uapi.DEVICE_QUERY_GFX_PLANE:
            raise fail(EINVAL)
        return super().ioctl(request, argument)


@wrong({"sample.reset": "expected SCR 5a; seen: 00"})
class resets_its_ports(Card):
    """Resetting a card also resets its ports."""

    def reset(self, argument: Caller) -> None:
        super().reset(argument)
        self.ports = [self.port(port.signal) for port in self.ports]


@wrong({"sample.wide-write": "; seen: "})
class writes_every_register(Card):
    """Each byte of a wide write goes to a separate register."""

    def write(self, data: bytes, position: int) -> int:
        if position >> OFFSET_BITS == PciRegion.CONFIG:
            return super().write(data, position)
        return sum(
            super(writes_every_register, self).write(data[at : at + 1], position + at) for at in range(len(data))
        )


@wrong({"sample.wide-read": 'expected "b"; seen: "\\x00"'})
class reads_again_and_again(Card):
    """A wide read reads the register once for each byte."""

    def read_unit(self, position: int, size: int) -> bytes:
        if position >> OFFSET_BITS == PciRegion.CONFIG:
            return super().read_unit(position, size)
        return b"".join(super(reads_again_and_again, self).read_unit(position, 1) for _ in range(size))


@wrong({"sample.ungated": "expected SCR 5a; seen: ff"})
class answers_at_an_address_only(Card):
    """A port does not respond while its BAR is 0."""

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
    """Both ports of a card share their registers."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # handed through
        self.ports[1] = self.ports[0]


@wrong({"sample.reopened": "expected SCR 5a; seen: 00", "sample.irqs-remembered": "EINVAL"})
class begins_anew(Mtty):
    """Opening a card resets it to its initial state."""

    def open_device(self, mdev: MdevDevice) -> None:
        super().open_device(mdev)
        mdev.data = self.card(mdev.data.count, self.release, self.kernel.log.append)
