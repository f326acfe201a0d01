"""A force with a history: stations, lots that an award paid for, and moves from the store to the hand."""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from core.access import Actor, Role
from core.dates import local_day, moment_on
from core.db import db, transaction
from core.money import Pence
from grants.awards import services as awards
from grants.awards.rules import AwardTerms, Basis, Cadence, NewLine
from grants.position.commands import keep_up
from grants.spending import services as spending
from grants.spending.rules import NewRow, Share, SpendingKind
from grants.spending.services.billing import ReceivedRow
from inventory.bags import queries as bags_read
from inventory.bags import services as bags
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import ItemKind
from inventory.catalogue.rules import NewLine as RecipeLine
from inventory.deliveries.models import Delivery, DeliveryLine
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
GRANTS, YEARS, LINES = 5, (2022, 2023, 2024, 2025), "ABCDEFGH"
"""Awards of a year each, from July to June, as in the workload the targets were taken from."""
PASSWORD = "green kettle under ladder"
AWARDS = [(f"G{grant}-{year}", date(year, 7, 1)) for year in YEARS for grant in range(1, GRANTS + 1)]
"""Code and first day of each award, oldest first."""


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
    _stock(force, lots=lots_of(moves))
    _pack(force)
    for chunk in _history(moves, Random(moves)):
        force.do("storekeeper", import_moves, chunk)
    keep_up()  # as the scheduler does after a large import
    return force


def lots_of(moves: int) -> int:
    """Give how many lots a force of so many moves has: about the 465, 1,155 and 6,072 of the workload."""
    return 400 + moves * 567 // 100_000


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
    for award in AWARDS:
        _award(force, *award)
    invoices = -(-lots // ROWS_AN_INVOICE)
    for number in range(invoices):
        _invoice(force, number, *AWARDS[number * len(AWARDS) // invoices])
    recipe = [RecipeLine(1, item_code=f"I{n:02d}") for n in range(6)]
    force.do(
        "storekeeper", catalogue.write_recipe_version, recipe_code="KIT", name="Kit",
        in_use_from=date(2022, 1, 1), lines=recipe,
    )  # fmt: skip
    for n in range(0, ITEMS, 2):
        force.do("approver", pars.set_par, "S00", level_count=20, item_code=f"I{n:02d}")


def _award(force: Force, code: str, first: date) -> None:
    terms = AwardTerms(
        code, f"Benchmark award {code}", "Home Office", f"HO/{code}", "OPCC", f"PX{code}", Pence(1_200_000_000),
        first - timedelta(days=60), first, date(first.year + 1, 6, 30), Cadence.QUARTERLY, Basis.ACCRUALS,
    )  # fmt: skip
    lines = [NewLine(line, f"Line {line}", "Goods for victims", Pence(150_000_000)) for line in LINES]
    force.do("grants", awards.record_award, terms, lines)


def _invoice(force: Force, number: int, award: str, first: date) -> None:
    """Record an invoice of one award, apportion its rows over the award's lines, and receive its goods."""
    units, day = 100_000, first + timedelta(days=number % 40)
    codes = [f"I{(number * ROWS_AN_INVOICE + n) % ITEMS:02d}" for n in range(ROWS_AN_INVOICE)]
    rows = [
        NewRow(code, Pence(99_991), SpendingKind.GOODS, 0, Pence(0), item_code=code, unit_count=units) for code in codes
    ]
    invoice = force.do(
        "grants", spending.record_invoice, rows, supplier_code="ACME", number=f"B{number}",
        invoiced_on=day, gross_pence=Pence(99_991 * len(rows)),
    )  # fmt: skip
    references = [row.reference for row in invoice.rows]
    for place, reference in enumerate(references):
        line = LINES[(number * ROWS_AN_INVOICE + place) % len(LINES)]
        force.do("grants", spending.apportion, reference, [Share(f"{award}/{line}", Pence(99_991))])
    received = [ReceivedRow(ref, DeliveredLine(code, units)) for ref, code in zip(references, codes, strict=True)]
    force.do(
        "storekeeper", spending.receive_against_invoice, invoice.reference, received, place_code="STORE",
        delivery_note=f"DN{number}", received_on=day,
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
    """Draw past moves in chunks: three in five send out a lot that had come, the rest are issued or written off."""
    store, lots, days = _lots_at_store()
    stations = list(db.session.scalars(select(Place.id).where(Place.kind == PlaceKind.HUB)))
    issued, written_off = stock.outside(PlaceKind.ISSUED), stock.outside(PlaceKind.WRITTEN_OFF)
    loose: list[tuple[int, int, int]] = []
    chunk: list[PastMove] = []
    start = AT - timedelta(days=1_400)
    for number in range(moves):
        at = start + timedelta(seconds=number * 1_400 * 86_400 // moves)
        if len(loose) < 200 or random.random() < 0.6:
            there = bisect_right(days, local_day(at))
            lot, place, units = lots[random.randrange(there)], random.choice(stations), random.randrange(1, 12)
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


def _lots_at_store() -> tuple[int, list[int], list[date]]:
    """Give the store, its lots in the order they came, and the days they came."""
    held = db.session.execute(
        select(Balance.place_id, Balance.lot_id, Delivery.received_on)
        .join(Lot, Lot.id == Balance.lot_id)
        .join(DeliveryLine, DeliveryLine.id == Lot.delivery_line_id)
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(Balance.place_id == Delivery.place_id)
        .order_by(Delivery.received_on, Lot.id)
    ).all()
    return held[0][0], [lot for _, lot, _ in held], [day for _, _, day in held]


def a_lot() -> int:
    """Give a lot of which the store still has plenty."""
    return int(db.session.execute(select(Lot.id).order_by(Lot.id.desc()).limit(1)).scalar_one())


def code_of_a_lot() -> str:
    """Give the code of a lot that was sent out again and again."""
    return db.session.scalars(select(Lot.code).order_by(Lot.id).limit(1)).one()
