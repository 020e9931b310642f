"""The request of the host to the suite in a guest, and the marker that distinguishes the guest's own lines."""

from __future__ import annotations

import msgspec

from mdevref.suite.results.ledger import Deviation

MARKER = "@@mdevref"  #: the beginning of a line about the guest itself, which is not a result
FOLDER = "lib/modules/guest"  #: the folder of the modules below the guest's root
PATH = "request.json"
#: The exit status if the guest's kernel is unusable and the remaining scenarios need a new guest (EX_TEMPFAIL).
AGAIN = 75


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A run of the suite in a guest.

    ``core`` and ``drivers`` are names of modules in the order of loading. ``scripted`` says whether the guest contains
    the scripted vendor driver. ``wanted`` are the scenarios to run, as (requirement, title), and ``deviations`` are the
    entries of the ledger.
    """

    target: str
    core: list[str]
    drivers: list[str]
    scripted: bool
    wanted: list[tuple[str, str]]
    seed: int
    deviations: list[Deviation] = []
