"""The behaviour of kernels of different times, as data: one object per era, which the code reads where eras differ.

The fields follow sections 1 and 7 of the fact base, corrected by the recordings of real kernels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from errno import EBADFD, EINVAL, ENODEV
from typing import Literal

from mdevref.kernel.core import Behaviour

#: The steps of creating and removing a device; ``mdevref.mdev.lifecycle`` implements them.
Step = Literal["device", "vendor", "groups", "driver", "remove file", "devices link", "type link"]


@dataclass(frozen=True, slots=True)
class Era:
    """The behaviour of one era of kernels, named after one of its releases.

    * ``create_steps``, ``remove_steps``: the steps in order. A create that fails undoes its steps in reverse order.
      If create has no step "remove file", the file appears together with the device's directory.
    * ``serialises_per_parent``: a mutex allows one create or remove at a time for each parent (until 4.17).
    * ``lists_only_finished_devices``: the core's list holds a device only between the end of create and the start of
      remove. A duplicate UUID is then detected among the parent's own devices, or on the bus for another parent, and
      ``remove`` of an unfinished device fails with ENODEV. Otherwise the list holds a UUID from the start of create to
      the end of remove: it is unique on the machine, and ``remove`` fails with EAGAIN until create has finished.
    * ``vendor_may_refuse_remove``: an error of the vendor's remove stops the removal with EBUSY; else it is logged.
    * ``restores_remove``: a failed removal adds the ``remove`` file again.
    * ``has_unregister_gate``: create and remove fail with ENODEV once the unregistration of the parent has begun.
      Without the gate, unregistration holds the lock of the list of parents instead.
    * ``stops_unregister_at_error``: unregistration stops at a device that another thread is removing (until 5.1).
    * ``tells_of_parents``: parents send CHANGE events with MDEV_STATE (5.3 and later).
    * ``has_class_from_start``: ``mdev_bus`` exists before the first parent is registered.
    * ``has_bus_driver``: the module ``vfio_mdev`` binds all devices; otherwise the vendor's driver binds them.
    * ``core_owns_types``: the core creates the files of each type and counts instances; otherwise the vendor does.
    * ``opens_per_file``: the vendor's open and release are called for every device file, not only the first and last.
    * ``vfio_group_name``: content of the IOMMU group's ``name`` file, or None if the file does not exist.
    * ``has_vfio_devices``: the device has a child ``vfio-dev/vfioN``.
    * ``has_device_nodes``: that child has a device node, and iommufd exists to bind it to (6.6, if configured).
    * ``vfio_device_goes_first``: that child is removed before a removal waits for the device to be closed.
    * ``vfio_devices_pin_module``: if any such child exists, the module ``vfio`` has one more reference (from the file
      system of their inodes).
    * ``limits_mappings``: the number of mappings of a container is limited (5.1 and later).
    * ``remembers_lock_capability``: whether a process is exempt from the limit of locked memory is determined when it
      maps memory, not when pages are pinned.
    * ``can_unmap_all``: one UNMAP_DMA can remove all mappings, and mappings can be moved to a new virtual address,
      except in containers with mediated devices (5.12 and later).
    * ``unmaps_only_own``: a process cannot unmap a mapping of another process (until 5.19).
    * ``iommu_info_size``: size in bytes of IOMMU_GET_INFO with its capabilities, or None without capabilities.
    * ``has_dma_unmap_operation``: an operation of the device notifies a vendor of removed mappings (5.19 and later);
      otherwise a notifier that the vendor registers does.
    * ``pins_for_lone_devices``: a vendor can only pin pages of a device that is alone in its group (5.8 to 5.18).
    * ``pins_for_open_devices``: a vendor can only pin pages while its device is open (5.19 and later).
    * ``revokes_groups``: a VFIO group leaves its container when its last device is removed, and later operations on its
      open file fail with ENODEV. Otherwise a removal also waits until the group leaves its container, and an open group
      continues to exist.
    * ``has_group_cdevs``: each VFIO group has its own character device, whose open file holds a second reference to the
      module. Otherwise one device serves all groups, and opening a number without a group fails with ENODEV, not ENXIO.
    * ``looks_up_first``: a group's ioctls look up descriptor and name before they check the group's container.
    * ``answers_features``: VFIO itself validates the argument of DEVICE_FEATURE; otherwise the vendor does.
    * ``not_a_container_errno``: errno of SET_CONTAINER for another kind of file (6.2: EBADFD).
    * ``container_mmap_errno``: errno of mapping a container.
    """

    name: str
    release: tuple[int, int]
    kernel: Behaviour
    create_steps: tuple[Step, ...]
    remove_steps: tuple[Step, ...]
    serialises_per_parent: bool = False
    lists_only_finished_devices: bool = False
    vendor_may_refuse_remove: bool = False
    restores_remove: bool = False
    has_unregister_gate: bool = True
    stops_unregister_at_error: bool = False
    tells_of_parents: bool = True
    has_class_from_start: bool = False
    has_bus_driver: bool = True
    core_owns_types: bool = False
    opens_per_file: bool = True
    vfio_group_name: str | None = None
    has_vfio_devices: bool = False
    vfio_device_goes_first: bool = False
    vfio_devices_pin_module: bool = False
    limits_mappings: bool = True
    remembers_lock_capability: bool = True
    can_unmap_all: bool = False
    unmaps_only_own: bool = True
    iommu_info_size: int | None = None
    has_dma_unmap_operation: bool = False
    pins_for_lone_devices: bool = False
    pins_for_open_devices: bool = False
    has_device_nodes: bool = False
    revokes_groups: bool = False
    has_group_cdevs: bool = False
    looks_up_first: bool = False
    answers_features: bool = False
    not_a_container_errno: int = EINVAL
    container_mmap_errno: int = EINVAL


_4_13 = Era(
    name="4.13",
    release=(4, 13),
    kernel=Behaviour(
        has_bind_uevents=False,
        refuses_bad_uevents=False,
        tells_of_module_last=False,
        iommu_type_mode=0o444,
        probe_failure="{driver}: probe of {device} failed with error -{errno}",
        first_major=250,
    ),
    create_steps=("device", "vendor", "groups", "remove file", "devices link", "type link"),
    remove_steps=("vendor", "groups", "type link", "devices link", "remove file", "device"),
    serialises_per_parent=True,
    lists_only_finished_devices=True,
    vendor_may_refuse_remove=True,
    restores_remove=True,
    has_unregister_gate=False,
    stops_unregister_at_error=True,
    tells_of_parents=False,
    limits_mappings=False,
    remembers_lock_capability=False,
)

_5_10 = Era(
    name="5.10",
    release=(5, 10),
    kernel=Behaviour(
        has_bind_uevents=True,
        refuses_bad_uevents=True,
        tells_of_module_last=True,
        iommu_type_mode=0o444,
        probe_failure="{driver}: probe of {device} failed with error -{errno}",
        first_major=250,
    ),
    create_steps=("vendor", "device", "devices link", "type link", "remove file"),
    remove_steps=("remove file", "type link", "devices link", "device", "vendor"),
    pins_for_lone_devices=True,
    iommu_info_size=68,
)

_6_1 = Era(
    name="6.1",
    release=(6, 1),
    kernel=replace(_5_10.kernel, iommu_type_mode=0o644, first_major=246),
    create_steps=("device", "driver", "devices link", "type link"),
    remove_steps=("type link", "devices link", "remove file", "device"),
    has_class_from_start=True,
    has_bus_driver=False,
    core_owns_types=True,
    opens_per_file=False,
    vfio_group_name="vfio-noiommu",
    has_vfio_devices=True,
    can_unmap_all=True,
    unmaps_only_own=False,
    iommu_info_size=68,
    has_dma_unmap_operation=True,
    pins_for_open_devices=True,
    revokes_groups=True,
    has_group_cdevs=True,
    looks_up_first=True,
    answers_features=True,
    container_mmap_errno=ENODEV,
)

_6_12 = replace(
    _6_1,
    name="6.12",
    release=(6, 12),
    kernel=replace(
        _6_1.kernel,
        probe_failure="{driver} {device}: probe with driver {driver} failed with error -{errno}",
        first_major=245,
    ),
    iommu_info_size=72,
    vfio_device_goes_first=True,
    vfio_devices_pin_module=True,
    not_a_container_errno=EBADFD,
)

#: The eras by name. The first one is the era of the document and the default.
ERAS = {era.name: era for era in (_4_13, _5_10, _6_1, _6_12)}
#: Kernels whose configuration differs from that of distributions.
VARIANTS = {
    "6.12-cdev": replace(_6_12, name="6.12-cdev", has_device_nodes=True, kernel=replace(_6_12.kernel, first_major=253))
}
DEFAULT = _4_13.name
