"""Device interface: open, join and close containers and groups, in one process or several."""

from __future__ import annotations

from functools import partial

from mdevref.suite.scenario.vocabulary import Mediated, Unsupported, World, check, given, then, when

_ANOTHER = "another process"


def _open(world: World, node: str, process: str = "") -> None:
    world.access.handles.open(node, process)


@given("{node:Node} is open")
def is_open(world: World, node: str) -> None:
    """Open a container or a group if it is not open."""
    world.access.handles.file(node)


@given("the group of {device:Device} is in {container:Node}")
def is_in(world: World, device: str, container: str) -> None:
    """Add the group to the container, opening both if they are not open."""
    world.access.groups.enter(device, container)


@given("{container:Node} has a back end")
def has_back_end(world: World, container: str) -> None:
    """Set type 1, version 2 as the back end of the container."""
    world.access.containers.set_back_end(container)


@given("{device:Device} is held open")
def is_held_open(world: World, device: str) -> None:
    """Open the device as a VMM does, through a container and its group. All three stay open."""
    world.access.devices.hold(device)


@given("{device:Device} is held open by another process")
def is_held_open_by_another(world: World, device: str) -> None:
    """Another process opens the device through its own container."""
    world.access.devices.hold(device, _ANOTHER)


@given("a second file of {device:Device} is open")
def second_file(world: World, device: str) -> None:
    """Get a second file of the device from its group."""
    world.access.devices.get(device, f"the second file of {device}")


@given("the group of {device:Device} is a noiommu group")
def behind_no_iommu(world: World, device: str) -> None:
    """Make the group of the device a noiommu group."""
    world.translation.interface.put_behind_no_iommu(world.devices[device].uuid)


@given("the group of {device:Device} also contains a device of another driver")
def has_stranger(world: World, device: str) -> None:
    """Add to the group a device that is bound to a driver outside VFIO."""
    world.translation.interface.put_stranger_in_group(world.devices[device].uuid)


@given("{container:Node} has a back end that refuses the group of {device:Device} with {errno:Errno}")
def has_refusing_back_end(world: World, container: str, device: str, errno: int) -> None:
    """Set a back end that accepts every group but this one."""
    world.translation.back_ends.use_refusing(container, device, errno)


@given("{device:Device} has its own node")
def has_own_node(world: World, device: str) -> None:
    """Require device nodes of VFIO, which many kernels are built without."""
    node = world.access.nodes.path(f"the node of {device}")
    if node not in world.machine.nodes():
        raise Unsupported("VFIO devices have no nodes here")


@given("the node of {device:Device} is bound to an iommufd")
def node_is_bound(world: World, device: str) -> None:
    """Open the node of the device and an iommufd, and bind the node to it."""
    world.access.devices.bind(f"the node of {device}")


@when("the node of {device:Device} is bound to another iommufd")
def bind_node(world: World, device: str) -> None:
    """Open another iommufd and bind the node of the device to it."""
    world.outcomes.attempt(partial(world.access.devices.bind, f"the node of {device}"))


@given("another process without privileges")
def another_process(world: World) -> None:
    """Start another process without capabilities."""
    world.access.handles.process(_ANOTHER).drop_privileges()


@when("{node:Node} is opened")
def open_node(world: World, node: str) -> None:
    """Open a container or a group, even if it is already open."""
    world.outcomes.attempt(partial(_open, world, node))


@when("{node:Node} is opened by another process")
def open_node_by_another(world: World, node: str) -> None:
    """Another process opens a container or a group."""
    world.outcomes.attempt(partial(_open, world, node, _ANOTHER))


@when("a group node with an unused minor number, {distance:Number} above a used one, is opened")
def open_number_of_no_group(world: World, distance: int) -> None:
    """Create a node with the major number of groups and a minor number this far above a used one, and open it."""
    path = next(f"class/vfio/{name}/dev" for name in world.files.listdir("class/vfio"))
    major, minor = map(int, world.files.read(path).split(b":"))
    world.outcomes.attempt(partial(_open_number, world, major, minor + distance))


def _open_number(world: World, major: int, minor: int) -> None:
    world.access.handles.process().open_number(major, minor)


@when("{handle:Handle} is closed")
def close(world: World, handle: str) -> None:
    """Close a container, a group or a device file. Closing must succeed."""
    world.access.handles.close(handle)


@when('"{handles:List}" are closed in this order')
def close_in_order(world: World, handles: list[str]) -> None:
    """Close containers, groups or device files in this order. Closing must succeed."""
    for handle in handles:
        world.access.handles.close(handle)


@when("the process exits without closing anything")
def end(world: World) -> None:
    """The process that holds the files open exits, and the kernel closes them."""
    world.access.handles.end()


@when("the other process exits without closing anything")
def end_other(world: World) -> None:
    """The other process exits, and the kernel closes its files."""
    world.access.handles.end(_ANOTHER)


@then("the group of {device:Device} has a node")
def has_node(world: World, device: str) -> None:
    """``/dev/vfio`` has a node for the group."""
    node, nodes = world.access.nodes.path(f"the group of {device}"), world.machine.nodes()
    check(node in nodes, f"the node {node}", sorted(nodes))


@then("the group of {device:Device} has no node")
def has_no_node(world: World, device: str) -> None:
    """``/dev/vfio`` has no node for the group."""
    node, nodes = world.access.nodes.path(f"the group of {device}"), world.machine.nodes()
    check(node not in nodes, f"no node {node}", sorted(nodes))


@then("the group of {device:Device} is viable")
def is_viable(world: World, device: str) -> None:
    """The status of the group has the flag VIABLE."""
    status = world.access.groups.status(device)
    check("VIABLE" in status, "VIABLE", status)


@then("the group of {device:Device} is not viable")
def is_not_viable(world: World, device: str) -> None:
    """The status of the group does not have the flag VIABLE."""
    status = world.access.groups.status(device)
    check("VIABLE" not in status, "no VIABLE", status)


@then("the group of {device:Device} is in a container")
def is_in_container(world: World, device: str) -> None:
    """The status of the group has the flag CONTAINER_SET."""
    status = world.access.groups.status(device)
    check("CONTAINER_SET" in status, "CONTAINER_SET", status)


@then("the group of {device:Device} is in no container")
def is_in_no_container(world: World, device: str) -> None:
    """The status of the group does not have the flag CONTAINER_SET."""
    status = world.access.groups.status(device)
    check("CONTAINER_SET" not in status, "no CONTAINER_SET", status)


@then('"vfio-dev" of {device:Device} has one entry, named "vfio" and a number')
def vfio_device_name(world: World, device: str) -> None:
    """The directory ``vfio-dev`` of the device has exactly one entry, such as ``vfio0``."""
    seen = world.files.listdir(f"{_directory(world, device).path}/vfio-dev")
    fine = len(seen) == 1 and seen[0].startswith("vfio") and seen[0][4:].isdigit()
    check(fine, "one entry, named vfio and a number", seen)


@then('the class "vfio-dev" links to the VFIO device of {device:Device}')
def vfio_device_class(world: World, device: str) -> None:
    """``class/vfio-dev`` has a link to the VFIO device, with the same name."""
    below = f"{_directory(world, device).path}/vfio-dev"
    for name in world.files.listdir(below):
        seen = world.tree.follow(f"class/vfio-dev/{name}")
        check(seen == f"{below}/{name}", f"{below}/{name}", seen)


def _directory(world: World, device: str) -> Mediated:
    if device not in world.devices:
        raise Unsupported("the device of this target has no sysfs directory")
    return world.devices[device]
