"""Counts through the services, on both databases. Each ledger stands in its test's docstring; the store of ``stocked``
holds 5 expired soap (L-00001), 10 (L-00002), 20 (L-00003), 12 towels (L-00004), 8 booklets, 3 phones, 3 Go Bags.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from core.access import Actor, Appointment, Role, Scope
from core.db import db, transaction
from core.errors import AlreadyDone, NotEnoughStock, NotFound, NotPermitted, Refusal, RuleBroken, StaleEdit
from inventory.bags.queries import bag_views
from inventory.counts import queries, services
from inventory.counts.models import Handover
from inventory.counts.rules import CountReason, CountState, Decision
from inventory.stock import queries as stock
from inventory.stock.models import Lot, Posting
from inventory.stock.rules import LotSource, PostingKind
from organisation.accounts import services as accounts
from tests.factories import AT, OPENED, PASSWORD, World, submission
from tests.invariants.acting import fingerprint
from tests.inventory import restock
from tests.inventory.counts.counting import (
    act,
    after,
    approve,
    count_of,
    decided,
    finish,
    held,
    position,
    second_keeper,
    see,
    start,
    take_out,
)


def unchanged(act_: Callable[[], Any], refusal: type[Refusal]) -> Refusal:
    """Expect a refusal that leaves every table as it was."""
    db.session.rollback()
    before = fingerprint()
    with pytest.raises(refusal) as caught, transaction():
        act_()
    db.session.rollback()
    assert fingerprint() == before
    return caught.value


def towels(world: World, counted: int, *, seen: int = 10) -> str:
    """Count the store's towels and soap; the soap agrees."""
    reference = start(world, "bag content")
    see(world, reference, "TOWEL", counted, minutes=seen)
    see(world, reference, "SOAP", 35, minutes=seen)
    return reference


def test_a_count_that_agrees_moves_nothing_and_is_kept(stocked: World) -> None:
    reference = towels(stocked, 12)
    assert finish(stocked, reference).state is CountState.COUNTED
    count = approve(stocked, reference)
    assert (count.state, count.posting_id) == (CountState.APPROVED, None)
    assert held(stocked)["TOWEL"] == 12
    assert [
        (line.result.expected_count, line.result.short_count) for line in count_of(reference).lines if line.result
    ] == [
        (35, 0),
        (12, 0),
    ]


def test_moves_around_the_moment_of_each_line_are_netted_those_recorded_late_too(stocked: World) -> None:
    """
    | minute | what                                  | towels by the ledger | on the shelf |
    | ------ | ------------------------------------- | -------------------- | ------------ |
    | 0      | count starts                          | 12                   | 12           |
    | 5      | 3 leave, recorded at minute 30        | 12, then 9           | 9            |
    | 10     | towels seen                           |                      | 8            |
    | 15     | 2 leave, recorded at once             | 10                   | 6            |
    | 30     | the slip of minute 5 is recorded      | 7                    | 6            |
    | 60     | approved: 9 expected, 8 seen, 1 lost  | 6                    | 6            |
    """
    towel = db.session.scalar(select(Lot.id).where(Lot.code == "L-00004")) or 0
    reference = start(stocked, "bag content")
    see(stocked, reference, "TOWEL", 8, minutes=10)
    take_out(stocked, towel, 2, happened=15, recorded=15)
    see(stocked, reference, "SOAP", 35, minutes=16)
    assert queries.review(count_of(reference), scope=Scope.everywhere())[2].difference.words == "4 short"
    take_out(stocked, towel, 3, happened=5, recorded=30)
    assert queries.review(count_of(reference), scope=Scope.everywhere())[2].difference.words == "1 short"
    assert finish(stocked, reference, 31).state is CountState.COUNTED  # 1 is within the limit of 2

    count = approve(stocked, reference)

    assert held(stocked)["TOWEL"] == 6
    assert count.posting is not None
    assert (count.posting.kind, count.posting.happened_at) == (PostingKind.COUNT, after(16))
    assert not stock.unexplained_balances()


