"""Hosts whose sample driver has a wrong parent, wrong types or a wrong number of ports."""

from __future__ import annotations

from dataclasses import replace
from errno import EBUSY, EINVAL, ENOENT
from functools import partial

from mdevref.drivers.mtty import Mtty
from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.errors import fail
from mdevref.kernel.files import Files, Stat
from mdevref.mdev.objects import MdevDevice, MdevType
from tests.miniatures.registry import wrong as wrong_host

wrong = partial(wrong_host, interface="sample")


@wrong({"sample.parent": "expected a link to class/mtty; seen: class/tty"})
class parent_is_a_terminal(Files):
    """The class of the sample's parent is ``tty``."""

    def readlink(self, path: str) -> str:
        text = super().readlink(path)
        return text.replace("class/mtty", "class/tty") if path.endswith("mtty/mtty/subsystem") else text


@wrong({"sample.parent-entries": "; seen: nothing"})
class parent_has_no_power(Files):
    """The parent has no directory ``power``."""

    def lstat(self, path: str) -> Stat:
        if "/mtty/mtty/power" in path:
            raise fail(ENOENT, path)
        return super().lstat(path)


@wrong(
    {"sample.parent-attribute": "/mtty_dev to be a directory; seen: nothing", "sample.parent-attribute-text": "ENOENT"}
)
class parent_has_no_attribute(Mtty):
    """The parent of the sample has no attribute of the vendor, as from 6.1 on."""

    def parent_groups(self) -> list[AttributeGroup]:
        return []


@wrong({"sample.types": "/mtty-1 to be a directory; seen: nothing"})
class makes_no_single_ports(Mtty):
    """The sample has no type for cards with one port."""

    offers = Mtty.offers[1:]


@wrong({"sample.type-entries": "/device_api to be a file; seen: nothing"})
class types_have_no_api(Mtty):
    """The sample's types have no ``device_api``."""

    optional_attributes = Mtty.optional_attributes - {"device_api"}


@wrong({"sample.no-description": "; seen: a file"})
class types_are_described(Mtty):
    """The sample's types have a description."""

    offers = tuple(replace(offer, description="a card") for offer in Mtty.offers)


@wrong({"sample.type-texts": "serial"})
class types_are_named_alike(Mtty):
    """Both types of the sample have the same name."""

    offers = tuple(replace(offer, name="serial") for offer in Mtty.offers)


@wrong({"sample.ports": 'expected "24\\n"; seen: "32\\n"'})
class has_more_ports(Mtty):
    """The sample has 32 ports."""

    ports = 32


@wrong({"sample.ports-shared": 'expected "22\\n"; seen: "24\\n"'})
class types_do_not_share(Mtty):
    """Each type counts its ports separately."""

    def available(self, mtype: MdevType) -> int:
        taken = len(mtype.devices_directory.children)
        return self.ports // int(mtype.group_name) - taken


@wrong({"sample.ports-come-back": 'expected "24\\n"; seen: "23\\n"'})
class keeps_a_port(Mtty):
    """Removing a card releases only one of its ports."""

    def remove(self, mdev: MdevDevice) -> None:
        super().remove(mdev)
        self._free -= int(mdev.type.group_name) - 1


@wrong({"sample.ports-overdrawn": "ENOSPC"})
class refuses_early(Mtty):
    """Creating a card fails if too few ports are available, as from 6.1 on."""

    is_strict = True


@wrong({"sample.ports-negative": 'expected "-1\\n"; seen: "0\\n"'})
class never_shows_a_negative_number(Mtty):
    """``available_instances`` never shows a number below 0."""

    def available(self, mtype: MdevType) -> int:
        return max(0, super().available(mtype))


@wrong({"sample.ports-exhausted": "expected ENOSPC; seen: 36 of 36 bytes written"}, era="6.1")
class overdraws_for_ever(Mtty):
    """Creating a card succeeds even if too few ports are available, as until 5.12."""

    is_strict = False


@wrong({"sample.card": "EINVAL"})
class card_takes_no_newline(Files):
    """Creating a card with a trailing newline, as ``echo`` writes it, fails."""

    def write(self, path: str, data: bytes) -> int:
        if path.endswith("/create") and data.endswith(b"\n"):
            raise fail(EINVAL, path)
        return super().write(path, data)


@wrong({"sample.card-destroyed": "EBUSY"}, tells_leftovers=False)
class cards_stay(Mtty):
    """The sample refuses the removal of a card."""

    def remove(self, mdev: MdevDevice) -> None:
        raise fail(EBUSY, mdev.name)


@wrong({"sample.card-attribute": 'seen: "This is MDEV\\n"'})
class cards_do_not_tell_their_name(Mtty):
    """The vendor's attribute of a card does not contain the name of the card."""

    def device_groups(self) -> list[AttributeGroup]:
        return [AttributeGroup("vendor", [Attribute("sample_mdev_dev", 0o444, lambda mdev: b"This is MDEV\n")])]
