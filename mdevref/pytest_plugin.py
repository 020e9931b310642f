"""Fixtures for tests of tools that manage mediated devices. pytest finds them when mdevref is installed.

``mdev_host``
    a host in this process: its ``sysfs`` takes what a tool would read and write, its ``subscribe`` tells of uevents.
``mdev_sysfs``
    the folder in which that host's tree is mounted: what /sys would be.
``mdev_clock``
    for a test that asks for it, the host's time passes only when the test says so (``advance``).

A test says which host it wants with a mark, or, to run on several, by a parameter that goes to the fixture::

    @pytest.mark.mdev_host("two-gpus")
    @pytest.mark.mdev_host(era="6.1", drivers=["mtty", "mdpy"])
    @pytest.mark.parametrize("mdev_host", ["two-gpus", "hosts/ours.toml"], indirect=True)

Else it gets what the setting ``mdev_host`` of the project names, or a machine with ``mtty``. Paths are relative to
pytest's root folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # a run of tests that want no host pays for nothing
    from mdevref.host import Host
    from mdevref.hosts import DescribedHost, ManualClock


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("mdev_host", "The host of tests that name none: a name, or the path of a .toml.", default="")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "mdev_host(name, *, era, drivers): the host that mdev_host and mdev_sysfs give to the test."
    )


@pytest.fixture
def mdev_clock() -> ManualClock:
    """The time of the test's host, which passes when ``advance`` is called."""
    from mdevref.hosts import ManualClock

    return ManualClock()


@pytest.fixture
def mdev_host(request: pytest.FixtureRequest) -> Iterator[Host]:
    """The host that the test asks for, in this process."""
    mark = request.node.get_closest_marker("mdev_host")
    name = getattr(request, "param", None) or (mark.args[0] if mark and mark.args else None)
    if name is None and mark is None:
        name = request.config.getini("mdev_host")
    wanted = dict(mark.kwargs) if mark else {}
    if (mark and len(mark.args) > 1) or not wanted.keys() <= {"era", "drivers"} or (name and wanted):
        pytest.fail("mdev_host: a mark has the name of a host, or an era and drivers", pytrace=False)
    if not name:
        yield _plain(**wanted)
        return
    clock = request.getfixturevalue("mdev_clock") if "mdev_clock" in request.fixturenames else None
    host = _described(name, request.config.rootpath, clock)
    yield host
    host.close()


@pytest.fixture
def mdev_sysfs(mdev_host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the host's tree is mounted. A test is skipped where nothing can be mounted."""
    from mdevref.servers.sysfs.mounting import Mount, MountError

    path = tmp_path_factory.mktemp("sys")
    try:
        mount = Mount(mdev_host, path)
    except MountError as error:
        pytest.skip(f"mdev_sysfs: {error}")
    yield path
    mount.close()


def _described(name: str, root: Path, clock: ManualClock | None) -> DescribedHost:
    from mdevref.hosts import HostError, load

    try:
        return load(root / name if name.endswith(".toml") else name, clock=clock)
    except HostError as error:
        pytest.fail(str(error), pytrace=False)


def _plain(era: str = "", drivers: Sequence[str] = ("mtty",)) -> Host:
    from mdevref.host import Host
    from mdevref.mdev.eras import DEFAULT

    try:
        host = Host(era or DEFAULT)
        # A string is a sequence, too: of names of one letter.
        named = (drivers,) if isinstance(drivers, str) else tuple(drivers)
        for module in ("vfio_mdev",) * host.era.has_bus_driver + named:
            host.load(module)
    except (OSError, ValueError) as error:
        pytest.fail(f"mdev_host: {error}", pytrace=False)
    return host
