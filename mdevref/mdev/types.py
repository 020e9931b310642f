"""The types of a parent. Each has a directory with files of the core and of the vendor (facts 1.2)."""

from __future__ import annotations

from errno import EINVAL, ENOMEM

from mdevref.kernel.attributes import Attribute, AttributeGroup, Store, table
from mdevref.kernel.core import Kernel
from mdevref.kernel.directories import Table
from mdevref.kernel.errors import fail
from mdevref.mdev.bus import MdevBus
from mdevref.mdev.eras import Era
from mdevref.mdev.objects import MdevType, Parent, TypeInfo


def _show_device_api(mtype: MdevType) -> bytes:
    driver = mtype.parent.driver
    return f"{driver.device_api if driver is not None else ''}\n".encode()


def _show_name(mtype: MdevType) -> bytes:
    info = mtype.info
    return f"{(info.pretty_name or info.sysfs_name) if info is not None else ''}\n".encode()


def _show_available(mtype: MdevType) -> bytes:
    """Return the number that the driver reports, or else the parent's counter (fact T7)."""
    driver = mtype.parent.driver
    if driver is not None and driver.get_available is not None:
        return f"{driver.get_available(mtype)}\n".encode()
    return f"{mtype.parent.available}\n".encode()


def _show_description(mtype: MdevType) -> bytes:
    driver = mtype.parent.driver
    if driver is None or driver.show_description is None:
        raise fail(EINVAL, mtype.name)
    return driver.show_description(mtype).encode()


class Types(MdevBus):
    """Adds and removes the directories of types."""

    #: The files besides ``create`` that the core adds to a type's directory, if the era's core owns types.
    core_attributes: tuple[Attribute, ...] = (
        Attribute("available_instances", 0o444, _show_available),
        Attribute("device_api", 0o444, _show_device_api),
        Attribute("name", 0o444, _show_name),
    )
    description_attribute = Attribute("description", 0o444, _show_description)

    def __init__(self, kernel: Kernel, era: Era, create: Store) -> None:
        """``create`` handles a write to the ``create`` file of a type."""
        super().__init__(kernel, era)
        self.create_attribute = Attribute("create", 0o200, None, create)

    def type_files(self, parent: Parent) -> Table:
        """Return the core's own files of each type of ``parent``."""
        attributes: tuple[Attribute, ...] = (self.create_attribute,)
        if self.era.core_owns_types:
            attributes += self.core_attributes
            if parent.driver is not None and parent.driver.show_description is not None:
                attributes += (self.description_attribute,)
        return table(*attributes)

    def add_type(self, parent: Parent, group: AttributeGroup) -> MdevType:
        """Add a type until 5.12: its directory, ``create``, ``devices``, then the vendor's attributes (fact T5).

        ``EINVAL`` if the group has no name, ``EEXIST`` if the name is taken. ``ENOMEM`` if adding the vendor's
        attributes fails for any reason (fact R8).
        """
        if not group.name:
            raise fail(EINVAL, "the type has no name")
        mtype = MdevType(parent, group.name)
        self.add_type_directory(mtype)
        try:
            self.kernel.tree.add_tables(mtype.directory, (group.flat,))
        except OSError as error:
            self.remove_type(mtype)
            raise fail(ENOMEM, mtype.name) from error
        return mtype

    def add_core_type(self, parent: Parent, info: TypeInfo) -> MdevType:
        """Add a type from 6.1 on, where the core provides all files."""
        mtype = MdevType(parent, info.sysfs_name, info)
        self.add_type_directory(mtype)
        return mtype

    def add_type_directory(self, mtype: MdevType) -> None:
        tree, parent = self.kernel.tree, mtype.parent
        mtype.directory = tree.add_directory(parent.types_directory, mtype.name, mtype, (self.type_files(parent),))
        mtype.devices_directory = tree.add_directory(mtype.directory, "devices")

    def remove_type(self, mtype: MdevType) -> None:
        """Remove the directory of a type. Waits for running writes to ``create``."""
        self.kernel.tree.remove(mtype.devices_directory)
        self.kernel.tree.remove(mtype.directory)

    def add_types(self, parent: Parent) -> None:
        """Add all types of a parent in order. If one fails, remove those added before it."""
        try:
            for info in parent.infos:
                parent.types.append(self.add_core_type(parent, info))
            for group in parent.ops.supported_type_groups or ():
                parent.types.append(self.add_type(parent, group))
        except OSError:
            self.remove_types(parent)
            raise

    def remove_types(self, parent: Parent) -> None:
        """Remove all types of a parent, the last one first (fact U2)."""
        while parent.types:
            self.remove_type(parent.types.pop())
