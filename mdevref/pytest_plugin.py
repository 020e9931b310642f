"""Fixtures for tests of tools that manage mediated devices. pytest loads them if mdevref is installed.

``mdev_host``
    A host in this process. Its ``sysfs`` reads and writes the files of /sys; its ``subscribe`` reports uevents.
``mdev_sysfs``
    The directory on which that host's tree is mounted, in place of /sys.
``mdev_clock``
    The host's clock. In a test that requests it, time passes only when the test calls ``advance``.

A test selects its host with a mark. To run on several hosts, it parametrizes the fixture::

    @pytest.mark.mdev_host("two-gpus")
    @pytest.mark.mdev_host(era="6.1", drivers=["mtty", "mdpy"])
    @pytest.mark.parametrize("mdev_host", ["two-gpus", "hosts/ours.toml"], indirect=True)

By default, the host is the one named by the ini option ``mdev_host``, or a machine with ``mtty``. Paths are relative to
pytest's root directory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # imported only when a test uses a host
    from mdevref.host import Host
    from mdevref.hosts import DescribedHost, ManualClock


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("mdev_host", "Default host of tests: a name, or the path of a .toml file.", default="")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "mdev_host(name, *, era, drivers): select the host of mdev_host and mdev_sysfs.")


@pytest.fixture
def mdev_clock() -> ManualClock:
    """Return the clock of the test's host, which moves only when ``advance`` is called."""
    from mdevref.hosts import ManualClock

    return ManualClock()


@pytest.fixture
def mdev_host(request: pytest.FixtureRequest) -> Iterator[Host]:
    """Return the host that the test selects, in this process."""
    mark = request.node.get_closest_marker("mdev_host")
    name = getattr(request, "param", None) or (mark.args[0] if mark and mark.args else None)
    if name is None and mark is None:
        name = request.config.getini("mdev_host")
    wanted = dict(mark.kwargs) if mark else {}
    if (mark and len(mark.args) > 1) or not wanted.keys() <= {"era", "drivers"} or (name and wanted):
        pytest.fail("mdev_host: invalid mark: give either the name of a host, or era and drivers", pytrace=False)
    if not name:
        yield _plain(**wanted)
        return
    clock = request.getfixturevalue("mdev_clock") if "mdev_clock" in request.fixturenames else None
    host = _described(name, request.config.rootpath, clock)
    yield host
    host.close()


@pytest.fixture
def mdev_sysfs(mdev_host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the directory on which the host's tree is mounted. Skip the test if mounting fails."""
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
        # A string is also a sequence, whose items would be names of one letter.
        named = (drivers,) if isinstance(drivers, str) else tuple(drivers)
        for module in ("vfio_mdev",) * host.era.has_bus_driver + named:
            host.load(module)
    except (OSError, ValueError) as error:
        pytest.fail(f"mdev_host: {error}", pytrace=False)
    return host
