"""Uevents: numbered, delivered to subscribers in order, and synthesised by writes to ``uevent`` files."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from errno import EINVAL
from typing import Protocol

from mdevref.kernel.directories import Directory, path_of
from mdevref.kernel.errors import fail

ACTIONS = ("add", "remove", "change", "move", "online", "offline")
BINDING_ACTIONS = ("bind", "unbind")


@dataclass(frozen=True, slots=True)
class Uevent:
    """One event. ``environment`` has all variables in the kernel's order: ACTION, DEVPATH, SUBSYSTEM, ..., SEQNUM."""

    action: str
    devpath: str
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def seqnum(self) -> int:
        return int(self.environment["SEQNUM"])


class Source(Protocol):
    """The subject of an event: its directory, its subsystem and its own variables."""

    @property
    def directory(self) -> Directory: ...
    @property
    def subsystem(self) -> str: ...
    def environment(self) -> dict[str, str]: ...


class Subscription:
    """The events between :meth:`Uevents.subscribe` and :meth:`close`, oldest first."""

    __slots__ = ("_uevents", "deliver", "events")

    def __init__(self, uevents: Uevents, deliver: Callable[[Uevent], None] | None) -> None:
        self.events: deque[Uevent] = deque()
        self.deliver = deliver or self.events.append
        self._uevents = uevents

    def close(self) -> None:
        self._uevents.unsubscribe(self)


class Uevents:
    """The kernel's source of uevents. An event without subscribers only consumes a sequence number.

    ``refuses_bad_requests``: whether an invalid write to a ``uevent`` file fails.
    """

    def __init__(self, has_binding_actions: bool, refuses_bad_requests: bool) -> None:
        self.seqnum = 0
        self.refuses_bad_requests = refuses_bad_requests
        self.actions = ACTIONS + BINDING_ACTIONS if has_binding_actions else ACTIONS
        self._lock = threading.Lock()
        self._subscriptions: tuple[Subscription, ...] = ()

    def subscribe(self, deliver: Callable[[Uevent], None] | None = None) -> Subscription:
        """Return a subscription that collects all later events, or passes each to ``deliver`` as it is sent.

        ``deliver`` runs in the sender's thread, under the lock of the uevents, and must not block.
        """
        subscription = Subscription(self, deliver)
        with self._lock:
            self._subscriptions += (subscription,)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions = tuple(other for other in self._subscriptions if other is not subscription)

    def emit(self, action: str, source: Source, extra: Mapping[str, str] | None = None) -> None:
        """Send an event about ``source``, with the ``extra`` variables before its own.

        Nothing is sent for an action that the release does not have. Nor is anything sent for a device without bus
        and class: the kernel's set of devices filters it.
        """
        if action not in self.actions or not source.subsystem:
            return
        with self._lock:
            self.seqnum += 1
            if not self._subscriptions:
                return
            devpath = "/" + path_of(source.directory)
            environment = {
                "ACTION": action,
                "DEVPATH": devpath,
                "SUBSYSTEM": source.subsystem,
                **(extra or {}),
                **source.environment(),
                "SEQNUM": str(self.seqnum),
            }
            event = Uevent(action, devpath, environment)
            for subscription in self._subscriptions:
                subscription.deliver(event)

    def store(self, source: Source, data: bytes) -> None:
        """Handle a write to the ``uevent`` file of ``source``. ``EINVAL`` only if the release refuses bad requests."""
        try:
            self.synthesise(source, data)
        except OSError:
            if self.refuses_bad_requests:
                raise

    def synthesise(self, source: Source, data: bytes) -> None:
        """Send the event that ``data`` requests: an action, and optionally a UUID and KEY=VALUE pairs.

        ``EINVAL`` if the action is unknown or an argument is malformed (4.13 and later: lib/kobject_uevent.c).
        """
        words = data.partition(b"\0")[0].decode("latin-1").removesuffix("\n").split(" ")
        action, arguments = words[0], words[1:]
        if action not in self.actions:
            raise fail(EINVAL, action)
        extra = {"SYNTH_UUID": arguments[0] if arguments else "0"}
        if arguments and not _UUID.fullmatch(arguments[0]):
            raise fail(EINVAL, arguments[0])
        for argument in arguments[1:]:
            key, _, value = argument.partition("=")
            if not (key.isalnum() and value.isalnum() and argument.isascii()):
                raise fail(EINVAL, argument)
            extra[f"SYNTH_ARG_{key}"] = value
        self.emit(action, source, extra)


_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
