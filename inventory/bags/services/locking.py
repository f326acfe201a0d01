"""The order in which Go Bags are locked; SQLite needs none of it, for its writers queue already."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from core.db import ask
from inventory.bags.models import BagPosition
from organisation.places.models import Place

_PLACE = select(Place.id).where(Place.id == bindparam("place_id")).with_for_update(key_share=True)
_POSITION = select(BagPosition.place_id).where(BagPosition.bag_id == bindparam("bag_id")).with_for_update()
"""Built once: preparing a statement costs more than running it."""


def queue_for_bags(place_id: int) -> None:
    """Wait for this act's turn to decide on the Go Bags standing at a place.

    Whoever issues, sends or promises bags of a place calls this before counting them, so that what is promised
    never exceeds what stands there.

    Keeps: INV-16.
    """
    ask(_PLACE, place_id=place_id)


def locked_position(bag_id: int) -> int:
    """Lock where a bag is until the change commits, and give that place as it is now."""
    [(place_id,)] = ask(_POSITION, bag_id=bag_id)
    return int(place_id)
