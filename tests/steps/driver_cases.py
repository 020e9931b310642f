"""Cases for the checking steps of the driver interface; see ``test_then``."""

from __future__ import annotations

from typing import Any

from tests.steps.conftest import Stage

P = "Given a registered physical device P\n"
DEVICE = f"{P}And a mediated device A of the type\n"
UNUSED = "Given a physical device P\n"


def _groups_without_devices(stage: Stage) -> None:
    def listdir(path: str) -> Any:
        return [] if path.endswith("/devices") else stage.machine.files.listdir(path)

    stage.spoil(listdir=listdir)


#: The steps, the function that modifies the machine at a line ``*``, and what the last step reports as seen.
CASES = {
    "registration refused": (
        f"{UNUSED}When P is registered without ops\nThen the registration succeeds",
        None,
        "EINVAL",
    ),
    "registration accepted": (f"{UNUSED}When P is registered\nThen the registration fails", None, "success"),
    "registration with another errno": (
        f'{UNUSED}When P is registered without "create"\nThen the registration fails with EEXIST',
        None,
        "EINVAL",
    ),
    "entries more": (
        f"{UNUSED}And the entries of P are noted\nWhen P is registered\nThen the entries of P are as noted",
        None,
        "mdev_supported_types",
    ),
    "something where nothing is": (f'{P}Then "mdev_supported_types" of P is empty', None, "makers-1"),
    "an entry too many": (
        f'{P}Then "mdev_supported_types" of P contains exactly "makers-1"',
        None,
        "makers-2",
    ),
    "a link elsewhere": (
        'Given a parent\nThen "bus/mdev/drivers/vfio_mdev/module" points to "module/mdev"',
        None,
        "module/vfio_mdev",
    ),
    "an empty IOMMU group": (
        "Given a mediated device A\n*\nThen no IOMMU group is empty",
        _groups_without_devices,
        "0",
    ),
    "no VFIO group": (
        "Given a mediated device A\nAnd the driver and the IOMMU group of A are noted\nAnd A is unbound\n"
        "Then A has a VFIO group",
        None,
        "none",
    ),
    "a VFIO group": ("Given a mediated device A\nThen A has no VFIO group", None, "0"),
    "a silent log": (f'{P}Then a line of the kernel log contains "{{P}}" and "trouble"', None, "MDEV: Registered"),
    "called twice": (
        f"{DEVICE}And a mediated device B of the type\nThen create of P was called once",
        None,
        "create of P for ",
    ),
    "called for another": (
        f"{DEVICE}And a mediated device B of P\nWhen A is removed\nThen remove of P was called once for B",
        None,
        "remove of P for ",
    ),
    "called": (f"{DEVICE}Then create of P was not called", None, "create of P for "),
    "some callback called": (f"{DEVICE}Then no callback of P was called", None, "create of P for "),
    "other callbacks": (f'{DEVICE}Then the callbacks for A were "create of P, remove of P"', None, "create of P"),
    "other callers": (f'{DEVICE}Then the calls of create for A were "create of one"', None, "create of P"),
    "another type": (f'{DEVICE}Then create of P received the type "makers-2"', None, "makers-1"),
    "other data": (
        f'{DEVICE}When "wxyz" is written to the device file of A at offset 0\nThen write of P received the data "w"',
        None,
        "b'wxyz'",
    ),
    "another offset": (
        f"{DEVICE}When 4 bytes are read from the device file of A at offset 8\nThen read of P received the offset 0",
        None,
        "8",
    ),
    "not to be opened": (
        f"{DEVICE}And open of P fails with EBUSY\nWhen a device file of A is opened\nThen the call succeeds",
        None,
        "EBUSY",
    ),
    "opened": (f"{DEVICE}When a device file of A is opened\nThen the call fails with EBUSY", None, "success"),
    "a call that fails": (
        f"{DEVICE}And mmap of P fails with EIO\n"
        "When 4096 bytes of the device file of A are mapped at offset 0\nThen the call succeeds",
        None,
        "EIO",
    ),
    "a call that succeeds": (
        f"{DEVICE}When ioctl 100 of the device file of A is called\nThen the call fails with EIO",
        None,
        "0",
    ),
    "other bytes": (
        f'{DEVICE}When 2 bytes are read from the device file of A at offset 0\nThen the call returns "ab"',
        None,
        '"\\x00\\x00"',
    ),
    "another number": (
        f"{DEVICE}When ioctl 100 of the device file of A is called\nThen the call returns 7",
        None,
        "0",
    ),
    "a write that succeeds after all": (
        f'{DEVICE}When a writer starts to write "1" to "remove" of A\nThen the writer fails without blocking',
        None,
        "1 of 1 bytes written",
    ),
}