def test_what_differs_much_is_counted_by_a_second_person_before_it_can_be_approved(stocked: World) -> None:
    reference = towels(stocked, 9)
    count = finish(stocked, reference)
    assert (count.state, [line.round_wanted for line in count.lines]) == (CountState.COUNTING, [1, 2])
    refused = unchanged(lambda: see_again(stocked, reference, "storekeeper"), NotPermitted)
    assert "Somebody else counts it this time" in refused.message
    unchanged(lambda: services.finish(reference, **act(stocked, "storekeeper", 25)), RuleBroken)

    see(stocked, reference, "TOWEL", 10, minutes=30, by=second_keeper(stocked))
    assert finish(stocked, reference, 31).state is CountState.COUNTED
    approve(stocked, reference)

    assert held(stocked)["TOWEL"] == 10
    line = count_of(reference).lines[1]
    assert [(entry.round, entry.counted_count) for entry in line.entries] == [(1, 9), (2, 10)]


def see_again(world: World, reference: str, person: str) -> None:
    services.see(reference, position(reference, "TOWEL"), counted_count=9, seen_at=after(21), **act(world, person, 21))


def test_a_place_sets_when_a_second_person_counts(stocked: World) -> None:
    with transaction():
        services.set_counting("STORE", recount_above_count=3, every_days=30, **act(stocked, "approver", 0))
    assert finish(stocked, towels(stocked, 9)).state is CountState.COUNTED
    for wrong in ((-1, 30), (2, 0), (2, 401), (1_001, 30)):
        unchanged(
            partial(
                services.set_counting,
                "STORE",
                recount_above_count=wrong[0],
                every_days=wrong[1],
                **act(stocked, "approver", 1),
            ),
            RuleBroken,
        )


def test_whoever_counted_cannot_approve(stocked: World) -> None:
    reference = start(stocked, "packaging", "bag content", person="approver")
    for thing, units in (("TOWEL", 11), ("SOAP", 35)):
        see(stocked, reference, thing, units, person="approver")
    finish(stocked, reference, person="approver")
    decisions = decided(stocked, reference, CountReason.MISSING)
    refused = unchanged(lambda: services.approve(reference, decisions, **act(stocked, "approver", 60)), NotPermitted)
    assert refused.message == "You, or whoever you stand in for, counted some of this. Somebody else approves it"


def test_a_loss_takes_the_earliest_expiry_unless_others_are_chosen(stocked: World) -> None:
    """35 soap by the ledger: 5 to 30 April, 10 to 31 August, 20 to May 2027. 33 are seen, twice."""
    first = start(stocked, "bag content")
    see(stocked, first, "SOAP", 33)
    see(stocked, first, "TOWEL", 12)
    finish(stocked, first)
    approve(stocked, first)
    assert [(lot.code, lot.unit_count) for lot in soap(stocked)] == [("L-00001", 3), ("L-00002", 10), ("L-00003", 20)]

    second = start(stocked, "bag content", minutes=100)
    see(stocked, second, "SOAP", 31, minutes=101)
    see(stocked, second, "TOWEL", 12, minutes=101)
    finish(stocked, second, 102)
    for lots in ({"L-00003": 1}, {"L-00003": 3}, {"L-00003": 3, "L-00002": -1}, {"L-00009": 2}):
        wrong = decided(stocked, second, CountReason.MISSING, lots=lots)
        unchanged(partial(services.approve, second, wrong, **act(stocked, "approver", 103)), RuleBroken)
    approve(stocked, second, CountReason.THROWN_AWAY, 104, lots={"L-00003": 2})
    assert [(lot.code, lot.unit_count) for lot in soap(stocked)] == [("L-00001", 3), ("L-00002", 10), ("L-00003", 18)]


def soap(world: World) -> list[stock.LotHeld]:
    return [lot for lot in stock.lots_held(world.places["STORE"]) if lot.item_name == "Soap"]


