"""What the host asks of the suite in a guest, and the marks by which the guest's lines are told apart."""

from __future__ import annotations

import msgspec

from mdevref.suite.results.ledger import Deviation

MARKER = "@@mdevref"  #: begins a line that is about the guest itself and is no result
FOLDER = "lib/modules/guest"  #: of the modules, below the guest's root
PATH = "request.json"
#: The guest's kernel is spent: what is left of the scenarios wants a fresh one. (EX_TEMPFAIL of sysexits.h)
AGAIN = 75


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A run of the suite in a guest.

    ``core`` and ``drivers`` are names of modules, in the order of loading; ``scripted``: the scripted vendor driver is
    there, too. ``wanted`` are the scenarios to run, as (requirement, title); ``deviations`` the entries of the ledger.
    """

    target: str
    core: list[str]
    drivers: list[str]
    scripted: bool
    wanted: list[tuple[str, str]]
    seed: int
    deviations: list[Deviation] = []
