"""Packing, issuing and undoing, with the ledger each leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from core import trail
from core.access import Actor, Appointment, Role, Scope
from core.db import db, transaction
from core.errors import NotEnoughStock, NotFound, NotPermitted, RuleBroken, StaleEdit
from inventory.bags import queries, services
from inventory.bags.models import Bag, BagMove, Issue, IssueRoute, Seal
from inventory.bags.rules import PackedLine
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import ItemKind, NewLine
from inventory.phones.models import SerialUnit, UnitPosition
from inventory.stock import queries as stock
from inventory.stock.models import Move, Posting
from inventory.stock.rules import PostingKind
from organisation.accounts import services as accounts
from organisation.places.models import Place
from organisation.places.rules import PlaceKind
from tests.conftest import kept
from tests.factories import AT, World, submission
from tests.inventory.shelves import (
    IMEIS,
    LATER,
    TODAY,
    carry,
    fill_shelves,
    issue,
    one_bag,
    pack,
    who,
)

force = kept(fill_shelves)
"""The small force with the store's shelves filled: lots L-00001 to L-00006."""


def counts() -> tuple[int | None, ...]:
    """Count the rows that packing or issuing would write."""
    tables = (Bag, BagMove, Seal, Issue, Posting, Move, Place, trail.AuditLeaf, trail.Submission)
    return tuple(db.session.scalar(select(func.count()).select_from(table)) for table in tables)


def loose(force: World, place: str = "STORE") -> dict[str, int]:
    """Loose stock of a place: lot code → units."""
    return {lot.code: lot.unit_count for lot in stock.lots_held(force.places[place])}


def inside(bag: Bag) -> dict[str, int]:
    """What is in a bag: lot code → units."""
    return {lot.code: lot.unit_count for lot in stock.lots_held(bag.place_id)}


def standing(number: str) -> str:
    """Name the place a handset is at."""
    return db.session.execute(
        select(Place.name)
        .join(UnitPosition, UnitPosition.place_id == Place.id)
        .join(SerialUnit, SerialUnit.id == UnitPosition.unit_id)
        .where(SerialUnit.number == number)
    ).scalar_one()


# ---- Packing ------------------------------------------------------------------------------------


def test_packing_moves_lots_into_the_bag_and_the_bag_to_the_place(force: World) -> None:
    """
    | posting       | from            | to       | lot     | units |
    |---------------|-----------------|----------|---------|------:|
    | pack a Go Bag | store           | GB-00001 | L-00001 |     1 |
    | pack a Go Bag | store           | GB-00001 | L-00002 |     2 |
    | pack a Go Bag | store           | GB-00001 | L-00004 |     1 |
    | pack a Go Bag | store           | GB-00001 | L-00005 |     1 |
    | pack a Go Bag | not yet made up | store    | (bag)   |       |
    """
    (bag,) = pack(force, contents=one_bag(), seal_numbers=["S-1001"])
    assert bag.tag == "GB-00001"
    assert inside(bag) == {"L-00001": 1, "L-00002": 2, "L-00004": 1, "L-00005": 1}
    assert loose(force) == {"L-00001": 9, "L-00002": 4, "L-00003": 10, "L-00004": 3, "L-00005": 4, "L-00006": 3}
    assert standing(IMEIS[0]) == "Go Bag GB-00001"
    view = queries.bag_view("GB-00001", scope=Scope.everywhere(), on=TODAY)
    assert (view.place_name, view.seal_number, view.verdict.words) == ("Devizes store", "S-1001", "Ready")
    (posting,) = stock.posting_of("GB-00001")
    assert (posting.kind, posting.happened_at) == (PostingKind.PACK, AT)
    assert stock.unexplained_balances() == []


def test_a_run_is_dealt_from_the_earliest_lots_in_one_posting(force: World) -> None:
    """Four bags take eight soaps: six that expire in September and two of next year's.

    | bag      | L-00002 | L-00003 |
    |----------|--------:|--------:|
    | GB-00001 |       2 |         |
    | GB-00002 |       2 |         |
    | GB-00003 |       2 |         |
    | GB-00004 |         |       2 |
    """
    bags = pack(force, 4)
    assert [bag.tag for bag in bags] == ["GB-00001", "GB-00002", "GB-00003", "GB-00004"]
    soaps = [{code: count for code, count in inside(bag).items() if code in ("L-00002", "L-00003")} for bag in bags]
    assert soaps == [{"L-00002": 2}, {"L-00002": 2}, {"L-00002": 2}, {"L-00003": 2}]
    assert [standing(number) for number in IMEIS[:4]] == [f"Go Bag {bag.tag}" for bag in bags]
    assert len(stock.posting_of("GB-00001 to GB-00004")) == 1


