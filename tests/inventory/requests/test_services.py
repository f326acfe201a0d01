"""A request asked for, decided and cancelled, on real stock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.access import Appointment, Role
from core.db import db, transaction
from core.errors import NotEnoughStock, NotFound, NotPermitted, RuleBroken, StaleEdit
from inventory.requests import queries, services
from inventory.requests.rules import RequestState
from inventory.requests.services import AskedLine, Counted, PickedLot
from inventory.stock import queries as stock
from tests.factories import AT, World, submission
from tests.inventory.requests.looking import SOAP, TOWELS, held, rows, state
from tests.inventory.restock import EVERYWHERE, act, approve, ask, asked, receive, send

# ---- Asking -------------------------------------------------------------------------------------


def test_a_request_remembers_what_the_place_held_and_lacked(stocked: World) -> None:
    request = ask(stocked, asked("ADULT-M", 4), asked("SOAP", 5))

    assert request.reference == "R-00001"
    assert (request.state, request.version) == (RequestState.ASKED, 1)
    lines = [
        (line.name, line.held_count, line.par_count, line.suggested_count, line.asked_count) for line in request.lines
    ]
    assert lines == [("Go Bag, Adult M", 0, 4, 4, 4), ("Soap", 0, 6, 6, 5)]
    assert request.lines[1].reason == "par 6, held 0"
    assert [event.summary for event in request.events] == ["asked for 4 Go Bags (Adult M) and 5 of Soap"]


def test_what_is_asked_promised_and_on_its_way_is_not_suggested_again(stocked: World) -> None:
    """
    | act                 | held | asked | promised | on its way | suggested |
    | ask 4 soap          |    0 |     4 |        0 |          0 |         2 |
    | approve 3           |    0 |     0 |        3 |          0 |         3 |
    | send 2              |    0 |     0 |        1 |          2 |         3 |
    | receive 2           |    2 |     0 |        1 |          0 |         3 |
    """
    seen = []

    def look() -> None:
        db.session.expire_all()
        levels = queries.levels(stocked.places["SALISBURY"], scope=EVERYWHERE, on=AT.date())
        soap = next(level for level in levels if level.code == "SOAP")
        seen.append(
            (soap.on_hand_count, soap.asked_count, soap.promised_count, soap.in_transit_count, soap.shortage_count)
        )

    reference = ask(stocked, asked("SOAP", 4)).reference
    look()
    approve(stocked, reference, 3)
    look()
    parcel = send(stocked, reference, PickedLot(1, SOAP, 2)).reference
    look()
    receive(stocked, parcel, [Counted(1, 2)])
    look()

    assert seen == [(0, 4, 0, 0, 2), (0, 0, 3, 0, 3), (0, 0, 1, 2, 3), (2, 0, 1, 0, 3)]


def test_five_thousand_instead_of_five_hundred_is_questioned(stocked: World) -> None:
    before = rows()

    with pytest.raises(RuleBroken) as refused:
        ask(stocked, asked("BK-RO", 4), asked("SOAP", 5_000))

    assert refused.value.message == (
        "You asked for 5,000 of Soap. The shortage is 6, the par level is 6 and Salisbury has not been approved any "
        "before. Change the quantity, or tick to say that 5,000 is right"
    )
    assert refused.value.field == "sure-2"
    assert rows() == before


def test_a_tick_stands_for_the_very_count_it_was_given_for(stocked: World) -> None:
    with pytest.raises(RuleBroken, match="50,000"):
        ask(stocked, AskedLine(50_000, item_code="SOAP", confirmed_count=5_000))

    assert ask(stocked, asked("SOAP", 5_000, sure=True)).lines[0].asked_count == 5_000


SENSELESS: list[tuple[list[AskedLine], str, str]] = [
    ([], "Ask for at least one thing", "thing"),
    ([AskedLine(1, item_code="NOPE")], "Select something from the list", "thing"),
    ([AskedLine(1, recipe_code="SOAP")], "Select something from the list", "thing"),
    ([AskedLine(1, item_code="SOAP", recipe_code="ADULT-M")], "Select an item or a kind of Go Bag", "thing"),
    ([AskedLine(0, item_code="SOAP")], "Quantity must be 1 or more", "count-1"),
    ([AskedLine(-1, item_code="SOAP")], "Quantity must be 1 or more", "count-1"),
    ([AskedLine(100_001, item_code="SOAP")], "Quantity must be 100,000 or fewer", "count-1"),
    (
        [AskedLine(1, item_code="SOAP"), AskedLine(2, item_code="SOAP")],
        "Ask for each thing once, with the whole quantity",
        "count-2",
    ),
]


def test_a_request_that_makes_no_sense_is_refused(stocked: World) -> None:
    before = rows()

    for lines, words, field in SENSELESS:
        with pytest.raises(RuleBroken) as refused:
            ask(stocked, *lines)
        assert (refused.value.message, refused.value.field) == (words, field)

    assert rows() == before


def test_nobody_asks_for_a_place_that_is_not_theirs(stocked: World) -> None:
    before = rows()

    for place in ("TROWBRIDGE", "STORE", "NOWHERE", ""):
        with pytest.raises(RuleBroken, match=r"^Select a station you can use$") as refused:
            ask(stocked, asked("SOAP", 1), place=place)
        assert refused.value.field == "place"

    assert rows() == before


def test_the_same_form_sent_twice_is_one_request(stocked: World) -> None:
    same = act(stocked, "sergeant")
    with transaction():
        first = services.ask("SALISBURY", [asked("SOAP", 2)], **same).reference
    after = rows()

    with transaction():
        second = services.ask("SALISBURY", [asked("SOAP", 2)], **same).reference

    assert second == first
    assert rows() == after


def test_the_same_form_with_another_body_is_refused(stocked: World) -> None:
    same = act(stocked, "sergeant")
    with transaction():
        services.ask("SALISBURY", [asked("SOAP", 2)], **same)

    with pytest.raises(RuleBroken, match=r"^This reference was used for something else$"), transaction():
        services.ask("SALISBURY", [asked("SOAP", 3)], **same)


def test_a_note_about_a_person_is_refused_and_kept_nowhere(stocked: World) -> None:
    before = rows()

    with pytest.raises(RuleBroken, match="Remove details that could identify a person"), transaction():
        services.ask("SALISBURY", [asked("SOAP", 2)], note="Call her on 07700 900123", **act(stocked, "sergeant"))

    assert rows() == before


# ---- Deciding -----------------------------------------------------------------------------------


def test_an_approval_promises_stock_at_the_store_and_moves_none(stocked: World) -> None:
    """
    | Devizes store, soap | on hand | promised |
    | before              |      35 |        0 |
    | approve 4 of 5      |      35 |        4 |
    """
    reference = ask(stocked, asked("SOAP", 5)).reference
    assert held(stocked, "STORE", "SOAP") == (35, 0, 0)

    request = approve(stocked, reference, 4)

    assert held(stocked, "STORE", "SOAP") == (35, 4, 0)
    assert (request.state, request.version) == (RequestState.APPROVED, 2)
    assert [event.summary for event in request.events][1:] == ["approved 4 of Soap; asked for 5 of Soap"]


def test_nobody_approves_their_own_request(stocked: World) -> None:
    sergeant = stocked.actor("sergeant")
    both = replace(
        sergeant, appointments=(*sergeant.appointments, Appointment(Role.APPROVER, stocked.places["SALISBURY"]))
    )
    reference = ask(stocked, asked("SOAP", 5)).reference
    before = rows()

    with pytest.raises(NotPermitted, match=r"^You cannot approve your own request$"), transaction():
        services.approve(reference, {1: 5}, **act(stocked, "sergeant", by=both, scope=both.scope))

    assert rows() == before


def test_a_deputy_of_the_requester_does_not_approve_what_the_requester_asked(stocked: World) -> None:
    request = ask(stocked, asked("SOAP", 5))
    reference, requester, place = request.reference, request.requested_by.name, stocked.places["SALISBURY"]
    stand_in = replace(
        stocked.actor("other sergeant"), appointments=(Appointment(Role.APPROVER, place, deputising_for=requester),)
    )
    before = rows()

    with pytest.raises(NotPermitted, match="You cannot approve your own request"), transaction():
        services.approve(reference, {1: 5}, **act(stocked, "sergeant", by=stand_in, scope=stand_in.scope))
    assert rows() == before

    other = replace(stand_in, appointments=(Appointment(Role.APPROVER, place, deputising_for="Insp 204"),))
    with transaction():
        services.approve(reference, {1: 5}, **act(stocked, "sergeant", by=other, scope=other.scope))
    assert state(reference) is RequestState.APPROVED


def test_no_more_is_promised_than_is_in_date_and_free(stocked: World) -> None:
    """
    | Devizes store, soap | in date | promised | free |
    | opening             |      30 |        0 |   30 |
    | R-00001 approved    |      30 |       18 |   12 |
    | R-00002 asks 13     |      30 |       18 |   12 | refused: 1 too many
    """
    first = ask(stocked, asked("SOAP", 18, sure=True)).reference
    approve(stocked, first, 18)
    second = ask(stocked, asked("SOAP", 40, sure=True), asked("TOWEL", 2)).reference
    before = rows()

    with pytest.raises(NotEnoughStock) as refused:
        approve(stocked, second, 13, 2)

    assert refused.value.message == (
        "Only 12 of Soap free at Devizes store (30 in date there and 18 promised to others). Approve 12 or fewer. "
        "Nothing has been recorded"
    )
    assert refused.value.field == "approved-1"
    assert rows() == before
    assert state(second) is RequestState.ASKED

    approve(stocked, second, 12, 2)
    assert held(stocked, "STORE", "SOAP") == (35, 30, 0)


def test_no_more_go_bags_are_promised_than_stand_ready(stocked: World) -> None:
    reference = ask(stocked, asked("ADULT-M", 4)).reference

    with pytest.raises(NotEnoughStock, match=r"Only 3 of Go Bag, Adult M free at Devizes store \(3 ready there\)"):
        approve(stocked, reference, 4)

    approve(stocked, reference, 3)
    kept = stock.kept_bags(stocked.places["STORE"])
    assert [each.promised_count for each in kept.values()] == [3]


def test_promised_stock_is_not_packed_away(stocked: World) -> None:
    """All 12 towels are promised, so the ledger itself refuses to take one for something else."""
    approve(stocked, ask(stocked, asked("TOWEL", 12, sure=True)).reference, 12)
    other = ask(stocked, asked("SOAP", 1), person="other sergeant", place="TROWBRIDGE").reference
    approve(stocked, other, 1)

    with pytest.raises(RuleBroken, match=r"Lot L-00004 is not Soap. Pick another"):
        send(stocked, other, PickedLot(1, TOWELS, 1))
    assert held(stocked, "STORE", "TOWEL") == (12, 12, 0)


def test_a_refusal_says_why_and_promises_nothing(stocked: World) -> None:
    reference = ask(stocked, asked("SOAP", 5)).reference
    with pytest.raises(RuleBroken, match=r"^Enter a reason$"), transaction():
        services.refuse(reference, reason="  ", **act(stocked, "approver"))

    with transaction():
        request = services.refuse(reference, reason="Take it from Trowbridge", **act(stocked, "approver"))

    assert request.state is RequestState.REFUSED
    assert str(request.events[-1].note) == "Take it from Trowbridge"
    assert held(stocked, "STORE", "SOAP") == (35, 0, 0)
    with pytest.raises(StaleEdit, match=r"^This request was refused$"):
        approve(stocked, reference, 5)


def test_a_stale_form_is_refused(stocked: World) -> None:
    reference = ask(stocked, asked("SOAP", 5)).reference
    approve(stocked, reference, 5, version=1)
    before = rows()

    with pytest.raises(StaleEdit, match="Someone changed this request while you were working"):
        send(stocked, reference, PickedLot(1, SOAP, 5), version=1)

    assert rows() == before
    send(stocked, reference, PickedLot(1, SOAP, 5), version=2)


def test_a_request_outside_the_approvers_places_does_not_exist_for_them(stocked: World) -> None:
    reference = ask(stocked, asked("SOAP", 5)).reference
    elsewhere = replace(
        stocked.actor("approver"), appointments=(Appointment(Role.APPROVER, stocked.places["TROWBRIDGE"]),)
    )

    with pytest.raises(NotFound), transaction():
        services.approve(reference, {1: 5}, **act(stocked, "approver", by=elsewhere, scope=elsewhere.scope))


# ---- Cancelling ---------------------------------------------------------------------------------


def test_cancelling_frees_what_was_promised_once(stocked: World) -> None:
    reference = ask(stocked, asked("SOAP", 5)).reference
    approve(stocked, reference, 5)
    same = act(stocked, "sergeant")

    for _ in range(2):
        with transaction():
            services.cancel(reference, **same)

    assert state(reference) is RequestState.CANCELLED
    assert held(stocked, "STORE", "SOAP") == (35, 0, 0)
    with pytest.raises(StaleEdit, match=r"^This request was cancelled$"), transaction():
        services.cancel(reference, **act(stocked, "sergeant"))


def test_nobody_cancels_anothers_request(stocked: World) -> None:
    reference = ask(stocked, asked("SOAP", 5)).reference
    colleague = replace(stocked.actor("other sergeant"), appointments=stocked.actor("sergeant").appointments)

    with pytest.raises(NotFound), transaction():
        services.cancel(reference, **act(stocked, "sergeant", by=colleague))

    assert state(reference) is RequestState.ASKED


def test_submission_ids_are_needed(stocked: World) -> None:
    with pytest.raises(RuleBroken, match=r"Your form has expired. Try again"), transaction():
        services.ask("SALISBURY", [asked("SOAP", 2)], **act(stocked, "sergeant") | {"submission_id": "x"})
    assert submission() != submission()