def test_what_was_lost_is_found_again_and_what_is_more_opens_a_lot_with_numbers_of_its_own(stocked: World) -> None:
    """
    | count  | towels seen | by the ledger | so                                            |
    | ------ | ----------- | ------------- | --------------------------------------------- |
    | first  | 10          | 12            | 2 of L-00004 to lost and found                |
    | second | 15          | 10            | 2 back to L-00004, and 3 in a lot of their own |
    """
    first = towels(stocked, 10)
    finish(stocked, first)
    approve(stocked, first)
    with transaction():
        services.set_counting("STORE", recount_above_count=9, every_days=30, **act(stocked, "approver", 70))
    second = start(stocked, "bag content", minutes=100)
    see(stocked, second, "TOWEL", 15, minutes=101)
    see(stocked, second, "SOAP", 35, minutes=101)
    finish(stocked, second, 102)
    approve(stocked, second, CountReason.FOUND, 103)

    lots = {lot.code: lot.unit_count for lot in stock.lots_held(stocked.places["STORE"]) if lot.item_name == "Towel"}
    found = db.session.scalars(select(Lot).where(Lot.source == LotSource.FOUND)).one()
    assert lots == {"L-00004": 12, found.code: 3}
    assert (found.unit_count, found.delivery_line_id) == (3, None)
    known = db.session.scalars(select(Lot).where(Lot.code == "L-00004")).one()
    numbering = stock.numbering_of([found.id, known.id])
    assert numbering[found.id].standing[stocked.places["STORE"]] == ((1, 3),)
    # The store's 12 are again exactly those the three Go Bags did not take.
    assert sum(last - first + 1 for first, last in numbering[known.id].standing[stocked.places["STORE"]]) == 12
    assert not stock.unexplained_balances()


def test_a_thing_found_needs_its_expiry_and_its_edition(stocked: World) -> None:
    with transaction():
        services.set_counting("STORE", recount_above_count=9, every_days=30, **act(stocked, "approver", 0))
    reference = start(stocked, "bag content", "booklet")
    for thing, units in (("SOAP", 37), ("TOWEL", 12), ("BK-RO", 9)):
        see(stocked, reference, thing, units)
    finish(stocked, reference)
    soap_, booklet = (position(reference, code) for code in ("SOAP", "BK-RO"))

    def send(**of_soap: Any) -> None:
        services.approve(
            reference,
            [
                Decision(soap_, 0, 2, CountReason.ARRIVED, **of_soap),
                Decision(booklet, 0, 1, CountReason.ARRIVED, edition_number=of_soap.pop("edition", 1)),
            ],
            **act(stocked, "approver", 60),
        )

    assert unchanged(send, RuleBroken).field == f"expires-{soap_}"
    no_edition = unchanged(
        lambda: services.approve(
            reference,
            [
                Decision(soap_, 0, 2, CountReason.ARRIVED, expires_on=restock.SOAP_LATER),
                Decision(booklet, 0, 1, CountReason.ARRIVED),
            ],
            **act(stocked, "approver", 60),
        ),
        RuleBroken,
    )
    assert no_edition.field == f"edition-{booklet}"
    with transaction():
        send(expires_on=restock.SOAP_LATER)
    assert (held(stocked)["SOAP"], held(stocked)["BK-RO"]) == (37, 9)


def test_go_bags_and_phones_are_told_one_by_one_and_any_that_is_missing_is_counted_twice(stocked: World) -> None:
    """GB-00002 and the second phone are gone; the first phone is told by its last four digits."""
    reference = start(stocked, "go bags", "phone")
    see(stocked, reference, "bags", None, "1", "GB-00003")
    see(stocked, reference, "PHONE", None, restock.IMEIS[0][-4:], restock.IMEIS[2])
    assert [line.round_wanted for line in finish(stocked, reference).lines] == [2, 2]
    other = second_keeper(stocked)
    see(stocked, reference, "bags", None, "3", "1", minutes=30, by=other)
    see(stocked, reference, "PHONE", None, restock.IMEIS[0], restock.IMEIS[2], minutes=30, by=other)
    finish(stocked, reference, 31)
    approve(stocked, reference)

    views = bag_views([stocked.places["STORE"]], scope=Scope.everywhere(), on=AT.date())
    assert sorted(view.tag for view in views) == ["GB-00001", "GB-00003"]
    assert held(stocked)["PHONE"] == 2
    assert not stock.unexplained_balances()

    found = start(stocked, "go bags", "phone", minutes=100)
    see(stocked, found, "bags", None, "1", "2", "3", minutes=101)
    see(stocked, found, "PHONE", None, *restock.IMEIS, minutes=101)
    finish(stocked, found, 102)
    see(stocked, found, "bags", None, "1", "2", "3", minutes=103, by=other)
    see(stocked, found, "PHONE", None, *restock.IMEIS, minutes=103, by=other)
    finish(stocked, found, 104)
    approve(stocked, found, CountReason.FOUND, 105)
    views = bag_views([stocked.places["STORE"]], scope=Scope.everywhere(), on=AT.date())
    assert [(view.tag, view.verdict.issuable, len(view.contents)) for view in views] == [
        (f"GB-0000{number}", True, 2) for number in (1, 2, 3)
    ]
    assert held(stocked)["PHONE"] == 3


