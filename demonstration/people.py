"""Bodies, places and people of the demonstration: a force of nine places and two partner sites.

Nobody here exists. Places are named as in published plans of Wiltshire's estate (docs/SOURCES.md, KIT-4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from core.access import Actor, Role
from organisation.accounts import queries as accounts_read
from organisation.accounts import services as accounts
from organisation.accounts.rules import DEMONSTRATION_PASSWORD
from organisation.places import services as places
from organisation.places.rules import BodyKind, GridTown, PlaceKind

PASSWORD = DEMONSTRATION_PASSWORD
"""The one password of the demonstration; it is refused in a real service."""

BODIES = (
    ("OPCC", "Office of the Police and Crime Commissioner", BodyKind.OPCC),
    ("FORCE", "Chief Constable", BodyKind.FORCE),
    ("HARBOUR", "Harbour House", BodyKind.PARTNER),
    ("BRIDGE", "Bridge Street Church", BodyKind.PARTNER),
)

STORE = "STORE"

TOWNS = {
    "STORE": GridTown("Devizes", "East Wiltshire", 400, 161),
    "GABLECROSS": GridTown("Swindon", "Swindon", 418, 186),
    "SALISBURY": GridTown("Salisbury", "South Wiltshire", 414, 130),
    "MELKSHAM": GridTown("Melksham", "West Wiltshire", 390, 164),
    "TROWBRIDGE": GridTown("Trowbridge", "West Wiltshire", 386, 158),
    "CHIPPENHAM": GridTown("Chippenham", "North Wiltshire", 392, 173),
    "TIDWORTH": GridTown("Tidworth", "East Wiltshire", 424, 149),
    "WARMINSTER": GridTown("Warminster", "West Wiltshire", 387, 145),
    "RWB": GridTown("Royal Wootton Bassett", "North Wiltshire", 407, 182),
    "HARBOUR": GridTown("Marlborough", "East Wiltshire", 419, 169),
    "BRIDGE": GridTown("Bradford on Avon", "West Wiltshire", 382, 161),
}
"""Code of each place → its town. No place is ever located nearer."""


@dataclass(frozen=True)
class Station:
    """A place that issues Go Bags.

    Attributes:
        share: how often it issues, against the shares of the others.
        sergeant: the person who asks and issues there.
    """

    code: str
    name: str
    kind: PlaceKind
    body: str
    share: int
    sergeant: str


STATIONS = (
    Station("GABLECROSS", "Gablecross", PlaceKind.CUSTODY, "FORCE", 24, "gablecross"),
    Station("SALISBURY", "Salisbury", PlaceKind.RESPONSE, "FORCE", 18, "sergeant"),
    Station("MELKSHAM", "Melksham", PlaceKind.CUSTODY, "FORCE", 14, "melksham"),
    Station("TROWBRIDGE", "Trowbridge", PlaceKind.HUB, "FORCE", 10, "trowbridge"),
    Station("CHIPPENHAM", "Chippenham", PlaceKind.HUB, "FORCE", 10, "trowbridge"),
    Station("TIDWORTH", "Tidworth", PlaceKind.HUB, "FORCE", 5, "sergeant"),
    Station("WARMINSTER", "Warminster", PlaceKind.HUB, "FORCE", 4, "melksham"),
    Station("RWB", "Royal Wootton Bassett", PlaceKind.HUB, "FORCE", 4, "gablecross"),
    Station("HARBOUR", "Harbour House", PlaceKind.PARTNER, "HARBOUR", 8, "partner"),
    Station("BRIDGE", "Bridge Street Church", PlaceKind.PARTNER, "BRIDGE", 3, "bridge"),
)

ACCOUNTS: tuple[tuple[str, str, Role, tuple[str, ...]], ...] = (
    ("sergeant", "Sgt 1182 Salisbury", Role.SERGEANT, ("SALISBURY", "TIDWORTH")),
    ("gablecross", "Sgt 0947 Gablecross", Role.SERGEANT, ("GABLECROSS", "RWB")),
    ("melksham", "Sgt 2016 Melksham", Role.SERGEANT, ("MELKSHAM", "WARMINSTER")),
    ("trowbridge", "Sgt 1530 Trowbridge", Role.SERGEANT, ("TROWBRIDGE", "CHIPPENHAM")),
    ("storekeeper", "Storekeeper Devizes", Role.STOREKEEPER, (STORE,)),
    ("approver", "Insp 2204 Devizes", Role.APPROVER, (STORE, *(station.code for station in STATIONS))),
    ("grants", "Grant officer, OPCC", Role.GRANT_OFFICER, ()),
    ("reviewer", "Budget holder, OPCC", Role.BUDGET_HOLDER, ()),
    ("finance", "Chief Finance Officer, OPCC", Role.CHIEF_FINANCE_OFFICER, ()),
    ("auditor", "Auditor", Role.AUDITOR, ()),
    ("partner", "Harbour House duty lead", Role.PARTNER, ("HARBOUR",)),
    ("bridge", "Bridge Street duty lead", Role.PARTNER, ("BRIDGE",)),
    ("admin", "Service administrator", Role.ADMINISTRATOR, ()),
)
"""Sign-in name, name colleagues know, role, places. The address is the sign-in name at demo.example."""

SHOWN = ("sergeant", "storekeeper", "approver", "grants", "reviewer", "finance", "auditor", "partner", "admin")
"""The sign-ins that are printed and stand in the README."""


def address(name: str) -> str:
    """Give the address a person of the demonstration signs in with."""
    return f"{name}@demo.example"


def found_force(opened_on: date, *, at: datetime) -> None:
    """Record the bodies and open their places."""
    for code, name, kind in BODIES:
        places.found_body(code, name, kind, by=None, at=at)
    places.open_place(STORE, "Devizes store", PlaceKind.STORE, body_code="FORCE", opened_on=opened_on, by=None, at=at)
    for station in STATIONS:
        places.open_place(
            station.code,
            station.name,
            station.kind,
            body_code=station.body,
            opened_on=opened_on,
            supplied_by=STORE,
            by=None,
            at=at,
        )
    for code, town in TOWNS.items():
        places.locate_place(code, new=town, by=None, at=at)


def appoint(since: date, *, at: datetime) -> dict[str, Actor]:
    """Open the accounts and give their roles; give the people by sign-in name."""
    people = {}
    for name, known_as, role, codes in ACCOUNTS:
        roles: list[tuple[Role, str | None]] = [(role, code) for code in codes] or [(role, None)]
        account = accounts.open_account(address(name), known_as, roles, since, by=None, at=at, password=PASSWORD)
        people[name] = accounts_read.actor_of(account.id, on=since)
    return people
