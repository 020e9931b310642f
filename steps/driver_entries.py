"""Driver interface: entries of the sysfs tree, and messages in the kernel log."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import World, check, given, then


@given("the entries of {device:Device} are noted")
def note_entries(world: World, device: str) -> None:
    """Record the entries in the directory of a physical device."""
    world.drivers.noted = world.files.listdir(world.devices[device].path)


@then("the entries of {device:Device} are as noted")
def has_noted_entries(world: World, device: str) -> None:
    """The directory of the physical device has exactly the entries that were recorded."""
    seen = world.files.listdir(world.devices[device].path)
    check(sorted(seen) == sorted(world.drivers.noted), ", ".join(world.drivers.noted), seen)


def _holds(world: World, path: str, entries: list[str]) -> None:
    seen = sorted(world.files.listdir(path))
    check(seen == sorted(entries), f"{', '.join(entries) or 'nothing'} in {path}", seen)


@then('"{entry:Entry}" of {device:Device} is empty')
def holds_nothing(world: World, entry: str, device: str) -> None:
    """A directory of the physical device is empty."""
    _holds(world, world.words.entry(entry, device), [])


@then('"{entry:Entry}" of {device:Device} contains exactly "{entries:List}"')
def holds(world: World, entry: str, device: str, entries: list[str]) -> None:
    """A directory of the physical device has exactly these entries."""
    _holds(world, world.words.entry(entry, device), [world.words.text(one) for one in entries])


@then('"{link:Entry}" points to "{path:Entry}"')
def leads_to(world: World, link: str, path: str) -> None:
    """A link, given by its path below /sys, points to this directory below /sys."""
    seen = world.tree.follow(link)
    check(seen == path, f"a link to {path}", seen)


@then("no IOMMU group is empty")
def no_empty_group(world: World) -> None:
    """Every IOMMU group contains a device."""
    groups = world.files.listdir("kernel/iommu_groups")
    empty = [group for group in groups if not world.files.listdir(f"kernel/iommu_groups/{group}/devices")]
    check(not empty, "no empty IOMMU group", empty)


def _vfio_groups(world: World) -> list[str]:
    return world.files.listdir("class/vfio")


@then("{device:Device} has a VFIO group")
def vfio_group(world: World, device: str) -> None:
    """``class/vfio`` has an entry for the IOMMU group of the device, or for its last known group."""
    name = world.devices.group(device).rpartition("/")[2]
    check(name in _vfio_groups(world), f"{name} in class/vfio", _vfio_groups(world))


@then("{device:Device} has no VFIO group")
def no_vfio_group(world: World, device: str) -> None:
    """``class/vfio`` has no entry for the IOMMU group of the device, nor for its last known group."""
    name = world.devices.group(device).rpartition("/")[2]
    check(name not in _vfio_groups(world), f"no {name} in class/vfio", _vfio_groups(world))


@then('a line of the kernel log contains "{one:Entry}" and "{other:Entry}"')
def log_names(world: World, one: str, other: str) -> None:
    """A line that the kernel logged since the scenario began contains both words."""
    log = world.drivers.interface.kernel_log()
    words = world.words.text(one), world.words.text(other)
    check(any(all(word in line for word in words) for line in log), f"a line with {' and '.join(words)}", log)
