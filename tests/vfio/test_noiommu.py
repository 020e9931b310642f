"""Groups without an IOMMU. Mediated devices do not have such groups by default."""

from __future__ import annotations

from errno import EPERM
from typing import Any

import pytest

from mdevref.host import Host
from mdevref.mdev.eras import ERAS
from mdevref.vfio.groups import Group
from tests.machines import create, errno_of, machine, uuid
from tests.vfio.vmm import set_container

ALL = list(ERAS)


class Unprotected(Group):
    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords, is_noiommu=True)


def unprotected(era: str, monkeypatch: pytest.MonkeyPatch) -> Host:
    host = machine(era, "mtty")
    create(host, 1)
    with monkeypatch.context() as patch:
        patch.setattr(type(host.vfio), "group", Unprotected)
        create(host, 2)
    return host


@pytest.mark.parametrize("era", ALL)
def test_a_noiommu_group_is_for_those_with_the_capability(era: str, monkeypatch: pytest.MonkeyPatch) -> None:
    host = unprotected(era, monkeypatch)
    assert host.vfio.nodes() == ["0", "noiommu-1", "vfio"]
    weak = host.process(capabilities=frozenset())
    assert errno_of(weak.open, "vfio/noiommu-1") == EPERM
    strong = host.process()
    group = strong.open("vfio/noiommu-1")
    with strong.file(group) as file:
        weak_group = weak.install(file.operations)  # as if it had been received from another process
    container = weak.open("vfio/vfio")
    assert errno_of(set_container, weak, weak_group, container) == EPERM


@pytest.mark.parametrize("era", ALL)
def test_a_noiommu_group_and_another_do_not_mix(era: str, monkeypatch: pytest.MonkeyPatch) -> None:
    host = unprotected(era, monkeypatch)
    process = host.process()
    container, group, other = (process.open(f"vfio/{name}") for name in ("vfio", "noiommu-1", "0"))
    assert set_container(process, group, container) == 0
    assert errno_of(set_container, process, other, container) == EPERM
    assert errno_of(host.vfio.devices.find(uuid(2)).group.borrowed().__enter__) == EPERM
