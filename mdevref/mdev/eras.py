"""How kernels of different times behaved, as data: one object an era, read by the code wherever they differ.

The facts behind each field are those of sections 1 and 7 of the fact base, corrected by the recordings of real kernels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from errno import EBADFD, EINVAL, ENODEV
from typing import Literal

from mdevref.kernel.core import Behaviour

#: The steps of creating and of removing a device; what each does stands in ``mdevref.mdev.lifecycle``.
Step = Literal["device", "vendor", "groups", "driver", "remove file", "devices link", "type link"]


@dataclass(frozen=True, slots=True)
class Era:
    """One time's kernels, named after a release of it.

    * ``create_steps``, ``remove_steps``: the order of effects; a create that fails undoes its steps in reverse. Where
      "remove file" is no step of create, the file comes with the device's directory.
    * ``serialises_per_parent``: one mutex lets only one create or remove of a parent run (until 4.17).
    * ``lists_only_finished_devices``: the core's list of devices has those whose create has ended and whose remove has
      not begun, so a UUID is looked for among the parent's own devices (one of another parent collides on the bus) and
      ``remove`` finds no unfinished device (ENODEV). Otherwise a UUID is on the list from the first moment to the last:
      it is unique on the machine, and ``remove`` says EAGAIN until create has finished.
    * ``vendor_may_refuse_remove``: the vendor's error ends the removal, as EBUSY; otherwise it is only logged.
    * ``restores_remove``: a removal that failed puts ``remove`` back.
    * ``has_unregister_gate``: create and remove fail with ENODEV once the parent's unregistration has begun; before
      there was such a gate, unregistering held the list of parents instead.
    * ``stops_unregister_at_error``: a device that somebody else is removing ends the unregistration's tour of the
      devices (until 5.1).
    * ``tells_of_parents``: CHANGE events with MDEV_STATE (5.3 and later).
    * ``has_class_from_start``: ``mdev_bus`` is there before the first parent is.
    * ``has_bus_driver``: ``vfio_mdev`` is a module of its own and binds all devices; otherwise the vendor's does.
    * ``core_owns_types``: the core makes each type's files and counts instances; otherwise the vendor does.
    * ``opens_per_file``: the vendor's open and release are called for each device file, not only the first and last.
    * ``vfio_group_name``: content of the IOMMU group's ``name`` file; None where there is no such file.
    * ``has_vfio_devices``: the device has a ``vfio-dev/vfioN`` below it.
    * ``has_device_nodes``: ... which has a node, and there is an iommufd to bind it to (6.6, where configured).
    * ``vfio_device_goes_first``: ... which goes before a removal waits for the device to be closed.
    * ``vfio_devices_pin_module``: while there is any, ``vfio`` has a reference more (the file system of their inodes).
    * ``limits_mappings``: a container has a budget of mappings (5.1 and later).
    * ``remembers_lock_capability``: whether the limit of locked memory concerns a process is known from when it maps,
      not asked when its pages are pinned.
    * ``can_unmap_all``: one UNMAP_DMA can take away all mappings, and addresses of processes may change, though not
      where there are mediated devices (5.12 and later).
    * ``unmaps_only_own``: a process cannot unmap what another one has mapped (until 5.19).
    * ``iommu_info_size``: bytes that IOMMU_GET_INFO has to tell with its capabilities; None where there are none.
    * ``has_dma_unmap_operation``: a vendor learns of mappings that go by an operation of its device (5.19 and later),
      and otherwise by a notifier that it registers.
    * ``pins_for_lone_devices``: a vendor can only pin pages of a device that is alone in its group (5.8 to 5.18).
    * ``pins_for_open_devices``: a vendor can only pin pages while its device is open (5.19 and later).
    * ``revokes_groups``: a VFIO group leaves its container with its last device, and what is asked of its open file
      fails with ENODEV; otherwise a removal also waits for the group to leave its container, and an open group stays.
    * ``has_group_cdevs``: each VFIO group is a character device of its own, which an open file keeps the module for a
      second time; otherwise one serves all, and opens a number without a group with ENODEV, not ENXIO.
    * ``looks_up_first``: a group's ioctls look for descriptor and name before they look at the group's container.
    * ``answers_features``: VFIO itself judges the argument of DEVICE_FEATURE; otherwise it is the vendor's.
    * ``not_a_container_errno``: what SET_CONTAINER fails with for another kind of file (6.2: EBADFD).
    * ``container_mmap_errno``: what mapping a container fails with.
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

#: The eras by name; the first is the document's own and the default.
ERAS = {era.name: era for era in (_4_13, _5_10, _6_1, _6_12)}
#: Kernels of an era that were configured otherwise than distributions do.
VARIANTS = {
    "6.12-cdev": replace(_6_12, name="6.12-cdev", has_device_nodes=True, kernel=replace(_6_12.kernel, first_major=253))
}
DEFAULT = _4_13.name
