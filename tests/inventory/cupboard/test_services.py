"""A cupboard sheet is numbered, keyed in once at its written times, or written off; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.db import db, transaction
from core.errors import AlreadyDone, NotEnoughStock, NotFound, RuleBroken
from inventory.bags.models import Bag, Issue, IssueRoute
from inventory.bags.services import issue_bag
from inventory.cupboard import queries, services
from inventory.cupboard.models import CupboardSheet, CupboardSheetEnd
from inventory.cupboard.rules import CHASED_AFTER, SheetEnd, WrittenLine, chase_words
from inventory.desk.queries import awaited_at
from inventory.stock.rules import BagMovement, PostingKind
from inventory.stock.services import post
from tests.factories import AT, World, submission
from tests.inventory.at_once import at_once
from tests.inventory.shelves import carry, fill_shelves, issue, pack

HOUR = timedelta(hours=1)
LATER = AT + 6 * HOUR


def told(world: World, name: str = "sergeant", at: datetime = LATER) -> dict[str, Any]:
    """Give what a service is told: who, where, when, and a fresh submission."""
    actor = world.actor(name)
    return {"scope": actor.scope, "by": actor, "at": at, "submission_id": submission()}


def printed(world: World) -> CupboardSheet:
    """Print a sheet at Salisbury, where three Go Bags stand."""
    fill_shelves(world)
    for bag in pack(world, 3):
        carry(world, bag, "SALISBURY")
    with transaction():
        return services.print_sheet("SALISBURY", **told(world, at=AT))


def at_hour(hour: int, position: int, **facts: Any) -> WrittenLine:
    """Give a line on which a moment was written, so many hours after the sheet was printed."""
    return WrittenLine(position, AT + hour * HOUR, IssueRoute.OFFICER, **facts)


def issues() -> int:
    return db.session.scalar(select(func.count()).select_from(Issue)) or 0


def bag(tag: str) -> int:
    return db.session.execute(select(Bag.id).where(Bag.tag == tag)).scalar_one()


def out(place_id: int, before: datetime) -> list[str]:
    """List the sheets that are asked for."""
    return [reference for reference, _ in awaited_at(place_id, printed_before=before)[1]]


def key(world: World, reference: str, *lines: WrittenLine, finished: bool = False, **changed: Any) -> list[str]:
    """Key lines in, in a transaction of its own."""
    with transaction():
        return services.key_in(reference, lines, finished=finished, **(told(world) | changed))


def test_lines_are_issued_at_their_written_time_and_a_sheet_is_keyed_in_once(world: World) -> None:
    """
    | line | Go Bag   | written      | keyed in       |
    | ---- | -------- | ------------ | -------------- |
    | A    | GB-00001 | +1 hour      | alone          |
    | B    | GB-00002 | +3 hours     | with the rest  |
    | C    | GB-00003 | nothing      |                |
    """
    sheet = printed(world)
    assert sheet.reference == "CS-00001"
    assert [(line.position, line.bag.tag) for line in sheet.lines] == [
        (1, "GB-00001"),
        (2, "GB-00002"),
        (3, "GB-00003"),
    ]
    (first,) = key(world, "CS-00001", at_hour(1, 1))
    sent = submission()
    again = [key(world, "CS-00001", at_hour(3, 2), finished=True, submission_id=sent) for _ in range(2)]
    assert again[0] == again[1]
    assert issues() == 2
    kept = queries.sheet_by_reference("CS-00001", scope=world.actor("sergeant").scope)
    assert queries.slips_of(kept.lines) == {1: first, 2: again[0][0]}
    entry = kept.lines[0].entry
    assert entry is not None
    assert (entry.issue.issued_at, entry.issue.posting.happened_at) == (AT + HOUR, AT + HOUR)
    assert entry.issue.posting.recorded_at == LATER
    assert kept.end is not None
    assert kept.end.kind is SheetEnd.KEYED
    with pytest.raises(AlreadyDone, match=r"CS-00001 was keyed in on 4 May 2026 at 4pm by Sergeant\. Nothing"):
        key(world, "CS-00001", at_hour(4, 3))
    assert issues() == 2


def test_what_refuses_one_line_refuses_them_all_in_words(world: World) -> None:
    printed(world)
    key(world, "CS-00001", at_hour(1, 1))
    issue(world, "GB-00002")
    wrong: list[tuple[type[Exception], str, tuple[WrittenLine, ...]]] = [
        (AlreadyDone, "Line A was keyed in before: slip ", (at_hour(2, 3), at_hour(2, 1))),
        (
            NotEnoughStock,
            "Line B: Only 0 left. Nothing has been issued: Go Bag GB-00002",
            (at_hour(2, 3), at_hour(2, 2)),
        ),
        (RuleBroken, "Line C: CS-00001 was printed on 4 May 2026 at 10am. Enter a later", (at_hour(-1, 3),)),
        (RuleBroken, "Line C: ", (at_hour(20, 3),)),
        (RuleBroken, "Enter the date and time of each line", ()),
    ]
    for refusal, words, lines in wrong:
        with pytest.raises(refusal) as refused:
            key(world, "CS-00001", *lines)
        assert str(refused.value).startswith(words)
        assert issues() == 2
    for outsider in ("other sergeant", "partner"):
        with pytest.raises(NotFound):
            key(world, "CS-00001", at_hour(2, 3), **told(world, outsider))
    with pytest.raises(NotFound):
        key(world, "CS-00001", at_hour(2, 9))


def test_two_who_key_a_line_in_at_once_record_it_once(app: Flask, world: World) -> None:
    printed(world)
    one, other = told(world), told(world)

    def keying(facts: dict[str, Any], position: int) -> Callable[[], object]:
        return lambda: services.key_in("CS-00001", [at_hour(1, position)], finished=False, **facts)

    assert at_once(app, keying(one, 1), keying(other, 1)) == {"done": 1, "AlreadyDone": 1}
    same = told(world)
    assert at_once(app, keying(same, 2), keying(same, 2)) == {"done": 2}
    tapped = told(world) | {"route": IssueRoute.OFFICER, "issued_at": AT + HOUR}
    came = at_once(app, keying(told(world), 3), lambda: issue_bag("GB-00003", **tapped))
    assert came == {"done": 1, "NotEnoughStock": 1}
    assert issues() == 3


def test_a_go_bag_that_went_to_another_place_is_not_issued_by_the_sheet_of_the_first(world: World) -> None:
    """Whoever works at both places holds a sheet of Salisbury, and the bag has stood at Trowbridge since."""
    printed(world)
    both = told(world, "approver")
    with transaction():
        post(
            PostingKind.RECEIPT, [], by=both["by"], at=AT + HOUR, happened_at=AT + HOUR, document="DS-2",
            bag_movements=[BagMovement(bag("GB-00001"), world.places["SALISBURY"], world.places["TROWBRIDGE"])],
        )  # fmt: skip
    with pytest.raises(RuleBroken, match=r"Line A: Go Bag GB-00001 is at Trowbridge now\. Nothing has been recorded"):
        key(world, "CS-00001", at_hour(2, 2), at_hour(2, 1), **both)
    assert issues() == 0


def test_a_missing_sheet_is_chased_until_it_is_keyed_in_or_written_off_with_a_reason(world: World) -> None:
    sheet = printed(world)
    place_id, week = sheet.place_id, AT + CHASED_AFTER
    assert out(place_id, AT) == []
    assert out(place_id, week) == ["CS-00001"]
    assert chase_words("CS-00001", date(2026, 5, 4), today=date(2026, 5, 12)) == (
        "Key in or write off cupboard sheet CS-00001",
        "printed 8 days ago, on 4 May 2026",
    )
    with pytest.raises(RuleBroken, match="Enter a reason"), transaction():
        services.write_off("CS-00001", reason=" ", **told(world))
    with pytest.raises(RuleBroken, match="phone number"), transaction():
        services.write_off("CS-00001", reason="Ask 07700 900123", **told(world))
    assert db.session.scalar(select(func.count()).select_from(CupboardSheetEnd)) == 0
    sent = told(world)
    for _ in range(2):
        with transaction():
            services.write_off("CS-00001", reason="Soaked by a burst pipe", **sent)
    assert out(place_id, week) == []
    with pytest.raises(AlreadyDone, match="CS-00001 was written off on"):
        key(world, "CS-00001", at_hour(1, 1))
    with pytest.raises(RuleBroken, match="No Go Bag at Trowbridge can be issued"), transaction():
        services.print_sheet("TROWBRIDGE", **told(world, "other sergeant"))
