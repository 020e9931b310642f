"""``scripted``: a vendor driver that misbehaves on request, for scenarios that need a refusal or a slow callback."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from errno import EINVAL, ENOSPC
from typing import ClassVar, Literal

from mdevref.drivers.vendor import Offer, VendorDriver
from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.errors import fail
from mdevref.mdev.core import Core
from mdevref.mdev.objects import MdevDevice, MdevType
from mdevref.vfio.core import Vfio
from mdevref.vfio.type1 import DmaUnmapped, Notifier

INSTANCES = 4  #: maximum number of devices of all types together
DEADLINE = 10.0  #: seconds for which :meth:`ScriptedDriver.await_held` waits

Callback = Literal["create", "remove"]

_DEVICE_GROUP = AttributeGroup("vendor", [Attribute("note", 0o444, lambda mdev: f"scripted {mdev.name}\n".encode())])


class ScriptedDriver(VendorDriver):
    """Two types that share :data:`INSTANCES` instances and have all optional attributes not listed in ``without``.

    The parameter ``without`` is a comma-separated list of type attributes. From 6.1 on the core creates all attributes
    except ``description``; without a ``name``, that file then shows the type's own name (fact T7). Without an available
    instance create fails: ENOSPC until 5.12, EUSERS (from the core) from 6.1 on. The callbacks are called create and
    remove in every era.
    """

    name = "scripted"
    max_instances = INSTANCES
    defaults: ClassVar[Mapping[str, str]] = {"without": ""}

    def __init__(self, core: Core, vfio: Vfio, parameters: Mapping[str, str]) -> None:
        super().__init__(core, vfio, parameters)
        without = frozenset(filter(None, self.parameters["without"].split(",")))
        if without - self.optional_attributes:
            raise fail(EINVAL, f"without={self.parameters['without']}")
        self.optional_attributes = self.optional_attributes - without
        self.offers = tuple(
            Offer(
                suffix,
                "" if "name" in without else f"Scripted {suffix}",
                None if "description" in without else f"a scripted device, {suffix}",
            )
            for suffix in ("plain", "fancy")
        )
        self.parent = self.name
        self.types: Sequence[str] = [f"{self.name}-{offer.suffix}" for offer in self.offers]
        self._changed = threading.Condition(threading.Lock())
        self._used = 0
        self._refusals: dict[str, int] = {}
        self._held: set[str] = set()
        self._inside: dict[str, int] = {"create": 0, "remove": 0}
        self._calls: list[tuple[str, str]] = []
        self.listeners: dict[str, Notifier] = {}  #: by UUID, the notifier for removed mappings (5.19 and later)

    # For the scenario

    def refuse_create(self, errno: int) -> None:
        """Make create fail with ``errno`` from now on, or succeed again if it is 0."""
        self._refusals["create"] = errno

    def refuse_remove(self, errno: int) -> None:
        """Make remove fail with ``errno`` from now on, or succeed again if it is 0.

        From 6.1 on remove cannot fail, so this does nothing.
        """
        if not self.core.era.core_owns_types:
            self._refusals["remove"] = errno

    def refuse_probe(self, errno: int) -> None:
        """Make probing this parent's devices fail with ``errno`` from now on, or succeed again if it is 0."""
        assert self._device is not None
        self.core.probe_refusals[self._device] = errno

    def hold(self, callback: Callback) -> None:
        """Make the callback block from now on, until :meth:`release`."""
        with self._changed:
            self._held.add(callback)

    def await_held(self, callback: Callback) -> None:
        """Return when a thread is blocked in the held callback. Raise ``TimeoutError`` after :data:`DEADLINE`."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._inside[callback], DEADLINE):
                raise TimeoutError(f"{callback} timed out: it was not called within {DEADLINE:g} s")

    def release(self, callback: Callback) -> None:
        """Unblock the callback and the threads that are blocked in it."""
        with self._changed:
            self._held.discard(callback)
            self._changed.notify_all()

    def calls(self) -> Sequence[tuple[str, str]]:
        """Return all calls of callbacks so far, in order, as (callback, uuid)."""
        with self._changed:
            return tuple(self._calls)

    # For the core

    def device_groups(self) -> list[AttributeGroup]:
        return [_DEVICE_GROUP]

    def create(self, mtype: MdevType, mdev: MdevDevice) -> None:
        self._enter("create", mdev)
        with self._changed:
            if self._used >= INSTANCES:
                raise fail(ENOSPC, mtype.name)
            self._used += 1

    def remove(self, mdev: MdevDevice) -> None:
        self._enter("remove", mdev)
        with self._changed:
            self._used -= 1

    def available(self, mtype: MdevType) -> int:
        return INSTANCES - self._used

    def open_device(self, mdev: MdevDevice) -> None:
        self._enter("open", mdev)

    def close_device(self, mdev: MdevDevice) -> None:
        self._enter("release", mdev)

    def dma_unmap_device(self, mdev: MdevDevice, iova: int, size: int) -> None:
        if mdev.name in self.listeners:
            self.listeners[mdev.name](DmaUnmapped(iova, size))

    def exit(self) -> None:
        assert self._device is not None
        device = self._device
        super().exit()
        self.core.probe_refusals.pop(device, None)

    def _enter(self, callback: str, mdev: MdevDevice) -> None:
        with self._changed:
            self._calls.append((callback, mdev.name))
            if callback in self._held:
                self._inside[callback] += 1
                self._changed.notify_all()
                try:
                    self.kernel.waits.wait_for(
                        self._changed, lambda: callback not in self._held, f"the held {callback} of {mdev.name}"
                    )
                finally:
                    self._inside[callback] -= 1
            refusal = self._refusals.get(callback)
        if refusal:
            raise fail(refusal, mdev.name)