def test_the_same_run_sent_twice_is_packed_once(force: World) -> None:
    key, seals = submission(), ["S-1", "S-2"]
    contents = [
        PackedLine(line.lot_code, 2 * line.unit_count, IMEIS[:2] if line.serial_numbers else ()) for line in one_bag()
    ]
    first = [bag.tag for bag in pack(force, contents=contents, seal_numbers=seals, submission_id=key)]
    before = counts()
    again = pack(force, contents=contents, seal_numbers=seals, submission_id=key)
    assert first == [bag.tag for bag in again] == ["GB-00001", "GB-00002"]
    assert counts() == before


def without(lot: str) -> list[PackedLine]:
    return [line for line in one_bag() if line.lot_code != lot]


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (
            without("L-00001"),
            "This is not what the recipe asks for 1 Go Bag. Towel: 0 of 1. Nothing has been packed",
        ),
        (
            [*without("L-00002"), PackedLine("L-00002", 1)],
            "This is not what the recipe asks for 1 Go Bag. Soap: 1 of 2. Nothing has been packed",
        ),
        (
            [*one_bag(), PackedLine("L-00006", 1)],
            "This is not what the recipe asks for 1 Go Bag. 1 too many of Know your rights (Albanian). "
            "Nothing has been packed",
        ),
        ([*one_bag(), PackedLine("L-00099", 1)], "Lot L-00099 is not at Devizes store. Choose another lot"),
        (
            [*without("L-00004"), PackedLine("L-00004", 1)],
            "Choose 1 different IMEI number from lot L-00004. You chose 0",
        ),
        (
            [*without("L-00004"), PackedLine("L-00004", 1, (IMEIS[5],))],
            f"IMEI {IMEIS[5]} is not in lot L-00004 here. Choose another",
        ),
    ],
)
def test_contents_that_are_not_the_recipe_are_refused(force: World, contents: list[PackedLine], message: str) -> None:
    before = counts()
    with pytest.raises(RuleBroken) as refused:
        pack(force, contents=contents)
    assert refused.value.message == message
    assert counts() == before


def test_more_of_a_lot_than_is_there_is_refused_with_all_its_lines_together(force: World) -> None:
    before = counts()
    contents = [
        PackedLine("L-00001", 4),
        PackedLine("L-00002", 5),
        PackedLine("L-00002", 3),
        PackedLine("L-00004", 4, IMEIS[:4]),
        PackedLine("L-00005", 4),
    ]
    with pytest.raises(NotEnoughStock, match=r"Only 6 left. Nothing has been recorded: 8 of Soap"):
        pack(force, 4, contents=contents)
    assert counts() == before


def test_what_has_expired_is_not_packed(force: World) -> None:
    before = counts()
    day = AT.replace(year=2026, month=10, day=1)
    with pytest.raises(RuleBroken, match=r"Soap \(lot L-00002\) expired on 30 September 2026. Choose another lot"):
        pack(force, contents=one_bag(), happened_at=day, at=day)
    assert counts() == before


def test_a_superseded_edition_is_not_packed(force: World) -> None:
    with transaction():
        catalogue.publish_edition("BK-RO", number=3, published_on=TODAY, **who(force.actor("storekeeper")))
    before = counts()
    with pytest.raises(
        RuleBroken, match=r"\(lot L-00005\) is edition 2; edition 3 is in use. Choose a lot of that edition"
    ):
        pack(force, contents=one_bag())
    assert counts() == before


def test_a_seal_is_used_once(force: World) -> None:
    pack(force, contents=one_bag(), seal_numbers=["S-1001"])
    before = counts()
    with pytest.raises(RuleBroken, match=r"Seal S-1001 is already on GB-00001. Use a new seal") as refused:
        pack(force, seal_numbers=["s-1001"])
    assert refused.value.field == "seals"
    assert counts() == before


