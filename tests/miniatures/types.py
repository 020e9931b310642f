"""Hosts whose types have wrong names, attributes, counts or links to devices."""

from __future__ import annotations

from dataclasses import replace

from mdevref.drivers.mdpy import COUNT, Mdpy
from mdevref.drivers.mtty import Mtty
from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.directories import Table
from mdevref.kernel.files import Files
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice, MdevType, Parent
from tests.miniatures.registry import wrong


def is_second(parent: Parent) -> bool:
    """Return whether the next type of ``parent`` is its second; scenarios prefer the first, so most still pass."""
    return len(parent.types) == 1


@wrong({"types.id-prefix": "expected an id that begins with mdpy-; seen: mdev-xga"})
class type_ids_begin_with_mdev(Core):
    """The id of the second type begins with ``mdev`` instead of the driver string."""

    def add_type_directory(self, mtype: MdevType) -> None:
        if is_second(mtype.parent):
            mtype.name = f"mdev-{mtype.group_name}"
        super().add_type_directory(mtype)


@wrong({"types.id-suffix": "expected a name after the hyphen; seen: "})
class type_ids_end_with_the_hyphen(Core):
    """The id of the second type has nothing after the hyphen."""

    def add_type_directory(self, mtype: MdevType) -> None:
        if is_second(mtype.parent):
            mtype.name = mtype.name.removesuffix(mtype.group_name)
        super().add_type_directory(mtype)


@wrong({"types.create": "/create to be a file; seen: nothing"})
class forgets_create(Core):
    """The second type has no ``create``."""

    def type_files(self, parent: Parent) -> Table:
        return {} if is_second(parent) else super().type_files(parent)


@wrong({"types.devices": "/devices to be a directory; seen: nothing"})
class forgets_the_directory_of_devices(Core):
    """The second type has no ``devices``."""

    def add_type_directory(self, mtype: MdevType) -> None:
        super().add_type_directory(mtype)
        if is_second(mtype.parent):
            self.kernel.tree.remove(mtype.devices_directory)


@wrong({"types.available-instances": "/available_instances to be a file; seen: nothing"})
class leaves_out_available_instances(Mtty):
    """The types of a vendor driver have no ``available_instances``."""

    optional_attributes = Mtty.optional_attributes - {"available_instances"}


@wrong({"types.device-api": "/device_api to be a file; seen: nothing"})
class leaves_out_device_api(Mtty):
    """The types of a vendor driver have no ``device_api``."""

    optional_attributes = Mtty.optional_attributes - {"device_api"}


@wrong({"types.nothing-else": "expected no other entries in "}, era="6.1")
class adds_a_file_of_its_own(Core):
    """Types have a file that the document does not mention."""

    core_attributes = (*Core.core_attributes, Attribute("numa_node", 0o444, lambda mtype: b"0\n"))


@wrong({"types.name-absent": "/name; seen: a file", "types.description-absent": "/description; seen: a file"})
class makes_up_what_a_vendor_leaves_out(Core):
    """Types have ``name`` and ``description`` even if their vendor driver does not define them."""

    def add_type(self, parent: Parent, group: AttributeGroup) -> MdevType:
        mtype = super().add_type(parent, group)
        for name in {"name", "description"} - group.flat.keys():
            attribute = Attribute(name, 0o444, lambda mtype: b"unknown\n")
            self.kernel.tree.add_file(mtype.directory, attribute, mtype)
        return mtype


@wrong({"types.name-from-id": 'expected plain; seen: "scripted-plain'}, era="6.1")
class shows_the_whole_id_for_a_name(Core):
    """``name`` shows the id of the type, including the driver string."""

    core_attributes = (*Core.core_attributes[:2], Attribute("name", 0o444, lambda mtype: f"{mtype.name}\n".encode()))


@wrong({"types.description-mode": "expected mode 0444; seen: 0644"}, era="6.1")
class description_can_be_written(Core):
    """The mode of ``description`` is 0644."""

    description_attribute = Attribute("description", 0o644, Core.description_attribute.show)


