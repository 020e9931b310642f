"""vfio_ap: the matrix of adapters, domains and queues."""

from __future__ import annotations

from errno import EADDRINUSE, EADDRNOTAVAIL, EBUSY, EINVAL, ENODEV, EPERM, EUSERS

import pytest

from mdevref.kernel.files import Files
from mdevref.mdev.eras import ERAS
from tests.drivers.shapes import attribute, counts, loaded, type_of
from tests.machines import OLD, create, errno_of, remove, uuid

ALL = list(ERAS)

AP = type_of("matrix", "vfio_ap-passthrough")


@pytest.mark.parametrize("era", ALL)
def test_crypto_devices_are_counted(era: str) -> None:
    host = loaded(era, "vfio_ap", instances="2")
    create(host, 1, AP)
    create(host, 2, AP)
    assert counts(host, "matrix") == [0]
    assert errno_of(create, host, 3, AP) == (EPERM if era in OLD else EUSERS)


@pytest.mark.parametrize("era", ALL)
def test_queues_are_where_adapters_and_domains_cross(era: str) -> None:
    host = loaded(era, "vfio_ap")
    create(host, 1, AP)
    seen = []
    for name, value in [
        ("assign_adapter", b"7"),
        ("assign_domain", b"0x3\n"),
        ("assign_domain", b"171"),
        ("assign_control_domain", b"3"),
        ("unassign_domain", b"3"),
        ("unassign_adapter", b"7"),
    ]:
        host.sysfs.write(attribute(name), value)
        seen.append(host.sysfs.read(attribute("matrix")))
    assert seen == [b"07.\n", b"07.0003\n", b"07.0003\n07.00ab\n", b"07.0003\n07.00ab\n", b"07.00ab\n", b".00ab\n"]
    assert host.sysfs.read(attribute("control_domains")) == b"0003\n"
    assert host.sysfs.lstat(attribute("assign_adapter")).mode == 0o200


@pytest.mark.parametrize("era", ALL)
def test_a_queue_is_in_one_device_only(era: str) -> None:
    host = loaded(era, "vfio_ap")
    for number in (1, 2):
        create(host, number, AP)
        host.sysfs.write(attribute("assign_adapter", number), b"7")
    host.sysfs.write(attribute("assign_domain", 1), b"3")
    assert errno_of(host.sysfs.write, attribute("assign_domain", 2), b"3") == EADDRINUSE
    assert host.sysfs.read(attribute("matrix", 2)) == b"07.\n"
    host.sysfs.write(attribute("assign_control_domain", 2), b"3")
    host.sysfs.write(attribute("assign_domain", 2), b"4")
    remove(host, uuid(1))
    host.sysfs.write(attribute("assign_domain", 2), b"3")


def test_only_queues_of_the_driver_can_be_assigned() -> None:
    host = loaded("5.10", "vfio_ap", queues="07.0003 08.0004")
    create(host, 1, AP)
    for name, value, errno in [
        ("assign_adapter", b"9", EADDRNOTAVAIL),
        ("assign_domain", b"7", EADDRNOTAVAIL),
        ("assign_adapter", b"256", ENODEV),
        ("assign_adapter", b"seven", EINVAL),
    ]:
        assert errno_of(host.sysfs.write, attribute(name), value) == errno
    host.sysfs.write(attribute("assign_adapter"), b"7")
    assert errno_of(host.sysfs.write, attribute("assign_domain"), b"4") == EADDRNOTAVAIL
    host.sysfs.write(attribute("assign_domain"), b"3")


@pytest.mark.parametrize("era", ALL)
def test_a_guests_queues_stay_as_they_are_until_5_12(era: str) -> None:
    host = loaded(era, "vfio_ap")
    create(host, 1, AP)
    device = host.open_device(uuid(1))
    if era in OLD:
        assert errno_of(host.sysfs.write, attribute("assign_adapter"), b"7") == EBUSY
    else:
        host.sysfs.write(attribute("assign_adapter"), b"7")
    if era == "4.13":
        assert errno_of(remove, host, uuid(1)) == EBUSY
    device.close()
    remove(host, uuid(1))


def test_nobody_but_root_may_change_a_matrix() -> None:
    host = loaded("5.10", "vfio_ap")
    create(host, 1, AP)
    assert isinstance(host.sysfs_as(1000), Files)
    with pytest.raises(PermissionError):
        host.sysfs_as(1000).write(attribute("assign_adapter"), b"7")
