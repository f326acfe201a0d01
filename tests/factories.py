"""A small force for tests, built through the real services.

Two stations (Salisbury and Trowbridge) and a partner site (Harbour House) are supplied by the store at Devizes.
Nobody holds stock yet: a test's own docstring says what it puts where.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime

from core.access import Actor, Appointment, Role
from core.db import transaction
from organisation.accounts import services as accounts
from organisation.places import services as places
from organisation.places.models import Place
from organisation.places.rules import BodyKind, PlaceKind

OPENED = date(2025, 4, 1)
AT = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
"""The moment most tests act at: Monday 4 May 2026, 10:00 in London."""

PASSWORD = "green kettle under ladder"


@dataclass(frozen=True)
class World:
    """Ids of places by code and the people by what they are called in tests."""

    places: dict[str, int]
    people: dict[str, Actor]

    def actor(self, name: str) -> Actor:
        """Give the person with every appointment held."""
        return self.people[name]


PEOPLE: dict[str, tuple[Role, tuple[str, ...]]] = {
    "sergeant": (Role.SERGEANT, ("SALISBURY",)),
    "other sergeant": (Role.SERGEANT, ("TROWBRIDGE",)),
    "partner": (Role.PARTNER, ("HARBOUR",)),
    "storekeeper": (Role.STOREKEEPER, ("STORE",)),
    "approver": (Role.APPROVER, ("SALISBURY", "TROWBRIDGE", "HARBOUR", "STORE")),
    "grants": (Role.GRANT_OFFICER, ()),
    "reviewer": (Role.BUDGET_HOLDER, ()),
    "finance": (Role.CHIEF_FINANCE_OFFICER, ()),
    "auditor": (Role.AUDITOR, ()),
    "admin": (Role.ADMINISTRATOR, ()),
}
"""Name in tests → role and the codes of its places; none means everywhere."""


def submission() -> str:
    """Give a fresh submission id, as a form would carry."""
    return str(uuid.uuid4())


def make_world() -> World:
    """Build the small force; give the ids of its places and its people."""
    with transaction():
        _bodies()
        opened = _places()
        people = _people(opened)
    return World(opened, people)


def _bodies() -> None:
    for code, name, kind in (
        ("OPCC", "Office of the Police and Crime Commissioner", BodyKind.OPCC),
        ("FORCE", "Chief Constable", BodyKind.FORCE),
        ("HARBOUR", "Harbour House", BodyKind.PARTNER),
    ):
        places.found_body(code, name, kind, by=None, at=AT)


def _places() -> dict[str, int]:
    made: dict[str, int] = {}
    rows: list[tuple[str, str, PlaceKind, str, str | None]] = [
        ("STORE", "Devizes store", PlaceKind.STORE, "FORCE", None),
        ("SALISBURY", "Salisbury", PlaceKind.RESPONSE, "FORCE", "STORE"),
        ("TROWBRIDGE", "Trowbridge", PlaceKind.HUB, "FORCE", "STORE"),
        ("HARBOUR", "Harbour House", PlaceKind.PARTNER, "HARBOUR", "STORE"),
    ]
    for code, name, kind, body, store in rows:
        place: Place = places.open_place(
            code, name, kind, body_code=body, opened_on=OPENED, supplied_by=store, by=None, at=AT
        )
        made[code] = place.id
    return made


def _people(opened: dict[str, int]) -> dict[str, Actor]:
    people = {}
    for name, (role, codes) in PEOPLE.items():
        account = accounts.open_account(
            f"{name.replace(' ', '.')}@test.example",
            name.title(),
            [(role, code) for code in codes] or [(role, None)],
            OPENED,
            by=None,
            at=AT,
            password=PASSWORD,
        )
        held: list[int | None] = [opened[code] for code in codes] or [None]
        people[name] = Actor(account.id, account.name, tuple(Appointment(role, place_id) for place_id in held))
    return people
