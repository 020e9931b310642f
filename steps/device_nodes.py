"""Device interface: containers and groups are opened, joined and closed, by one process or by several."""

from __future__ import annotations

from functools import partial

from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.scenario.vocabulary import Mediated, World, check, given, then, when

_ANOTHER = "another process"


def _open(world: World, node: str, process: str = "") -> None:
    world.access.handles.open(node, process)


@given("{node:Node} is open")
def is_open(world: World, node: str) -> None:
    """Open a container or a group, unless it is."""
    world.access.handles.file(node)


@given("the group of {device:Device} is in {container:Node}")
def is_in(world: World, device: str, container: str) -> None:
    """Open a container and a group, unless they are, and put the one into the other."""
    world.access.groups.enter(device, container)


@given("{container:Node} has its back end")
def has_back_end(world: World, container: str) -> None:
    """Set type 1, version 2 as the container's back end."""
    world.access.containers.set_back_end(container)


@given("{device:Device} is held open")
def is_held_open(world: World, device: str) -> None:
    """Open the device as a VMM does, by way of a container and its group, which stay open, too."""
    world.access.devices.hold(device)


@given("{device:Device} is held open by another process")
def is_held_open_by_another(world: World, device: str) -> None:
    """Have another process open the device, with a container of its own."""
    world.access.devices.hold(device, _ANOTHER)


@given("a second file of {device:Device} is open")
def second_file(world: World, device: str) -> None:
    """Get another file of the device out of its group."""
    world.access.devices.get(device, f"the second file of {device}")


@given("{device:Device} is behind no IOMMU")
def behind_no_iommu(world: World, device: str) -> None:
    """Have the group of the device be one that nothing is translated for."""
    world.translation.interface.put_behind_no_iommu(world.devices[device].uuid)


@given("the group of {device:Device} has a device of another driver, too")
def has_stranger(world: World, device: str) -> None:
    """Have a device in the group that a driver has which is not VFIO's."""
    world.translation.interface.put_stranger_in_group(world.devices[device].uuid)


@given("{container:Node} has a back end that refuses the group of {device:Device} with {errno:Errno}")
def has_refusing_back_end(world: World, container: str, device: str, errno: int) -> None:
    """Set a back end of the container that has groups join, but not this one."""
    world.translation.back_ends.use_refusing(container, device, errno)


@given("{device:Device} has a node of its own")
def has_own_node(world: World, device: str) -> None:
    """See to it that VFIO gives nodes to devices here: many kernels are built without."""
    node = world.access.nodes.path(f"the node of {device}")
    if node not in world.machine.nodes():
        raise Unsupported("VFIO devices have no nodes here")


@given("the node of {device:Device} is bound to an iommufd")
def node_is_bound(world: World, device: str) -> None:
    """Open the node of the device and an iommufd, and bind the one to the other."""
    world.access.devices.bind(f"the node of {device}")


@when("the node of {device:Device} is bound to another iommufd")
def bind_node(world: World, device: str) -> None:
    """Open an iommufd, and bind the node of the device to it."""
    world.outcomes.attempt(partial(world.access.devices.bind, f"the node of {device}"))


@given("another process without privileges")
def another_process(world: World) -> None:
    """Have another process that has no capability."""
    world.access.handles.process(_ANOTHER).drop_privileges()


@when("{node:Node} is opened")
def open_node(world: World, node: str) -> None:
    """Open a container or a group, be it open or not."""
    world.outcomes.attempt(partial(_open, world, node))


@when("{node:Node} is opened by another process")
def open_node_by_another(world: World, node: str) -> None:
    """Have another process open a container or a group."""
    world.outcomes.attempt(partial(_open, world, node, _ANOTHER))


@when("a node is opened that has the number of no group, {distance:Number} further along")
def open_number_of_no_group(world: World, distance: int) -> None:
    """Make a node with the major number of groups and a minor number this far from that of one, and open it."""
    path = next(f"class/vfio/{name}/dev" for name in world.files.listdir("class/vfio"))
    major, minor = map(int, world.files.read(path).split(b":"))
    world.outcomes.attempt(partial(_open_number, world, major, minor + distance))


def _open_number(world: World, major: int, minor: int) -> None:
    world.access.handles.process().open_number(major, minor)


@when("{handle:Handle} is closed")
def close(world: World, handle: str) -> None:
    """Close a container, a group or a file of a device, which must succeed."""
    world.access.handles.close(handle)


@when('"{handles:List}" are closed one after the other')
def close_in_order(world: World, handles: list[str]) -> None:
    """Close several of them, which must succeed."""
    for handle in handles:
        world.access.handles.close(handle)


@when("the process ends without closing anything")
def end(world: World) -> None:
    """The process that has everything open dies."""
    world.access.handles.end()


@when("the other process ends without closing anything")
def end_other(world: World) -> None:
    """The other process dies."""
    world.access.handles.end(_ANOTHER)


@then("the group of {device:Device} has a node")
def has_node(world: World, device: str) -> None:
    """There is a file for it below ``/dev/vfio``."""
    node, nodes = world.access.nodes.path(f"the group of {device}"), world.machine.nodes()
    check(node in nodes, f"the node {node}", sorted(nodes))


@then("the group of {device:Device} has no node")
def has_no_node(world: World, device: str) -> None:
    """There is no file for it below ``/dev/vfio``."""
    node, nodes = world.access.nodes.path(f"the group of {device}"), world.machine.nodes()
    check(node not in nodes, f"no node {node}", sorted(nodes))


@then("the group of {device:Device} is viable")
def is_viable(world: World, device: str) -> None:
    """Its status has the flag VIABLE."""
    status = world.access.groups.status(device)
    check("VIABLE" in status, "VIABLE", status)


@then("the group of {device:Device} is not viable")
def is_not_viable(world: World, device: str) -> None:
    """Its status has no flag VIABLE."""
    status = world.access.groups.status(device)
    check("VIABLE" not in status, "no VIABLE", status)


@then("the group of {device:Device} is in a container")
def is_in_container(world: World, device: str) -> None:
    """Its status has the flag CONTAINER_SET."""
    status = world.access.groups.status(device)
    check("CONTAINER_SET" in status, "CONTAINER_SET", status)


@then("the group of {device:Device} is in no container")
def is_in_no_container(world: World, device: str) -> None:
    """Its status has no flag CONTAINER_SET."""
    status = world.access.groups.status(device)
    check("CONTAINER_SET" not in status, "no CONTAINER_SET", status)


@then("what {device:Device} has in its directory of VFIO devices is named for VFIO and numbered")
def vfio_device_name(world: World, device: str) -> None:
    """Below ``vfio-dev`` there is one directory, ``vfio`` and a number."""
    seen = world.files.listdir(f"{_directory(world, device).path}/vfio-dev")
    fine = len(seen) == 1 and seen[0].startswith("vfio") and seen[0][4:].isdigit()
    check(fine, "one directory, vfio and a number", seen)


@then("the class of VFIO devices lists what {device:Device} has in its directory of them")
def vfio_device_class(world: World, device: str) -> None:
    """``class/vfio-dev`` has a link of the same name that leads there."""
    below = f"{_directory(world, device).path}/vfio-dev"
    for name in world.files.listdir(below):
        seen = world.tree.follow(f"class/vfio-dev/{name}")
        check(seen == f"{below}/{name}", f"{below}/{name}", seen)


def _directory(world: World, device: str) -> Mediated:
    if device not in world.devices:
        raise Unsupported("the device of this target has no directory")
    return world.devices[device]
