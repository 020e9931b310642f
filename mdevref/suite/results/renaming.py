"""Give results from before a rewording of the spec the current names of their scenarios."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from mdevref.suite.results.format import Results, Scenario
from mdevref.suite.results.verdicts import FAILURES
from mdevref.suite.spec.renamed import Renamed


def comparable(old: Results, new: Results, spec: str, renamed: Renamed) -> tuple[Results, Results, int]:
    """Return two results under the same names, and how many scenarios had earlier names.

    ``spec`` is the checksum of the current spec. Results of another wording than the other file's, and than that of the
    current spec, get the current names.
    """
    if old.header.suite.spec == new.header.suite.spec:
        return old, new, 0
    count = 0
    named = []
    for given in (old, new):
        current = given if given.header.suite.spec == spec else with_current_names(given, renamed)
        pairs = zip(given.scenarios, current.scenarios, strict=True)
        count += sum(was.scenario != now.scenario or was.requirement != now.requirement for was, now in pairs)
        named.append(current)
    return named[0], named[1], count


def with_current_names(results: Results, renamed: Renamed) -> Results:
    """Return the results with the current requirement and title of each scenario, and a ledger to match.

    The footer stays: it counts the requirements as they were at the time of the run.
    """
    scenarios = []
    for each in results.scenarios:
        requirement, title = renamed.current(each.requirement, each.scenario)
        scenarios.append(msgspec.structs.replace(each, requirement=requirement, scenario=title))
    header = msgspec.structs.replace(results.header, ledger=_ledger(results, scenarios, renamed))
    return replace(results, header=header, scenarios=tuple(scenarios))


def _ledger(results: Results, scenarios: list[Scenario], renamed: Renamed) -> list[str]:
    ledger = []
    for entry in results.header.ledger:
        requirement, separator, title = entry.partition(": ")
        if separator:
            ledger.append(": ".join(renamed.current(requirement, title)))
            continue
        # Of a requirement that was split, the ledger now names each part that deviates.
        parts = zip(results.scenarios, scenarios, strict=True)
        failed = [now.requirement for was, now in parts if was.requirement == requirement and now.verdict in FAILURES]
        ledger += dict.fromkeys(failed) or [requirement]
    return ledger
