"""Snapshots of the management interface, flat, so that two of them can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mdevref.suite.interface.files import Files
from mdevref.suite.interface.selection import BUS, CLASS, TYPES, follow

Snapshot = Mapping[str, str]


def take(files: Files, root: str = "") -> Snapshot:
    """Return the paths of parents, types, instances, devices and drivers, each with its content if that may change."""
    seen: dict[str, str] = {}
    for name in _names(files, CLASS):
        path = f"{CLASS}/{name}"
        try:
            seen[path] = parent = follow(files, path, root)
        except OSError as error:
            seen[path] = f"({error.strerror})"
            continue
        for entry in _names(files, parent):
            seen[f"{parent}/{entry}"] = ""
        for type in _names(files, f"{parent}/{TYPES}"):
            path = f"{parent}/{TYPES}/{type}"
            seen[f"{path}/available_instances"] = _read(files, f"{path}/available_instances")
            for uuid in _names(files, f"{path}/devices"):
                seen[f"{path}/devices/{uuid}"] = ""
    for uuid in _names(files, f"{BUS}/devices"):
        path = f"{BUS}/devices/{uuid}"
        seen[path] = ""
        for entry in _names(files, path):
            seen[f"{path}/{entry}"] = ""
    for driver in _names(files, f"{BUS}/drivers"):
        for entry in _names(files, f"{BUS}/drivers/{driver}"):
            seen[f"{BUS}/drivers/{driver}/{entry}"] = ""
    return seen


def _names(files: Files, path: str) -> list[str]:
    try:
        return files.listdir(path)
    except OSError:
        return []


def _read(files: Files, path: str) -> str:
    try:
        return files.read(path).decode("latin-1").rstrip("\n")
    except OSError as error:
        return f"({error.strerror})"


def differences(
    before: Snapshot, after: Snapshot, came: Iterable[str], went: Iterable[str], parents: Iterable[str]
) -> list[str]:
    """Return the changes, one line each, sorted.

    ``came`` and ``went`` are the UUIDs of devices that are expected to have appeared or disappeared. Their entries
    are ignored, as are the available instances of the types of their ``parents``.
    """
    uncounted = tuple(f"{parent}/{TYPES}/" for parent in parents)
    return sorted(_differences(before, after, tuple(came), tuple(went), uncounted))


def _differences(
    before: Snapshot, after: Snapshot, came: tuple[str, ...], went: tuple[str, ...], uncounted: tuple[str, ...]
) -> Iterator[str]:
    for path in before.keys() - after.keys():
        if not any(uuid in path for uuid in went):
            yield f"{path} is gone"
    for path in after.keys() - before.keys():
        if not any(uuid in path for uuid in came):
            yield f"{path} is new"
    for path in before.keys() & after.keys():
        if before[path] != after[path]:
            counted = path.endswith("/available_instances") and path.startswith(uncounted)
            if not counted and not any(uuid in path for uuid in (*came, *went)):
                yield f"{path} shows {after[path]}, not {before[path]}"
