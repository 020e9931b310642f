"""Cases for the checking steps of the walk-through; see ``test_then``."""

from __future__ import annotations

_CARD = "Given a card A with two ports\n"

#: The steps, the function that modifies the machine (none), and what the last step reports as seen.
CASES = {
    "another card in lspci": (
        f'{_CARD}Then lspci in the guest shows "00: 86 80 {"00 " * 13}00" for A',
        None,
        "00: 48 43 53 32",
    ),
    "nothing typed": (f"{_CARD}Then the driver received every byte value from port 0 of A", None, "nothing"),
}
