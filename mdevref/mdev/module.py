"""The module ``mdev``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mdevref.kernel.modules import LoadedModule
from mdevref.mdev.core import Core


class MdevModule:
    """The module that contains the core. The bus exists while it is loaded."""

    name = "mdev"
    depends: Sequence[str] = ()
    parameters: Mapping[str, str] = {}

    def __init__(self, core: Core) -> None:
        self._core = core

    def init(self, loaded: LoadedModule) -> None:
        self._core.start()

    def exit(self) -> None:
        self._core.stop()
