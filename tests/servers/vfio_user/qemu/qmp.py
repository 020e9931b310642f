"""A client of QEMU's monitor."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from types import TracebackType
from typing import Any, Self

DEADLINE = 20.0  #: seconds to wait for a reply or an event


class Qmp:
    """A connection to QEMU's monitor on a Unix socket. QEMU listens before its guest runs."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(DEADLINE)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("r")
        self._events: list[str] = []
        self._message()
        self.ask("qmp_capabilities")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lines.close()
        self._socket.close()

    def ask(self, command: str, **arguments: object) -> Any:
        """Execute a command and return its result. Raise AssertionError if QEMU reports an error."""
        self._socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            message = self._message()
            if "event" in message:
                self._events.append(message["event"])
            else:
                assert "return" in message, message
                return message["return"]

    def await_event(self, name: str) -> None:
        """Wait until QEMU reports the event."""
        while name not in self._events:
            self._events.append(self._message().get("event", ""))
        self._events.remove(name)

    def _message(self) -> dict[str, Any]:
        line = self._lines.readline()
        assert line, "QEMU closed its monitor"
        message: dict[str, Any] = json.loads(line)
        return message