def test_a_bag_is_not_packed_at_a_place_outside_the_scope(force: World) -> None:
    before = counts()
    with pytest.raises(RuleBroken, match="Select a station you can use"):
        pack(force, contents=one_bag(), place_code="SALISBURY")
    assert counts() == before


def test_packing_does_not_come_before_receiving(force: World) -> None:
    before = counts()
    with pytest.raises(RuleBroken, match=r"was received on 4 May 2026. Enter that day or a later one"):
        pack(force, contents=one_bag(), happened_at=AT - timedelta(days=1))
    assert counts() == before


def test_a_later_recipe_version_is_packed_to_and_old_bags_keep_theirs(force: World) -> None:
    (old,) = pack(force, contents=one_bag())
    with transaction():
        catalogue.write_recipe_version(
            "ADULT-M",
            name="Adult M",
            in_use_from=TODAY,
            lines=[NewLine(2, item_code="TOWEL")],
            **who(force.actor("storekeeper")),
        )
    (new,) = pack(force)
    assert inside(new) == {"L-00001": 2}
    for tag, version in ((old.tag, 1), (new.tag, 2)):
        view = queries.bag_view(tag, scope=Scope.everywhere(), on=TODAY)
        assert (view.version_number, view.verdict.words) == (version, "Ready")


# ---- Issuing ------------------------------------------------------------------------------------


@pytest.fixture
def bag(force: World) -> Bag:
    """GB-00001, standing at Salisbury."""
    (packed,) = pack(force, contents=one_bag(), seal_numbers=["S-1001"])
    carry(force, packed, "SALISBURY")
    return packed


def test_issuing_moves_everything_and_the_bag_in_one_posting(force: World, bag: Bag) -> None:
    """
    | posting | from      | to     | lot     | units |
    |---------|-----------|--------|---------|------:|
    | issue   | GB-00001  | issued | L-00001 |     1 |
    | issue   | GB-00001  | issued | L-00002 |     2 |
    | issue   | GB-00001  | issued | L-00004 |     1 |
    | issue   | GB-00001  | issued | L-00005 |     1 |
    | issue   | Salisbury | issued | (bag)   |       |
    """
    made = issue(force, "GB-00001")
    assert (made.place_id, made.route, made.booklet_language) == (force.places["SALISBURY"], IssueRoute.OFFICER, "ro")
    assert made.issued_at == LATER
    assert inside(bag) == {}
    assert stock.bags_standing(force.places["SALISBURY"]) == {}
    assert standing(IMEIS[0]) == "Issued"
    moves = db.session.execute(select(Move.lot_id, Move.unit_count).where(Move.posting_id == made.posting_id)).all()
    assert sorted(count for _, count in moves) == [1, 1, 1, 2]
    assert queries.place_of(bag.id).kind is PlaceKind.ISSUED
    assert stock.unexplained_balances() == []


def test_a_slip_says_nothing_about_order_place_or_time(force: World, bag: Bag) -> None:
    slip = issue(force, "GB-00001").slip
    assert len(slip) == 14
    assert [len(group) for group in slip.split("-")] == [4, 4, 4]


def test_a_bag_cannot_be_issued_twice(force: World, bag: Bag) -> None:
    issue(force, "GB-00001")
    before = counts()
    with pytest.raises(NotEnoughStock) as refused:
        issue(force, "GB-00001", at=LATER + timedelta(hours=1), issued_at=LATER + timedelta(hours=1))
    assert refused.value.message == (
        "Only 0 left. Nothing has been issued: Go Bag GB-00001 was issued on 4 May 2026 at midday"
    )
    assert counts() == before


def test_the_same_issue_sent_twice_is_one(force: World, bag: Bag) -> None:
    key = submission()
    first = issue(force, "GB-00001", submission_id=key).slip
    before = counts()
    assert issue(force, "GB-00001", submission_id=key).slip == first
    assert counts() == before


@pytest.mark.parametrize("name", ["other sergeant", "partner"])
def test_a_bag_of_another_place_is_not_found(force: World, bag: Bag, name: str) -> None:
    before = counts()
    with pytest.raises(NotFound):
        issue(force, "GB-00001", name)
    issue(force, "GB-00001")
    with pytest.raises(NotFound):
        issue(force, "GB-00001", name)
    assert counts()[3] == (before[3] or 0) + 1


