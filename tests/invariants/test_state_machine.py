"""Invariants I1 to I8 and I17 through any order of acts, against a model that shares no code with the product.

The model is plain dictionaries of integers. Each act is done through the service a person would use; an act that
should be refused is done too, and must change nothing. A failing run prints the acts that led to it.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.ctx import AppContext
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import func, select

from core.access import Scope
from core.db import Base, db, transaction
from core.errors import Refusal
from core.money import Pence
from grants.awards import services as awards
from grants.awards.rules import AwardTerms, Basis, Cadence, NewLine
from grants.position import queries as position
from grants.spending import services as spending
from grants.spending.models import Apportionment, SpendingRow
from grants.spending.rules import NewRow, Share, SpendingKind
from grants.spending.services.billing import ReceivedRow
from inventory.bags import queries as bags_read
from inventory.bags import services as bags
from inventory.bags.models import IssueRoute
from inventory.bags.rules import Fate, PackedLine
from inventory.catalogue import services as catalogue
from inventory.catalogue.models import Item
from inventory.catalogue.rules import ItemKind
from inventory.catalogue.rules import NewLine as RecipeLine
from inventory.deliveries.rules import DeliveredLine
from inventory.numbering import queries as numbering
from inventory.requests import queries as requests_read
from inventory.requests import services as requests
from inventory.stock import queries as stock
from inventory.stock.models import Balance, Lot
from organisation.suppliers import services as suppliers
from tests.conftest import Databases
from tests.factories import AT, World

ITEMS = ("SOAP", "TOWEL")
STORE, STATION = "STORE", "SALISBURY"
UNCHANGED = ("audit_leaf", "log_entry", "session_record", "reference_series", "submission", "note")
"""Tables that a refused act may not change either, but whose rows the fingerprint need not read."""


def fingerprint() -> dict[str, int]:
    """Count the rows of every table; append-only tables change only by growing, balances are read apart."""
    counted = {
        table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }
    counted["balances"] = db.session.scalar(select(func.sum(Balance.unit_count * Balance.lot_id))) or 0
    return counted


class Force(RuleBasedStateMachine):
    """A store, a station, a supplier and a grant of two lines."""

    app: Flask
    databases: Databases
    small_force: World

    def __init__(self) -> None:
        super().__init__()
        self.context: AppContext = self.app.app_context()
        self.context.push()
        db.engine.dispose()
        self.databases.renew("world")
        self.at = AT
        self.held: Counter[tuple[str, str]] = Counter()  # (place or bag tag, lot code) → units
        self.cost: dict[str, int] = {}  # lot code → pence
        self.units: dict[str, int] = {}  # lot code → units received
        self.expiry: dict[str, date] = {}
        self.rows: dict[str, int] = {}  # row reference → pence it costs
        self.apportioned: Counter[str] = Counter()  # row reference → pence
        self.bag_at: dict[str, str] = {}  # tag → place, or "issued"
        self.slips: dict[str, str] = {}  # slip → tag
        self.on_the_way: dict[str, dict[str, Any]] = {}  # dispatch → what it carries
        self.last: tuple[Callable[[], Any], str] | None = None
        self.seal = 0

    def teardown(self) -> None:
        db.session.remove()
        db.engine.dispose()
        self.context.pop()

    # ---- Doing things -----------------------------------------------------------------------------

    def do(self, who: str, service: Callable[..., Any], /, *args: Any, **facts: Any) -> Any:
        """Do an act as a person, remember how to send the same form again, and give what it made."""
        self.at += timedelta(minutes=7)
        actor = self.small_force.actor(who)
        facts |= {"by": actor, "at": self.at, "submission_id": str(uuid.uuid4())}
        if "scope" in service.__code__.co_varnames[: service.__code__.co_argcount + service.__code__.co_kwonlyargcount]:
            facts["scope"] = actor.scope

        def send() -> Any:
            with transaction():
                return service(*args, **facts)

        made = send()
        self.last = (send, str(getattr(made, "reference", getattr(made, "tag", getattr(made, "slip", "")))))
        return made

    @contextmanager
    def refused(self) -> Iterator[None]:
        """Expect a refusal that changes nothing."""
        before = fingerprint()
        with pytest.raises(Refusal):
            yield
        assert fingerprint() == before

    @initialize()
    def begin(self) -> None:
        self.do("grants", suppliers.add_supplier, code="ACME", name="Acme Goods")
        for code in ITEMS:
            self.do(
                "storekeeper", catalogue.add_item, code=code, name=code.title(), kind=ItemKind.CONTENT, expires=True
            )
        self.do(
            "storekeeper", catalogue.write_recipe_version, recipe_code="KIT", name="Kit",
            in_use_from=AT.date() - timedelta(days=10), lines=[RecipeLine(1, item_code=code) for code in ITEMS],
        )  # fmt: skip
        terms = AwardTerms(
            "G1", "Grant", "Home Office", "HO/1", "OPCC", "PX1", Pence(10_000_000), date(2026, 3, 1),
            date(2026, 4, 1), date(2027, 3, 31), Cadence.QUARTERLY, Basis.ACCRUALS,
        )  # fmt: skip
        lines = [NewLine(code, f"Line {code}", "Things for victims", Pence(5_000_000)) for code in ("A", "B")]
        self.do("grants", awards.record_award, terms, lines)

    @rule(code=st.sampled_from(ITEMS), units=st.integers(1, 12), net=st.integers(1, 9_999), days=st.integers(30, 400))
    def buy(self, code: str, units: int, net: int, days: int) -> None:
        """An invoice of one row, received in full at the store."""
        row = NewRow(code.title(), Pence(net), SpendingKind.GOODS, 0, Pence(0), item_code=code, unit_count=units)
        invoice = self.do(
            "grants", spending.record_invoice, [row], supplier_code="ACME", number=f"N{len(self.rows) + 1}",
            invoiced_on=self.at.date(), gross_pence=Pence(net),
        )  # fmt: skip
        reference = invoice.rows[0].reference
        expires_on = self.at.date() + timedelta(days=days)
        delivery = self.do(
            "storekeeper", spending.receive_against_invoice, invoice.reference,
            [ReceivedRow(reference, DeliveredLine(code, units, expires_on))], place_code=STORE,
            delivery_note=f"DN{len(self.rows)}", received_on=self.at.date(),
        )  # fmt: skip
        lot = delivery.lines[0].lot.code
        self.held[STORE, lot] = units
        self.units[lot], self.cost[lot], self.expiry[lot], self.rows[reference] = units, net, expires_on, net

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), line=st.sampled_from("AB"), tenths=st.integers(1, 13))
    def apportion(self, data: st.DataObject, line: str, tenths: int) -> None:
        """Charge part of what a row costs; more than is left is refused."""
        reference = data.draw(st.sampled_from(sorted(self.rows)))
        pence = max(1, self.rows[reference] * tenths // 10)
        share = [Share(f"G1/{line}", Pence(pence))]
        if self.apportioned[reference] + pence > self.rows[reference]:
            with self.refused():
                self.do("grants", spending.apportion, reference, share)
        else:
            self.do("grants", spending.apportion, reference, share)
            self.apportioned[reference] += pence

    @precondition(lambda self: +self.apportioned)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        """Take an apportionment back; a second time is refused."""
        reversed_ids = select(Apportionment.reverses_id).where(Apportionment.reverses_id.is_not(None))
        open_ids = db.session.scalars(
            select(Apportionment.id).where(Apportionment.reverses_id.is_(None), Apportionment.id.not_in(reversed_ids))
        ).all()
        chosen = data.draw(st.sampled_from(list(open_ids)))
        original = db.session.get_one(Apportionment, chosen)
        reference, pence = original.row.reference, original.pence
        opposite = self.do("grants", spending.reverse_apportionment, chosen)
        assert opposite.pence == -pence
        self.apportioned[reference] -= pence
        with self.refused():
            self.do("grants", spending.reverse_apportionment, chosen)

    def lots_of(self, code: str) -> list[str]:
        """Lots of an item at the store, earliest expiry first, as the model has them."""
        codes = dict(db.session.execute(select(Lot.code, Item.code).join(Item, Item.id == Lot.item_id)).all())
        here = [lot for (place, lot), count in self.held.items() if place == STORE and count and codes[lot] == code]
        return sorted(here, key=lambda lot: (self.expiry[lot], lot))

    @rule()
    def pack(self) -> None:
        """Pack a bag from what is proposed: the earliest expiry of each item. Without both items it is refused."""
        scope = self.small_force.actor("storekeeper").scope
        place = self.small_force.places[STORE]
        proposal = bags_read.proposed_contents("KIT", place, on=self.at.date(), scope=scope)
        first = {code: next(iter(self.lots_of(code)), None) for code in ITEMS}
        self.seal += 1
        packing = {"place_code": STORE, "seal_number": f"S{self.seal:05d}", "happened_at": self.at}
        if None in first.values():
            assert proposal.short
            with self.refused():
                self.do("storekeeper", bags.pack_bag, "KIT", contents=proposal.packed_lines(), **packing)
            return
        assert sorted(line.lot_code for line in proposal.packed_lines()) == sorted(str(lot) for lot in first.values())
        bag = self.do("storekeeper", bags.pack_bag, "KIT", contents=proposal.packed_lines(), **packing)
        for lot in first.values():
            self.held[STORE, str(lot)] -= 1
            self.held[bag.tag, str(lot)] += 1
        self.bag_at[bag.tag] = STORE

    def at_store(self) -> list[str]:
        return sorted(tag for tag, place in self.bag_at.items() if place == STORE)

    @precondition(lambda self: self.at_store())
    @rule(data=st.data())
    def send_bag(self, data: st.DataObject) -> None:
        """Ask for a bag, approve and dispatch one: it is in transit until it is received."""
        tag = data.draw(st.sampled_from(self.at_store()))
        asked = self.do("sergeant", requests.ask, STATION, [requests.AskedLine(1, recipe_code="KIT")])
        self.do("approver", requests.approve, asked.reference, {1: 1})
        sent = self.do("storekeeper", requests.dispatch, asked.reference, [requests.PickedBag(1, tag)])
        self.bag_at[tag] = "transit"
        self.on_the_way[sent.reference] = {"bag": tag}

    @rule(code=st.sampled_from(ITEMS), units=st.integers(1, 4))
    def send_loose(self, code: str, units: int) -> None:
        """Ask for loose units; the approver cannot promise more than the store has free."""
        asked = self.do(
            "sergeant", requests.ask, STATION, [requests.AskedLine(units, item_code=code, confirmed_count=units)]
        )
        free = sum(self.held[STORE, lot] for lot in self.lots_of(code))
        if free < units:
            with self.refused():
                self.do("approver", requests.approve, asked.reference, {1: units})
            self.do("approver", requests.refuse, asked.reference, reason="Not at the store")
            return
        self.do("approver", requests.approve, asked.reference, {1: units})
        picks, wanted = [], units
        for lot in self.lots_of(code):
            taken = min(wanted, self.held[STORE, lot])
            if taken:
                picks.append(requests.PickedLot(1, lot, taken))
                wanted -= taken
        sent = self.do("storekeeper", requests.dispatch, asked.reference, picks)
        for pick in picks:
            self.held[STORE, pick.lot_code] -= pick.unit_count
            self.held["transit", pick.lot_code] += pick.unit_count
        self.on_the_way[sent.reference] = {"lots": [(pick.lot_code, pick.unit_count) for pick in picks]}

    @precondition(lambda self: self.on_the_way)
    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        """Count a dispatch in, whole."""
        reference = data.draw(st.sampled_from(sorted(self.on_the_way)))
        carried = self.on_the_way.pop(reference)
        scope = Scope.everywhere()
        lines = requests_read.dispatch_by_reference(reference, scope=scope).lines
        counted = [requests.Counted(number, line.unit_count) for number, line in enumerate(lines, start=1)]
        self.do("sergeant", requests.receive, reference, counted)
        if "bag" in carried:
            self.bag_at[carried["bag"]] = STATION
        for lot, units in carried.get("lots", ()):
            self.held["transit", lot] -= units
            self.held[STATION, lot] += units

    @precondition(lambda self: self.bag_at)
    @rule(data=st.data())
    def issue(self, data: st.DataObject) -> None:
        """Hand over a bag that stands at the station; any other is refused and nothing changes."""
        tag = data.draw(st.sampled_from(sorted(self.bag_at)))
        facts = {"route": IssueRoute.OFFICER, "issued_at": self.at}
        if self.bag_at[tag] != STATION:
            with self.refused():
                self.do("sergeant", bags.issue_bag, tag, **facts)
            return
        issue = self.do("sergeant", bags.issue_bag, tag, **facts)
        self.slips[issue.slip] = tag
        self.bag_at[tag] = "issued"

    @precondition(lambda self: self.slips)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        """Correct an issue: the bag stands at the station again; a second correction is refused."""
        slip = data.draw(st.sampled_from(sorted(self.slips)))
        tag = self.slips.pop(slip)
        self.do("sergeant", bags.undo_issue, slip, reason="Handed over by mistake")
        self.bag_at[tag] = STATION
        with self.refused():
            self.do("sergeant", bags.undo_issue, slip, reason="Handed over by mistake")

    @precondition(lambda self: self.slips)
    @rule(data=st.data())
    def hand_back(self, data: st.DataObject) -> None:
        """Take an issued bag back, sealed: it stands at the station again, and its issue cannot be undone."""
        slip = data.draw(st.sampled_from(sorted(self.slips)))
        tag = self.slips.pop(slip)
        self.do("sergeant", bags.hand_back, tag, reason="Not needed after all")
        self.bag_at[tag] = STATION
        with self.refused():
            self.do("sergeant", bags.undo_issue, slip, reason="Handed over by mistake")

    @precondition(lambda self: self.at_store())
    @rule(data=st.data(), code=st.sampled_from(ITEMS))
    def open_and_top_up(self, data: st.DataObject, code: str) -> None:
        """Take one thing out of a bag, back to the shelf, and put the earliest of its kind in."""
        tag = data.draw(st.sampled_from(self.at_store()))
        codes = dict(db.session.execute(select(Lot.code, Item.code).join(Item, Item.id == Lot.item_id)).all())
        inside = next(lot for (place, lot), count in self.held.items() if place == tag and count and codes[lot] == code)
        facts = {"reason": "Looked inside", "seal_number": f"S{self.seal + 1:05d}"}
        self.do("storekeeper", bags.take_out, tag, inside, 1, fate=Fate.SHELF, **facts)
        self.held[tag, inside] -= 1
        self.held[STORE, inside] += 1
        first = self.lots_of(code)[0]
        facts["seal_number"] = f"S{self.seal + 2:05d}"
        self.seal += 2
        self.do("storekeeper", bags.put_in, tag, [PackedLine(first, 1)], **facts)
        self.held[STORE, first] -= 1
        self.held[tag, first] += 1

    @precondition(lambda self: self.last)
    @rule()
    def send_again(self) -> None:
        """The same form once more answers with what the first one made, and changes nothing (I17)."""
        assert self.last
        send, made = self.last
        before = fingerprint()
        again = send()
        assert fingerprint() == before
        assert str(getattr(again, "reference", getattr(again, "tag", getattr(again, "slip", "")))) == made

    # ---- What always holds --------------------------------------------------------------------------

    @invariant()
    def balances_are_the_moves(self) -> None:
        """I1, I2: kept balances equal the moves and the model, and none is below zero."""
        assert stock.unexplained_balances() == []
        assert list(numbering.kept_wrongly()) == []
        kept = db.session.execute(select(Balance.place_id, Balance.lot_id, Balance.unit_count))
        assert all(count >= 0 for _, _, count in kept)
        names = {
            self.small_force.places[STORE]: STORE,
            self.small_force.places[STATION]: STATION,
        }
        for place_id, name in names.items():
            there = {lot.code: lot.unit_count for lot in stock.lots_held(place_id)}
            assert there == {lot: n for (where, lot), n in self.held.items() if where == name and n}

    @invariant()
    def transfers_net_to_nothing(self) -> None:
        """I3: what is in transit is what the open dispatches carry."""
        if not self.units:
            return
        transit = stock.transit_to(self.small_force.places[STATION])
        there = {lot.code: lot.unit_count for lot in stock.lots_held(transit)}
        assert there == {lot: n for (where, lot), n in self.held.items() if where == "transit" and n}

    @invariant()
    def lots_keep_their_cost(self) -> None:
        """I4, I5: wherever a lot's units are, their pence add up to what the lot cost; I7: and to what is charged."""
        if not self.units:
            return
        ids = dict(db.session.execute(select(Lot.code, Lot.id)).all())
        costs = position.lot_costs(ids.values())
        afresh = stock.numbering_of(ids.values())
        for code, lot_id in ids.items():
            standing = {place: units for place, units in afresh[lot_id].standing.items() if units}
            pence = [costs[lot_id].pence_of(units) for units in standing.values()]
            assert sum(pence) == self.cost[code]
            assert all(type(each) is int for each in pence)
            assert min(pence) >= 0

    @invariant()
    def apportionments_stay_within_cost(self) -> None:
        """I7, I8: what is charged for a row is what the model charged, and never more than it costs."""
        charged = db.session.execute(
            select(SpendingRow.reference, func.sum(Apportionment.pence))
            .join(Apportionment, Apportionment.row_id == SpendingRow.id)
            .group_by(SpendingRow.reference)
        )
        for reference, pence in charged:
            assert int(pence) == self.apportioned[reference] <= self.rows[reference]


@pytest.mark.slow
def test_the_invariants_hold_through_any_order_of_acts(app: Flask, databases: Databases, world_template: World) -> None:
    class OnThisDatabase(Force):
        pass

    OnThisDatabase.app, OnThisDatabase.databases, OnThisDatabase.small_force = app, databases, world_template
    run(
        OnThisDatabase,
        settings=settings(
            max_examples=10,
            phases=(Phase.explicit, Phase.generate),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
