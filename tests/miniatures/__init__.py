"""Miniatures: hosts that are wrong on purpose, to prove that the suite detects faults.

Each has the name of its fault, is defined in the module of its topic, and is a target:
``mdevref check python:tests.miniatures:accepts_duplicates``. ``python -m tests.miniatures`` lists them all.
"""

from tests.miniatures import (  # noqa: F401  # each module registers its miniatures
    binding,
    bus_driver_groups,
    bus_driver_probing,
    bus_drivers,
    callbacks,
    creating,
    device_files,
    devices,
    events,
    links,
    parents,
    physical_devices,
    removing,
    sample_config,
    sample_devices,
    sample_driver,
    sample_interrupts,
    sample_registers,
    translation_locking,
    translation_mapping,
    translation_pinning,
    translation_telling,
    translation_unmapping,
    translation_unpinning,
    type_groups,
    types,
    unregistering,
    users,
    vendor,
    vfio_answers,
    vfio_containers,
    vfio_groups,
    vfio_interrupts,
    vfio_joining,
    vfio_nodes,
    vfio_removal,
    walk_through,
)
from tests.miniatures.registry import MINIATURES, Miniature

__all__ = ["MINIATURES", "Miniature"]


def __getattr__(name: str) -> Miniature:
    if name in MINIATURES:
        return MINIATURES[name]
    raise AttributeError(f"unknown miniature {name}")