def test_a_bag_on_its_way_is_received_first(force: World) -> None:
    (packed,) = pack(force, contents=one_bag())
    carry(force, packed, "SALISBURY", arrive=False)
    before = counts()
    with pytest.raises(RuleBroken, match=r"Go Bag GB-00001 is on its way to Salisbury. Receive it before you issue it"):
        issue(force, "GB-00001")
    assert counts() == before


def test_a_bag_with_something_expired_in_it_is_not_issued(force: World, bag: Bag) -> None:
    before = counts()
    day = AT.replace(month=10, day=1)
    with pytest.raises(RuleBroken) as refused:
        issue(force, "GB-00001", issued_at=day, at=day)
    assert refused.value.message == (
        "Go Bag GB-00001 cannot be issued: Soap expired on 30 September 2026. Choose another bag"
    )
    assert counts() == before


def test_a_bag_is_not_issued_before_it_came(force: World, bag: Bag) -> None:
    before = counts()
    with pytest.raises(
        RuleBroken, match=r"has been at Salisbury since 4 May 2026 at 10am. Enter a later time"
    ) as refused:
        issue(force, "GB-00001", issued_at=AT - timedelta(minutes=1))
    assert refused.value.field == "issued_on"
    assert counts() == before


def test_a_bag_is_not_issued_in_the_future(force: World, bag: Bag) -> None:
    before = counts()
    with pytest.raises(RuleBroken, match="is later than now"):
        issue(force, "GB-00001", issued_at=LATER + timedelta(minutes=1))
    assert counts() == before


def test_a_superseded_booklet_does_not_keep_a_bag_from_whoever_needs_it(force: World, bag: Bag) -> None:
    with transaction():
        catalogue.publish_edition("BK-RO", number=3, published_on=TODAY, **who(force.actor("storekeeper")))
    view = queries.bag_view("GB-00001", scope=Scope.everywhere(), on=TODAY)
    assert view.verdict.issuable
    assert view.verdict.warnings == ("Know your rights (Romanian) is edition 2; edition 3 is in use",)
    assert issue(force, "GB-00001").booklet_language == "ro"


def test_the_booklet_is_chosen_where_several_are_inside(force: World) -> None:
    with transaction():
        catalogue.write_recipe_version(
            "TWO",
            name="Two booklets",
            in_use_from=TODAY,
            lines=[NewLine(2, any_of_kind=ItemKind.BOOKLET)],
            **who(force.actor("storekeeper")),
        )
        keeper = force.actor("storekeeper")
        services.pack_bag(
            "TWO",
            place_code="STORE",
            seal_number="S-7",
            contents=[PackedLine("L-00005", 1), PackedLine("L-00006", 1)],
            happened_at=AT,
            scope=keeper.scope,
            **who(keeper),
        )
    carry(force, db.session.scalars(select(Bag)).one(), "SALISBURY")
    with pytest.raises(RuleBroken, match="Choose the booklet that is handed over") as refused:
        issue(force, "GB-00001")
    assert refused.value.field == "booklet_language"
    with pytest.raises(RuleBroken, match="There is no booklet in that language in this bag"):
        issue(force, "GB-00001", booklet_language="vi")
    assert issue(force, "GB-00001", booklet_language="sq").booklet_language == "sq"


# ---- Undoing ------------------------------------------------------------------------------------


def undo(force: World, slip: str, actor: Actor | None = None, **changed: object) -> Posting:
    actor = actor or force.actor("sergeant")
    asked = {"reason": "Wrong tag typed", "scope": actor.scope, **who(actor, LATER + timedelta(hours=1))} | changed
    with transaction():
        return services.undo_issue(slip, **asked)