def test_a_number_nobody_had_recorded_opens_a_lot_and_one_that_is_not_real_is_refused(stocked: World) -> None:
    new = "356938035643817"
    reference = start(stocked, "phone")
    for wrong in ("123456789012345", "0000", "12"):
        unchanged(
            partial(services.see, reference, 1, numbers=[wrong], seen_at=after(10), **act(stocked, "storekeeper", 10)),
            RuleBroken,
        )
    see(stocked, reference, "PHONE", None, *restock.IMEIS, new)
    finish(stocked, reference)
    see(stocked, reference, "PHONE", None, *restock.IMEIS, new, minutes=30, by=second_keeper(stocked))
    finish(stocked, reference, 31)
    approve(stocked, reference, CountReason.ARRIVED)
    assert held(stocked)["PHONE"] == 4


def test_a_thing_from_the_catalogue_or_from_nowhere_can_be_added(stocked: World) -> None:
    reference = start(stocked, "phone")
    told = partial(act, stocked, "storekeeper")
    with transaction():
        services.add_item(reference, "TOWEL", **told(5))
    for again in ("TOWEL", "NOTHING"):
        unchanged(partial(services.add_item, reference, again, **told(6)), RuleBroken)
    unchanged(lambda: services.add_described(reference, "Call 07700 900123", counted_count=1, **told(6)), RuleBroken)
    with transaction():
        services.add_described(reference, "Two red blankets", counted_count=2, **told(7))
    see(stocked, reference, "PHONE", None, *restock.IMEIS)
    see(stocked, reference, "TOWEL", 12)
    finish(stocked, reference)
    approve(stocked, reference)
    assert [line.name for line in count_of(reference).lines] == [
        "Basic phone",
        "Towel",
        "Not in the catalogue: Two red blankets",
    ]


def test_a_slip_recorded_after_the_approval_is_shown_and_the_difference_can_be_taken_back(stocked: World) -> None:
    """12 towels by the ledger, 10 seen at minute 10, so 2 lost; at minute 70 a slip says that 2 left at minute 5."""
    towel = db.session.scalar(select(Lot.id).where(Lot.code == "L-00004")) or 0
    reference = towels(stocked, 10)
    finish(stocked, reference)
    approve(stocked, reference)
    take_out(stocked, towel, 2, happened=5, recorded=70)
    assert held(stocked)["TOWEL"] == 8
    now = queries.review(count_of(reference), scope=Scope.everywhere())[2].difference
    assert now.words == "agrees"

    told = act(stocked, "approver", 80)
    with transaction():
        services.take_back(reference, 2, reason="The slip came late", **told)
    with transaction():
        services.take_back(reference, 2, reason="The slip came late", **told)  # the same form again

    assert held(stocked)["TOWEL"] == 10
    assert not stock.unexplained_balances()
    assert queries.review(count_of(reference), scope=Scope.everywhere())[2].difference.words == "agrees"

    def again(person: str, line: int) -> object:
        return services.take_back(reference, line, reason="Again", **act(stocked, person, 81))

    unchanged(lambda: again("approver", 2), AlreadyDone)
    unchanged(lambda: again("approver", 1), AlreadyDone)
    unchanged(lambda: again("approver", 7), NotFound)
    unchanged(lambda: again("storekeeper", 2), NotPermitted)


def test_what_is_promised_cannot_be_counted_away_before_the_promise_is_dropped(stocked: World) -> None:
    request = restock.ask(stocked, restock.asked("TOWEL", 12, sure=True), restock.asked("ADULT-M", 3))
    restock.approve(stocked, request.reference, 12, 3)
    reference = towels(stocked, 11)
    finish(stocked, reference)
    decisions = decided(stocked, reference, CountReason.MISSING)
    refused = unchanged(lambda: services.approve(reference, decisions, **act(stocked, "approver", 60)), NotEnoughStock)
    assert "12 are promised" in refused.message
    with transaction():
        services.abandon(reference, reason="Promises first", **act(stocked, "storekeeper", 61))
    bags = start(stocked, "go bags", minutes=70)
    see(stocked, bags, "bags", None, "1", "2", minutes=71)
    finish(stocked, bags, 72)
    see(stocked, bags, "bags", None, "1", "2", minutes=73, by=second_keeper(stocked))
    finish(stocked, bags, 74)
    lost = decided(stocked, bags, CountReason.MISSING)
    refused = unchanged(lambda: services.approve(bags, lost, **act(stocked, "approver", 75)), NotEnoughStock)
    assert "Only 2 of Adult M would be left and 3 are promised" in refused.message


