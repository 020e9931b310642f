"""The behaviour of the reference's scripted drivers: their callbacks and their attributes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from mdevref.kernel.attributes import Attribute, AttributeGroup
from mdevref.kernel.errors import fail
from mdevref.kernel.waiting import Waits
from mdevref.mdev.objects import MdevDevice, MdevType
from mdevref.suite.interface.drivers import Call, Ops

INSTANCES = 16  #: devices of each scripted parent
DEVICE_API = "vfio-pci"


class Script:
    """The configured behaviour of scripted callbacks, by owner and callback, and the calls of them."""

    def __init__(self, waits: Waits) -> None:
        self._waits = waits
        self._changed = threading.Condition(threading.Lock())
        self._errors: dict[tuple[str, str], int] = {}
        self._answers: dict[tuple[str, str], object] = {}
        self._held: set[tuple[str, str]] = set()
        self._inside: dict[tuple[str, str], int] = {}
        self._calls: list[Call] = []

    def enter(self, owner: str, callback: str, mdev: MdevDevice, default: Any = None, **given: object) -> Any:
        """Act as a scripted callback: record the call, block while held, then fail or return as configured."""
        key = owner, callback
        with self._changed:
            self._calls.append(Call(callback, owner, mdev.name, given))
            if key in self._held:
                self._inside[key] = self._inside.get(key, 0) + 1
                try:
                    self._waits.wait_for(
                        self._changed, lambda: key not in self._held, f"the held {callback} of {mdev.name}"
                    )
                finally:
                    self._inside[key] -= 1
            error = self._errors.get(key)
        if error is not None:
            raise fail(error, mdev.name)
        return self._answers.get(key, default)

    def fail(self, owner: str, callback: str, errno: int) -> None:
        self._errors[owner, callback] = errno

    def answer(self, owner: str, callback: str, value: object) -> None:
        self._answers[owner, callback] = value

    def hold(self, owner: str, callback: str) -> None:
        with self._changed:
            self._held.add((owner, callback))

    def is_held(self, owner: str, callback: str) -> bool:
        with self._changed:
            return self._inside.get((owner, callback), 0) > 0

    def release(self, owner: str, callback: str) -> None:
        with self._changed:
            self._held.discard((owner, callback))
            self._changed.notify_all()

    def calls(self) -> Sequence[Call]:
        with self._changed:
            return tuple(self._calls)

    def let_go(self) -> None:
        with self._changed:
            self._errors.clear()
            self._held.clear()
            self._changed.notify_all()


def _text(name: str) -> Callable[[Any], bytes]:
    return lambda _: f"{name}\n".encode()


def attribute_groups(names: Sequence[str]) -> list[AttributeGroup]:
    """Return attribute groups: ``serial`` is put in a group without a name, ``maker/serial`` in the group ``maker``."""
    by_group: dict[str | None, list[Attribute]] = {}
    for name in names:
        group, slash, attribute = name.rpartition("/")
        by_group.setdefault(group if slash else None, []).append(Attribute(attribute, 0o444, _text(attribute)))
    return [AttributeGroup(group, attributes) for group, attributes in by_group.items()]


def type_group(name: str | None, ops: Ops) -> AttributeGroup:
    """Return the group of a type with this name (None for no name) and the type attributes of ``ops``."""
    texts: dict[str, Callable[[Any], bytes]] = {
        "name": _text(f"scripted {name}"),
        "device_api": _text(DEVICE_API),
        "available_instances": _available,
    }
    return AttributeGroup(
        name,
        [
            Attribute(one, 0o644) if one in ops.mute else Attribute(one, 0o444, texts.get(one, _text(one)))
            for one in ops.type_attributes
        ],
    )


def _available(mtype: MdevType) -> bytes:
    used = sum(isinstance(child, MdevDevice) for child in list(mtype.parent.device.children.values()))
    return f"{INSTANCES - used}\n".encode()
