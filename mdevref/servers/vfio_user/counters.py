"""Counters of a vfio-user server: messages and processor time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mdevref.servers.vfio_user.protocol import name_of


@dataclass(slots=True)
class Cost:
    """The number of messages of one command, and the total nanoseconds of processor time from header to reply.

    Processor time, unlike elapsed time, does not include other work of the machine.
    """

    messages: int = 0
    nanoseconds: int = 0

    @property
    def each(self) -> float:
        """Return the average microseconds per message."""
        return self.nanoseconds / self.messages / 1000 if self.messages else 0.0


@dataclass(slots=True)
class Counters:
    """The costs of a server's messages by command. Only one thread may call ``add``."""

    costs: dict[int, Cost] = field(default_factory=dict)

    def add(self, command: int, nanoseconds: int) -> None:
        cost = self.costs.get(command)
        if cost is None:
            cost = self.costs[command] = Cost()
        cost.messages += 1
        cost.nanoseconds += nanoseconds

    def merge(self, others: Mapping[int, Cost]) -> None:
        for command, other in others.items():
            cost = self.costs.setdefault(command, Cost())
            cost.messages += other.messages
            cost.nanoseconds += other.nanoseconds

    def total(self) -> Cost:
        """Return the sum over all commands."""
        costs = tuple(self.costs.values())
        return Cost(sum(cost.messages for cost in costs), sum(cost.nanoseconds for cost in costs))

    def lines(self) -> list[str]:
        """Return a table with a line for each command and one for the total."""
        rows = [(name_of(command), cost) for command, cost in sorted(self.costs.items())]
        return [
            f"{name:<24} {cost.messages:>9} messages {cost.each:>8.1f} us each"
            for name, cost in [*rows, ("all", self.total())]
        ]
