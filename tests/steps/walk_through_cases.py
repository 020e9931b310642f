"""Cases for the steps of the walk-through that look at something; see ``test_then``."""

from __future__ import annotations

_CARD = "Given a card A with two ports\n"

#: What is played, what spoils the machine (nothing), and what the last step says that it has seen.
CASES = {
    "another card in lspci": (
        f'{_CARD}Then lspci in the guest shows "00: 86 80 {"00 " * 13}00" for A',
        None,
        "00: 48 43 53 32",
    ),
    "nothing typed": (f"{_CARD}Then the driver received every byte value from port 0 of A", None, "nothing"),
}
