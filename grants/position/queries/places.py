"""What the places mean at which units are: held, on their way, or gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from core.db import db
from grants.position.rules import Whereabouts, whereabouts_of
from inventory.bags.models import Bag, BagPosition
from inventory.stock.models import IN_STOCK, Balance
from organisation.places.models import Place
from organisation.places.rules import PlaceKind


@dataclass(frozen=True)
class Standing:
    """A place units are at, with what that means for them.

    Attributes:
        tag: of the Go Bag, when the place is one.
        stands_in: name of the place a Go Bag stands in; the place's own name otherwise.
    """

    place_id: int
    kind: PlaceKind
    whereabouts: Whereabouts
    stands_in: str
    tag: str | None


def standings(lots: Select[int]) -> dict[int, Standing]:
    """Say what the places mean at which units of lots are, every place outside included: place id → standing."""
    return standings_by(places_of(lots))


def standings_by(asked: Select[*tuple[Any, ...]], facts: Mapping[str, Any] | None = None) -> dict[int, Standing]:
    """Say the same by ``places_of``, built beforehand, with its parameters."""
    return {
        place_id: Standing(place_id, kind, whereabouts_of(kind, bag_stands_in=stands_in), inner or name, tag)
        for place_id, kind, name, tag, stands_in, inner in db.session.execute(asked, facts)
    }


def places_of(lots: Select[int]) -> Select[*tuple[Any, ...]]:
    """Select the places at which units of lots are, and every place outside."""
    inside = aliased(Place)
    holding = select(Balance.place_id).where(Balance.lot_id.in_(lots), IN_STOCK)
    return (
        select(Place.id, Place.kind, Place.name, Bag.tag, inside.kind, inside.name)
        .outerjoin(Bag, Bag.place_id == Place.id)
        .outerjoin(BagPosition, BagPosition.bag_id == Bag.id)
        .outerjoin(inside, inside.id == BagPosition.place_id)
        .where(Place.id.in_(holding) | ~Place.holds_stock)
    )
