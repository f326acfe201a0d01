"""Readiness, proposals and dealing, on plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.errors import RuleBroken
from inventory.bags import rules
from inventory.bags.rules import Content, Part, Readiness, Wanted
from inventory.catalogue.rules import ItemKind

TODAY = date(2026, 5, 4)
TOWEL = Wanted("Towel", 1, item_id=1)
SOAP = Wanted("Soap", 2, item_id=2)
ANY_BOOKLET = Wanted("Booklet in any language", 1, any_of_kind=ItemKind.BOOKLET)
RECIPE = [TOWEL, SOAP, ANY_BOOKLET]


def content(item_id: int, name: str, count: int = 1, lot: int = 0, kind: ItemKind = ItemKind.CONTENT) -> Content:
    lot = lot or item_id
    return Content(lot, f"L-{lot:05d}", item_id, name, kind, count)


def booklet(item_id: int, language: str, count: int = 1, edition: int = 2, current: int = 2) -> Content:
    made = content(item_id, f"Booklet {language}", count, kind=ItemKind.BOOKLET)
    return replace(made, language=language, edition_number=edition, current_edition_number=current)


FULL = [content(1, "Towel"), content(2, "Soap", 2), booklet(3, "ro")]


def test_a_bag_that_holds_its_recipe_is_ready() -> None:
    verdict = rules.readiness(RECIPE, FULL, on=TODAY)
    assert (verdict.readiness, verdict.reasons, verdict.warnings) == (Readiness.READY, (), ())
    assert verdict.issuable


def test_one_thing_missing_makes_a_partial_bag_that_names_that_thing_alone() -> None:
    verdict = rules.readiness(RECIPE, [FULL[0], replace(FULL[1], unit_count=1), FULL[2]], on=TODAY)
    assert (verdict.readiness, verdict.reasons) == (Readiness.PARTIAL, ("Soap: 1 of 2",))
    assert [(lack.wanted.name, lack.short_count) for lack in verdict.missing] == [("Soap", 1)]
    assert verdict.issuable


def test_nothing_of_a_thing_is_said_to_be_missing() -> None:
    assert rules.readiness(RECIPE, FULL[1:], on=TODAY).reasons == ("Towel is missing",)


@pytest.mark.parametrize(("days", "issuable"), [(0, True), (1, True), (-1, False)])
def test_the_use_by_date_is_the_last_day_of_use(days: int, issuable: bool) -> None:
    soap = replace(FULL[1], expires_on=TODAY + timedelta(days=days))
    verdict = rules.readiness(RECIPE, [FULL[0], soap, FULL[2]], on=TODAY)
    assert verdict.issuable is issuable
    if not issuable:
        assert verdict.reasons == ("Soap expired on 3 May 2026",)


@pytest.mark.parametrize(("days", "warned"), [(30, True), (31, False)])
def test_an_expiry_within_thirty_days_is_said(days: int, warned: bool) -> None:
    soap = replace(FULL[1], expires_on=TODAY + timedelta(days=days))
    assert bool(rules.readiness(RECIPE, [FULL[0], soap, FULL[2]], on=TODAY).warnings) is warned


def test_a_replaced_edition_warns_and_does_not_stop() -> None:
    verdict = rules.readiness(RECIPE, [*FULL[:2], booklet(3, "ro", edition=1)], on=TODAY)
    assert verdict.readiness is Readiness.READY
    assert verdict.warnings == ("Booklet ro is edition 1; edition 2 is in use",)


@pytest.mark.parametrize(
    ("contents", "broken", "reason"), [(FULL, True, "The seal is broken"), ([], False, "The bag is empty")]
)
def test_a_broken_seal_or_an_empty_bag_is_not_issued(contents: list[Content], broken: bool, reason: str) -> None:
    verdict = rules.readiness(RECIPE, contents, on=TODAY, seal_broken=broken)
    assert (verdict.readiness, verdict.reasons) == (Readiness.NOT_ISSUABLE, (reason,))


def test_a_named_booklet_is_counted_before_any_booklet() -> None:
    wanted = [ANY_BOOKLET, Wanted("Booklet ro", 1, item_id=3)]
    assert rules.missing_from(wanted, [booklet(3, "ro"), booklet(4, "sq")]) == ()
    lacks = rules.missing_from(wanted, [booklet(4, "sq", 2)])
    assert [lack.wanted.name for lack in lacks] == ["Booklet ro"]


def test_lots_are_proposed_in_the_order_given_and_never_beyond_what_is_free() -> None:
    lots = [content(2, "Soap", 3, lot=21), content(2, "Soap", 9, lot=22)]
    ((_, taken),) = rules.picked([SOAP], lots, {2: 5}, bag_count=4, on=TODAY)
    assert [(each.lot_id, each.unit_count) for each in taken] == [(21, 3), (22, 2)]


def test_neither_expired_lots_nor_replaced_editions_are_proposed() -> None:
    lots = [
        replace(content(2, "Soap", 9, lot=21), expires_on=TODAY - timedelta(days=1)),
        replace(content(2, "Soap", 9, lot=22), expires_on=TODAY),
        booklet(3, "ro", 9, edition=1),
    ]
    soap, any_booklet = rules.picked([SOAP, ANY_BOOKLET], lots, {2: 18, 3: 9}, bag_count=1, on=TODAY)
    assert [each.lot_id for each in soap[1]] == [22]
    assert any_booklet[1] == []


@given(
    some.integers(1, 8),
    some.lists(some.integers(1, 4), min_size=1, max_size=4),
    some.integers(1, 3),
    some.lists(some.integers(1, 32), min_size=1, max_size=6),
)
def test_a_run_is_dealt_so_that_every_bag_meets_the_recipe(
    bag_count: int, counts: list[int], booklets: int, sizes: list[int]
) -> None:
    """Lots of these sizes, over and over, hold exactly what a run needs; one list is cheaper to make than each draw."""
    size = cycle(sizes)
    wanted = [Wanted(f"Item {item}", count, item_id=item) for item, count in enumerate(counts, start=1)]
    wanted.append(Wanted("Any booklet", booklets, any_of_kind=ItemKind.BOOKLET))
    parts: list[Part] = []
    for line in wanted:
        left = line.unit_count * bag_count
        while left:
            taken = min(left, next(size))
            number = len(parts) + 1
            made = content(line.item_id or 90 + number, line.name, taken, lot=number)
            kind = ItemKind.BOOKLET if line.any_of_kind else ItemKind.CONTENT
            parts.append(Part(replace(made, kind=kind), tuple(range(number * 100, number * 100 + taken))))
            left -= taken
    rules.check_meets_recipe(wanted, parts, bag_count=bag_count)
    bags = rules.dealt(wanted, parts, bag_count=bag_count)
    assert len(bags) == bag_count
    for bag in bags:
        held = [part.content for part in bag]
        assert rules.missing_from(wanted, held) == ()
        assert rules.surplus_of(wanted, held) == []
        assert all(len(part.unit_ids) == part.content.unit_count for part in bag)
    units = [unit for bag in bags for part in bag for unit in part.unit_ids]
    assert sorted(units) == sorted(unit for part in parts for unit in part.unit_ids)


@pytest.mark.parametrize(
    "typed",
    ["GB-00007", "gb-7", " 7 ", "0007", "GB 7", "https://stock.example/bags/GB-00007", "http://h/bags/GB-00007/issue"],
)
def test_a_tag_is_read_as_it_is_typed_or_scanned(typed: str) -> None:
    assert rules.tag_in(typed) == "GB-00007"


@pytest.mark.parametrize("typed", ["", "bag", "GB-", "-7", "7.5", "GB-7x", "７"])
def test_what_names_no_tag_is_refused(typed: str) -> None:
    with pytest.raises(RuleBroken, match="Enter the tag on the bag, like GB-00007"):
        rules.tag_in(typed)


def test_an_issue_can_be_undone_for_a_day_and_later_by_whoever_corrects_stock() -> None:
    recorded = datetime(2026, 5, 4, 9, tzinfo=UTC)
    day = timedelta(hours=24)
    assert rules.may_undo(recorded, recorded + day, may_correct_stock=False)
    assert not rules.may_undo(recorded, recorded + day + timedelta(seconds=1), may_correct_stock=False)
    assert rules.may_undo(recorded, recorded + 9 * day, may_correct_stock=True)
