"""Kinds of body and place."""

from dataclasses import dataclass
from enum import StrEnum

from core.errors import RuleBroken

MOST_EAST_KM, MOST_NORTH_KM = 700, 1_300
"""How far the Ordnance Survey's grid goes."""


class BodyKind(StrEnum):
    """Kinds of body. The Police and Crime Commissioner and the Chief Constable are separate corporations sole.

    Source: HO-1.
    """

    OPCC = "opcc"
    FORCE = "force"
    PARTNER = "partner"


class PlaceKind(StrEnum):
    """What a place is. The first five are real and hold stock; a Go Bag and *in transit* hold stock too.

    The rest are the outside: nothing appears from nowhere or goes there, but what lies there is not counted.
    """

    STORE = "store"
    CUSTODY = "custody"
    RESPONSE = "response base"
    HUB = "hub"
    PARTNER = "partner site"
    IN_TRANSIT = "in transit"
    BAG = "go bag"
    SUPPLIERS = "suppliers"
    DONORS = "donors"
    UNMADE = "not yet made up"
    ISSUED = "issued"
    WRITTEN_OFF = "written off"
    LOST_AND_FOUND = "lost and found"


REAL_KINDS = (PlaceKind.STORE, PlaceKind.CUSTODY, PlaceKind.RESPONSE, PlaceKind.HUB, PlaceKind.PARTNER)
"""Kinds of place a person can stand in."""

OUTSIDE_KINDS = (
    PlaceKind.SUPPLIERS,
    PlaceKind.DONORS,
    PlaceKind.UNMADE,
    PlaceKind.ISSUED,
    PlaceKind.WRITTEN_OFF,
    PlaceKind.LOST_AND_FOUND,
)
"""One place of each of these exists in every service; none keeps a balance."""


@dataclass(frozen=True)
class GridTown:
    """A town in whole kilometres of the Ordnance Survey's grid, counted from its south-western corner."""

    name: str
    area: str
    east_km: int
    north_km: int

    def __post_init__(self) -> None:
        """Refuse a town that is not on the grid, or has no name or area.

        Raises:
            RuleBroken: it has none.
        """
        if not self.name.strip():
            raise RuleBroken("Enter the town", "new_town")
        if not self.area.strip():
            raise RuleBroken("Enter the area, like West Wiltshire", "area")
        if not 0 <= self.east_km <= MOST_EAST_KM:
            raise RuleBroken(f"Kilometres east must be between 0 and {MOST_EAST_KM}", "east_km")
        if not 0 <= self.north_km <= MOST_NORTH_KM:
            raise RuleBroken(f"Kilometres north must be between 0 and {MOST_NORTH_KM:,}", "north_km")
