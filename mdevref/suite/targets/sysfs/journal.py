"""What a run makes on somebody's machine, on disk before it is made: a run that is killed leaves word of it.

One file for each tree, a line of JSON for each device, and a line that strikes it out when it has gone. The file is
locked while a run uses it, and empty when nothing is left. A device is taken for the suite's own only where it is what
was written down: the same UUID below the same parent, of the same type, since the same start of the machine.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import stat
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mdevref.suite.errors import BadInput
from mdevref.suite.interface.selection import BUS, TYPES
from mdevref.suite.interface.unsupported import Unsupported

LARGEST = 1 << 20  #: bytes of a journal; a scenario's devices take some thousands, and each scenario begins empty
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Entry:
    """A device that a run was about to make: the path that removes it, its type's id, the start of the machine."""

    made: str  #: the UUID, in lower case
    remove: str
    type: str
    boot: str

    @property
    def directory(self) -> str:
        """Where the device is."""
        return os.path.dirname(self.remove)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of the devices in a journal. Those that had gone by themselves are not told."""

    removed: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)  #: another's device has the UUID: left alone, and why
    stuck: list[str] = field(default_factory=list)  #: still there, and why

    def told(self) -> str:
        """All of it on one line, empty where nothing was left."""
        parts = []
        if self.removed:
            parts.append(f"removed what an earlier run had left: {', '.join(self.removed)}")
        if self.foreign:
            parts.append(f"left alone: {', '.join(self.foreign)}")
        if self.stuck:
            parts.append(f"cannot remove: {', '.join(self.stuck)}")
        return "; ".join(parts)


class Journal:
    """The journal of the tree at ``root``, held until it is closed. BadInput: it cannot be kept, or is held."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self.path = path_of(root)
        self._boot = _BOOT.read_text().strip() if self.root == "/sys" else ""
        self._lock = threading.Lock()
        self._under_way: Counter[str] = Counter()
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
            self._descriptor = os.open(self.path, flags, 0o600)
        except OSError as error:
            raise BadInput(
                f"no journal can be kept as {self.path}, and nothing is changed without one: {error.strerror} "
                "(XDG_STATE_HOME names another folder)"
            ) from error
        try:
            self._open = self._begin()
        except BaseException:
            os.close(self._descriptor)
            raise

    def _begin(self) -> dict[str, list[Entry]]:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # That holds for a killed run, too, for as long as a thread of it stands inside a driver.
            raise BadInput(f"another run on {self.root} has not ended yet") from None
        status = os.fstat(self._descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            raise BadInput(f"{self.path} is no journal of this user's")
        if status.st_size > LARGEST:
            raise BadInput(f"{self.path} is too large for a journal: look for devices by hand, then remove it")
        whole, newline, torn = os.pread(self._descriptor, LARGEST, 0).rpartition(b"\n")
        if torn:
            # Its device was never made: that waits for the whole line.
            os.ftruncate(self._descriptor, len(whole + newline))
        return self._read(whole)

    def _read(self, text: bytes) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for number, line in enumerate(text.split(b"\n") if text else (), 1):
            try:
                value = json.loads(line)
                if value.keys() == {"gone"}:
                    found.pop(value["gone"], None)
                    continue
                entry = Entry(**value)
                fits = all(isinstance(text, str) for text in value.values()) and self._fits(entry)
            except (ValueError, TypeError, AttributeError, RecursionError):
                fits = False
            if not fits:
                raise BadInput(f"{self.path}: line {number} is none of a journal: look for devices by hand, "
                               "then remove the file")  # fmt: skip
            found.setdefault(entry.made, []).append(entry)
        return found

    def _fits(self, entry: Entry) -> bool:
        """Nothing but a device's ``remove`` in this tree is ever written to, whatever the journal says."""
        return (
            _UUID.fullmatch(entry.made) is not None
            and entry.remove.startswith(f"{self.root.rstrip('/')}/")
            and entry.remove.endswith(f"/{entry.made}/remove")
            and os.path.normpath(entry.remove) == entry.remove
        )

    def left(self) -> dict[str, list[Entry]]:
        """What is written down and not struck out, by UUID: a UUID was perhaps written to several types."""
        return {uuid: list(entries) for uuid, entries in self._open.items()}

    @contextmanager
    def device(self, create: str, uuid: str) -> Iterator[None]:
        """Write a device down while its UUID is written to ``create``, a path below the root.

        Unsupported where it cannot be written down. A UUID that somebody's device already has is not: it is not ours.
        """
        noted = _UUID.fullmatch(uuid) is not None and self._note(create, uuid)
        try:
            yield
        except OSError as error:
            # Who has not come back may still make it.
            if isinstance(error, TimeoutError):
                raise
            self._came_back(uuid, noted)
            raise
        self._came_back(uuid, noted)

    def _note(self, create: str, uuid: str) -> bool:
        parent, _, rest = os.path.realpath(f"{self.root}/{create}").rpartition(f"/{TYPES}/")
        entry = Entry(uuid, f"{parent}/{uuid}/remove", os.path.dirname(rest), self._boot)
        with self._lock:
            if uuid not in self._open and os.path.lexists(f"{self.root}/{BUS}/devices/{uuid}"):
                return False
            known = self._open.setdefault(uuid, [])
            if entry not in known:
                try:
                    self._append(asdict(entry))
                except OSError as error:
                    if not known:
                        del self._open[uuid]
                    # Not the error of the machine under test.
                    raise Unsupported(f"the journal {self.path} cannot be written: {error.strerror}") from error
                known.append(entry)
            self._under_way[uuid] += 1
        return True

    def _came_back(self, uuid: str, noted: bool) -> None:
        if noted:
            with self._lock:
                self._under_way[uuid] -= 1

    def _append(self, value: object) -> None:
        line = json.dumps(value).encode() + b"\n"
        size = os.fstat(self._descriptor).st_size
        if size + len(line) > LARGEST:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        try:
            if os.write(self._descriptor, line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, size)
            raise

    def strike_gone(self) -> None:
        """Strike out the devices that are not there, and that nobody is about to make."""
        with self._lock:
            for uuid in [uuid for uuid in self._open if not self._under_way[uuid] and not self._where(uuid)]:
                self._strike(uuid)

    def strike(self, uuid: str) -> None:
        """A device is no matter of the suite's any more."""
        with self._lock:
            self._strike(uuid)

    def _strike(self, uuid: str) -> None:
        del self._open[uuid]
        if not self._open:
            os.ftruncate(self._descriptor, 0)
            return
        with suppress(OSError):  # on a full disk it stays, and is found to have gone
            self._append({"gone": uuid})

    def _where(self, uuid: str) -> str:
        """The directory of the device, as the bus has it; empty where there is none."""
        link = f"{self.root}/{BUS}/devices/{uuid}"
        if os.path.lexists(link):
            return os.path.realpath(link)
        # The bus has a device later than the tree, and no longer.
        return next((each.directory for each in self._open[uuid] if os.path.isdir(each.directory)), "")

    def whose(self, uuid: str) -> tuple[str, Entry | None]:
        """Where the device is now (empty: nowhere), and its entry where it is the one that was written down."""
        where = self._where(uuid)
        for entry in self._open[uuid]:
            if entry.directory == where and entry.boot == self._boot and _type(where) in (entry.type, ""):
                return where, entry
        return where, None

    def close(self) -> None:
        """Let go of it."""
        if self._descriptor >= 0:
            self.strike_gone()
            os.close(self._descriptor)
            self._descriptor = -1


def _type(device: str) -> str:
    """The id of a device's type; empty where the device is half made or half gone and does not tell."""
    try:
        return os.path.basename(os.readlink(f"{device}/mdev_type"))
    except OSError:
        return ""


def path_of(root: str) -> Path:
    """The file of a tree's journal, in the XDG state folder. BadInput: this user has none."""
    base = os.environ.get("XDG_STATE_HOME", "")
    try:
        # The XDG specification asks to ignore a relative path.
        state = Path(base) if os.path.isabs(base) else Path.home() / ".local" / "state"
    except RuntimeError as error:
        raise BadInput(f"no journal can be kept, and nothing is changed without one: {error}") from error
    name = hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:16]
    return state / "mdevref" / f"journal-{name}.ndjson"


def has_entries(root: str) -> bool:
    """Whether a run has left word of devices, as far as can be seen without taking the journal."""
    try:
        return path_of(root).stat().st_size > 0
    except (OSError, BadInput):
        return False


def clean(journal: Journal, write: Callable[[str], object]) -> Cleaned:
    """Remove the devices of a journal that are still there; ``write`` writes to a ``remove``, and may raise OSError."""
    cleaned = Cleaned()
    for uuid in journal.left():
        where, entry = journal.whose(uuid)
        if where and entry is None:
            cleaned.foreign.append(f"{uuid} is now another's device, in {where}")
        elif entry is not None:
            try:
                write(entry.remove)
                why = "it is still there"
            except OSError as error:
                why = error.strerror or str(error)
            if journal.whose(uuid)[1] is not None:
                cleaned.stuck.append(f"{uuid} in {where} ({why})")
                continue
            cleaned.removed.append(uuid)
        journal.strike(uuid)
    return cleaned
