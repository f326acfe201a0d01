"""Pence of units and who paid them, on plain values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.money import Pence, units_funding
from grants.position.rules import (
    End,
    Link,
    LotCost,
    Segment,
    Source,
    Whereabouts,
    by_line,
    ends_of,
    link_up,
    source_of,
    strands,
    together,
    whereabouts_of,
)
from inventory.stock.rules import LotMove, Units, joined, number_units
from organisation.places.rules import PlaceKind

SUPPLIERS, STORE, STATION, BAG, ISSUED = 1, 2, 3, 4, 5


def paid(total: int, count: int, **shares: int) -> Source:
    """Give row 1 with shares such as a=60_00, lines being a=1, b=2 and so on."""
    return source_of(1, "INV-1", Pence(total), count, {ord(k) - 96: Pence(v) for k, v in shares.items()})


def test_ten_pounds_for_three_units_cost_333_333_and_334() -> None:
    cost = LotCost(1, 3, (Segment(1, 3, 1, (paid(10_00, 3, a=10_00),)),))
    assert [cost.pence_of(((unit, unit),)) for unit in (1, 2, 3)] == [3_33, 3_33, 3_34]
    assert cost.total_pence == 10_00


def test_what_is_not_yet_apportioned_is_nobodys_line() -> None:
    """10.00: A 6.00, 4.00 open. One unit of two: A 3.00, open 2.00."""
    cost = LotCost(1, 2, (Segment(1, 2, 1, (paid(10_00, 2, a=6_00),)),))
    assert cost.funding_of(((1, 1),)) == {1: 3_00, None: 2_00}


def test_a_row_in_two_deliveries_hands_its_units_out_in_the_order_of_the_links() -> None:
    """
    row of 3 for 10.00 | lot 1 of 1: unit 1 (3.33) | lot 2 of 2: units 2 and 3 (3.33 + 3.34)
    """
    costs = link_up({1: 1, 2: 2}, [Link(1, 1, 1), Link(1, 2, 2)], {1: (paid(10_00, 3, a=10_00),)})
    assert costs[1].total_pence == 3_33
    assert costs[2].total_pence == 6_67


def test_a_lot_billed_in_part_costs_what_is_billed_and_no_more() -> None:
    """10 came, 4 are invoiced at 8.00: units 1 to 4 cost 2.00 each, 5 to 10 nothing that is known."""
    costs = link_up({1: 10}, [Link(1, 1, 4)], {1: (paid(8_00, 4, a=8_00),)})
    assert costs[1].billed_count == 4
    assert costs[1].pence_of(((3, 10),)) == 4_00
    assert costs[1].billed_among(((3, 10),)) == 2
    assert costs[1].pence_of(((5, 10),)) == 0


def test_a_credit_takes_its_own_pence_off_the_same_units() -> None:
    """30.00 for 3 less 1.00 credited: units cost 9.67, 9.67 and 9.66 (credit 0.33, 0.33, 0.34)."""
    credit = source_of(2, "CN-1", Pence(-1_00), 3, {1: Pence(-1_00)})
    cost = LotCost(1, 3, (Segment(1, 3, 1, (paid(30_00, 3, a=30_00), credit)),))
    assert [cost.pence_of(((unit, unit),)) for unit in (1, 2, 3)] == [9_67, 9_67, 9_66]
    assert cost.funding_of(((1, 3),)) == {1: 29_00}


def test_a_free_row_costs_nothing() -> None:
    cost = LotCost(1, 3, (Segment(1, 3, 1, (paid(0, 3),)),))
    assert cost.parts_of(((1, 3),)) == []


def test_a_bag_is_where_it_stands() -> None:
    assert whereabouts_of(PlaceKind.BAG, bag_stands_in=PlaceKind.HUB) is Whereabouts.IN_BAGS
    assert whereabouts_of(PlaceKind.BAG, bag_stands_in=PlaceKind.IN_TRANSIT) is Whereabouts.IN_TRANSIT
    assert whereabouts_of(PlaceKind.BAG, bag_stands_in=PlaceKind.ISSUED) is Whereabouts.ISSUED
    assert whereabouts_of(PlaceKind.STORE) is Whereabouts.ON_HAND
    assert whereabouts_of(PlaceKind.LOST_AND_FOUND) is Whereabouts.MISSING
    assert whereabouts_of(PlaceKind.SUPPLIERS) is Whereabouts.SENT_BACK


@st.composite
def sources(draw: st.DrawFn, count: int) -> tuple[Source, ...]:
    """Draw a row with up to four shares, the last perhaps open, and perhaps a credit split another way."""
    shares = draw(st.lists(st.integers(0, 50_00), min_size=1, max_size=4))
    left = draw(st.integers(0, 9_99))
    row = source_of(1, "R", Pence(sum(shares) + left), count, dict(enumerate(map(Pence, shares), start=1)))
    if not draw(st.booleans()):
        return (row,)
    back = [draw(st.integers(0, share)) for share in shares]
    credit = source_of(2, "C", Pence(-sum(back)), count, {n: Pence(-p) for n, p in enumerate(back, start=1) if p})
    return (row, credit)


@st.composite
def wanderings(draw: st.DrawFn) -> tuple[int, list[LotMove]]:
    """Draw a lot and any sequence of moves that the ledger would accept."""
    count = draw(st.integers(1, 30))
    held = {STORE: count, STATION: 0, BAG: 0, ISSUED: 0}
    moves = [LotMove(1, SUPPLIERS, STORE, count)]
    for number in range(2, draw(st.integers(2, 12))):
        source = draw(st.sampled_from([place for place, units in held.items() if units]))
        target = draw(st.sampled_from([place for place in held if place != source]))
        units = draw(st.integers(1, held[source]))
        held[source] -= units
        held[target] += units
        moves.append(LotMove(number, source, target, units))
    return count, moves


@given(st.data())
def test_pence_at_all_places_add_up_to_the_row_per_grant_line_through_any_moves(data: st.DataObject) -> None:
    count, moves = data.draw(wanderings())
    behind = data.draw(sources(count))
    standing = number_units(moves, unit_count=count, source_place_id=SUPPLIERS).standing
    cost = LotCost(1, count, (Segment(1, count, 1, behind),))
    found = strands(cost, {End(place): units for place, units in standing.items() if units})
    assert sum(strand.pence for strand in found) == sum(source.total_pence for source in behind)
    wanted: dict[int | None, int] = {}
    for source in behind:
        for line, pence in source.shares:
            wanted[line] = wanted.get(line, 0) + pence
    per_line: dict[int | None, int] = {}
    for strand in found:
        per_line[strand.line_id] = per_line.get(strand.line_id, 0) + strand.pence
    assert {k: v for k, v in per_line.items() if v} == {k: v for k, v in wanted.items() if v}


@given(st.data())
def test_any_parting_of_a_rows_units_into_deliveries_adds_up_to_the_row(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 40))
    behind = data.draw(sources(count))
    cuts = sorted(data.draw(st.sets(st.integers(1, count), max_size=5)) | {count})
    sizes = [b - a for a, b in zip([0, *cuts], cuts, strict=False)]
    links = [Link(1, lot, size) for lot, size in enumerate(sizes, start=1)]
    costs = link_up({link.lot_id: link.unit_count for link in links}, links, {1: behind})
    assert sum(cost.total_pence for cost in costs.values()) == sum(source.total_pence for source in behind)
    for cost in costs.values():
        assert sum(by_line(cost.parts_of(cost.all_units)).values()) == cost.total_pence


@given(st.data())
def test_the_pence_of_units_always_equal_the_sum_of_who_paid_them(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 40))
    cost = LotCost(1, count, (Segment(1, count, 1, data.draw(sources(count))),))
    first = data.draw(st.integers(1, count))
    last = data.draw(st.integers(first, count))
    units = ((first, last),)
    assert sum(cost.funding_of(units).values()) == cost.pence_of(units)


@given(st.integers(-9_999, 9_999), st.integers(1, 40), st.data())
def test_one_line_alone_pays_what_units_cost(total: int, count: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, count))
    last = data.draw(st.integers(first, count))
    (part,) = Source(1, "R", Pence(total), count, ((7, Pence(total)),)).funding(first, last)
    assert part == (7, units_funding([Pence(total)], count, first, last)[0])


def test_each_issue_keeps_the_units_it_carried() -> None:
    """
    | move | from  | to     | units | numbers |
    | 1    | supp. | STORE  | 4     | 1 to 4  |
    | 2    | STORE | BAG    | 1     | 1       |
    | 3    | STORE | STATION| 1     | 2       |
    | 4    | STATION| ISSUED| 1     | 2       |  (posting 70)
    | 5    | BAG   | ISSUED | 1     | 1       |  (posting 71)
    """
    moves = [
        LotMove(1, SUPPLIERS, STORE, 4),
        LotMove(2, STORE, BAG, 1),
        LotMove(3, STORE, STATION, 1),
        LotMove(4, STATION, ISSUED, 1),
        LotMove(5, BAG, ISSUED, 1),
    ]
    numbering = number_units(moves, unit_count=4, source_place_id=SUPPLIERS)
    issued = [(70, numbering.carried[4]), (71, numbering.carried[5])]
    ends = ends_of(numbering.standing, issued_place_id=ISSUED, issued=issued)
    assert ends == {End(STORE): ((3, 4),), End(ISSUED, 70): ((2, 2),), End(ISSUED, 71): ((1, 1),)}


def test_an_issue_that_was_undone_holds_nothing_and_the_next_one_does() -> None:
    """Unit 1 is issued (posting 70), taken back by a correction, and issued again (posting 72)."""
    moves = [
        LotMove(1, SUPPLIERS, STORE, 2),
        LotMove(2, STORE, BAG, 1),
        LotMove(3, BAG, ISSUED, 1),
        LotMove(4, ISSUED, BAG, 1, 3),
        LotMove(5, BAG, ISSUED, 1),
    ]
    numbering = number_units(moves, unit_count=2, source_place_id=SUPPLIERS)
    issued = [(70, numbering.carried[3]), (72, numbering.carried[5])]
    ends = ends_of(numbering.standing, issued_place_id=ISSUED, issued=issued)
    assert ends == {End(STORE): ((2, 2),), End(ISSUED, 72): ((1, 1),)}


RUNS = st.sets(st.integers(1, 60), max_size=40).map(
    lambda numbers: joined(tuple((each, each) for each in sorted(numbers)), ())
)


@given(st.lists(RUNS, max_size=8), RUNS)
def test_each_issued_unit_belongs_to_the_last_issue_that_carried_it(carried: list[Units], gone: Units) -> None:
    ends = ends_of({ISSUED: gone}, issued_place_id=ISSUED, issued=list(enumerate(carried)))
    model: dict[int, int | None] = {}
    for first, last in gone:
        for unit in range(first, last + 1):
            model[unit] = max(
                (n for n, runs in enumerate(carried) if any(a <= unit <= b for a, b in runs)), default=None
            )
    found = {u: end.posting_id for end, runs in ends.items() for a, b in runs for u in range(a, b + 1)}
    assert found == model
    assert sum(b - a + 1 for runs in ends.values() for a, b in runs) == len(model)


def test_units_of_places_that_are_alike_are_put_together() -> None:
    alike = together({1: ((1, 3),), 2: ((7, 9),), 3: ((4, 6),), 4: ()}, {1: "here", 2: "there", 3: "here", 4: "there"})
    assert alike == {"here": ((1, 6),), "there": ((7, 9),)}
