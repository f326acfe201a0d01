"""Recalls on both databases, over the force of conftest.py: one lot of soap wherever a unit can be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from core.access import Scope
from core.db import db, transaction
from core.errors import AlreadyDone, NotFound, Refusal, RuleBroken
from inventory.bags import queries as bags
from inventory.bags import services as bag_services
from inventory.bags.rules import Fate, PackedLine, Readiness
from inventory.recalls import queries, services
from inventory.recalls.models import Recall, RecallAnswer
from inventory.recalls.rules import Ending, FoundLot, PlaceStanding, RecallKind, Remedy
from inventory.stock import queries as stock
from inventory.stock.models import Balance, Move
from inventory.stock.rules import Movement, PostingKind
from inventory.stock.services import post
from organisation.places.models import Place
from tests.factories import AT, World, submission
from tests.inventory.recalls.conftest import SOAP, send_loose
from tests.inventory.shelves import IMEIS, LATER, TODAY, issue, pack, who

EVERYWHERE = Scope.everywhere()
RECALLED = AT + timedelta(hours=3)
AFTER = AT + timedelta(hours=4)


def recall(
    world: World,
    code: str = "L-00002",
    remedy: Remedy = Remedy.DESTROY,
    kind: RecallKind = RecallKind.RECALL,
    **more: Any,
) -> str:
    """Recall a lot as the storekeeper; give the reference."""
    asked = {
        "kind": kind,
        "remedy": remedy,
        "reason": "Caps crack",
        **who(world.actor("storekeeper"), RECALLED),
        **more,
    }
    with transaction():
        return services.recall(code, **asked).reference


def answer(world: World, name: str, place: str, *found: FoundLot, **more: Any) -> RecallAnswer:
    """Answer RC-00001 for a place."""
    actor = world.actor(name)
    with transaction():
        return services.answer("RC-00001", place, found, **{"scope": actor.scope, **who(actor, AFTER), **more})


def take_out(world: World, name: str, tag: str, fate: Fate = Fate.DAMAGED) -> None:
    """Take the soap out of a bag."""
    actor = world.actor(name)
    with transaction():
        bag_services.take_out(
            tag, "L-00002", 2, fate=fate, reason="RC-00001", seal_number=f"N-{tag}", scope=actor.scope,
            **who(actor, AFTER),
        )  # fmt: skip


def standings(reference: str = "RC-00001") -> dict[str, PlaceStanding]:
    db.session.rollback()
    found = queries.recall_by_reference(reference)
    spots = queries.spots(found, scope=EVERYWHERE)
    return {each.code: each for each in queries.standings(found, spots, queries.slips(found))}


def balance(place_id: int, lot_id: int = SOAP) -> int:
    db.session.rollback()
    return db.session.scalar(select(Balance.unit_count).filter_by(place_id=place_id, lot_id=lot_id)) or 0


def facts() -> list[int]:
    """Count moves, recalls and answers: what a refusal must not change."""
    db.session.rollback()
    return [db.session.scalar(select(func.count()).select_from(each)) or 0 for each in (Move, Recall, RecallAnswer)]


def test_a_recall_finds_every_unit_and_asks_every_place(soap: World) -> None:
    recall(soap)
    found = queries.recall_by_reference("RC-00001")
    spots = queries.spots(found, scope=EVERYWHERE)
    assert [(x.place_code, x.coming, x.bag_tag, x.unit_count) for x in spots] == [
        ("STORE", False, None, 3),
        ("STORE", False, "GB-00002", 2),
        ("HARBOUR", True, None, 1),
        ("SALISBURY", False, None, 2),
        ("SALISBURY", False, "GB-00001", 2),
    ]
    (given,) = [queries.as_issued(*row) for row in db.session.execute(queries.issued(found, scope=EVERYWHERE))]
    slip = bags.last_issue(bags.bag_by_tag("GB-00003", scope=EVERYWHERE).id)
    assert slip is not None
    assert (given.slip, given.place_name, given.unit_count) == (slip.slip, "Salisbury", 2)
    assert {code: (x.asked_count, x.slip_count, x.answered) for code, x in standings().items()} == {
        "STORE": (5, 0, False),
        "HARBOUR": (1, 0, False),
        "SALISBURY": (4, 1, False),
    }


def test_a_partner_sees_only_what_is_at_its_own_places(soap: World) -> None:
    recall(soap)
    found, own = queries.recall_by_reference("RC-00001"), soap.actor("partner").scope
    assert [each.place_code for each in queries.spots(found, scope=own)] == ["HARBOUR"]
    assert db.session.execute(queries.issued(found, scope=own)).all() == []


def test_nothing_of_it_can_be_packed_sent_topped_up_or_issued(soap: World) -> None:
    recall(soap)
    before, keeper = facts(), soap.actor("storekeeper")
    contents = [
        PackedLine("L-00001", 1),
        PackedLine("L-00002", 2),
        PackedLine("L-00004", 1, (IMEIS[5],)),
        PackedLine("L-00005", 1),
    ]
    for refused in (
        lambda: pack(soap, contents=contents, at=AFTER),
        lambda: send_loose(soap, SOAP, 1, "SALISBURY"),
        lambda: issue(soap, "GB-00001", issued_at=AFTER, at=AFTER),
    ):
        with pytest.raises(RuleBroken, match=r"Soap \(lot L-00002\) is recalled \(RC-00001\): take it out and destroy"):
            refused()
    assert facts() == before
    view = bags.bag_view("GB-00002", scope=keeper.scope, on=TODAY)
    assert view.verdict.readiness is Readiness.NOT_ISSUABLE
    proposal = bags.proposed_contents("ADULT-M", soap.places["STORE"], on=TODAY, scope=keeper.scope)
    assert {lot.lot_code for lot in proposal.packed_lines()} & {"L-00002", "L-00003"} == {"L-00003"}
    assert [lot.code for lot in stock.lots_held(soap.places["STORE"]) if not lot.usable] == ["L-00002"]


def test_a_slip_of_before_the_recall_is_recorded_late_and_counts_as_issued(soap: World) -> None:
    recall(soap)
    issue(soap, "GB-00001", issued_at=LATER, at=AFTER)
    assert standings()["SALISBURY"].slip_count == 2
    assert standings()["SALISBURY"].bag_count == 0


def test_a_recall_ends_when_every_place_has_answered_and_nothing_is_left(soap: World) -> None:
    """The soap of conftest.py, destroyed.

    | posting   | from               | to          | units |
    | --------- | ------------------ | ----------- | ----: |
    | open bag  | GB-00001, GB-00002 | written off |   2+2 |
    | write-off | Salisbury          | written off |     2 |
    | write-off | Devizes store      | written off |     3 |
    | write-off | Harbour House      | written off |     1 |
    """
    recall(soap)
    keeper = soap.actor("storekeeper")
    keeping = "cannot close yet: Devizes store has not answered; 5 units still at Devizes"
    with pytest.raises(RuleBroken, match=keeping), transaction():
        services.close("RC-00001", **who(keeper, AFTER))
    for name, tag in (("sergeant", "GB-00001"), ("storekeeper", "GB-00002")):
        take_out(soap, name, tag)
    assert answer(soap, "sergeant", "SALISBURY", FoundLot("L-00002", 2, 2), told_count=1).posting_id is not None
    answer(soap, "storekeeper", "STORE", FoundLot("L-00002", 3, 3))
    arrive_at_harbour(soap)
    answer(soap, "partner", "HARBOUR", FoundLot("L-00002", 1, 1))
    now = standings()
    assert [(x.found_count, x.removed_count, x.left_count, x.told_count) for x in now.values()] == [
        (3, 3, 0, None),
        (1, 1, 0, None),
        (2, 2, 0, 1),
    ]
    with transaction():
        services.close("RC-00001", **who(keeper, AFTER))
    end = queries.end_of(queries.recall_by_reference("RC-00001").id)
    assert end is not None
    assert end.way is Ending.CLOSED
    assert stock.unexplained_balances() == []
    with pytest.raises(AlreadyDone, match="RC-00001 ended on"):
        answer(soap, "sergeant", "SALISBURY")


def arrive_at_harbour(world: World) -> None:
    here = world.places["HARBOUR"]
    with transaction():
        post(
            PostingKind.RECEIPT, [Movement(SOAP, stock.transit_to(here), here, 1)], by=world.actor("partner"), at=AFTER,
            happened_at=AFTER, document="D-1",
        )  # fmt: skip


def test_an_answer_that_says_too_much_or_for_another_place_is_refused_and_changes_nothing(soap: World) -> None:
    recall(soap)
    before = facts()
    for name, place, line, told, refusal in (
        ("sergeant", "SALISBURY", FoundLot("L-00002", 3, 0), None, RuleBroken),
        ("sergeant", "SALISBURY", FoundLot("L-00002", 1, 2), None, RuleBroken),
        ("sergeant", "SALISBURY", FoundLot("L-00003", 1, 1), None, RuleBroken),
        ("sergeant", "SALISBURY", FoundLot("L-00002", 2, 2), 2, RuleBroken),
        ("partner", "SALISBURY", FoundLot("L-00002", 2, 2), None, NotFound),
        ("sergeant", "HARBOUR", FoundLot("L-00002", 1, 1), None, NotFound),
    ):
        with pytest.raises(refusal):
            answer(soap, name, place, line, told_count=told)
    assert facts() == before


def test_fewer_found_than_recorded_is_accepted_and_said(soap: World) -> None:
    recall(soap)
    answer(soap, "sergeant", "SALISBURY", FoundLot("L-00002", 1, 1))
    place = standings()["SALISBURY"]
    assert (place.found_count, place.removed_count, place.short_count, place.shelf_count) == (1, 1, 1, 1)


def test_what_is_answered_again_is_not_counted_twice(soap: World) -> None:
    """Salisbury keeps its 2 apart at first, removes them later, and has told the one holder by then.

    | answer | found | removed | told so far |
    |--------|------:|--------:|------------:|
    | first  |     2 |       0 |           1 |
    | again  |     2 |       1 |           1 |
    | again  |     1 |       1 |             |
    """
    recall(soap)
    for found, removed, told in ((2, 0, 1), (2, 1, 1), (1, 1, None)):
        answer(soap, "sergeant", "SALISBURY", FoundLot("L-00002", found, removed), told_count=told)
        place = standings()["SALISBURY"]
        assert (place.found_count, place.told_count, place.slip_count, place.short_count) == (2, 1, 1, 0)
    assert place.removed_count == 2


def test_the_same_thing_is_recalled_once_and_a_hold_gives_way_to_a_recall(soap: World) -> None:
    recall(soap, kind=RecallKind.HOLD, remedy=Remedy.CHECK)
    with pytest.raises(AlreadyDone, match="Soap, lot L-00002 is on hold already: RC-00001"):
        recall(soap, kind=RecallKind.HOLD)
    assert recall(soap) == "RC-00002"
    end = queries.end_of(queries.recall_by_reference("RC-00001").id)
    assert end is not None
    assert end.way is Ending.REPLACED
    with pytest.raises(AlreadyDone, match="is recalled already: RC-00002"):
        recall(soap)
    assert recall(soap, "SOAP", kind=RecallKind.HOLD) == "RC-00003"
    assert queries.holds_on([SOAP])[0][2].reference == "RC-00002"


@pytest.mark.parametrize(
    ("code", "edition", "words"),
    [
        ("L-99999", None, "There is no lot and no item L-99999"),
        ("L-00002", 1, "L-00002 is one lot"),
        ("BK-RO", 9, "There is no edition 9 of Know your rights"),
        ("SOAP", 1, "There is no edition 1 of Soap"),
    ],
)
def test_a_code_that_names_nothing_is_refused(soap: World, code: str, edition: int | None, words: str) -> None:
    before = facts()
    with pytest.raises(RuleBroken, match=words):
        recall(soap, code, edition_number=edition)
    assert facts() == before


def test_a_reason_about_a_person_is_refused(soap: World) -> None:
    with pytest.raises(Refusal):
        recall(soap, reason="Her number is 07700 900123")
    assert facts()[1] == 0


def test_one_form_sent_twice_is_one_recall_and_one_answer(soap: World) -> None:
    key = submission()
    assert recall(soap, submission_id=key) == recall(soap, submission_id=key) == "RC-00001"
    key = submission()
    first = answer(soap, "sergeant", "SALISBURY", FoundLot("L-00002", 2, 2), submission_id=key).id
    assert answer(soap, "sergeant", "SALISBURY", FoundLot("L-00002", 2, 2), submission_id=key).id == first
    assert balance(soap.places["SALISBURY"]) == 0


def test_what_is_released_may_be_used_again(soap: World) -> None:
    recall(soap)
    with transaction():
        services.release("RC-00001", reason="Wrong lot", **who(soap.actor("storekeeper"), AFTER))
    issue(soap, "GB-00001", issued_at=AFTER, at=AFTER)
    with pytest.raises(AlreadyDone), transaction():
        services.release("RC-00001", reason="Again", **who(soap.actor("storekeeper"), AFTER))


def test_what_is_sent_back_is_counted_in_at_the_store_and_stays_held(soap: World) -> None:
    """| posting   | from            | to          | units |
    | --------- | --------------- | ----------- | ----: |
    | write-off | Salisbury       | in transit  |     2 |
    | receipt   | in transit      | store       |     1 |
    | receipt   | in transit      | written off |     1 |
    """
    recall(soap, remedy=Remedy.SEND_BACK)
    sent = answer(soap, "sergeant", "SALISBURY", FoundLot("L-00002", 2, 2)).id
    keeper = soap.actor("storekeeper")
    (waiting,) = queries.sent_back(scope=keeper.scope)
    assert (waiting.place_name, waiting.store_name, waiting.unit_count) == ("Salisbury", "Devizes store", 2)
    assert standings()["STORE"].coming_count == 2
    with pytest.raises(RuleBroken, match=r"2 were sent\. Enter that or fewer"):
        take_in(soap, sent, {"L-00002": 3})
    with pytest.raises(NotFound):
        take_in(soap, sent, {"L-00002": 2}, name="sergeant")
    assert take_in(soap, sent, {"L-00002": 1}) == 1
    with pytest.raises(AlreadyDone):
        take_in(soap, sent, {"L-00002": 2})
    assert balance(soap.places["STORE"]) == 4
    assert [lot.code for lot in stock.lots_held(soap.places["STORE"]) if not lot.usable] == ["L-00002"]
    answer(soap, "storekeeper", "STORE", FoundLot("L-00002", 4, 4))
    assert balance(soap.places["STORE"]) == 0


def take_in(world: World, answer_id: int, arrived: dict[str, int], name: str = "storekeeper") -> int:
    actor = world.actor(name)
    with transaction():
        made = services.take_in(answer_id, arrived, scope=actor.scope, **who(actor, AFTER))
        return made.missing_count


def test_a_model_of_handset_is_recalled_whole_and_removed_by_number(soap: World) -> None:
    recall(soap, "PHONE")
    assert issue_refused(soap, "GB-00001").startswith("Go Bag GB-00001 cannot be issued: Basic phone (lot L-00004)")
    with pytest.raises(RuleBroken, match="enter the 1 number of those removed"):
        answer(soap, "storekeeper", "STORE", FoundLot("L-00004", 3, 1))
    answer(soap, "storekeeper", "STORE", FoundLot("L-00004", 3, 1, (IMEIS[4],)))
    assert standings()["STORE"].shelf_count == 2


def issue_refused(world: World, tag: str) -> str:
    with pytest.raises(RuleBroken) as refused:
        issue(world, tag, issued_at=AFTER, at=AFTER)
    return refused.value.message


def test_an_edition_is_recalled_and_what_is_checked_and_kept_is_free_when_it_closes(soap: World) -> None:
    recall(soap, "BK-RO", Remedy.CHECK, edition_number=2)
    place = db.session.get_one(Place, soap.places["SALISBURY"])
    (task,) = queries.tasks_at(place)
    assert (task.subject, task.standing.bag_count, task.standing.slip_count) == (
        "Know your rights (Romanian), edition 2", 1, 1,
    )  # fmt: skip
    answer(soap, "sergeant", "SALISBURY")
    answer(soap, "storekeeper", "STORE", FoundLot("L-00005", 2, 0))
    with transaction():
        services.close("RC-00001", **who(soap.actor("storekeeper"), AFTER))
    issue(soap, "GB-00001", issued_at=AFTER, at=AFTER)
