"""Rules for lines about reads and listings: parameters, trees, details of a directory."""

from __future__ import annotations

import ast
import re

from tests.replay.lines import rule
from tests.replay.state import DEVICES, FIRST, State, add, create, remove, sysfs, text


@rule(r"(?P<parameters>\{'count': .*\})")
def parameters(state: State, parameters: str) -> None:
    module = "mbochs" if state.last.startswith("{'count'") else "mdpy"
    content = str(ast.literal_eval(parameters)["count"], "latin-1")
    add(state, "read", f"module/{module}/parameters/count", result={"content": content})


@rule(r"override: (?P<there>True|False)")
def override(state: State, there: str) -> None:
    create(state, 1, "mtty-2")
    add(state, "exists", f"{DEVICES}/{FIRST}/driver_override", result={"exists": there == "True"})
    remove(state)


TREE = re.compile(
    r"(?P<indent> +)(?P<mode>[-dl][-rwx]{9}) (?P<name>\S+) ?"
    r"(?:size=(?P<size>\d+))?(?: = (?P<content>b.*)| -> (?P<link>\S+))?"
)
LONG = re.compile(
    r"(?P<mode>\S{10}) +(?P<links>\d+) \d+ +\d+ +(?:(?P<major>\d+), +)?(?P<size>\d+) \w+ \d+ \S+ "
    r"(?P<name>\S+)(?: -> (?P<link>\S+))?"
)


@rule(r"tree (?P<path>\S+)")
def tree(state: State, path: str) -> None:
    entries: dict[str, str] = {}
    above: list[str] = []
    started = state.at
    while (match := TREE.fullmatch(state.lines[state.at])) or "(async " in state.lines[state.at]:
        state.at += 1
        if not match:  # the directory `power`, recorded with names only
            names = state.lines[state.at - 1].strip().strip("()").split()
            entries |= {"/".join([*above, name]): "?" for name in names}
            continue
        depth = len(match["indent"]) // 2 - 2
        above[max(depth, 0) :] = [match["name"]] if depth >= 0 else []
        content = f" size={match['size']}" if match["size"] else ""
        content += (
            f" = {text(match['content'])}" if match["content"] else f" -> {match['link']}" if match["link"] else ""
        )
        entries["/".join(above) or "."] = match["mode"] + content
    add(state, "tree", sysfs(path), line=started, result={"entries": entries})


@rule(r"(?P<path>/(?:sys|dev)/\S+):")
def details(state: State, path: str) -> None:
    entries: dict[str, str] = {}
    started = state.at
    state.at += 1  # "total 0"
    while match := LONG.fullmatch(state.lines[state.at]):
        state.at += 1
        if match["name"] not in (".", ".."):
            extra = {
                "d": f" links={match['links']}",
                "l": f" -> {match['link']}",
                "-": f" size={match['size']}",
                "c": f" {match['major']}:{match['size']}",
            }
            entries[match["name"]] = match["mode"] + extra[match["mode"][0]]
    add(state, "details", sysfs(path), line=started, result={"entries": entries})