def test_undoing_an_issue_is_an_opposite_posting(force: World, bag: Bag) -> None:
    """
    | posting    | from     | to        | lot     | units | corrects |
    |------------|----------|-----------|---------|------:|----------|
    | issue      | GB-00001 | issued    | L-00001 |     1 |          |
    | …          |          |           |         |       |          |
    | correction | issued   | GB-00001  | L-00001 |     1 | its move |
    | …          |          |           |         |       |          |
    | correction | issued   | Salisbury | (bag)   |       |          |
    """
    made = issue(force, "GB-00001")
    posting = undo(force, made.slip)
    assert (posting.kind, posting.corrects_id, posting.happened_at) == (
        PostingKind.CORRECTION,
        made.posting_id,
        made.issued_at,
    )
    opposite = [
        (move.lot_id, move.to_place_id, move.from_place_id, move.unit_count, move.id)
        for move, _ in queries.moves_of_posting(made.posting_id)
    ]
    back = [
        (move.lot_id, move.from_place_id, move.to_place_id, move.unit_count, move.corrects_id)
        for move, _ in queries.moves_of_posting(posting.id)
    ]
    assert back == opposite
    assert inside(bag) == {"L-00001": 1, "L-00002": 2, "L-00004": 1, "L-00005": 1}
    assert standing(IMEIS[0]) == "Go Bag GB-00001"
    view = queries.bag_view("GB-00001", scope=force.actor("sergeant").scope, on=TODAY)
    assert (view.place_name, view.seal_number, view.seal_broken) == ("Salisbury", "S-1001", False)
    assert view.can_be_issued
    assert queries.undone([made]) == {made.id}
    assert stock.unexplained_balances() == []


def test_a_bag_can_be_issued_again_after_the_mistake_was_undone(force: World, bag: Bag) -> None:
    first = issue(force, "GB-00001")
    undo(force, first.slip)
    second = issue(force, "GB-00001", at=LATER + timedelta(hours=2), issued_at=LATER + timedelta(hours=2))
    assert second.slip != first.slip
    assert queries.undone([first, second]) == {first.id}


def test_an_issue_is_undone_once(force: World, bag: Bag) -> None:
    slip = issue(force, "GB-00001").slip
    undo(force, slip)
    before = counts()
    with pytest.raises(StaleEdit, match=r"Already reversed: this issue was undone on 4 May 2026 at 1pm"):
        undo(force, slip)
    assert counts() == before


def test_the_same_undoing_sent_twice_is_one(force: World, bag: Bag) -> None:
    slip, key = issue(force, "GB-00001").slip, submission()
    first = undo(force, slip, submission_id=key).id
    before = counts()
    assert undo(force, slip, submission_id=key).id == first
    assert counts() == before


NOBODY_THERE = (
    r"more than 24 hours ago and nobody may correct stock at Salisbury now\. "
    "Ask an administrator to give somebody the role of storekeeper there"
)


def test_after_a_day_it_takes_somebody_who_may_correct_stock(force: World, bag: Bag) -> None:
    slip = issue(force, "GB-00001").slip
    late = LATER + timedelta(hours=24, seconds=1)
    before = counts()
    with pytest.raises(NotPermitted, match=NOBODY_THERE):
        undo(force, slip, at=late)
    assert counts() == before
    with transaction():
        accounts.open_account(
            "keeper@test.example", "Keeper", [(Role.STOREKEEPER, "SALISBURY")], late.date(), by=None, at=AT
        )
    with pytest.raises(NotPermitted, match=r"more than 24 hours ago\. Ask Keeper to undo it"):
        undo(force, slip, at=late)
    here = replace(force.actor("storekeeper"), appointments=(Appointment(Role.STOREKEEPER, force.places["SALISBURY"]),))
    assert undo(force, slip, here, at=late).kind is PostingKind.CORRECTION


@pytest.mark.parametrize(
    ("reason", "message"),
    [("  ", "Enter a reason"), ("Handed to her, NHS 943 476 5919", "Remove details that could identify a person")],
)
def test_undoing_needs_a_reason_that_names_nobody(force: World, bag: Bag, reason: str, message: str) -> None:
    slip = issue(force, "GB-00001").slip
    before = counts()
    with pytest.raises(RuleBroken, match=message) as refused:
        undo(force, slip, reason=reason)
    assert refused.value.field == "reason"
    assert counts() == before


def test_an_issue_of_another_place_is_not_found(force: World, bag: Bag) -> None:
    slip = issue(force, "GB-00001").slip
    with pytest.raises(NotFound):
        undo(force, slip, force.actor("other sergeant"))


def test_the_day_of_an_issue_is_the_day_in_london(force: World, bag: Bag) -> None:
    made = issue(force, "GB-00001")
    scope = force.actor("sergeant").scope
    for since, until, found in (
        (TODAY, TODAY, [made.id]),
        (date(2026, 5, 5), None, []),
        (None, date(2026, 5, 3), []),
    ):
        rows = db.session.scalars(queries.issues(scope=scope, since=since, until=until)).all()
        assert [row.id for row in rows] == found
