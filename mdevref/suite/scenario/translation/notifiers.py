"""How vendor drivers are notified of mappings that are removed."""

from __future__ import annotations

from collections.abc import Mapping

from mdevref.suite.interface.translation import Told, Translation
from mdevref.suite.scenario.devices import Devices
from mdevref.suite.scenario.kind import Kind

_IOMMU_NOTIFY, _DMA_UNMAP = 0, 1

KINDS: Mapping[str, Kind] = {
    "NotifierFlaw": Kind(r"no device|no function|no mask|no events|an unknown event|an unknown kind|valid arguments"),
}


class Notifiers:
    """The notifier of each device's vendor driver, by the name of the device, and the notifications so far."""

    def __init__(self, interface: Translation, devices: Devices) -> None:
        self._interface = interface
        self._devices = devices

    def register(self, device: str, flaw: str = "valid arguments") -> int:
        """Register the notifier, with a flaw if one is given. Return the events that are left in its mask."""
        uuid, kind = self._registered(device, flaw)
        masks = {"no mask": None, "no events": 0, "an unknown event": _DMA_UNMAP | 2}
        events = masks.get(flaw, _DMA_UNMAP)
        return self._interface.register_notifier(uuid, kind, events, self._notifier(device, flaw))

    def unregister(self, device: str, flaw: str = "valid arguments") -> None:
        """Unregister the notifier, with a flaw as in :meth:`register`."""
        uuid, kind = self._registered(device, flaw)
        self._interface.unregister_notifier(uuid, kind, self._notifier(device, flaw))

    def _registered(self, device: str, flaw: str) -> tuple[str | None, int]:
        kind = _IOMMU_NOTIFY + 2 if flaw == "an unknown kind" else _IOMMU_NOTIFY
        return None if flaw == "no device" else self._devices[device].uuid, kind

    def _notifier(self, device: str, flaw: str) -> str | None:
        return None if flaw == "no function" else f"notifier of the scenario for {self._devices[device].uuid}"

    def listen(self, device: str) -> None:
        """Make the vendor driver of a device listen for notifications, as the release does it."""
        self._interface.listen(self._devices[device].uuid)

    def told(self) -> list[Told]:
        """Return the notifications of the vendor drivers."""
        return list(self._interface.told())
