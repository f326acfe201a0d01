"""A force with a history: stations, lots that an award paid for, and moves from the store to the hand."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from core.access import Actor, Role
from core.dates import moment_on
from core.db import db, transaction
from core.money import Pence
from grants.awards import services as awards
from grants.awards.rules import AwardTerms, Basis, Cadence, NewLine
from grants.spending import services as spending
from grants.spending.rules import NewRow, Share, SpendingKind
from grants.spending.services.billing import ReceivedRow
from inventory.bags import queries as bags_read
from inventory.bags import services as bags
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import ItemKind
from inventory.catalogue.rules import NewLine as RecipeLine
from inventory.deliveries.rules import DeliveredLine
from inventory.history.rules import PastMove
from inventory.history.services import import_moves
from inventory.pars import services as pars
from inventory.stock import queries as stock
from inventory.stock.models import Balance, Lot
from organisation.accounts import queries as accounts_read
from organisation.accounts import services as accounts
from organisation.places import services as places
from organisation.places.models import Place
from organisation.places.rules import BodyKind, PlaceKind
from organisation.suppliers import services as suppliers

TODAY = date(2026, 6, 30)
AT = moment_on(TODAY, time(9))
STATIONS, ITEMS, ROWS_AN_INVOICE = 40, 40, 10
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


def build(moves: int) -> Force:
    """Build the force and bring so many past moves in."""
    force = _found()
    _stock(force, lots=max(40, moves // 160))
    _pack(force)
    for chunk in _history(moves, Random(moves)):
        force.do("storekeeper", import_moves, chunk)
    return force


def _found() -> Force:
    with transaction():
        for code, kind in (("OPCC", BodyKind.OPCC), ("FORCE", BodyKind.FORCE)):
            places.found_body(code, code.title(), kind, by=None, at=AT)
        opened = date(2022, 1, 1)
        stations = [(f"S{n:02d}", PlaceKind.HUB, "STORE") for n in range(STATIONS)]
        ids = {
            code: places.open_place(
                code, f"Place {code}", kind, body_code="FORCE", opened_on=opened, supplied_by=store, by=None, at=AT
            ).id
            for code, kind, store in [("STORE", PlaceKind.STORE, None), *stations]
        }
        codes = list(ids)
        roles: dict[str, list[tuple[Role, str | None]]] = {
            "sergeant": [(Role.SERGEANT, "S00")],
            "storekeeper": [(Role.STOREKEEPER, "STORE")],
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


def _stock(force: Force, *, lots: int) -> None:
    """Record an award, items and invoices, and receive one lot a row at the store."""
    force.do("grants", suppliers.add_supplier, code="ACME", name="Acme Goods")
    for n in range(ITEMS):
        force.do("storekeeper", catalogue.add_item, code=f"I{n:02d}", name=f"Item {n}", kind=ItemKind.CONTENT)
    terms = AwardTerms(
        "BENCH", "Benchmark award", "Home Office", "HO/B", "OPCC", "PXB", Pence(900_000_000), date(2022, 1, 1),
        date(2022, 4, 1), date(2027, 3, 31), Cadence.QUARTERLY, Basis.ACCRUALS,
    )  # fmt: skip
    lines = [NewLine(code, f"Line {code}", "Goods for victims", Pence(150_000_000)) for code in "ABCDEF"]
    force.do("grants", awards.record_award, terms, lines)
    for number in range(0, lots, ROWS_AN_INVOICE):
        _invoice(force, number)
    recipe = [RecipeLine(1, item_code=f"I{n:02d}") for n in range(6)]
    force.do(
        "storekeeper", catalogue.write_recipe_version, recipe_code="KIT", name="Kit",
        in_use_from=date(2022, 1, 1), lines=recipe,
    )  # fmt: skip
    for n in range(0, ITEMS, 2):
        force.do("approver", pars.set_par, "S00", level_count=20, item_code=f"I{n:02d}")


def _invoice(force: Force, number: int) -> None:
    units = 100_000
    codes = [f"I{(number + n) % ITEMS:02d}" for n in range(ROWS_AN_INVOICE)]
    rows = [
        NewRow(code, Pence(99_991), SpendingKind.GOODS, 0, Pence(0), item_code=code, unit_count=units) for code in codes
    ]
    invoice = force.do(
        "grants", spending.record_invoice, rows, supplier_code="ACME", number=f"B{number}",
        invoiced_on=date(2022, 5, 2), gross_pence=Pence(99_991 * len(rows)),
    )  # fmt: skip
    references = [row.reference for row in invoice.rows]
    for place, reference in enumerate(references):
        force.do("grants", spending.apportion, reference, [Share(f"BENCH/{'ABCDEF'[place % 6]}", Pence(99_991))])
    received = [ReceivedRow(ref, DeliveredLine(code, units)) for ref, code in zip(references, codes, strict=True)]
    force.do(
        "storekeeper", spending.receive_against_invoice, invoice.reference, received, place_code="STORE",
        delivery_note=f"DN{number}", received_on=date(2022, 5, 3),
    )  # fmt: skip


def _pack(force: Force) -> None:
    scope = force.people["storekeeper"].scope
    proposal = bags_read.proposed_contents("KIT", force.place_ids["STORE"], bag_count=20, on=TODAY, scope=scope)
    packed = force.do(
        "storekeeper", bags.pack_run, "KIT", place_code="STORE", seal_numbers=[f"S{n:05d}" for n in range(20)],
        contents=proposal.packed_lines(), happened_at=AT,
    )  # fmt: skip
    force.tag = packed[0].tag


def _history(moves: int, random: Random) -> Iterator[list[PastMove]]:
    """Draw past moves in chunks: three in five go out from the store, the rest are issued or written off."""
    held = db.session.execute(select(Balance.place_id, Balance.lot_id, Balance.unit_count)).all()
    store = next(place for place, _, count in held if count > 1_000)
    lots = [lot for place, lot, _ in held if place == store]
    stations = list(db.session.scalars(select(Place.id).where(Place.kind == PlaceKind.HUB)))
    issued, written_off = stock.outside(PlaceKind.ISSUED), stock.outside(PlaceKind.WRITTEN_OFF)
    loose: list[tuple[int, int, int]] = []
    chunk: list[PastMove] = []
    start = AT - timedelta(days=1_400)
    for number in range(moves):
        at = start + timedelta(seconds=number * 1_400 * 86_400 // moves)
        if len(loose) < 200 or random.random() < 0.6:
            lot, place, units = random.choice(lots), random.choice(stations), random.randrange(1, 12)
            chunk.append(PastMove(at, f"OLD-{number}", lot, store, place, units))
            loose.append((place, lot, units))
        else:
            place, lot, units = loose.pop(random.randrange(len(loose)))
            end = written_off if random.random() < 0.03 else issued
            chunk.append(PastMove(at, f"OLD-{number}", lot, place, end, units))
        if len(chunk) == 10_000:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def a_lot() -> int:
    """Give a lot of which the store still has plenty."""
    return int(db.session.execute(select(Lot.id).order_by(Lot.id.desc()).limit(1)).scalar_one())


def code_of_a_lot() -> str:
    """Give the code of a lot that was sent out again and again."""
    return db.session.scalars(select(Lot.code).order_by(Lot.id).limit(1)).one()
