"""The kernel's editions of the document: the spec accounts for 5.10, and 6.1 differs as listed here."""

from __future__ import annotations

import pytest

from mdevref.suite import data
from mdevref.suite.spec import outline
from mdevref.suite.trace.account import trace
from mdevref.suite.trace.document import read
from mdevref.suite.trace.report import text
from tests.suite.trace.documents import kernels_document


def test_the_5_10_edition_is_accounted_for_as_a_whole() -> None:
    found = trace(read(kernels_document("5.10")), "5.10", data.spec())
    assert found.is_complete, text(found)
    states = found.states()
    assert states["unknown"] == 0
    assert states["required"] >= 0.6 * len(found.document.statements)
    assert found.changes == ()
    # The errata about names are correct, and cover every name that differs.
    told = {id for erratum in outline.read(data.spec()).errata.values() for id in erratum.words("facts")}
    assert {each.id for each in found.differences} == told


_BUS = "registration-interface-for-a-mediated-bus-driver"
_PHYSICAL = "physical-device-driver-interface"
_FILES = "directories-and-files-under-the-sysfs-for-each-physical-device"
_DIAGRAM = "virtual-function-i-o-vfio-mediated-devices-1"
_PIN = "translation-apis-for-mediated-devices"

#: The changes from 5.10 to 6.1: kind, section, and the name, or else the old and the new checksum.
CHANGED = [
    ("vanished", "vfio-mediated-devices", "c9276692"),  # the licence
    ("vanished", _DIAGRAM, "mdev_register_device()"),
    ("new", _DIAGRAM, "mdev_register_parent()"),
    ("reworded", _BUS, "08d30106"),  # now about a device driver, not a bus driver
    ("vanished", _BUS, "mdev_driver.@name"),
    ("vanished", _BUS, "mdev_driver.name"),
    ("reworded", _BUS, "mdev_driver.probe"),
    ("reworded", _BUS, "mdev_driver.remove"),
    ("new", _BUS, "mdev_driver.get_available"),
    ("new", _BUS, "mdev_driver.show_description"),
    ("reworded", _BUS, "mdev_register_driver"),  # without the module
    ("vanished", _BUS, "23638ddc"),  # adding to the VFIO group and removing from it
    ("new", _BUS, "mdev_register_parent"),
    ("new", _BUS, "mdev_unregister_parent"),
    ("vanished", _PHYSICAL, "dev_attr_groups"),
    ("vanished", _PHYSICAL, "mdev_attr_groups"),
    ("vanished", _PHYSICAL, "supported_config"),
    ("vanished", _PHYSICAL, "create"),
    ("vanished", _PHYSICAL, "remove"),
    ("vanished", _PHYSICAL, "open"),
    ("vanished", _PHYSICAL, "close"),
    ("vanished", _PHYSICAL, "ioctl"),
    ("vanished", _PHYSICAL, "mdev_register_device"),
    ("vanished", _PHYSICAL, "mdev_unregister_device"),
    ("vanished", _FILES, "e05614d4"),  # the aside about mdev_parent_dev
    ("reworded", _FILES, "3bc9db24"),  # device_api
    ("reworded", _FILES, "17d6bb6e"),  # available_instances
    ("reworded", _FILES, "e205d79b"),  # name
    ("vanished", _FILES, "86fa8080"),  # name is no longer optional
    ("reworded", _FILES, "6a8b268f"),  # description
    ("reworded", _FILES, "9ae11b6e"),  # description is optional, in better English
    ("reworded", _PIN, "vfio_pin_pages"),
    ("reworded", _PIN, "vfio_unpin_pages"),
]


def test_what_the_6_1_edition_changes_is_found() -> None:
    found = trace(read(kernels_document("6.1")), "6.1", data.spec())
    assert not found.is_complete
    told = {
        (change.kind, change.statement.section, name)
        for change in found.drifted()
        for name in (change.statement.name, change.old.digest if change.old else "")
    }
    assert [expected for expected in CHANGED if expected not in told] == []
    # There are no other changes: the remaining statements that vanished or are new belong to the same two sections.
    others = {section for kind, section, _ in told if section not in (_BUS, _PHYSICAL)}
    assert others == {"vfio-mediated-devices", _DIAGRAM, _FILES, _PIN}


@pytest.mark.parametrize(
    ("name", "touched"),
    [
        ("mdev_driver.name", "bus-driver.name"),
        ("mdev_register_driver", "bus-driver.owner"),
        ("dev_attr_groups", "registration.parent-attributes"),
        ("mdev_register_device", "registration.register"),
        ("close", "callback.release"),
    ],
)
def test_what_the_6_1_edition_touches_is_told(name: str, touched: str) -> None:
    found = trace(read(kernels_document("6.1")), "6.1", data.spec())
    (old,) = (change.old for change in found.drifted() if change.old and change.old.name == name)
    assert touched in found.account.touched(old.key)


def test_the_facts_that_the_6_1_edition_changes_are_named() -> None:
    found = trace(read(kernels_document("6.1")), "6.1", data.spec())
    unexplained = {f"{each.topic}/{each.name}" for each in found.differences if not each.errata}
    assert unexplained == {
        "function/mdev_register_parent", "function/mdev_unregister_parent", "function/mdev_register_driver",
        "function/mdev_register_device", "function/mdev_unregister_device", "function/vfio_pin_pages",
        "function/vfio_unpin_pages", "driver/name", "driver/probe", "driver/remove", "driver/get_available",
        "driver/show_description",
    }  # fmt: skip
