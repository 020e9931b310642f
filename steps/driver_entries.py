"""Driver interface: what there is then in the tree, and in the kernel's log."""

from __future__ import annotations

from mdevref.suite.scenario.vocabulary import World, check, given, then


@given("the entries of {device:Device} are noted")
def note_entries(world: World, device: str) -> None:
    """Look what stands in the directory of a physical device."""
    world.drivers.noted = world.files.listdir(world.devices[device].path)


@then("{device:Device} has the entries that were noted")
def has_noted_entries(world: World, device: str) -> None:
    """The directory of a physical device has no entry more and none less."""
    seen = world.files.listdir(world.devices[device].path)
    check(sorted(seen) == sorted(world.drivers.noted), ", ".join(world.drivers.noted), seen)


def _holds(world: World, path: str, entries: list[str]) -> None:
    seen = sorted(world.files.listdir(path))
    check(seen == sorted(entries), f"{', '.join(entries) or 'nothing'} in {path}", seen)


@then('"{entry:Entry}" of {device:Device} holds nothing')
def holds_nothing(world: World, entry: str, device: str) -> None:
    """A directory below that of a physical device is empty."""
    _holds(world, world.words.entry(entry, device), [])


@then('"{entry:Entry}" of {device:Device} holds "{entries:List}" and nothing else')
def holds(world: World, entry: str, device: str, entries: list[str]) -> None:
    """A directory below that of a physical device has these entries, and no others."""
    _holds(world, world.words.entry(entry, device), [world.words.text(one) for one in entries])


@then('"{link:Entry}" leads to "{path:Entry}"')
def leads_to(world: World, link: str, path: str) -> None:
    """A link, by its path below /sys, leads to this directory below /sys."""
    seen = world.tree.follow(link)
    check(seen == path, f"a link to {path}", seen)


@then("every IOMMU group has a device")
def no_empty_group(world: World) -> None:
    """There is no IOMMU group that nothing is in."""
    groups = world.files.listdir("kernel/iommu_groups")
    empty = [group for group in groups if not world.files.listdir(f"kernel/iommu_groups/{group}/devices")]
    check(not empty, "no empty IOMMU group", empty)


def _vfio_groups(world: World) -> list[str]:
    return world.files.listdir("class/vfio")


@then("there is a VFIO group of {device:Device}")
def vfio_group(world: World, device: str) -> None:
    """The class ``vfio`` has an entry that is named as the IOMMU group that the device is, or was last seen, in."""
    name = world.devices.group(device).rpartition("/")[2]
    check(name in _vfio_groups(world), f"{name} in class/vfio", _vfio_groups(world))


@then("there is no VFIO group of {device:Device}")
def no_vfio_group(world: World, device: str) -> None:
    """The class ``vfio`` has no entry that is named as the IOMMU group that the device is, or was last seen, in."""
    name = world.devices.group(device).rpartition("/")[2]
    check(name not in _vfio_groups(world), f"no {name} in class/vfio", _vfio_groups(world))


@then('a line of the kernel log names "{one:Entry}" and "{other:Entry}"')
def log_names(world: World, one: str, other: str) -> None:
    """There is a line in the kernel log since the scenario began that has both words."""
    log = world.drivers.interface.kernel_log()
    words = world.words.text(one), world.words.text(other)
    check(any(all(word in line for word in words) for line in log), f"a line with {' and '.join(words)}", log)
