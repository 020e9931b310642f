"""What a host's file may say. The guide's table of keys is made of these classes.

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
Seconds = Annotated[float, Meta(ge=0, le=86_400)]  # a day: a longer wait is a slip, and timers have an end, too
Uuid = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Option = str | int


class CreateFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="at", tag="create"):
    """Making a device fails, before the vendor's driver has done anything. Calls are counted for each parent."""

    errno: Annotated[str, Meta(description="What the write to ``create`` fails with.")]
    calls: Annotated[tuple[Call, ...], Meta(description="Which calls fail, as in ``[3]``; left out, all.")] = ()


class RemoveFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="at", tag="remove"):
    """The vendor refuses to let go of a device. Until 5.1 the writer of ``remove`` gets EBUSY, whatever the errno; in
    5.10 it is only logged; from 6.1 on there is no such refusal, and such a file is wrong."""

    errno: Annotated[str, Meta(description="What the vendor's remove fails with.")]
    calls: Annotated[tuple[Call, ...], Meta(description="Which calls fail; left out, all.")] = ()


class AttributeFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="at", tag="attribute"):
    """An attribute of a device refuses what is written to it."""

    name: Annotated[str, Meta(description="The attribute's path below the device, as in ``nvidia/vgpu_params``.")]
    errno: Annotated[str, Meta(description="What the write fails with.")]
    value: Annotated[
        str | None,
        Meta(description="Only this value is refused (a newline at its end does not count); left out, every value."),
    ] = None


class MdevTypeFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="at", tag="mdev_type"):
    """The link ``mdev_type`` comes late. The device has been told of and can be seen meanwhile; the writer of
    ``create`` waits."""

    delay: Annotated[Seconds, Meta(description="How long after the uevent, a day at most.")]


Fault = CreateFault | RemoveFault | AttributeFault | MdevTypeFault


class Device(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mediated device that is there from the start."""

    uuid: Annotated[Uuid, Meta(description="In lower case.")]
    type: Annotated[str, Meta(description="Of which type, by the name of the type's directory.")]
    attributes: Annotated[
        tuple[dict[str, str], ...],
        Meta(
            description='What is written to its attributes, in order, as in ``[{ assign_adapter = "5" }, { '
            'assign_domain = "4" }]``.'
        ),
    ] = ()
    in_use: Annotated[
        bool,
        Meta(description="Somebody has it open: removing it waits, or is refused, as the era and the vendor have it."),
    ] = False
    vanishes: Annotated[
        bool,
        Meta(
            description="It goes away as soon as somebody has listed ``/sys/bus/mdev/devices``, before anything "
            "of it can be read."
        ),
    ] = False


class Parent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parent device."""

    driver: Annotated[str, Meta(description=f"The vendor driver; there are {', '.join(DRIVERS)}.")]
    address: Annotated[
        str | None,
        Meta(
            description="Where hardware is: a PCI address (i915, nvidia), a subchannel (vfio_ccw). Left out: the "
            "driver's usual one. The samples and ``scripted`` have no address, and one parent each."
        ),
    ] = None
    options: Annotated[
        dict[str, Option],
        Meta(
            description="The driver's options, such as ``count`` of mdpy. They stand with the driver's first "
            "parent and hold for all."
        ),
    ] = {}
    registered_after: Annotated[
        Seconds,
        Meta(
            description="How long after the host's start the parent is registered, a day at most. Its "
            "hardware is there from the start."
        ),
    ] = 0
    faults: Annotated[
        tuple[Fault, ...], Meta(description="What goes wrong with this parent, once its devices are there.")
    ] = ()
    devices: Annotated[tuple[Device, ...], Meta(description="The devices that are there from the start.")] = ()


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A host."""

    summary: Annotated[str, Meta(description="One line, for the list of hosts.")] = ""
    era: Annotated[
        str, Meta(description=f"How kernels of that time behaved; there are {', '.join([*ERAS, *VARIANTS])}.")
    ] = DEFAULT
    bus_driver: Annotated[
        bool,
        Meta(
            description="Whether ``vfio_mdev`` is loaded. Without it devices have no ``driver`` and no "
            "``iommu_group``. Until 5.12; later kernels have no such module."
        ),
    ] = True
    parents: Annotated[
        tuple[Parent, ...], Meta(description="The parents, in the order in which their drivers are loaded.")
    ] = ()