def test_a_found_bag_that_is_promised_since_cannot_be_taken_back(stocked: World) -> None:
    """3 bags, 1 counted as lost, found again by the next count, and then all 3 promised."""
    _count_bags(stocked, "1", "2", minutes=0, reason=CountReason.MISSING)
    found = _count_bags(stocked, "1", "2", "3", minutes=10, reason=CountReason.FOUND)
    request = restock.ask(stocked, restock.asked("ADULT-M", 3))
    restock.approve(stocked, request.reference, 3)
    refused = unchanged(
        lambda: services.take_back(found, 1, reason="A slip", **act(stocked, "approver", 30)), NotEnoughStock
    )
    assert "Only 2 of Adult M would be left and 3 are promised" in refused.message


def test_a_deputy_does_not_approve_what_the_absent_approver_counted(stocked: World) -> None:
    reference = start(stocked, "bag content", person="approver")
    see(stocked, reference, "TOWEL", 11, person="approver")
    see(stocked, reference, "SOAP", 35, person="approver")
    finish(stocked, reference)
    decisions, approver = decided(stocked, reference, CountReason.MISSING), stocked.actor("approver")
    held_for = Appointment(Role.APPROVER, stocked.places["STORE"], approver.name)
    deputy = replace(stocked.actor("sergeant"), appointments=(held_for,))
    unchanged(
        lambda: services.approve(
            reference, decisions, scope=deputy.scope, by=deputy, at=after(60), submission_id=submission()
        ),
        NotPermitted,
    )
    own = replace(deputy, appointments=(held_for, Appointment(Role.APPROVER, stocked.places["STORE"])))
    with transaction():
        services.approve(reference, decisions, scope=own.scope, by=own, at=after(60), submission_id=submission())
    assert held(stocked)["TOWEL"] == 11


def _count_bags(world: World, *tags: str, minutes: int, reason: CountReason) -> str:
    """Count the store's Go Bags twice, by two people, and approve."""
    reference = start(world, "go bags", minutes=minutes)
    see(world, reference, "bags", None, *tags, minutes=minutes + 1)
    finish(world, reference, minutes + 2)
    see(world, reference, "bags", None, *tags, minutes=minutes + 3, by=second_keeper(world))
    finish(world, reference, minutes + 4)
    approve(world, reference, reason, minutes=minutes + 5)
    return reference


def test_a_difference_that_changed_since_the_approver_looked_is_shown_first(stocked: World) -> None:
    towel = db.session.scalar(select(Lot.id).where(Lot.code == "L-00004")) or 0
    reference = towels(stocked, 10)
    finish(stocked, reference)
    decisions = decided(stocked, reference, CountReason.MISSING)
    take_out(stocked, towel, 1, happened=5, recorded=30)
    refused = unchanged(lambda: services.approve(reference, decisions, **act(stocked, "approver", 60)), StaleEdit)
    assert refused.message.startswith("Towel is now 1 short")
    no_reason = decided(stocked, reference, None)
    unchanged(lambda: services.approve(reference, no_reason, **act(stocked, "approver", 60)), RuleBroken)
    gain = decided(stocked, reference, CountReason.ARRIVED)
    unchanged(lambda: services.approve(reference, gain, **act(stocked, "approver", 60)), RuleBroken)
    approve(stocked, reference)
    assert held(stocked)["TOWEL"] == 10


