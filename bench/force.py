"""The force whose history the workload is: its places and people, and what its pages are read of."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import func, select

from bench.workload.facts import LAST, PARTNERS, STATION, STATIONS, STORES
from core.access import Actor, Role
from core.dates import moment_on
from core.db import db, transaction
from inventory.bags import queries as bags_read
from inventory.bags import services as bags
from inventory.catalogue import services as catalogue
from inventory.catalogue.models import Item
from inventory.catalogue.rules import NewLine as RecipeLine
from inventory.pars import services as pars
from inventory.stock.models import Balance, Lot
from organisation.accounts import queries as accounts_read
from organisation.accounts import services as accounts
from organisation.places import services as places
from organisation.places.models import Place
from organisation.places.rules import BodyKind, PlaceKind

TODAY = LAST
AT = moment_on(TODAY, time(23))
STORE, PARS, THINGS_IN_A_BAG = STORES[0], 20, 6
"""The store that pages are read of, how many par levels its station has, and how many things are in a Go Bag."""
PASSWORD = "green kettle under ladder"


@dataclass
class Force:
    """The people and places a measurement needs."""

    people: dict[str, Actor]
    place_ids: dict[str, int]
    tag: str = ""
    count: str = ""

    def do(self, who: str, service: Any, /, *args: Any, **facts: Any) -> Any:
        """Do one act as a person."""
        actor = self.people[who]
        facts |= {"by": actor, "at": AT, "submission_id": str(uuid.uuid4())}
        code = service.__code__
        if "scope" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]:
            facts["scope"] = actor.scope
        with transaction():
            return service(*args, **facts)


def found() -> Force:
    """Open the places and the accounts of a force that holds nothing yet."""
    with transaction():
        for code, kind in (("OPCC", BodyKind.OPCC), ("FORCE", BodyKind.FORCE), ("PARTNER", BodyKind.PARTNER)):
            places.found_body(code, code.title(), kind, by=None, at=AT)
        opened = date(2022, 1, 1)
        kinds = [(STORES, PlaceKind.STORE), (STATIONS, PlaceKind.HUB), (PARTNERS, PlaceKind.PARTNER)]
        ids = {
            code: places.open_place(
                code, code, kind, body_code="PARTNER" if kind is PlaceKind.PARTNER else "FORCE", opened_on=opened,
                supplied_by=None if kind is PlaceKind.STORE else STORE, by=None, at=AT,
            ).id
            for those, kind in kinds
            for code in those
        }  # fmt: skip
        codes = list(ids)
        roles: dict[str, list[tuple[Role, str | None]]] = {
            "sergeant": [(Role.SERGEANT, STATION)],
            "storekeeper": [(Role.STOREKEEPER, code) for code in STORES],
            "approver": [(Role.APPROVER, code) for code in codes],
            "grants": [(Role.GRANT_OFFICER, None)],
        }
        people = {}
        for name, held in roles.items():
            account = accounts.open_account(
                f"{name}@bench.example", name.title(), held, opened, by=None, at=AT, password=PASSWORD
            )
            people[name] = accounts_read.actor_of(account.id, on=TODAY)
    return Force(people, ids)


def furnish(force: Force) -> None:
    """Set par levels at the station, and pack twenty Go Bags of what its store has most of."""
    items = _most_held(force.place_ids[STORE])
    for code in items:
        force.do("approver", pars.set_par, STATION, level_count=20, item_code=code)
    recipe = [RecipeLine(1, item_code=code) for code in items[:THINGS_IN_A_BAG]]
    force.do(
        "storekeeper", catalogue.write_recipe_version, recipe_code="KIT", name="Kit",
        in_use_from=date(2022, 1, 1), lines=recipe,
    )  # fmt: skip
    _pack(force)


def _most_held(place_id: int) -> list[str]:
    """List items by how much of them a place holds, the most first."""
    asked = select(Item.code).join(Lot, Lot.item_id == Item.id).join(Balance, Balance.lot_id == Lot.id)
    asked = asked.where(Balance.place_id == place_id).group_by(Item.id, Item.code)
    return list(db.session.scalars(asked.order_by(func.sum(Balance.unit_count).desc(), Item.code).limit(PARS)))


def _pack(force: Force) -> None:
    scope = force.people["storekeeper"].scope
    proposal = bags_read.proposed_contents("KIT", force.place_ids[STORE], bag_count=20, on=TODAY, scope=scope)
    packed = force.do(
        "storekeeper", bags.pack_run, "KIT", place_code=STORE, seal_numbers=[f"S{n:05d}" for n in range(20)],
        contents=proposal.packed_lines(), happened_at=AT,
    )  # fmt: skip
    force.tag = packed[0].tag


def a_lot() -> int:
    """Give a lot of which the store still has plenty."""
    asked = select(Balance.lot_id).join(Place, Place.id == Balance.place_id).where(Place.code == STORE)
    return int(db.session.execute(asked.order_by(Balance.unit_count.desc(), Balance.lot_id).limit(1)).scalar_one())


def code_of_a_lot() -> str:
    """Give the code of a lot that was sent out again and again."""
    return db.session.scalars(select(Lot.code).order_by(Lot.id).limit(1)).one()
