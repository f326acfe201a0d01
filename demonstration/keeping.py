"""What the demonstration year leaves standing: a surge reserve at the store, and a cupboard sheet at a station."""

from __future__ import annotations

from demonstration.acts import Acts
from inventory.cupboard.services import print_sheet
from inventory.reserve.services import keep_back

RESERVE = {"item:PHONE": 10, "item:BOOK-RO": 10, "item:BOOK-VI": 5}
"""What the store keeps back, and how many."""

WHY = "Kept back for an operation with many victims at once"


def keep_a_reserve(acts: Acts) -> None:
    """Keep some phones, and booklets in two languages, back at the store."""
    acts.go_on(minutes=10)
    with acts.together():
        for key, unit_count in RESERVE.items():
            acts.do("storekeeper", keep_back, "STORE", key, unit_count, reason=WHY)


def leave_a_sheet_out(acts: Acts) -> None:
    """Print the sheet that hangs in the sergeant's cupboard, nothing of it keyed in yet."""
    acts.go_on(minutes=10)
    acts.do("sergeant", print_sheet, "SALISBURY")
