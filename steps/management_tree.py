"""Management interface: the entries of the tree, the targets of links, and modes."""

from __future__ import annotations

from mdevref.suite.interface.files import Stat
from mdevref.suite.scenario.vocabulary import BUS, CLASS, TYPES, Type, World, check, then


def _lstat(world: World, path: str) -> Stat | None:
    try:
        return world.files.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _kind(world: World, path: str) -> str:
    found = _lstat(world, path)
    return found.kind if found else "nothing"


def _is(world: World, path: str, kind: str) -> None:
    found = _kind(world, path)
    check(found == kind, f"{path} to be a {kind}", found)


def _there(world: World, uuid: str, directory: str) -> dict[str, bool]:
    return {
        f"{BUS}/devices/{uuid}": _lstat(world, f"{BUS}/devices/{uuid}") is not None,
        directory: _lstat(world, directory) is not None,
    }


def _exists(world: World, uuid: str, directory: str) -> None:
    missing = [path for path, there in _there(world, uuid, directory).items() if not there]
    check(not missing, f"{uuid} to exist", [f"no {path}" for path in missing])
    world.changes.say(uuid, True, directory.rpartition("/")[0])


def _does_not_exist(world: World, uuid: str, directory: str) -> None:
    found = [path for path, there in _there(world, uuid, directory).items() if there]
    check(not found, f"{uuid} not to exist", found)
    world.changes.say(uuid, False, directory.rpartition("/")[0])


@then("{device:Device} exists")
def device_exists(world: World, device: str) -> None:
    """The device has its directory and its entry on the bus."""
    _exists(world, world.devices[device].uuid, world.devices[device].path)


@then("{device:Device} does not exist")
def device_does_not_exist(world: World, device: str) -> None:
    """The device has neither a directory nor an entry on the bus."""
    _does_not_exist(world, world.devices[device].uuid, world.devices[device].path)


@then('a mediated device "{uuid:Text}" exists')
def named_device_exists(world: World, uuid: str) -> None:
    """A device with this name has a directory and an entry on the bus."""
    name = world.words.text(uuid)
    _exists(world, name, world.devices.directory(name))


@then('no mediated device "{uuid:Text}" exists')
def named_device_does_not_exist(world: World, uuid: str) -> None:
    """No device with this name has a directory or an entry on the bus."""
    name = world.words.text(uuid)
    found = [
        path
        for parent in world.tree.parents()
        for path, there in _there(world, name, f"{parent.path}/{name}").items()
        if there
    ]
    check(not found, f"no mediated device {name}", found)


@then('"{entry:Entry}" of {place:Place} is a {kind:Kind}')
def entry_is(world: World, entry: str, place: str, kind: str) -> None:
    """The entry exists and is of this kind."""
    _is(world, world.words.entry(entry, place), kind)


@then('"{entry:Entry}" of {place:Place} does not exist')
def has_no(world: World, place: str, entry: str) -> None:
    """The entry does not exist."""
    path = world.words.entry(entry, place)
    found = _kind(world, path)
    check(found == "nothing", f"no {path}", f"a {found}")


@then('"{entry:Entry}" of {place:Place} has mode {mode:Mode}')
def has_mode(world: World, entry: str, place: str, mode: int) -> None:
    """stat(2) reports this mode for the entry."""
    seen = world.files.lstat(world.words.entry(entry, place)).mode
    check(seen == mode, f"mode {mode:04o}", f"{seen:04o}")


@then('"{entry:Entry}" of {place:Place} has a size of {size:Number} bytes')
def has_size(world: World, entry: str, place: str, size: int) -> None:
    """stat(2) reports this size for the attribute."""
    seen = world.files.lstat(world.words.entry(entry, place)).size
    check(seen == size, f"{size} bytes", seen)


@then('"{entry:Entry}" of {place:Place} is a relative link')
def is_relative_link(world: World, entry: str, place: str) -> None:
    """The target of the link does not begin with a slash."""
    text = world.files.readlink(world.words.entry(entry, place))
    check(not text.startswith("/"), "a relative link", text)


@then('"{entry:Entry}" of {place:Place} points to {target:Place}')
def leads_to(world: World, entry: str, place: str, target: str) -> None:
    """The link points to the directory of this object."""
    seen, expected = world.tree.follow(world.words.entry(entry, place)), world.words.path(target)
    check(seen == expected, f"a link to {expected}", seen)


