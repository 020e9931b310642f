"""The schema of a host's file. The guide's tables of keys are generated from these classes.

Times are in seconds; an errno is named as in C (``ENOSPC``).
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from mdevref.host import DRIVERS
from mdevref.mdev.eras import DEFAULT, ERAS, VARIANTS

#: The number of a call, counted from 1 for each parent.
Call = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(ge=0, le=86_400)]  # one day; a longer delay is a mistake, and timers are limited
Uuid = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Option = str | int


class CreateFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="at", tag="create"):
    """Creating a device fails before the vendor driver's create runs. Calls are counted for each parent."""

    errno: Annotated[str, Meta(description="The errno with which the write to ``create`` fails.")]
    calls: Annotated[
        tuple[Call, ...], Meta(description="The calls that fail, such as ``[3]``. By default all calls fail.")
    ] = ()


class RemoveFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="at", tag="remove"):
    """The vendor driver refuses to remove a device. Until 5.1, the write to ``remove`` fails with EBUSY for any errno.
    In 5.10, the kernel only logs the refusal. From 6.1 on, drivers cannot refuse, so this fault is invalid."""

    errno: Annotated[str, Meta(description="The errno with which the vendor driver's remove fails.")]
    calls: Annotated[tuple[Call, ...], Meta(description="The calls that fail. By default all calls fail.")] = ()


class AttributeFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="at", tag="attribute"):
    """Writing to an attribute of a device fails."""

    name: Annotated[str, Meta(description="The attribute's path below the device, such as ``nvidia/vgpu_params``.")]
    errno: Annotated[str, Meta(description="The errno with which the write fails.")]
    value: Annotated[
        str | None,
        Meta(description="The value that fails; a trailing newline is ignored. By default every value fails."),
    ] = None


class MdevTypeFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="at", tag="mdev_type"):
    """The link ``mdev_type`` appears late. Meanwhile the device is visible, its uevent has been sent, and the write to
    ``create`` blocks."""

    delay: Annotated[Seconds, Meta(description="The delay after the uevent, at most one day.")]


Fault = CreateFault | RemoveFault | AttributeFault | MdevTypeFault


class Device(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mediated device that exists from the start."""

    uuid: Annotated[Uuid, Meta(description="In lower case.")]
    type: Annotated[str, Meta(description="The name of the type's directory.")]
    attributes: Annotated[
        tuple[dict[str, str], ...],
        Meta(
            description='The values to write to its attributes, in order, such as ``[{ assign_adapter = "5" }, { '
            'assign_domain = "4" }]``.'
        ),
    ] = ()
    in_use: Annotated[
        bool,
        Meta(description="Whether the device is open. Depending on era and driver, its removal then blocks or fails."),
    ] = False
    vanishes: Annotated[
        bool,
        Meta(
            description="Whether the device disappears as soon as ``/sys/bus/mdev/devices`` has been listed, before "
            "a program can read any of its files."
        ),
    ] = False


class Parent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parent device."""

    driver: Annotated[str, Meta(description=f"The vendor driver, one of {', '.join(DRIVERS)}.")]
    address: Annotated[
        str | None,
        Meta(
            description="The address of the hardware: a PCI address (i915, nvidia) or a subchannel (vfio_ccw). The "
            "default is the driver's usual address. The samples and ``scripted`` have no address and one parent each."
        ),
    ] = None
    options: Annotated[
        dict[str, Option],
        Meta(
            description="The driver's options, such as ``count`` of mdpy. They are given with the driver's "
            "first parent and apply to all its parents."
        ),
    ] = {}
    registered_after: Annotated[
        Seconds,
        Meta(
            description="The delay from the start of the host to the registration of the parent, at most one day. "
            "The hardware is present from the start."
        ),
    ] = 0
    faults: Annotated[
        tuple[Fault, ...], Meta(description="The faults of this parent, active once its initial devices exist.")
    ] = ()
    devices: Annotated[tuple[Device, ...], Meta(description="The devices that exist from the start.")] = ()


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A host."""

    summary: Annotated[str, Meta(description="One line for the list of hosts.")] = ""
    era: Annotated[str, Meta(description=f"The era of kernels to model, one of {', '.join([*ERAS, *VARIANTS])}.")] = (
        DEFAULT
    )
    bus_driver: Annotated[
        bool,
        Meta(
            description="Whether ``vfio_mdev`` is loaded. Without it devices have no ``driver`` and no "
            "``iommu_group``. Kernels after 5.12 have no such module."
        ),
    ] = True
    parents: Annotated[
        tuple[Parent, ...], Meta(description="The parents, in the order in which their drivers are loaded.")
    ] = ()
