"""Text output of ``mdevref hosts``."""

from __future__ import annotations

from collections.abc import Iterator

from mdevref.hosts import load, names
from mdevref.hosts.clock import ManualClock
from mdevref.hosts.description import AttributeFault, CreateFault, Fault, MdevTypeFault, Parent
from mdevref.hosts.machine import DescribedHost


def overview() -> str:
    """Return one line for each host included in mdevref."""
    found = names()
    width = max(map(len, found))
    return "".join(f"{name:{width}}  {_load(name).description.summary}\n" for name in found)


def show(path_or_name: str) -> str:
    """Return the text that describes a host: its era, and each parent with its types, devices and faults."""
    host = _load(path_or_name)
    return "".join(f"{line}\n" for line in _lines(host))


def _load(path_or_name: str) -> DescribedHost:
    return load(path_or_name, clock=ManualClock())


def _lines(host: DescribedHost) -> Iterator[str]:
    description = host.description
    if description.summary:
        yield description.summary
    yield f"era {host.era.name}" + ("" if description.bus_driver else ", without vfio_mdev")
    for parent in description.parents:
        yield from _parent(host, parent)


def _parent(host: DescribedHost, parent: Parent) -> Iterator[str]:
    name = host.name_of(parent)
    yield ""
    if parent.registered_after:
        yield f"{name} ({parent.driver}), registered after {parent.registered_after:g} s"
    else:
        yield f"{name} ({parent.driver})"
        types = f"class/mdev_bus/{name}/mdev_supported_types"
        for kind in host.sysfs.listdir(types):
            available = host.sysfs.read(f"{types}/{kind}/available_instances").decode().strip()
            yield f"  {kind}: {available} available"
    for device in parent.devices:
        state = ", in use" * device.in_use + ", vanishes when devices are listed" * device.vanishes
        yield f"  {device.uuid}: {device.type}{state}"
    for fault in parent.faults:
        yield f"  {_fault(fault)}"


def _fault(fault: Fault) -> str:
    if isinstance(fault, MdevTypeFault):
        return f"mdev_type appears {fault.delay:g} s late"
    if isinstance(fault, AttributeFault):
        what = "for every value" if fault.value is None else f"for value {fault.value}"
        return f"{fault.name} fails with {fault.errno} {what}"
    which = f"call {', '.join(map(str, fault.calls))}" if fault.calls else "every call"
    return f"{'create' if isinstance(fault, CreateFault) else 'remove'} fails with {fault.errno} on {which}"
