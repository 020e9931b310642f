"""The modules ``vfio`` and ``vfio_mdev``, and the modules of back ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mdevref.kernel.modules import LoadedModule
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice, MdevDriver
from mdevref.vfio.backends import BackendDriver
from mdevref.vfio.core import Vfio


class VfioModule:
    """``vfio``: the VFIO core as a module."""

    name = "vfio"
    depends: Sequence[str] = ()
    parameters: Mapping[str, str] = {}

    def __init__(self, vfio: Vfio) -> None:
        self._vfio = vfio

    def init(self, loaded: LoadedModule) -> None:
        self._vfio.start(loaded)

    def exit(self) -> None:
        self._vfio.stop()


class BackendModule:
    """A module that registers a back end for containers, such as ``vfio_iommu_type1``."""

    depends: Sequence[str] = ("vfio",)
    parameters: Mapping[str, str] = {}

    def __init__(self, vfio: Vfio, driver: BackendDriver) -> None:
        self.name = driver.name
        self._vfio = vfio
        self._driver = driver

    def init(self, loaded: LoadedModule) -> None:
        self._vfio.backends.insert(0, (self._driver, loaded))  # SET_IOMMU tries the newest first

    def exit(self) -> None:
        self._vfio.backends[:] = [entry for entry in self._vfio.backends if entry[0] is not self._driver]


class VfioMdev:
    """``vfio_mdev``: the bus driver that registers each mediated device with VFIO (until 5.12)."""

    name = "vfio_mdev"
    depends: Sequence[str] = ("mdev", "vfio")
    parameters: Mapping[str, str] = {}

    def __init__(self, core: Core, vfio: Vfio) -> None:
        self._core = core
        self._vfio = vfio
        self._module: LoadedModule | None = None
        self._driver = MdevDriver(self.name, probe=self.probe, remove=self.remove)

    def init(self, loaded: LoadedModule) -> None:
        self._module = loaded
        self._core.register_driver(self._driver, loaded)

    def exit(self) -> None:
        self._core.unregister_driver(self._driver)

    def probe(self, mdev: MdevDevice) -> None:
        self._vfio.register(mdev, mdev.type.parent.ops, self._module)

    def remove(self, mdev: MdevDevice) -> None:
        self._vfio.unregister(mdev)
