"""The names that step modules import from the suite, apart from the interface of the target."""

from __future__ import annotations

from mdevref.suite.interface.selection import BUS, CLASS, SAMPLE, TYPES, Parent, Type, fewest, instances
from mdevref.suite.interface.target import Uevent
from mdevref.suite.interface.unsupported import Unsupported
from mdevref.suite.scenario.checks import Mismatch, check, name_of
from mdevref.suite.scenario.definitions import given, then, when
from mdevref.suite.scenario.devices import Mediated
from mdevref.suite.scenario.outcomes import Outcome
from mdevref.suite.scenario.stage import SOMEWHERE
from mdevref.suite.scenario.translation.pages import pages
from mdevref.suite.scenario.world import World
from mdevref.suite.spec.notation import shown

__all__ = [
    "BUS", "CLASS", "SAMPLE", "SOMEWHERE", "TYPES", "Mediated", "Mismatch", "Outcome", "Parent", "Type", "Uevent",
    "Unsupported", "World", "check", "fewest", "given", "instances", "name_of", "pages", "shown",
    "then", "when",
]  # fmt: skip