@then('"{entry:Entry}" of {place:Place} points to "{path:Entry}"')
def leads_to_path(world: World, entry: str, place: str, path: str) -> None:
    """The link points to this directory below /sys."""
    seen = world.tree.follow(world.words.entry(entry, place))
    check(seen == path, f"a link to {path}", seen)


@then('"{entry:Entry}" of {place:Place} points to an entry of "{path:Entry}"')
def leads_into(world: World, entry: str, place: str, path: str) -> None:
    """The link points to an existing entry of this directory below /sys."""
    seen = world.tree.follow(world.words.entry(entry, place))
    check(seen.rpartition("/")[0] == path, f"a link to an entry of {path}", seen)
    _is(world, seen, "directory")


@then("the name of the IOMMU group of {device:Device} is a number")
def group_is_number(world: World, device: str) -> None:
    """The name of the device's IOMMU group consists of decimal digits."""
    name = world.devices.group(device).rpartition("/")[2]
    check(name.isdecimal(), "a number", name)


@then("{device:Device} and {other:Device} are in different IOMMU groups")
def groups_differ(world: World, device: str, other: str) -> None:
    """The two devices are in different IOMMU groups."""
    groups = [world.devices.group(device), world.devices.group(other)]
    check(groups[0] != groups[1], "two IOMMU groups", groups)


@then("every entry of the mdev_bus class is a link to a device with types")
def class_leads_to_parents(world: World) -> None:
    """Each entry of the class is a link to a directory that contains ``mdev_supported_types``."""
    for name in world.files.listdir(CLASS):
        _is(world, f"{CLASS}/{name}", "link")
        _is(world, f"{world.tree.follow(f'{CLASS}/{name}')}/{TYPES}", "directory")


@then("every entry of the mdev_bus class has the name of the device it points to")
def class_is_named_as_parents(world: World) -> None:
    """Each link of the class has the name of the directory it points to."""
    for name in world.files.listdir(CLASS):
        seen = world.tree.follow(f"{CLASS}/{name}").rpartition("/")[2]
        check(seen == name, f"{CLASS}/{name} to point to a directory {name}", seen)


@then("the mdev_bus class is empty")
def class_is_empty(world: World) -> None:
    """The directory of the class exists and is empty."""
    check(not (found := world.files.listdir(CLASS)), f"nothing in {CLASS}", found)


@then('"{entry:Entry}" of every parent is a {kind:Kind}')
def every_parent_has(world: World, entry: str, kind: str) -> None:
    """Each parent has this entry, and it is of this kind."""
    for parent in world.tree.parents():
        _is(world, f"{parent.path}/{entry}", kind)


@then('every entry of "{entry:Entry}" of every parent is a directory')
def every_entry_is_directory(world: World, entry: str) -> None:
    """Each entry in this directory of each parent is a directory."""
    for parent in world.tree.parents():
        for name in world.files.listdir(f"{parent.path}/{entry}"):
            _is(world, f"{parent.path}/{entry}/{name}", "directory")


@then('"{entry:Entry}" of every type is a {kind:Kind}')
def every_type_has(world: World, entry: str, kind: str) -> None:
    """Each type of each parent has this entry, and it is of this kind."""
    for type in world.tree.types():
        _is(world, f"{type.path}/{entry}", kind)


@then('every type contains only "{entries:List}"')
def every_type_has_nothing_but(world: World, entries: list[str]) -> None:
    """No type of any parent has an entry other than these."""
    for type in world.tree.types():
        foreign = set(world.files.listdir(type.path)) - set(entries)
        check(not foreign, f"no other entries in {type.path}", sorted(foreign))


def _prefix(world: World, type: Type) -> str:
    return f"{world.tree.driver_string(type.parent)}-"


@then("every type id begins with the driver string of its parent and a hyphen")
def ids_begin(world: World) -> None:
    """The driver string is the name of the driver, bus or class of the parent."""
    for type in world.tree.types():
        check(type.id.startswith(_prefix(world, type)), f"an id that begins with {_prefix(world, type)}", type.id)


@then("every type id has text after the hyphen")
def ids_go_on(world: World) -> None:
    """The vendor driver's name for the type follows the driver string and the hyphen."""
    for type in world.tree.types():
        seen = type.id.removeprefix(_prefix(world, type)) if "-" in type.id else ""
        check(seen, "a name after the hyphen", type.id)
