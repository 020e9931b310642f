"""What a vfio-user server has done, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mdevref.servers.vfio_user.protocol import name_of


@dataclass(slots=True)
class Cost:
    """Messages of one command, and the nanoseconds of processor time from header to reply, all together.

    Not of the clock's: a machine with other things to do would count those, too.
    """

    messages: int = 0
    nanoseconds: int = 0

    @property
    def each(self) -> float:
        """Microseconds for one message."""
        return self.nanoseconds / self.messages / 1000 if self.messages else 0.0


@dataclass(slots=True)
class Counters:
    """What a server has done, by command. ``add`` is for one thread only."""

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
        """All commands together."""
        costs = tuple(self.costs.values())
        return Cost(sum(cost.messages for cost in costs), sum(cost.nanoseconds for cost in costs))

    def lines(self) -> list[str]:
        """A line for each command and one for all, as a table."""
        rows = [(name_of(command), cost) for command, cost in sorted(self.costs.items())]
        return [
            f"{name:<24} {cost.messages:>9} messages {cost.each:>8.1f} us each"
            for name, cost in [*rows, ("all", self.total())]
        ]
