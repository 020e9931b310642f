"""The journal of the devices that a run creates on a real machine, so that a killed run can be cleaned up.

The suite writes an entry before it creates a device. There is one file for each tree, with a line of JSON for each
device and another when it is gone. A run locks the file; the file is empty if no device is left. A device belongs to
the suite only if it matches its entry: UUID, parent, type, and boot of the machine.
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

LARGEST = 1 << 20  #: maximum size in bytes; the devices of a scenario take some thousands, and each one starts empty
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Entry:
    """A device that a run was about to create: its UUID, the path of ``remove``, its type's id, and the boot id."""

    made: str  #: the UUID, in lower case
    remove: str
    type: str
    boot: str

    @property
    def directory(self) -> str:
        """The path of the device's directory."""
        return os.path.dirname(self.remove)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The result of cleaning up a journal's devices, without those that were already gone."""

    removed: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)  #: left in place because another device has the UUID now
    stuck: list[str] = field(default_factory=list)  #: could not be removed, with the reason

    def told(self) -> str:
        """Return a report on one line; empty if there is nothing to report."""
        parts = []
        if self.removed:
            parts.append(f"removed devices of an earlier run: {', '.join(self.removed)}")
        if self.foreign:
            parts.append(f"left in place: {', '.join(self.foreign)}")
        if self.stuck:
            parts.append(f"cannot remove: {', '.join(self.stuck)}")
        return "; ".join(parts)


class Journal:
    """The journal of the tree at ``root``, locked until it is closed.

    Raises BadInput if the file cannot be opened, is invalid, or is locked by another run.
    """

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
                f"{self.path}: cannot write the journal: {error.strerror}; the suite changes nothing without it "
                "(set XDG_STATE_HOME to another folder)"
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
            # A killed run also holds the lock, for as long as one of its threads is blocked in a driver.
            raise BadInput(f"{self.root}: another run is still active; wait until it ends") from None
        status = os.fstat(self._descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            raise BadInput(f"{self.path}: not a journal of this user")
        if status.st_size > LARGEST:
            raise BadInput(f"{self.path}: too large for a journal; check for devices by hand, then remove the file")
        whole, newline, torn = os.pread(self._descriptor, LARGEST, 0).rpartition(b"\n")
        if torn:
            # The device of a torn line was never created: the suite creates it after writing the whole line.
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
                raise BadInput(f"{self.path}:{number}: invalid entry; check for devices by hand, "
                               "then remove the file")  # fmt: skip
            found.setdefault(entry.made, []).append(entry)
        return found

    def _fits(self, entry: Entry) -> bool:
        """Return whether the entry names a device's ``remove`` in this tree, the only files that a clean-up writes."""
        return (
            _UUID.fullmatch(entry.made) is not None
            and entry.remove.startswith(f"{self.root.rstrip('/')}/")
            and entry.remove.endswith(f"/{entry.made}/remove")
            and os.path.normpath(entry.remove) == entry.remove
        )

    def left(self) -> dict[str, list[Entry]]:
        """Return the open entries by UUID; one UUID may have been written to several types."""
        return {uuid: list(entries) for uuid, entries in self._open.items()}

    @contextmanager
    def device(self, create: str, uuid: str) -> Iterator[None]:
        """Add an entry for a device; the caller writes the UUID to ``create`` (a path below the root) in this context.

        A UUID that an existing device of another owner has gets no entry. Raises Unsupported if the journal cannot be
        written.
        """
        noted = _UUID.fullmatch(uuid) is not None and self._note(create, uuid)
        try:
            yield
        except OSError as error:
            # A write that timed out may still create the device.
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
                    # Raise Unsupported, because an OSError would count as one of the machine under test.
                    raise Unsupported(f"{self.path}: cannot write the journal: {error.strerror}") from error
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
        """Close the entries of devices that do not exist and that no write is about to create."""
        with self._lock:
            for uuid in [uuid for uuid in self._open if not self._under_way[uuid] and not self._where(uuid)]:
                self._strike(uuid)

    def strike(self, uuid: str) -> None:
        """Close the entries of a device."""
        with self._lock:
            self._strike(uuid)

    def _strike(self, uuid: str) -> None:
        del self._open[uuid]
        if not self._open:
            os.ftruncate(self._descriptor, 0)
            return
        with suppress(OSError):  # on a full disk the entry stays; the next run finds that the device is gone
            self._append({"gone": uuid})

    def _where(self, uuid: str) -> str:
        """Return the directory of the device according to the bus; empty if there is no such device."""
        link = f"{self.root}/{BUS}/devices/{uuid}"
        if os.path.lexists(link):
            return os.path.realpath(link)
        # A device appears on the bus after its directory does, and disappears from the bus first.
        return next((each.directory for each in self._open[uuid] if os.path.isdir(each.directory)), "")

    def whose(self, uuid: str) -> tuple[str, Entry | None]:
        """Return the device's directory (empty if it does not exist) and its entry (None if it matches none)."""
        where = self._where(uuid)
        for entry in self._open[uuid]:
            if entry.directory == where and entry.boot == self._boot and _type(where) in (entry.type, ""):
                return where, entry
        return where, None

    def close(self) -> None:
        """Close the entries of devices that are gone, and unlock the journal."""
        if self._descriptor >= 0:
            self.strike_gone()
            os.close(self._descriptor)
            self._descriptor = -1


def _type(device: str) -> str:
    """Return the id of a device's type; empty while the device is being created or removed and has no such link."""
    try:
        return os.path.basename(os.readlink(f"{device}/mdev_type"))
    except OSError:
        return ""


def path_of(root: str) -> Path:
    """Return the path of a tree's journal in the XDG state folder. Raises BadInput if this user has no such folder."""
    base = os.environ.get("XDG_STATE_HOME", "")
    try:
        # The XDG specification requires that a relative path is ignored.
        state = Path(base) if os.path.isabs(base) else Path.home() / ".local" / "state"
    except RuntimeError as error:
        raise BadInput(f"cannot write the journal: {error}; the suite changes nothing without it") from error
    name = hashlib.sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:16]
    return state / "mdevref" / f"journal-{name}.ndjson"


def has_entries(root: str) -> bool:
    """Return whether the journal is not empty, without locking it."""
    try:
        return path_of(root).stat().st_size > 0
    except (OSError, BadInput):
        return False


def clean(journal: Journal, write: Callable[[str], object]) -> Cleaned:
    """Remove the journal's devices that still exist, and return the result.

    ``write`` writes to the ``remove`` attribute at a path, and may raise OSError.
    """
    cleaned = Cleaned()
    for uuid in journal.left():
        where, entry = journal.whose(uuid)
        if where and entry is None:
            cleaned.foreign.append(f"{uuid} in {where} (not a device of the suite)")
        elif entry is not None:
            try:
                write(entry.remove)
                why = "it still exists"
            except OSError as error:
                why = error.strerror or str(error)
            if journal.whose(uuid)[1] is not None:
                cleaned.stuck.append(f"{uuid} in {where} ({why})")
                continue
            cleaned.removed.append(uuid)
        journal.strike(uuid)
    return cleaned
