"""The control socket of a mount, for a suite that tests the mounted host from another process.

The socket is an abstract Unix socket with the name of the mount's source (see ``/proc/self/mountinfo``). It accepts the
mount's owner and root. Each connection is one call. The request is a line of JSON, ``{"call": name, "arguments": [...],
"thread": id}``. The reply is a line with ``{"value": ...}`` or ``{"errno": number, "about": text}``. A call may block
inside the host, as an operation on a real machine may.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from errno import EACCES, EIO, ENOENT, ETIMEDOUT
from typing import Any

from mdevref.drivers.scripted import ScriptedDriver
from mdevref.host import Host
from mdevref.kernel.errors import fail
from mdevref.kernel.uevents import Subscription
from mdevref.servers.sysfs.tree import SysfsServer
from mdevref.vfio.holding import HeldDevice

_PEER = struct.Struct("3i")  # SO_PEERCRED: process, user, group
_VENDOR = frozenset(
    ("refuse_create", "refuse_remove", "refuse_probe", "hold", "await_held", "release", "calls", "types")
)
_LONGEST = 1 << 26  # bytes of a request line


class Control:
    """Serves calls on a mount's host. :meth:`reset` calls ``make_host`` for a new host."""

    def __init__(self, server: SysfsServer, tag: str, make_host: Callable[[], Host]) -> None:
        self._server = server
        self._make_host = make_host
        self._is_tested = False
        self._subscription: Subscription | None = None
        self._opened: dict[int, HeldDevice] = {}
        self._last_handle = 0
        self._serving: dict[int, int] = {}  # serving thread -> calling thread
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(address(tag))
        self._socket.listen()
        threading.Thread(target=self._accept, name="control", daemon=True).start()

    def close(self) -> None:
        """Close the socket and accept no further calls."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    # The calls

    def describe(self) -> Mapping[str, object]:
        """Return era, release, drivers and mediated devices. ``is_tested`` means that a suite is using the host."""
        host = self._host
        return {
            "era": host.era.name,
            "release": host.era.release,
            "core_owns_types": host.era.core_owns_types,
            "drivers": list(host.vendors),
            "devices": list(host.core.devices),
            "is_tested": self._is_tested,
        }

    def reset(self, is_tested: bool) -> None:
        """Replace the host with a new one, as initially mounted. Operations blocked in the old host resume."""
        self._is_tested = is_tested
        if self._subscription is not None:
            self._subscription.close()
        for device in self._opened.values():
            device.close()
        self._opened.clear()
        for vendor in self._host.vendors.values():
            if isinstance(vendor, ScriptedDriver):
                vendor.release("create")
                vendor.release("remove")
        host = self._make_host()
        self._subscription = host.subscribe()
        self._server.show(host)

    def load(self, name: str, parameters: Mapping[str, str]) -> None:
        self._host.load(name, **parameters)

    def unload(self, name: str) -> None:
        self._host.unload(name)

    def vendors(self) -> Sequence[str]:
        return list(self._host.vendors)

    def vendor(self, call: str, *arguments: Any) -> object:
        """Call a method of the :class:`~mdevref.drivers.scripted.ScriptedDriver`. ``ENOENT`` if it is not loaded."""
        driver = self._host.vendors.get("scripted")
        if not isinstance(driver, ScriptedDriver) or call not in _VENDOR:
            raise fail(ENOENT, call)
        found = getattr(driver, call)
        return found(*arguments) if callable(found) else found

    def open(self, uuid: str) -> int:
        device = self._host.open_device(uuid)
        self._last_handle = handle = self._last_handle + 1
        self._opened[handle] = device
        return handle

    def close_device(self, handle: int) -> None:
        self._opened.pop(handle).close()

    def uevents(self) -> Sequence[object]:
        """Return action, devpath and environment of each uevent since the last reset."""
        events = tuple(self._subscription.events) if self._subscription is not None else ()
        return [(event.action, event.devpath, dict(event.environment)) for event in events]

    def leftovers(self) -> Sequence[str]:
        return self._host.leftovers()

    def is_blocked(self, thread: int) -> bool:
        """Return whether an operation that the caller's thread ``thread`` requested is blocked in the host."""
        waiting = {wait.thread for wait in self._host.waits.current()}
        asked = {server: request.thread for server, request in tuple(self._server.session.serving.items())}
        asked.update(tuple(self._serving.items()))
        return any(asker == thread and server in waiting for server, asker in asked.items())

    @property
    def _host(self) -> Host:
        return self._server.host

    # The socket

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), name="control call", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        me = threading.get_ident()
        with connection, suppress(OSError, ValueError, KeyError), connection.makefile("rwb") as stream:
            _, uid, _ = _PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
            asked = json.loads(stream.readline(_LONGEST))
            if uid in (0, os.geteuid()):
                self._serving[me] = asked["thread"]
                answer = self._call(asked["call"], asked["arguments"])
                del self._serving[me]
            else:
                answer = {"errno": EACCES, "about": "the mount belongs to another user"}
            stream.write(json.dumps(answer).encode() + b"\n")

    def _call(self, name: str, arguments: Sequence[Any]) -> Mapping[str, object]:
        call = getattr(self, name, None) if name in CALLS else None
        try:
            if call is None:
                raise fail(ENOENT, name)
            return {"value": call(*arguments)}
        except TimeoutError as error:
            return {"errno": ETIMEDOUT, "about": str(error)}
        except OSError as error:
            return {"errno": error.errno or EIO, "about": error.filename}
        except Exception as error:
            traceback.print_exception(error)
            return {"errno": EIO, "about": str(error)}


CALLS = frozenset(
    (
        "describe",
        "reset",
        "load",
        "unload",
        "vendors",
        "vendor",
        "open",
        "close_device",
        "uevents",
        "leftovers",
        "is_blocked",
    )
)


def address(tag: str) -> str:
    """Return the address of the control socket of the mount ``tag``."""
    return f"\0{tag}"


def ask(tag: str, name: str, *arguments: object) -> Any:
    """Make a call on the mount ``tag``. Raise the host's OSError, or ``ECONNREFUSED`` if no server is running."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(address(tag))
        with connection.makefile("rwb") as stream:
            asked = {"call": name, "arguments": arguments, "thread": threading.get_native_id()}
            stream.write(json.dumps(asked).encode() + b"\n")
            stream.flush()
            line = stream.readline()
    if not line:
        raise fail(EIO, f"no reply from the mount's server to {name}")
    answer = json.loads(line)
    if "errno" in answer:
        raise fail(answer["errno"], answer["about"])
    return answer["value"]
