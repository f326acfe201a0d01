"""A force with a history: stations, lots that an award paid for, and moves from the store to the hand."""

from __future__ import annotations

import uuid
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import islice
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
MOST_USED, REFILL, CHUNK = 11, 30, 10_000
"""Units used at once, units sent to a station that has too few for that, and past moves imported at once."""
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
    _stock(force, lots=lots_of(moves), units=units_of_lot(moves))
    _pack(force)
    drawn = islice(_history(moves, Random(moves)), moves)
    while chunk := list(islice(drawn, CHUNK)):
        force.do("storekeeper", import_moves, chunk)
    keep_up()  # as the scheduler does after a large import
    return force


def lots_of(moves: int) -> int:
    """Give how many lots a force of so many moves has: about the 465, 1,155 and 6,072 of the workload."""
    return 400 + moves * 567 // 100_000


def units_of_lot(moves: int) -> int:
    """Give how many units a lot has, so that a history uses up nearly all that came, and a small one is not short."""
    return max(400, moves * (MOST_USED // 2) * 11 // (10 * lots_of(moves)))


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


def _stock(force: Force, *, lots: int, units: int) -> None:
    """Record an award, items and invoices, and receive one lot a row at the store."""
    force.do("grants", suppliers.add_supplier, code="ACME", name="Acme Goods")
    for n in range(ITEMS):
        force.do("storekeeper", catalogue.add_item, code=f"I{n:02d}", name=f"Item {n}", kind=ItemKind.CONTENT)
    for award in AWARDS:
        _award(force, *award)
    invoices = -(-lots // ROWS_AN_INVOICE)
    for number in range(invoices):
        _invoice(force, number, *AWARDS[number * len(AWARDS) // invoices], units=units)
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


def _invoice(force: Force, number: int, award: str, first: date, *, units: int) -> None:
    """Record an invoice of one award, apportion its rows over the award's lines, and receive its goods."""
    day = first + timedelta(days=number % 40)
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


@dataclass
class _Shelves:
    """What places hold, by item: lots and their units, the oldest first."""

    held: defaultdict[tuple[int, int], deque[tuple[int, int]]] = field(default_factory=lambda: defaultdict(deque))

    def count(self, place: int, item: int) -> int:
        return sum(units for _, units in self.held[place, item])

    def put(self, place: int, item: int, lot: int, units: int) -> None:
        self.held[place, item].append((lot, units))

    def take(self, place: int, item: int, wanted: int) -> Iterator[tuple[int, int]]:
        """Use the oldest first; give what there is, lot by lot."""
        there = self.held[place, item]
        while wanted and there:
            lot, units = there.popleft()
            taken = min(wanted, units)
            if taken < units:
                there.appendleft((lot, units - taken))
            wanted -= taken
            yield lot, taken


def _history(moves: int, random: Random) -> Iterator[PastMove]:
    """Draw past moves: a station uses an item, oldest lot first, and has more sent by the store before it lacks."""
    lots = _lots_at_store()
    store, items = lots[0].place_id, sorted({lot.item_id for lot in lots})
    stations = list(db.session.scalars(select(Place.id).where(Place.kind == PlaceKind.HUB)))
    issued, written_off = stock.outside(PlaceKind.ISSUED), stock.outside(PlaceKind.WRITTEN_OFF)
    shelves, start, number = _Shelves(), AT - timedelta(days=1_400), 0
    while True:
        at = start + timedelta(seconds=min(number, moves) * 1_400 * 86_400 // moves)
        while lots and lots[0].received_on <= local_day(at):
            came = lots.popleft()
            shelves.put(store, came.item_id, came.lot_id, came.unit_count)
        station, item, wanted = random.choice(stations), random.choice(items), random.randrange(1, MOST_USED)
        if shelves.count(station, item) < wanted:
            for lot, units in shelves.take(store, item, REFILL):
                shelves.put(station, item, lot, units)
                yield PastMove(at, f"OLD-{number}", lot, store, station, units)
                number += 1
        end = written_off if random.random() < 0.03 else issued
        for lot, units in shelves.take(station, item, wanted):
            yield PastMove(at, f"OLD-{number}", lot, station, end, units)
            number += 1


@dataclass(frozen=True)
class _AtStore:
    """A lot that came to the store, what of it is loose there, and the day it came."""

    place_id: int
    item_id: int
    lot_id: int
    unit_count: int
    received_on: date


def _lots_at_store() -> deque[_AtStore]:
    """List the lots at the store in the order they came."""
    held = db.session.execute(
        select(Balance.place_id, Lot.item_id, Balance.lot_id, Balance.unit_count, Delivery.received_on)
        .join(Lot, Lot.id == Balance.lot_id)
        .join(DeliveryLine, DeliveryLine.id == Lot.delivery_line_id)
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(Balance.place_id == Delivery.place_id)
        .order_by(Delivery.received_on, Lot.id)
    )
    return deque(_AtStore(*row) for row in held)


def a_lot() -> int:
    """Give a lot of which the store still has plenty."""
    asked = select(Balance.lot_id).join(Place, Place.id == Balance.place_id).where(Place.kind == PlaceKind.STORE)
    return int(db.session.execute(asked.order_by(Balance.unit_count.desc(), Balance.lot_id).limit(1)).scalar_one())


def code_of_a_lot() -> str:
    """Give the code of a lot that was sent out again and again."""
    return db.session.scalars(select(Lot.code).order_by(Lot.id).limit(1)).one()
