"""Costs, outcomes and positions over real stock, on both databases."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from core.access import Scope
from core.db import db, transaction
from core.errors import NotFound
from core.figures.storing import frozen_of, text_of
from core.money import Pence
from grants.awards.queries import award_by_code, line_by_name
from grants.ledgers import services as ledgers
from grants.position import queries
from grants.position.report import Position, freeze_line, freeze_position
from grants.position.rules import Whereabouts
from grants.spending import services as spending
from grants.spending.rules import NewOrderLine
from inventory.bags import services as bags
from inventory.bags.models import Bag, IssueRoute
from inventory.bags.rules import PackedLine
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import NewLine
from inventory.deliveries.rules import DeliveredLine
from inventory.stock.models import Lot
from inventory.stock.queries import outside, transit_to
from inventory.stock.rules import Movement, PostingKind
from inventory.stock.services import post
from organisation.places.rules import PlaceKind
from tests.factories import AT, World
from tests.grants.factories import (
    acting,
    add_award,
    add_catalogue,
    add_invoice,
    bill,
    courier,
    credit,
    deliver,
    split,
    towels,
)
from tests.grants.ledgers.factories import import_rows, open_ledger

EVERYWHERE = Scope.everywhere()


@pytest.fixture
def grant(world: World) -> World:
    """The small force with its award, a catalogue and suppliers."""
    add_award(world)
    add_catalogue(world)
    return world


def line_id(code: str) -> int:
    return line_by_name(f"GB2026/{code}").id


def lot_of(code: str) -> Lot:
    return db.session.query(Lot).filter_by(code=code).one()


def towels_received(world: World, count: int = 3, net: int = 10_00) -> Lot:
    """Invoice and receive towels at the store: row INV-00001-1, lot L-00001."""
    add_invoice(world, towels(count, net))
    bill(world, "INV-00001-1", deliver(world, DeliveredLine("TOWEL", count)), count)
    return lot_of("L-00001")


def test_a_lot_reads_its_cost_through_the_row_that_billed_it(grant: World) -> None:
    """10.00 for 3: units 3.33, 3.33, 3.34; A 6.00 and D 4.00."""
    lot = towels_received(grant)
    split(grant, "INV-00001-1", A=6_00, D=4_00)
    cost = queries.lot_costs([lot.id])[lot.id]
    assert [cost.pence_of(((unit, unit),)) for unit in (1, 2, 3)] == [3_33, 3_33, 3_34]
    assert cost.funding_of(cost.all_units) == {line_id("A"): 6_00, line_id("D"): 4_00}


def test_a_late_invoice_a_reversed_split_and_a_credit_change_the_answer_at_once(grant: World) -> None:
    delivery = deliver(grant, DeliveredLine("TOWEL", 3))
    lot = lot_of("L-00001")
    assert queries.lot_costs([lot.id])[lot.id].total_pence == 0
    add_invoice(grant, towels(3, 10_00))
    bill(grant, "INV-00001-1", delivery, 3)
    assert queries.lot_costs([lot.id])[lot.id].funding_of(((1, 3),)) == {None: 10_00}
    split(grant, "INV-00001-1", A=10_00)
    add_invoice(grant, credit("INV-00001-1", -1_00), number="CN-1")
    split(grant, "INV-00002-1", A=-1_00)
    cost = queries.lot_costs([lot.id])[lot.id]
    assert cost.funding_of(((1, 3),)) == {line_id("A"): 9_00}
    assert cost.billed_count == 3


def test_a_link_taken_back_leaves_the_lot_without_cost(grant: World) -> None:
    add_invoice(grant, towels(3, 10_00))
    link = bill(grant, "INV-00001-1", deliver(grant, DeliveredLine("TOWEL", 3)), 3)
    with transaction():
        spending.unbill_delivery(link, **acting(grant))
    lot = lot_of("L-00001")
    assert queries.lot_costs([lot.id])[lot.id].total_pence == 0


def test_one_row_over_two_deliveries_costs_what_the_row_costs(grant: World) -> None:
    """10.00 for 3, received 1 and 2: 3.33 + 6.67."""
    add_invoice(grant, towels(3, 10_00))
    bill(grant, "INV-00001-1", deliver(grant, DeliveredLine("TOWEL", 1)), 1)
    bill(grant, "INV-00001-1", deliver(grant, DeliveredLine("TOWEL", 2), note="DN-2"), 2)
    first, second = lot_of("L-00001"), lot_of("L-00002")
    costs = queries.lot_costs([first.id, second.id])
    assert (costs[first.id].total_pence, costs[second.id].total_pence) == (3_33, 6_67)
    alone = queries.lot_costs([second.id])
    assert alone[second.id].total_pence == 6_67


# ---- Go Bags ------------------------------------------------------------------------------------


def pack(world: World, *contents: PackedLine, seal: str = "S-1") -> Bag:
    """Pack a bag of towels and soap at the store."""
    keeper = world.actor("storekeeper")
    with transaction():
        return bags.pack_bag(
            "ADULT",
            place_code="STORE",
            seal_number=seal,
            contents=contents,
            happened_at=AT,
            scope=EVERYWHERE,
            **{**acting(world, "storekeeper"), "by": keeper},
        )


def recipe(world: World) -> None:
    with transaction():
        catalogue.write_recipe_version(
            "ADULT",
            name="Adult",
            in_use_from=date(2026, 4, 1),
            lines=[NewLine(1, item_code="TOWEL"), NewLine(1, item_code="SOAP")],
            **acting(world, "storekeeper"),
        )


def issue(world: World, tag: str, minute: int = 1) -> str:
    at = AT + timedelta(minutes=minute)
    with transaction():
        return bags.issue_bag(
            tag,
            route=IssueRoute.OFFICER,
            issued_at=at,
            scope=EVERYWHERE,
            **acting(world, "storekeeper", at),
        ).slip


@pytest.fixture
def packed(grant: World) -> World:
    """
    L-00001 3 towels, 10.00 (A 6.00, D 4.00) · L-00002 2 soaps given by St Mark's, £0
    GB-00001: towel 1 and soap · GB-00002: towel 2 and soap
    """
    towels_received(grant)
    split(grant, "INV-00001-1", A=6_00, D=4_00)
    deliver(grant, DeliveredLine("SOAP", 2, expires_on=date(2028, 1, 1)), supplier="CHURCH", note="Gift")
    recipe(grant)
    pack(grant, PackedLine("L-00001", 1), PackedLine("L-00002", 1))
    pack(grant, PackedLine("L-00001", 1), PackedLine("L-00002", 1), seal="S-2")
    return grant


def bag(tag: str) -> Bag:
    return db.session.query(Bag).filter_by(tag=tag).one()


def test_a_bags_things_add_up_to_its_cost_and_so_do_its_grant_lines(packed: World) -> None:
    """
    | thing | units | A    | D    | cost |
    | soap  | 1     |      |      | 0.00 | donated
    | towel | 1     | 1.99 | 1.34 | 3.33 | ⌊333·600/1000⌋ = 199
    """
    cost = queries.bag_cost(bag("GB-00001"))
    soap, towel = cost.things
    assert (soap.item, soap.pence, soap.parts, soap.came) == ("Soap", 0, (), "Donated, £0")
    assert (towel.item, towel.lot, towel.unit_count, towel.pence, towel.came) == ("Towel", "L-00001", 1, 3_33, "")
    assert [(part.line, part.row, part.number, part.pence) for part in towel.parts] == [
        ("GB2026/A", "INV-00001-1", "SI-1001", 1_99),
        ("GB2026/D", "INV-00001-1", "SI-1001", 1_34),
    ]
    assert cost.total_pence == 3_33
    assert cost.by_line == {"GB2026/A": 1_99, "GB2026/D": 1_34}


def test_an_issued_bag_keeps_the_very_pence_it_left_with(packed: World) -> None:
    """Towels 1, 2, 3 at 3.33, 3.33, 3.34; the second bag is issued first."""
    before = {tag: queries.bag_cost(bag(tag)).by_line for tag in ("GB-00001", "GB-00002")}
    issue(packed, "GB-00002", 1)
    issue(packed, "GB-00001", 2)
    assert {tag: queries.bag_cost(bag(tag)).by_line for tag in before} == before
    outcome = queries.line_outcomes([line_id("A")])[line_id("A")]
    assert outcome.by_whereabouts[Whereabouts.ISSUED] == 1_99 + before["GB-00002"]["GB2026/A"]
    assert outcome.received_pence == 6_00


def test_an_issue_that_was_undone_is_no_issue(packed: World) -> None:
    slip = issue(packed, "GB-00001")
    with transaction():
        bags.undo_issue(
            slip,
            reason="Wrong tag",
            scope=EVERYWHERE,
            **acting(packed, "storekeeper", AT + timedelta(minutes=5)),
        )
    followed = freeze_line(line_by_name("GB2026/A"))
    assert followed.bags == ()
    assert followed.outcome.by_whereabouts[Whereabouts.ISSUED] == 0
    assert queries.bag_cost(bag("GB-00001")).total_pence == 3_33
    assert queries.bag_at("GB-00001").issue is None


def test_every_table_of_a_followed_line_adds_up_to_the_same_figure(packed: World) -> None:
    add_invoice(packed, courier(5_00), towels(2, 8_00), number="SI-2")
    split(packed, "INV-00002-1", A=5_00)
    split(packed, "INV-00002-2", A=8_00)
    issue(packed, "GB-00001")
    followed = freeze_line(line_by_name("GB2026/A"))
    outcome = followed.outcome
    assert outcome.apportioned_pence == 19_00
    assert (outcome.received_pence, outcome.to_come_pence, outcome.other_pence) == (6_00, 8_00, 5_00)
    assert followed.lots_pence == followed.places_pence == outcome.received_pence
    assert sum(each.apportioned_pence for each in followed.documents) == outcome.apportioned_pence
    assert [(each.tag, each.pence) for each in followed.bags] == [("GB-00001", 1_99)]
    assert sum(stop.pence for stop in followed.flow.stops if stop.column == 2) == outcome.apportioned_pence


# ---- Any moves ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [7, 41, 2026])
def test_through_any_moves_every_lines_pence_add_up_place_by_place(grant: World, seed: int) -> None:
    """
    Three rows with split and part-split cost, one credited, one billed in two deliveries, then 40 random moves
    between store, station, partner, in transit, issued, written off and back.
    """
    chance = random.Random(seed)
    add_invoice(grant, towels(7, 100_01), towels(5, 33_33), towels(4, 9_99), courier(7_77))
    split(grant, "INV-00001-1", A=50_00, D=49_99)
    split(grant, "INV-00001-2", A=11_11, B=22_22)
    split(grant, "INV-00001-4", A=7_77)
    for number, (row, count) in enumerate((("1", 4), ("1", 3), ("2", 5), ("3", 3))):
        bill(grant, f"INV-00001-{row}", deliver(grant, DeliveredLine("TOWEL", count), note=f"DN-{number}"), count)
    add_invoice(grant, credit("INV-00001-1", -10_00), number="CN-1")
    split(grant, "INV-00002-1", A=-3_33, D=-6_66)
    _wander(grant, chance, [lot_of(f"L-{number:05}") for number in range(1, 5)])
    ids = {code: line_id(code) for code in "ABD"}
    outcomes = queries.line_outcomes(list(ids.values()))
    received = {code: outcomes[each].received_pence for code, each in ids.items()}
    assert received == {"A": 50_00 - 3_33 + 11_11, "B": 22_22, "D": 49_99 - 6_66}
    assert outcomes[ids["A"]].other_pence == 7_77
    assert all(each.to_come_pence == 0 for each in outcomes.values())
    for code, each in ids.items():
        assert freeze_line(line_by_name(f"GB2026/{code}")).places_pence == received[code], each


def _wander(world: World, chance: random.Random, lots: list[Lot]) -> None:
    """Move lots at random, never more than a place holds."""
    places = [world.places["STORE"], world.places["SALISBURY"], world.places["HARBOUR"]]
    places += [transit_to(world.places["SALISBURY"])]
    ends = [outside(PlaceKind.ISSUED), outside(PlaceKind.WRITTEN_OFF), outside(PlaceKind.LOST_AND_FOUND)]
    held = {(lot.id, world.places["STORE"]): lot.unit_count for lot in lots}
    with transaction():
        for minute in range(40):
            lot_id, source = chance.choice([key for key, count in held.items() if count])
            target = chance.choice([place for place in places + ends if place != source])
            count = chance.randint(1, held[lot_id, source])
            held[lot_id, source] -= count
            held[lot_id, target] = held.get((lot_id, target), 0) + count
            at = AT + timedelta(minutes=minute)
            post(
                PostingKind.DISPATCH,
                [Movement(lot_id, source, target, count)],
                by=world.actor("storekeeper"),
                at=at,
                happened_at=at,
                document=f"T-{minute}",
            )


# ---- Position -----------------------------------------------------------------------------------


def test_a_lines_position_converts_a_commitment_and_never_counts_it_twice(grant: World) -> None:
    """
    Line A 9,600.00: 100.00 ordered; 40.00 of it invoiced, received and apportioned.
    committed 60.00 · received 40.00 · apportioned 40.00 · remaining 9,500.00
    """
    with transaction():
        spending.place_order(
            [NewOrderLine("Towels", "GB2026/A", Pence(100_00), 10, "TOWEL")],
            supplier_code="BULK",
            ordered_on=date(2026, 4, 10),
            **acting(grant),
        )
    add_invoice(grant, towels(4, 40_00, order_line_position=1), order="PO-00001")
    split(grant, "INV-00001-1", A=40_00)
    bill(grant, "INV-00001-1", deliver(grant, DeliveredLine("TOWEL", 4)), 4)
    first = queries.line_positions(award_by_code("GB2026"))[0]
    figures = (first.committed_pence, first.received_pence, first.apportioned_pence, first.remaining_pence)
    assert figures == (60_00, 40_00, 40_00, 9_500_00)


def match(world: World, row_reference: str, pence: int) -> None:
    """Import a ledger line and match it to a row, as the reconciliation desk does."""
    open_ledger(world)
    amount = f"{pence // 100}.{pence % 100:02}"
    import_rows(world, [f"100,1,21/04/2026,BULK HYGIENE LTD,SI-1001,Towels,P4471,R4410,{amount},0.00"])
    with transaction():
        ledgers.match("L-1", row_reference, Pence(pence), **acting(world))


def test_what_the_ledger_confirms_of_a_row_counts_on_its_lines_to_the_penny(grant: World) -> None:
    """Row 10.00: A 6.00, D 3.00, 1.00 open. 5.01 is matched: A 3.00, D 1.50, open 0.51."""
    add_invoice(grant, towels(3, 10_00))
    split(grant, "INV-00001-1", A=6_00, D=3_00)
    match(grant, "INV-00001-1", 5_01)
    found = queries.ledger_by_line([line_id("A"), line_id("D")])
    assert found == {line_id("A"): 3_00, line_id("D"): 1_50}
    for code in ("A", "D"):
        line = line_by_name(f"GB2026/{code}")
        (document,) = freeze_line(line).documents
        assert (document.reference, document.ledger_pence) == ("INV-00001", found[line.id])


def test_a_position_is_frozen_with_the_figures_every_form_paints(grant: World) -> None:
    towels_received(grant)
    split(grant, "INV-00001-1", A=6_00)
    at = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
    position = freeze_position(award_by_code("GB2026"), at=at, today=date(2026, 5, 4))
    money, goods = position.lines_table, position.goods_table
    assert money.rows[0] == (
        "A Contents and clothing", 9_600_00, 9_600_00, 0, 6_00, 6_00, 0, 0, 9_594_00, None,
    )  # fmt: skip
    assert money.total == ("Total", 22_460_00, 22_460_00, 0, 6_00, 6_00, 0, 0, 22_454_00, None)
    assert (goods.rows[0], goods.total) == (("A Contents and clothing", 6_00, 6_00, 0), ("Total", 6_00, 6_00, 0))
    assert position.sentence == "Of £22,460.00, £6.00 is apportioned and £0.00 is ordered; £22,454.00 remains."
    assert frozen_of(Position, text_of(position)) == position


def test_exposures_are_said_with_their_figures(grant: World) -> None:
    """
    10.00 apportioned to A and received on 28 March 2026, before the award; its link was made afterwards.
    4.00 of another row open; 96 days before the end.
    """
    add_invoice(grant, towels(3, 10_00), courier(4_00))
    split(grant, "INV-00001-1", A=10_00)
    bill(grant, "INV-00001-1", deliver(grant, DeliveredLine("TOWEL", 3), on=date(2026, 3, 28)), 3)
    position = freeze_position(award_by_code("GB2026"), at=AT, today=date(2026, 12, 25))
    words = [notice.words for notice in position.notices]
    assert "The claim for 1 October to 31 December 2026 is due by 4 February 2027, in 41 days" in words
    assert "£4.00 of spending in 1 row is not apportioned to any grant line" in words
    assert (
        "£10.00 of goods received is unused: on shelves, in Go Bags or on its way. The award ends in 96 days" in words
    )
    assert "£10.00 is apportioned of goods that came before the funding period, and cannot be claimed" in words
    assert "3 records lack their paper; £10.00 rests on them" in words


# ---- Finding ------------------------------------------------------------------------------------


def test_what_is_typed_is_found_by_any_of_its_names(packed: World) -> None:
    slip = issue(packed, "GB-00001")
    for typed, kind, name in (
        ("gb-00001", "bag", "GB-00001"),
        (slip.lower(), "bag", "GB-00001"),
        (" L-00001 ", "lot", "L-00001"),
        ("INV-00001", "invoice", "INV-00001"),
        ("si 1001", "invoice", "INV-00001"),
        ("inv-00001-1", "spending", "INV-00001-1"),
        ("gb2026/d", "line", "GB2026/D"),
    ):
        (found,) = queries.found_by(typed)
        assert (found.kind, found.name) == (kind, name), typed
    assert queries.found_by("%") == queries.found_by("GB-0000") == []
    assert len(queries.found_by("GB2026")) == 6


def test_a_bag_that_is_not_there_is_not_found(grant: World) -> None:
    with pytest.raises(NotFound):
        queries.bag_at("GB-99999")
