"""Invariants of the stock through any order of acts, against a model that shares no code with the product.

I1 to I8, I14, I17, INV-28, INV-29 and INV-37. The model is plain dictionaries of integers
(tests/invariants/shelf.py). Each act is done through the service a person would use; an act that should be refused is
done too, and must change nothing. A failing run prints the acts that led to it.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import invariant
from sqlalchemy import func, select

from core.access import Scope
from core.db import db
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
from inventory.bags.models import Bag, Issue, IssueRoute
from inventory.bags.rules import Fate, PackedLine
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import ItemKind
from inventory.catalogue.rules import NewLine as RecipeLine
from inventory.deliveries.rules import DeliveredLine
from inventory.numbering import queries as numbering
from inventory.requests import queries as requests_read
from inventory.requests import services as requests
from inventory.stock import queries as stock
from inventory.stock.models import Balance, Lot, Move
from organisation.places.rules import PlaceKind
from organisation.suppliers import services as suppliers
from tests.conftest import Databases
from tests.factories import AT, World
from tests.invariants.acting import act, hold_through
from tests.invariants.card_acts import Cards
from tests.invariants.closing_acts import Closing
from tests.invariants.phone_acts import Phones
from tests.invariants.recall_acts import Recalls
from tests.invariants.shelf import ITEMS, STATION, STORE


class Force(Recalls, Phones, Closing, Cards):
    """A store, a station, a supplier and a grant of two lines."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, tuple[int, ...]] = {}

    def tell(self) -> None:
        """Buy four lots, pack four bags, send some on, hand one over; then receive the phones."""
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
        for code, units, net, days in (
            ("SOAP", 7, 10_00, 500), ("TOWEL", 6, 33_35, 700), ("SOAP", 5, 7_77, 420), ("TOWEL", 8, 99_99, 430),
        ):  # fmt: skip
            self._buy(code, units, net, days)
        for reference, line in zip(sorted(self.rows), "ABAB", strict=True):
            self._apportion(reference, line, self.rows[reference] * 7 // 10)
        for _ in range(4):
            self._pack()
        tags = self.at_store()
        for tag in tags[:3]:
            self._send_bag(tag)
        self._send_loose("TOWEL", 2)
        self._send_loose("SOAP", 3)
        for reference in sorted(self.on_the_way)[:2]:
            self._receive(reference)
        self._issue(tags[0])
        self._send_back()
        self._receive(min(self.on_the_way))
        self.have_phones()
        self.have_cards()

    @act(code=st.sampled_from(ITEMS), units=st.integers(1, 12), net=st.integers(1, 9_999), days=st.integers(400, 900))
    def buy(self, code: str, units: int, net: int, days: int) -> None:
        """An invoice of one row, received in full at the store; nothing of it expires while the machine runs."""
        self._buy(code, units, net, days)

    def _buy(self, code: str, units: int, net: int, days: int) -> None:
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
        self.item_of[lot], self.row_of[lot] = code, reference

    @act(when=lambda self: self.rows, line=st.sampled_from("AB"), tenths=st.integers(1, 13))
    def apportion(self, data: st.DataObject, line: str, tenths: int) -> None:
        """Charge part of what a row costs; more than is left is refused."""
        reference = data.draw(st.sampled_from(sorted(self.rows)))
        pence = max(1, self.rows[reference] * tenths // 10)
        if self.apportioned[reference] + pence > self.rows[reference]:
            with self.refused():
                self._apportion(reference, line, pence)
        else:
            self._apportion(reference, line, pence)

    def _apportion(self, reference: str, line: str, pence: int) -> None:
        self.do("grants", spending.apportion, reference, [Share(f"G1/{line}", Pence(pence))])
        self.apportioned[reference] += pence

    @act(when=lambda self: +self.apportioned)
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

    @act()
    def pack(self) -> None:
        """Pack a bag from what is proposed: the earliest expiry of each item that may be used, or else refused."""
        if all(self.lots_of(code) for code in ITEMS):
            self._pack()
            return
        with self.refused():
            self._pack()

    def _pack(self) -> None:
        scope = self.small_force.actor("storekeeper").scope
        place = self.small_force.places[STORE]
        proposal = bags_read.proposed_contents("KIT", place, on=self.at.date(), scope=scope)
        first = [lots[0] for code in ITEMS if (lots := self.lots_of(code))]
        assert sorted(line.lot_code for line in proposal.packed_lines()) == sorted(first)
        assert bool(proposal.short) == (len(first) < len(ITEMS))
        self.seal += 1
        bag = self.do(
            "storekeeper", bags.pack_bag, "KIT", contents=proposal.packed_lines(), place_code=STORE,
            seal_number=f"S{self.seal:05d}", happened_at=self.at,
        )  # fmt: skip
        for lot in first:
            self.held[STORE, lot] -= 1
            self.held[bag.tag, lot] += 1
        self.bag_at[bag.tag] = STORE

    @act(when=lambda self: self.ready_at_store())
    def send_bag(self, data: st.DataObject) -> None:
        """Ask for a bag, approve and dispatch one: it is in transit until it is received."""
        self._send_bag(data.draw(st.sampled_from(self.ready_at_store())))

    def _send_bag(self, tag: str) -> None:
        asked = self.do("sergeant", requests.ask, STATION, [requests.AskedLine(1, recipe_code="KIT")])
        self.do("approver", requests.approve, asked.reference, {1: 1})
        sent = self.do("storekeeper", requests.dispatch, asked.reference, [requests.PickedBag(1, tag)])
        self.bag_at[tag] = "transit"
        self.on_the_way[sent.reference] = {"bag": tag}

    @act(code=st.sampled_from(ITEMS), units=st.integers(1, 4))
    def send_loose(self, code: str, units: int) -> None:
        """Ask for loose units; the approver cannot promise more than the store has free."""
        self._send_loose(code, units)

    def _send_loose(self, code: str, units: int) -> None:
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

    @act(when=lambda self: self.on_the_way)
    def receive(self, data: st.DataObject) -> None:
        """Count a dispatch in, whole."""
        self._receive(data.draw(st.sampled_from(sorted(self.on_the_way))))

    def _receive(self, reference: str) -> None:
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

    @act(when=lambda self: self.bag_at)
    def issue(self, data: st.DataObject) -> None:
        """Hand over a bag that stands at the station and holds nothing held; any other is refused."""
        tag = data.draw(st.sampled_from(sorted(self.bag_at)))
        if self.bag_at[tag] == STATION and self.fit(tag):
            self._issue(tag)
            return
        with self.refused():
            self._issue(tag)

    def _issue(self, tag: str) -> None:
        issue = self.do("sergeant", bags.issue_bag, tag, route=IssueRoute.OFFICER, issued_at=self.at)
        self.slips[issue.slip] = tag
        self.bag_at[tag] = "issued"

    @act(when=lambda self: self.slips)
    def undo(self, data: st.DataObject) -> None:
        """Correct an issue within a day of it: the bag stands at the station again. Later, or again, is refused."""
        slip = data.draw(st.sampled_from(sorted(self.slips)))
        issued_at = db.session.scalars(select(Issue.issued_at).filter_by(slip=slip)).one()
        facts = {"reason": "Handed over by mistake"}
        if self.do_if(self.at - issued_at < timedelta(hours=23), "sergeant", bags.undo_issue, slip, **facts):
            self.bag_at[self.slips.pop(slip)] = STATION
            with self.refused():
                self.do("sergeant", bags.undo_issue, slip, **facts)

    @act(when=lambda self: self.slips)
    def hand_back(self, data: st.DataObject) -> None:
        """Take an issued bag back, sealed: it stands at the station again, and its issue cannot be undone."""
        slip = data.draw(st.sampled_from(sorted(self.slips)))
        tag = self.slips.pop(slip)
        self.do("sergeant", bags.hand_back, tag, reason="Not needed after all")
        self.bag_at[tag] = STATION
        with self.refused():
            self.do("sergeant", bags.undo_issue, slip, reason="Handed over by mistake")

    @act(when=lambda self: self.at_store(), code=st.sampled_from(ITEMS))
    def open_and_top_up(self, data: st.DataObject, code: str) -> None:
        """Take one thing out of a bag, back to the shelf, and put the earliest of its kind in, where there is one."""
        tag = data.draw(st.sampled_from(self.at_store()))
        inside = self.inside(tag).get(code)
        if inside is not None:
            self.seal += 1
            self.do(
                "storekeeper", bags.take_out, tag, inside, 1, fate=Fate.SHELF, reason="Looked inside",
                seal_number=f"S{self.seal:05d}",
            )  # fmt: skip
            self.held[tag, inside] -= 1
            self.held[STORE, inside] += 1
        for first in self.lots_of(code)[:1]:
            self.seal += 1
            self.do(
                "storekeeper", bags.put_in, tag, [PackedLine(first, 1)], reason="Looked inside",
                seal_number=f"S{self.seal:05d}",
            )  # fmt: skip
            self.held[STORE, first] -= 1
            self.held[tag, first] += 1

    # ---- What always holds --------------------------------------------------------------------------

    @invariant()
    def balances_are_the_moves(self) -> None:
        """I1, I2: kept balances equal the moves and the model, and none is below zero."""
        assert stock.unexplained_balances() == []
        assert stock.unexplained_past(1) == []
        assert stock.unexplained_acts(1) == []
        assert list(numbering.kept_wrongly()) == []
        kept = db.session.execute(select(Balance.place_id, Balance.lot_id, Balance.unit_count))
        assert all(count >= 0 for _, _, count in kept)
        names = {
            self.small_force.places[STORE]: STORE,
            self.small_force.places[STATION]: STATION,
        }
        for place_id, name in names.items():
            there = {lot.code: lot.unit_count for lot in stock.lots_held(place_id) if lot.code in self.units}
            assert there == {lot: n for (where, lot), n in self.held.items() if where == name and n}

    @invariant()
    def transfers_net_to_nothing(self) -> None:
        """I3: what is in transit is what the open dispatches carry."""
        if not self.units:
            return
        transit = stock.transit_to(self.small_force.places[STATION])
        there = {lot.code: lot.unit_count for lot in stock.lots_held(transit)}
        assert there == {lot: n for (where, lot), n in self.held.items() if where == "transit" and n}

    def anything_moved(self, asked_by: str) -> bool:
        """Say whether units or money moved since an invariant last asked: what costs follow from nothing else."""
        counts = (select(func.count()).select_from(table).scalar_subquery() for table in (Move, Apportionment))
        now = db.session.execute(select(*counts)).one()
        before, self.seen[asked_by] = self.seen.get(asked_by), tuple(now)
        return before != tuple(now)

    @invariant()
    def lots_keep_their_cost(self) -> None:
        """I4, I5: wherever a lot's units are, their pence add up to what the lot cost; I7: and to what is charged."""
        if not self.anything_moved("costs"):
            return
        ids = dict(db.session.execute(select(Lot.code, Lot.id).where(Lot.code.in_(self.units))).all())
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

    @invariant()
    def issued_bags_cost_what_their_lots_do(self) -> None:
        """I14: from each issued bag to the rows and lines that paid, and from the lots to what left: the same pence."""
        if not self.anything_moved("bags"):
            return
        issued = db.session.scalars(select(Bag).where(Bag.tag.in_(self.slips.values()))).all()
        costs = [position.bag_cost(bag) for bag in issued]
        assert len(costs) == len(self.slips)
        for cost in costs:
            assert {thing.lot for thing in cost.things} == set(self.inside(cost.tag).values())
            assert {part.row for thing in cost.things for part in thing.parts} == {
                self.row_of[thing.lot] for thing in cost.things if self.cost[thing.lot]
            }
            assert sum(cost.by_line.values()) == cost.total_pence
        left, gone = stock.outside(PlaceKind.ISSUED), 0
        ids = db.session.scalars(select(Lot.id).where(Lot.code.in_(self.units)))
        lots = stock.numbering_of(list(ids))
        paid = position.lot_costs(lots)
        for lot_id, numbered in lots.items():
            gone += paid[lot_id].pence_of(numbered.standing[left]) if left in numbered.standing else 0
        assert sum(cost.total_pence for cost in costs) == gone


@pytest.mark.slow
def test_the_invariants_hold_through_any_order_of_acts(app: Flask, databases: Databases, world_template: World) -> None:
    hold_through(Force, app, databases, world_template, examples=8, steps=17)
