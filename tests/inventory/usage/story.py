"""A month of Go Bags, through the real services, small enough to count by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from core.db import transaction
from core.periods import Period, named
from inventory.bags import services as bags
from inventory.bags.models import IssueRoute
from tests.factories import World, submission
from tests.inventory.shelves import LATER, SHELVES, carry, fill_catalogue, issue, pack, receive

MAY = named(date(2026, 5, 1), date(2026, 5, 31))
JUNE = named(date(2026, 6, 1), date(2026, 6, 30))
AFTER = LATER + timedelta(hours=1)


def tell(world: World) -> None:
    """Tell a month.

    | day   | what                                                              |
    |-------|-------------------------------------------------------------------|
    | 4 May | the store receives its shelves and packs 4 Go Bags of them        |
    | 4 May | GB-00001 and GB-00002 to Salisbury, GB-00003 to Harbour House     |
    | 4 May | Salisbury issues GB-00001 (Romanian) and GB-00002, by officers    |
    | 4 May | Salisbury undoes the issue of GB-00002 an hour later              |
    | 4 May | Harbour House issues GB-00003, by a partner                       |
    """
    with transaction():
        fill_catalogue(world)
    receive(world, *SHELVES)
    made = pack(world, 4)
    for bag, place in zip(made, ("SALISBURY", "SALISBURY", "HARBOUR"), strict=False):
        carry(world, bag, place)
    issue(world, "GB-00001", booklet_language="ro")
    undo(world, issue(world, "GB-00002").slip, AFTER)
    issue(world, "GB-00003", "partner", route=IssueRoute.PARTNER)


def undo(world: World, slip: str, at: datetime) -> None:
    """Take an issue of Salisbury's back."""
    sergeant = world.actor("sergeant")
    with transaction():
        bags.undo_issue(
            slip, reason="Wrong bag scanned", scope=sergeant.scope, by=sergeant, at=at, submission_id=submission()
        )


__all__ = ["AFTER", "JUNE", "MAY", "Period", "tell", "undo"]