def test_the_same_form_sent_twice_is_one_act(stocked: World) -> None:
    told = act(stocked, "storekeeper", 0)
    for _ in range(2):
        with transaction():
            reference = services.start("STORE", ["bag content"], **told).reference
    refused = unchanged(lambda: services.start("STORE", [], **act(stocked, "approver", 1)), AlreadyDone)
    assert reference in refused.message
    seen = act(stocked, "storekeeper", 10)
    for _ in range(2):
        with transaction():
            services.see(reference, 2, counted_count=10, seen_at=after(10), **seen)
    see(stocked, reference, "SOAP", 35)
    finish(stocked, reference)
    decisions, told = decided(stocked, reference, CountReason.MISSING), act(stocked, "approver", 60)
    for _ in range(2):
        with transaction():
            services.approve(reference, decisions, **told)
    unchanged(lambda: services.approve(reference, decisions, **act(stocked, "approver", 61)), AlreadyDone)
    assert len(count_of(reference).lines[1].entries) == 1
    assert db.session.scalar(select(func.count()).select_from(Posting).where(Posting.document == reference)) == 1
    assert held(stocked)["TOWEL"] == 10


def test_what_is_sent_again_later_is_the_same_act_and_of_the_moment_it_was_noted(stocked: World) -> None:
    reference = start(stocked, "bag content")
    told = act(stocked, "storekeeper", 10)
    for minutes in (0, 3):
        again = told | {"at": after(10 + minutes)}
        with transaction():
            services.see(reference, 2, counted_count=10, noted_at=after(9 + minutes), **again)
    assert [entry.seen_at for entry in count_of(reference).lines[1].entries] == [after(9)]


def test_another_place_s_count_is_not_there_and_moments_outside_the_count_are_refused(stocked: World) -> None:
    reference = start(stocked, "bag content")
    unchanged(
        lambda: services.see(reference, 1, counted_count=1, seen_at=after(1), **act(stocked, "sergeant", 2)), NotFound
    )
    unchanged(lambda: services.start("STORE", [], **act(stocked, "sergeant", 2)), RuleBroken)
    for minute in (-3, 11):
        unchanged(
            partial(
                services.see,
                reference,
                1,
                counted_count=1,
                seen_at=after(minute),
                **act(stocked, "storekeeper", 10),
            ),
            RuleBroken,
        )


def test_a_cupboard_passes_on_by_a_sample_anyone_can_draw_again_and_two_signatures(stocked: World) -> None:
    keeper, other = stocked.actor("storekeeper"), "ACC-00001"
    colleague = _second_storekeeper(stocked)
    told = act(stocked, "storekeeper", 0)
    unchanged(
        lambda: services.begin_handover("STORE", incoming=other, seed="7K4M", **act(stocked, "storekeeper", 0)),
        RuleBroken,
    )
    with transaction():
        handover = services.begin_handover("STORE", incoming=colleague.reference, seed="7K4M-Q2XD", **told)
    drawn = sorted(line.item.code if line.item else "bags" for line in handover.count.lines)
    assert (len(drawn), handover.thing_count) == (5, 5)  # few things are all counted

    def sign(person: Actor, minutes: int) -> Handover:
        return services.sign_handover(
            handover.reference, scope=Scope.everywhere(), by=person, at=after(minutes), submission_id=submission()
        )

    unchanged(lambda: sign(keeper, 5), RuleBroken)
    reference = handover.count.reference
    see(stocked, reference, "bags", None, "1", "2", "3")
    see(stocked, reference, "PHONE", None, *restock.IMEIS)
    for code, units in (("SOAP", 35), ("TOWEL", 12), ("BK-RO", 8)):
        see(stocked, reference, code, units)
    finish(stocked, reference)
    with transaction():
        sign(keeper, 30)
    unchanged(lambda: sign(keeper, 31), AlreadyDone)
    unchanged(lambda: sign(stocked.actor("approver"), 31), NotPermitted)
    with transaction():
        done = sign(replace(keeper, account_id=colleague.id), 32)
    assert [each.account_id for each in done.standing] == [keeper.account_id, colleague.id]
    with transaction():
        services.ask_again(reference, [position(reference, "TOWEL")], **act(stocked, "approver", 40))
    see(stocked, reference, "TOWEL", 1, minutes=41, by=second_keeper(stocked))
    finish(stocked, reference, 42)
    again = queries.handover_by_reference(handover.reference, scope=Scope.everywhere())
    assert (len(again.signatures), again.standing) == (2, [])
    refused = unchanged(lambda: sign(keeper, 43), AlreadyDone)
    assert "was signed before its sample was counted again" in refused.message


def _second_storekeeper(world: World) -> Any:
    with transaction():
        return accounts.open_account(
            "relief@test.example", "Relief", [(Role.STOREKEEPER, "STORE")], OPENED, by=None, at=AT, password=PASSWORD
        )