@wrong({"types.device-api-names-one": 'vfio-ap; seen: "vfio-virtual'})
class makes_up_a_device_api(Mdpy):
    """``device_api`` shows an unknown device API."""

    device_api = "vfio-virtual"


@wrong({"types.text-ends-line": "expected one line of at most 1024 bytes; seen: "})
class texts_end_without_newline(Files):
    """The text of an attribute does not end with a newline."""

    def read(self, path: str) -> bytes:
        return super().read(path).rstrip(b"\n")


@wrong(
    {
        "types.name-text": 'expected one line of printable characters; seen: "\\n"',
        "types.description-text": 'expected a text; seen: "\\n"',
    }
)
class has_nothing_to_say(Mdpy):
    """The name and the description of a type are empty."""

    offers = tuple(replace(offer, name="", description="") for offer in Mdpy.offers)


@wrong({"types.instances-number": 'expected an integer; seen: "0x'})
class counts_in_hexadecimal(Files):
    """``available_instances`` shows a hexadecimal number."""

    def read(self, path: str) -> bytes:
        text = super().read(path)
        return f"{int(text):#x}\n".encode() if path.endswith("/available_instances") else text


@wrong({"types.instances-can-be-created": "36 of 36 bytes written, 36 of 36 bytes written, ENOMEM"})
class promises_one_too_many(Mdpy):
    """``available_instances`` shows one instance more than can be created."""

    def available(self, mtype: MdevType) -> int:
        return super().available(mtype) + 1


@wrong(
    {
        "types.instances-fall": "expected fewer than 4 instances; seen: 4",
        "types.instances-zero": 'expected "0\\n"; seen: "4\\n"',
    }
)
class counts_wrongly(Mdpy):
    """``available_instances`` always shows the same number."""

    def available(self, mtype: MdevType) -> int:
        return COUNT


@wrong({"types.instances-come-back": "expected 4 instances; seen: 3"})
class gives_no_instance_back(Mdpy):
    """Removing a device does not release its instance."""

    def remove(self, mdev: MdevDevice) -> None:
        pass


@wrong({"types.instances-after-refusal": "instances; seen: "}, era="6.1")
class counts_refused_creations(Core):
    """A write to ``create`` uses an instance even if it fails."""

    def create_store(self, mtype: MdevType, data: bytes) -> int | None:
        try:
            return super().create_store(mtype, data)
        except OSError:
            self.take_instance(mtype)
            raise


@wrong({"types.instances-not-negative": 'expected a non-negative integer; seen: "-1'}, era="6.1")
class counts_below_zero(Core):
    """More devices can be created than instances are available, and the count becomes negative."""

    def take_instance(self, mtype: MdevType) -> None:
        mtype.parent.available -= 1


@wrong({"types.devices-links": "expected no error; seen: ENOENT: "})
class forgets_the_devices_link(Core):
    """The directory ``devices`` of a type is always empty."""

    def link_from_type(self, mdev: MdevDevice) -> None:
        pass


@wrong({"types.devices-own": "seen: a link"})
class lists_devices_under_every_type(Core):
    """The directory ``devices`` of each type lists the devices of all types of its parent."""

    def link_from_type(self, mdev: MdevDevice) -> None:
        for mtype in mdev.type.parent.types:
            self.kernel.tree.add_link(mtype.devices_directory, mdev.name, mdev.directory)

    def unlink_from_type(self, mdev: MdevDevice) -> None:
        for mtype in mdev.type.parent.types:
            self.kernel.tree.remove_child(mtype.devices_directory, mdev.name)


@wrong({"types.devices-removed": "seen: a link", "remove.complete": "seen: a link"}, tells_leftovers=False)
class still_lists_devices_that_went(Core):
    """The link in ``devices`` of a type still exists after its device was removed."""

    def unlink_from_type(self, mdev: MdevDevice) -> None:
        pass
