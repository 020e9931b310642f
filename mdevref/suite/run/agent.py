"""The suite inside a guest: run the requested scenarios on the guest's /sys and print a result line for each."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import msgspec

from mdevref.suite.results import format as results
from mdevref.suite.results import writing
from mdevref.suite.results.judged import Judged
from mdevref.suite.results.ledger import Ledger
from mdevref.suite.run.judging import Session
from mdevref.suite.run.suite import Suite
from mdevref.suite.targets.live.target import GuestTarget
from mdevref.suite.vm.request import AGAIN, FOLDER, MARKER, PATH, Request


class _Session(Session):
    """Run the requested scenarios until one has made the guest's kernel unusable."""

    def __init__(self, target: GuestTarget, request: Request) -> None:
        ledger = Ledger("the ledger", tuple(request.deviations))
        super().__init__(target, seed=request.seed, ledger=ledger, report=_tell)
        self._guest = target
        self._wanted = frozenset(map(tuple, request.wanted))
        self._passed_over = False

    def before_scenario(self, context: Any, scenario: Any) -> None:
        self._passed_over = (context.rule.name, scenario.name) not in self._wanted
        if self._passed_over:
            scenario.skip()
            return
        if self._guest.spent:
            # Exit at once: behave would attribute an exception to the scenario, and there is nothing to clean up.
            os._exit(AGAIN)
        super().before_scenario(context, scenario)

    def after_scenario(self, context: Any, scenario: Any) -> Judged | None:
        return None if self._passed_over else super().after_scenario(context, scenario)


def _tell(judged: Judged) -> None:
    _print(results.encode(writing.line(judged)))


def _print(data: bytes) -> None:
    while data:
        data = data[os.write(sys.__stdout__.fileno() if sys.__stdout__ else 1, data) :]


def main() -> int:
    """Run the suite as requested; return 0 when each requested scenario has its verdict."""
    request = msgspec.json.decode(Path("/", PATH).read_bytes(), type=Request)
    try:
        target = GuestTarget(request.target, Path("/", FOLDER), request.core, request.drivers, request.scripted)
    except ValueError as error:
        _print(f"{MARKER} failed {error}\n".encode())
        return 2
    Suite().run(_Session(target, request))
    return 0


if __name__ == "__main__":
    sys.exit(main())
