"""Rules for lines about instances: counts, and creating devices until they are exhausted."""

from __future__ import annotations

import ast

from tests.replay.lines import rule
from tests.replay.state import State, add, create, outcome, remove, type_of, uuid


@rule(r"(?:start |mdpy count=2 )?(?P<counts>\{'\w+-.*\})")
def counts(state: State, counts: str) -> None:
    if state.section == "exhaustion" and state.last.startswith("{'"):
        remove(state)
    instances(state, counts)


def instances(state: State, counts: str) -> None:
    for name, value in ast.literal_eval(counts).items():
        add(state, "read", f"{type_of(name)}/available_instances", result={"content": f"{value}\n"})


@rule(r"(?:-- \w+ \S+|after removing all) (?P<counts>\{.*\})")
def cleared(state: State, counts: str) -> None:
    remove(state)
    instances(state, counts)


@rule(r"   after (?P<count>\d+) x (?P<name>\S+) (?P<counts>\{.*\})")
def after_some(state: State, count: str, name: str, counts: str) -> None:
    fill(state, name, int(count))
    instances(state, counts)


@rule(r"(?P<count>11) x (?P<name>\S+) (?P<counts>\{.*\})")
def some(state: State, count: str, name: str, counts: str) -> None:
    fill(state, name, int(count))
    instances(state, counts)


@rule(r"\+ 1 x (?P<name>\S+) (?P<counts>\{.*\})")
def one_more(state: State, name: str, counts: str) -> None:
    create(state, 0x250, name)
    instances(state, counts)


@rule(r"fill (?P<name>\S+) : created (?P<count>\d+) then (?P<result>\S+) (?P<counts>\{.*\})")
def filled(state: State, name: str, count: str, result: str, counts: str) -> None:
    """`created` counts successes. The last attempt is the one that failed, or the last success if none failed."""
    number = int(count) - result.startswith("ok=")
    fill(state, name, number)
    add(state, "write", f"{type_of(name)}/create", data=uuid(0x100 + number), result=outcome(result))
    if result.startswith("ok="):
        state.live[uuid(0x100 + number)] = f"{type_of(name)}/create"
    instances(state, counts)


def fill(state: State, name: str, count: int) -> None:
    """Create devices up to a number. The kernel log of 6.12 names the first one that was refused, hence 0x100."""
    for number in range(len(state.live), count):
        create(state, 0x100 + number, name)
