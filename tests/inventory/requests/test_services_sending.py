"""A request sent, received and settled, on real stock, to its last shortage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from core.access import Appointment, Role
from core.db import db, transaction
from core.errors import NotEnoughStock, NotFound, RuleBroken, StaleEdit
from inventory.bags import queries as bags
from inventory.phones.models import SerialUnit, UnitPosition
from inventory.recalls import services as recalls
from inventory.recalls.rules import RecallKind, Remedy
from inventory.requests import queries, services
from inventory.requests.rules import RequestState, ShortageOutcome, ShortReason
from inventory.requests.services import Counted, PickedBag, PickedLot
from inventory.stock import queries as stock
from inventory.stock.models import Move
from organisation.places.rules import PlaceKind
from tests.factories import AT, World, submission
from tests.inventory.requests.looking import PHONES, SOAP, SOAP_LATER, TOWELS, held, rows, state
from tests.inventory.restock import EVERYWHERE, HOUR, IMEIS, act, approve, ask, asked, receive, send


def test_a_request_is_sent_and_received_whole(stocked: World) -> None:
    """
    | Soap     | store on hand | promised | on its way | Salisbury |
    | approved |            35 |        5 |          0 |         0 |
    | sent     |            30 |        0 |          5 |         0 |
    | received |            30 |        0 |          0 |         5 |
    """
    reference = ask(stocked, asked("SOAP", 5)).reference
    approve(stocked, reference, 5)

    parcel = send(stocked, reference, PickedLot(1, SOAP, 5), expected_on=date(2026, 5, 5))
    assert parcel.reference == "D-00001"
    assert (held(stocked, "STORE", "SOAP"), held(stocked, "SALISBURY", "SOAP")) == ((30, 0, 0), (0, 0, 5))
    assert state(reference) is RequestState.SENT

    receive(stocked, "D-00001", [Counted(1, 5)])
    assert (held(stocked, "STORE", "SOAP"), held(stocked, "SALISBURY", "SOAP")) == ((30, 0, 0), (5, 0, 0))
    assert state(reference) is RequestState.CLOSED
    history = [event.summary for event in queries.request_in_full(reference, scope=EVERYWHERE).events]
    assert history == [
        "asked for 5 of Soap",
        "approved all of it",
        "sent 5 of Soap, expected on 5 May 2026",
        "counted 5 of Soap in from D-00001: nothing short",
    ]


def test_the_lots_proposed_are_those_that_expire_first_and_are_in_date(stocked: World) -> None:
    """10 of the lot to 31 August 2026 and then 2 of the later one; the expired lot L-00001 is not offered."""
    reference = ask(stocked, asked("SOAP", 12), asked("ADULT-M", 2)).reference
    request = approve(stocked, reference, 12, 2)

    picks = queries.proposed_picks(request, queries.course_of(request), on=AT.date(), scope=EVERYWHERE)

    assert picks[1].proposed == {SOAP: 10, SOAP_LATER: 2}
    assert (picks[1].wanted_count, picks[2].proposed_tags) == (12, ["GB-00001", "GB-00002"])


def test_what_is_recalled_is_left_out_of_the_picks_by_name(stocked: World) -> None:
    """The lot that expires first is recalled; it is in the three bags too, so none of them is offered either."""
    reference = ask(stocked, asked("SOAP", 12), asked("ADULT-M", 2)).reference
    request = approve(stocked, reference, 12, 2)
    with transaction():
        recalls.recall(
            SOAP,
            kind=RecallKind.RECALL,
            remedy=Remedy.DESTROY,
            reason="Caps crack",
            by=stocked.actor("storekeeper"),
            at=AT,
            submission_id=submission(),
        )
    picks = queries.proposed_picks(request, queries.course_of(request), on=AT.date(), scope=EVERYWHERE)

    recalled = "is recalled (RC-00001): take it out and destroy it"
    assert (picks[1].proposed, picks[1].left_out) == (
        {SOAP_LATER: 12},
        [f"10 of lot {SOAP} left out: the lot {recalled}"],
    )
    assert (picks[2].proposed_tags, picks[2].left_out) == (
        [],
        [f"GB-0000{number} left out: Soap (lot {SOAP}) {recalled}" for number in (1, 2, 3)],
    )


def test_a_request_can_be_sent_in_several_goes(stocked: World) -> None:
    reference = ask(stocked, asked("SOAP", 12)).reference
    approve(stocked, reference, 12)

    send(stocked, reference, PickedLot(1, SOAP, 4), PickedLot(1, SOAP_LATER, 3))
    assert held(stocked, "STORE", "SOAP") == (28, 5, 0)
    with pytest.raises(RuleBroken, match=r"You picked 6 and 5 are still to be sent. Pick fewer"):
        send(stocked, reference, PickedLot(1, SOAP, 6))
    send(stocked, reference, PickedLot(1, SOAP, 5))

    assert held(stocked, "STORE", "SOAP") == (23, 0, 0)
    receive(stocked, "D-00002", [Counted(1, 5)])
    assert state(reference) is RequestState.SENT
    receive(stocked, "D-00001", [Counted(1, 4), Counted(2, 3)])
    assert state(reference) is RequestState.CLOSED
    assert held(stocked, "SALISBURY", "SOAP") == (12, 0, 0)


UNFIT_PICKS: list[tuple[list[Any], str]] = [
    ([], "Nothing picked: enter at least one quantity"),
    ([PickedLot(1, SOAP, 0)], "Nothing picked: enter at least one quantity"),
    ([PickedLot(1, "L-00001", 1)], "Lot L-00001 of Soap expired on 30 April 2026. Pick another lot"),
    ([PickedLot(1, TOWELS, 1)], "Lot L-00004 is not Soap. Pick another"),
    ([PickedLot(1, "L-99999", 1)], "Lot L-99999 is not Soap. Pick another"),
    ([PickedLot(9, SOAP, 1)], "Pick only what the request asks for"),
    ([PickedLot(1, SOAP, -1)], "Quantity must be 0 or more"),
    ([PickedBag(1, "GB-00001")], "Go Bag GB-00001 is not one of Soap standing ready at Devizes store"),
    ([PickedBag(2, "GB-77777")], "Go Bag GB-77777 is not one of Go Bag, Adult M standing ready at Devizes store"),
    ([PickedBag(2, "GB-00001"), PickedBag(2, "GB-00001")], "Go Bag GB-00001 is picked twice"),
]


def test_a_pick_that_does_not_fit_is_refused(stocked: World) -> None:
    reference = ask(stocked, asked("SOAP", 5), asked("ADULT-M", 2)).reference
    approve(stocked, reference, 5, 2)
    before = rows()

    for picks, words in UNFIT_PICKS:
        with pytest.raises(RuleBroken, match=words):
            send(stocked, reference, *picks)

    assert rows() == before
    assert held(stocked, "STORE", "SOAP") == (35, 5, 0)


def test_an_unapproved_request_is_not_sent(stocked: World) -> None:
    reference = ask(stocked, asked("SOAP", 5)).reference

    with pytest.raises(StaleEdit, match=r"^This request has not been approved$") as refused:
        send(stocked, reference, PickedLot(1, SOAP, 5))

    assert refused.value.status == 409


def test_more_of_a_lot_than_is_there_is_refused(stocked: World) -> None:
    reference = ask(stocked, asked("SOAP", 18, sure=True)).reference
    approve(stocked, reference, 18)
    before = rows()

    with pytest.raises(NotEnoughStock, match=r"Only 10 left. Nothing has been recorded: 11 of Soap"):
        send(stocked, reference, PickedLot(1, SOAP, 11))

    assert rows() == before
    assert held(stocked, "STORE", "SOAP") == (35, 18, 0)


def test_go_bags_travel_with_all_they_hold(stocked: World) -> None:
    reference = ask(stocked, asked("ADULT-M", 2)).reference
    approve(stocked, reference, 2)
    send(stocked, reference, PickedBag(1, "GB-00001"), PickedBag(1, "GB-00003"))
    assert bags.bag_view("GB-00001", scope=EVERYWHERE, on=AT.date()).place_name == "In transit to Salisbury"

    receive(stocked, "D-00001", [Counted(1, 1), Counted(2, 0, short_reason=ShortReason.MISSING)])
    db.session.expire_all()

    there = {
        view.tag: view.place_name
        for view in bags.bags_by_tags(["GB-00001", "GB-00003"], scope=EVERYWHERE, on=AT.date())
    }
    assert there == {"GB-00001": "Salisbury", "GB-00003": "In transit to Salisbury"}
    assert state(reference) is RequestState.RECEIVED


def test_a_lost_go_bag_is_written_off_with_all_it_holds(stocked: World) -> None:
    """
    | GB-00001          | in the bag | written off        |
    | sent, not arrived | 1 soap, 1 towel | nothing       |
    | written off       | nothing    | 1 soap, 1 towel    |
    """
    reference = ask(stocked, asked("ADULT-M", 1)).reference
    approve(stocked, reference, 1)
    send(stocked, reference, PickedBag(1, "GB-00001"))
    receive(stocked, "D-00001", [Counted(1, 0, short_reason=ShortReason.MISSING)])

    settle(stocked, 1, ShortageOutcome.WRITTEN_OFF, note="The van was stolen")

    view = bags.bag_view("GB-00001", scope=EVERYWHERE, on=AT.date())
    assert (view.place_name, view.contents) == ("Written off", ())
    gone = select(Move.unit_count).where(Move.to_place_id == stock.outside(PlaceKind.WRITTEN_OFF))
    assert list(db.session.scalars(gone)) == [1, 1]
    assert state(reference) is RequestState.CLOSED


def test_numbered_units_are_sent_and_received_by_their_numbers(stocked: World) -> None:
    reference = ask(stocked, asked("PHONE", 2)).reference
    approve(stocked, reference, 2)
    with pytest.raises(RuleBroken, match="Choose 2 of the numbers of Basic phone, one for each unit"):
        send(stocked, reference, PickedLot(1, PHONES, 2, IMEIS[:1]))
    send(stocked, reference, PickedLot(1, PHONES, 2, IMEIS[1:]))

    with pytest.raises(RuleBroken, match="Tick only numbers that were sent in this dispatch"):
        receive(stocked, "D-00001", [Counted(1, 1, IMEIS[:1], short_reason=ShortReason.DAMAGED)])
    receive(stocked, "D-00001", [Counted(1, 1, IMEIS[2:], short_reason=ShortReason.DAMAGED)])

    places = dict(
        db.session.execute(
            select(SerialUnit.number, UnitPosition.place_id).join(UnitPosition, UnitPosition.unit_id == SerialUnit.id)
        ).all()
    )
    salisbury = stocked.places["SALISBURY"]
    assert places == {IMEIS[0]: stocked.places["STORE"], IMEIS[1]: stock.transit_to(salisbury), IMEIS[2]: salisbury}
    db.session.rollback()
    settle(stocked, 1, ShortageOutcome.BACK_AT_STORE)
    assert held(stocked, "STORE", "PHONE") == (2, 0, 0)


def sent_soap(world: World, count: int = 5) -> str:
    """Ask for soap, approve and send it; give the reference of the request."""
    reference = ask(world, asked("SOAP", count)).reference
    approve(world, reference, count)
    send(world, reference, PickedLot(1, SOAP, count))
    return reference


UNFIT_COUNTS: list[tuple[list[Counted], str, str | None]] = [
    ([], "Count every line of the dispatch, 0 if none of it arrived", None),
    ([Counted(2, 5)], "Count every line of the dispatch, 0 if none of it arrived", None),
    ([Counted(1, 5), Counted(1, 5)], "Count every line of the dispatch, 0 if none of it arrived", None),
    ([Counted(1, -1)], "Quantity must be 0 or more", "received-1"),
    (
        [Counted(1, 7)],
        "You counted 7 of Soap and 5 were sent. Enter 5, keep the other 2 apart and tell Devizes store, who can "
        "send them as a dispatch of their own",
        "received-1",
    ),
    ([Counted(1, 3)], "Soap: 2 of the 5 sent did not arrive. Say why", "reason-1"),
    (
        [Counted(1, 3, short_reason=ShortReason.OTHER, note="  ")],
        "Soap: you chose that something else is wrong. Say what, for the store and the approver to know",
        "note-1",
    ),
    (
        [Counted(1, 5, short_reason=ShortReason.DAMAGED)],
        "All 5 of Soap arrived, so there is no shortage to explain. Check the count or clear the reason",
        "reason-1",
    ),
]


def test_a_count_that_does_not_fit_is_refused(stocked: World) -> None:
    sent_soap(stocked)
    before = rows()

    for counted, words, field in UNFIT_COUNTS:
        with pytest.raises(RuleBroken) as refused:
            receive(stocked, "D-00001", counted)
        assert (refused.value.message, refused.value.field) == (words, field)

    assert rows() == before
    assert held(stocked, "SALISBURY", "SOAP") == (0, 0, 5)


def settle(world: World, number: int, outcome: ShortageOutcome, note: str | None = None) -> None:
    with transaction():
        services.settle_shortage(
            "D-00001", number, outcome=outcome, note=note, **act(world, "storekeeper", at=AT + 3 * HOUR)
        )


def test_a_request_is_short_from_its_first_count_to_the_last_settlement(stocked: World) -> None:
    """Ten soaps in two parcels: the first comes with one soap missing, the second is still on its way."""
    reference = ask(stocked, asked("SOAP", 10)).reference
    approve(stocked, reference, 10)
    for _parcel in range(2):
        send(stocked, reference, PickedLot(1, SOAP, 5))

    def short() -> list[str]:
        found = queries.requests(scope=EVERYWHERE, short=True).requests
        db.session.rollback()
        return [each.reference for each in found]

    assert short() == []
    receive(stocked, "D-00001", [Counted(1, 4, short_reason=ShortReason.MISSING)])
    assert (short(), state(reference)) == ([reference], RequestState.SENT)
    db.session.rollback()
    settle(stocked, 1, ShortageOutcome.ARRIVED_LATER)
    assert short() == []


@pytest.mark.parametrize(
    ("outcome", "store", "station", "written_off"),
    [
        (ShortageOutcome.ARRIVED_LATER, 30, 5, 0),
        (ShortageOutcome.BACK_AT_STORE, 32, 3, 0),
        (ShortageOutcome.WRITTEN_OFF, 30, 3, 2),
    ],
)
def test_a_shortage_stays_in_transit_until_its_end_is_known(
    stocked: World, outcome: ShortageOutcome, store: int, station: int, written_off: int
) -> None:
    """
    | Soap            | store | on its way | Salisbury | written off |
    | 5 sent          |    30 |          5 |         0 |           0 |
    | 3 counted in    |    30 |          2 |         3 |           0 |
    | arrived later   |    30 |          0 |         5 |           0 |
    | back at store   |    32 |          0 |         3 |           0 |
    | written off     |    30 |          0 |         3 |           2 |
    """
    reference = sent_soap(stocked)
    receive(stocked, "D-00001", [Counted(1, 3, short_reason=ShortReason.MISSING, note="Box torn open")])
    assert held(stocked, "SALISBURY", "SOAP") == (3, 0, 2)
    assert state(reference) is RequestState.RECEIVED

    settle(stocked, 1, outcome, note="Looked for in the van")

    assert held(stocked, "SALISBURY", "SOAP") == (station, 0, 0)
    assert held(stocked, "STORE", "SOAP") == (store, 0, 0)
    gone = db.session.scalar(
        select(func.coalesce(func.sum(Move.unit_count), 0)).where(
            Move.to_place_id == stock.outside(PlaceKind.WRITTEN_OFF)
        )
    )
    assert gone == written_off
    assert state(reference) is RequestState.CLOSED
    with pytest.raises(StaleEdit, match="This shortage has been settled already"):
        settle(stocked, 1, outcome, note="Again")


def test_stock_is_not_written_off_without_a_reason(stocked: World) -> None:
    sent_soap(stocked)
    receive(stocked, "D-00001", [Counted(1, 3, short_reason=ShortReason.MISSING)])

    with pytest.raises(RuleBroken, match=r"^Enter a reason$"):
        settle(stocked, 1, ShortageOutcome.WRITTEN_OFF)

    assert held(stocked, "SALISBURY", "SOAP") == (3, 0, 2)


def test_nothing_is_settled_that_is_not_short(stocked: World) -> None:
    sent_soap(stocked)
    with pytest.raises(StaleEdit, match="This dispatch has not been counted yet, so nothing of it is short"):
        settle(stocked, 1, ShortageOutcome.BACK_AT_STORE)
    with pytest.raises(NotFound):
        settle(stocked, 2, ShortageOutcome.BACK_AT_STORE)
    receive(stocked, "D-00001", [Counted(1, 5)])

    with pytest.raises(StaleEdit, match="Nothing was short on this line"):
        settle(stocked, 1, ShortageOutcome.BACK_AT_STORE)


def test_a_dispatch_is_counted_once(stocked: World) -> None:
    sent_soap(stocked)
    receive(stocked, "D-00001", [Counted(1, 5)])

    with pytest.raises(StaleEdit, match=r"^Dispatch D-00001 has been counted already$"):
        receive(stocked, "D-00001", [Counted(1, 5)])

    assert held(stocked, "SALISBURY", "SOAP") == (5, 0, 0)


def test_only_the_place_it_was_sent_to_counts_a_dispatch_in(stocked: World) -> None:
    sent_soap(stocked)

    with pytest.raises(NotFound), transaction():
        services.receive("D-00001", [Counted(1, 5)], **act(stocked, "other sergeant", at=AT + 2 * HOUR))
    with pytest.raises(NotFound), transaction():
        services.receive("D-00001", [Counted(1, 5)], **act(stocked, "storekeeper", at=AT + 2 * HOUR))


def test_only_the_supplying_store_sends_and_settles(stocked: World) -> None:
    reference = ask(stocked, asked("SOAP", 5)).reference
    approve(stocked, reference, 5)
    elsewhere = replace(
        stocked.actor("storekeeper"), appointments=(Appointment(Role.STOREKEEPER, stocked.places["SALISBURY"]),)
    )

    with pytest.raises(NotFound), transaction():
        services.dispatch(
            reference, [PickedLot(1, SOAP, 5)], **act(stocked, "storekeeper", by=elsewhere, scope=elsewhere.scope)
        )


def test_the_rest_can_be_dropped_with_a_reason_and_is_free_again(stocked: World) -> None:
    reference = ask(stocked, asked("SOAP", 5)).reference
    approve(stocked, reference, 5)
    send(stocked, reference, PickedLot(1, SOAP, 3))
    assert held(stocked, "STORE", "SOAP") == (32, 2, 0)

    with transaction():
        services.drop_rest(reference, reason="Leaking box", **act(stocked, "storekeeper", at=AT + HOUR))

    assert held(stocked, "STORE", "SOAP") == (32, 0, 0)
    assert state(reference) is RequestState.SENT
    receive(stocked, "D-00001", [Counted(1, 3)])
    assert state(reference) is RequestState.CLOSED


def test_every_act_replayed_is_one_act(stocked: World) -> None:
    reference = ask(stocked, asked("SOAP", 5)).reference
    acts: list[tuple[Callable[..., object], tuple[object, ...], dict[str, Any]]] = [
        (services.approve, (reference, {1: 5}), act(stocked, "approver")),
        (services.dispatch, (reference, [PickedLot(1, SOAP, 5)]), act(stocked, "storekeeper", at=AT + HOUR)),
        (
            services.receive,
            ("D-00001", [Counted(1, 4, short_reason=ShortReason.OTHER, note="Torn")]),
            act(stocked, "sergeant", at=AT + 2 * HOUR),
        ),
        (
            services.settle_shortage,
            ("D-00001", 1),
            act(stocked, "storekeeper", at=AT + 3 * HOUR) | {"outcome": ShortageOutcome.BACK_AT_STORE},
        ),
    ]
    for service, arguments, named in acts:
        with transaction():
            service(*arguments, **named)
        once = rows()
        with transaction():
            service(*arguments, **named)
        assert rows() == once

    assert state(reference) is RequestState.CLOSED
    assert stock.unexplained_balances() == []


def test_a_dispatch_is_expected_today_or_later(stocked: World) -> None:
    reference = ask(stocked, asked("SOAP", 5)).reference
    approve(stocked, reference, 5)

    with pytest.raises(RuleBroken, match="Enter the day it should arrive: today or later"):
        send(stocked, reference, PickedLot(1, SOAP, 5), expected_on=AT.date() - timedelta(days=1))
