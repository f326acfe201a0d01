"""Kinds of body and place."""

from enum import StrEnum


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
