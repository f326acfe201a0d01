"""Pairings, quarantine, lapse and resets on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from core import trail
from core.db import db, transaction
from core.errors import AlreadyDone, NotFound, RuleBroken
from core.money import Pence
from inventory.bags import queries as bag_queries
from inventory.bags import services as bags
from inventory.bags.rules import PackedLine, Readiness
from inventory.deliveries.rules import DeliveredLine
from inventory.phones import queries
from inventory.phones import services as phones
from inventory.phones.models import (
    FactoryReset,
    Pairing,
    PairingEnd,
    PhoneNumber,
    SerialUnit,
    SimActivation,
    SimUse,
    SimUseUndone,
)
from inventory.phones.rules import PairedSide, PhoneLine, UseKind
from inventory.stock.models import Lot
from inventory.stock.rules import UseBy
from tests.conftest import kept
from tests.factories import AT, World, submission
from tests.inventory.phones.phones import ICCIDS, NUMBERS, days, have_phones, line, operator, record, ring_bag
from tests.inventory.shelves import IMEIS, LATER, TODAY, issue, receive, who

shelf = kept(have_phones)
"""Four handsets and four SIMs on the store's shelf since 4 May 2026, nothing of them recorded."""

TABLES = (Pairing, PairingEnd, PhoneNumber, SimActivation, SimUse, SimUseUndone, FactoryReset, trail.AuditLeaf)


def rows() -> list[int]:
    """Count the rows of everything a refusal must leave alone."""
    counted = [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]
    db.session.rollback()
    return counted


def refused(act: Callable[[], object]) -> str:
    """Give the words of a refusal, having made sure that it changed nothing."""
    before = rows()
    with pytest.raises(RuleBroken) as broken:
        act()
    db.session.rollback()
    assert rows() == before
    return broken.value.message


def unit(number: str) -> int:
    return db.session.scalars(select(SerialUnit.id).where(SerialUnit.number == number)).one()


def history(number: str) -> list[tuple[str, str, date, date | None]]:
    """Tell the pairings of a unit: (SIM, the other side, first day, last day)."""
    return [
        (each.sim_number, each.handset_number or each.phone_number or "", each.began_on, each.ended_on)
        for each in queries.pairings_of([unit(number)])
    ]


def lapses(number: str, on: date) -> date | None:
    return queries.sim_states([unit(number)], on=on)[unit(number)].lapses_on


def use(world: World, number: str, at: datetime, kind: UseKind = UseKind.TEXT, credit: int | None = None) -> SimUse:
    keeper = world.actor("storekeeper")
    pence = None if credit is None else Pence(credit)
    with transaction():
        return phones.record_uses(
            "STORE", {unit(number): pence}, kind=kind, used_on=at.date(), scope=keeper.scope, **who(keeper, at)
        )[0]


def test_repairing_keeps_history_and_must_be_said(shelf: World) -> None:
    """Two phones swap their SIMs on 6 May.

    ======  ======  ==========  =========
    SIM     with    from        to
    ======  ======  ==========  =========
    4826    3809    4 May       6 May
    4834    1481    4 May       6 May
    4826    1481    6 May
    4834    3809    6 May
    ======  ======  ==========  =========
    """
    assert record(shelf, line(0), line(1, row=2)) == 2
    assert record(shelf, line(0), line(1, row=2)) == 0  # sent again with nothing new
    swapped = (PhoneLine(1, IMEIS[1], ICCIDS[0]), PhoneLine(2, IMEIS[0], ICCIDS[1]))
    later, at = TODAY + days(2), AT + days(2)

    words = refused(lambda: record(shelf, *swapped, paired_on=later, at=at))
    assert words == (
        f"Line 1: the SIM ending 4826 is paired with the phone ending {IMEIS[0][-4:]} since 4 May 2026. "
        "Tick “These replace earlier pairings” if it no longer is (and 1 more)"
    )
    early = refused(lambda: record(shelf, *swapped, paired_on=TODAY - days(1), at=at, replace=True))
    assert "was received on 4 May 2026" in early
    assert record(shelf, *swapped, paired_on=later, at=at, replace=True) == 2
    assert history(ICCIDS[0]) == [
        (ICCIDS[0], IMEIS[0], TODAY, later),
        (ICCIDS[0], NUMBERS[0], TODAY, None),
        (ICCIDS[0], IMEIS[1], later, None),
    ]
    now = queries.pairs_now([unit(IMEIS[0]), unit(IMEIS[1])])
    assert [(each.handset_number, each.sim_number) for each in now] == [(IMEIS[1], ICCIDS[0]), (IMEIS[0], ICCIDS[1])]
    back = refused(lambda: record(shelf, line(0), paired_on=TODAY + days(1), at=at, replace=True))
    assert "was last paired on 6 May 2026" in back


def test_a_number_handed_out_is_never_paired_again_and_the_database_holds_it(shelf: World) -> None:
    record(shelf, line(0), line(1, row=2))
    bag = ring_bag(shelf, 0)
    slip = issue(shelf, bag.tag, "storekeeper", scope=shelf.actor("storekeeper").scope).slip
    again = PhoneLine(1, None, ICCIDS[2], NUMBERS[0])

    words = refused(lambda: record(shelf, again, paired_on=TODAY, at=LATER, replace=True))
    assert words == (
        "Line 1: the number ending 0101 was handed out in a Go Bag on 4 May 2026 and is never used again, so that "
        "nobody inherits another person's callers. Ask the operator for a new number"
    )
    number_id = queries.numbers_known(NUMBERS[:1])[NUMBERS[0]]
    sim_id = unit(ICCIDS[2])
    standing = queries.pairings_of([], NUMBERS[:1])[0].pairing_id
    by = {"account_id": shelf.actor("storekeeper").account_id, "recorded_at": LATER}
    row = {"sim_id": sim_id, "side": PairedSide.NUMBER, "sim_turn": 1, "phone_number_id": number_id, "turn": 2,
           "began_on": TODAY, **by}  # fmt: skip
    with pytest.raises(IntegrityError, match=r"still paired|handed out"):
        db.session.execute(insert(Pairing).values(row))
    db.session.rollback()
    db.session.execute(insert(PairingEnd).values(pairing_id=standing, ended_on=TODAY, **by))
    with pytest.raises(IntegrityError, match="handed out and is never paired again"):
        db.session.execute(insert(Pairing).values(row))
    db.session.rollback()

    keeper = shelf.actor("storekeeper")
    with transaction():
        bags.undo_issue(slip, reason="Wrong bag", scope=keeper.scope, **who(keeper, LATER))
    assert record(shelf, again, paired_on=TODAY, at=LATER, replace=True) == 1


def test_the_same_sim_is_not_in_two_phones_even_when_the_program_would_allow_it(shelf: World) -> None:
    record(shelf, line(0))
    row = {"sim_id": unit(ICCIDS[0]), "side": PairedSide.HANDSET, "sim_turn": 2, "handset_id": unit(IMEIS[1]),
           "turn": 1, "began_on": TODAY, "account_id": 1, "recorded_at": AT}  # fmt: skip
    with pytest.raises(IntegrityError, match="still paired with another"):
        db.session.execute(insert(Pairing).values(row))
    db.session.rollback()
    twice = refused(lambda: receive(shelf, DeliveredLine("SIM", 1, serial_numbers=(ICCIDS[0],))))
    assert "already" in twice or "before" in twice


def test_a_line_that_cannot_be_is_refused_and_nothing_of_the_others_is_kept(shelf: World) -> None:
    code = operator(shelf).code
    for changed, words in (
        ({"activated_on": TODAY + days(1)}, "the activation on 5 May 2026 has not come yet"),
        ({"activated_on": TODAY - days(1)}, "received on 4 May 2026, after its activation on 3 May 2026"),
        ({"imei": IMEIS[5]}, f"IMEI {IMEIS[5]} is not held at your place"),
        ({"iccid": "8944500102198304867"}, "ICCID 8944500102198304867 is not held at your place"),
    ):
        wrong = line(1, row=2, **changed)
        assert words in refused(partial(record, shelf, line(0), wrong, operator_code=code))
    unnamed = line(1, row=2, activated_on=TODAY)
    assert "choose the operator" in refused(lambda: record(shelf, line(0), unnamed))


def test_a_sim_lapses_after_its_last_use_that_counts_and_an_undone_use_does_not(shelf: World) -> None:
    """The operator counts texts and top-ups, 90 days.

    ==========  ==================  ===========
    day         act                 lapses on
    ==========  ==================  ===========
    4 May       activated           2 August
    1 June      call made           2 August
    1 July      text sent, £8.40    29 September
    1 July      undone              2 August
    ==========  ==================  ===========
    """
    assert record(shelf, line(0, activated_on=TODAY), operator_code=operator(shelf).code) == 1
    assert lapses(ICCIDS[0], TODAY) == date(2026, 8, 2)
    use(shelf, ICCIDS[0], datetime.fromisoformat("2026-06-01T09:00:00+00:00"), UseKind.CALL)
    july = datetime.fromisoformat("2026-07-01T09:00:00+00:00")
    assert lapses(ICCIDS[0], july.date()) == date(2026, 8, 2)
    text = use(shelf, ICCIDS[0], july, credit=840)
    assert lapses(ICCIDS[0], july.date()) == date(2026, 9, 29)
    assert lapses(ICCIDS[0], date(2026, 6, 30)) == date(2026, 8, 2)  # as it was known to be on an earlier day
    assert queries.credit_of(unit(ICCIDS[0])) == (840, july.date())
    keeper, undo = shelf.actor("storekeeper"), phones.undo_use
    with pytest.raises(NotFound):
        undo(text.id, scope=shelf.actor("sergeant").scope, **who(shelf.actor("sergeant"), july))
    db.session.rollback()
    with transaction():
        undo(text.id, scope=keeper.scope, **who(keeper, july))
    assert lapses(ICCIDS[0], july.date()) == date(2026, 8, 2)
    assert queries.credit_of(unit(ICCIDS[0])) is None
    with pytest.raises(AlreadyDone):
        undo(text.id, scope=keeper.scope, **who(keeper, july))


def test_a_lapsed_sim_stops_its_bag_until_a_text_goes(shelf: World) -> None:
    code = operator(shelf).code
    record(shelf, line(0, activated_on=TODAY), operator_code=code)
    bag, keeper = ring_bag(shelf, 0), shelf.actor("storekeeper")
    late = datetime.fromisoformat("2026-08-02T09:00:00+00:00")

    def judged(on: date) -> tuple[Readiness, tuple[str, ...]]:
        verdict = bag_queries.bag_view(bag.tag, scope=keeper.scope, on=on).verdict
        return verdict.readiness, verdict.reasons

    assert judged(date(2026, 8, 1)) == (Readiness.READY, ())
    stopped = judged(late.date())
    assert stopped[0] is Readiness.NOT_ISSUABLE
    assert stopped[1][0].startswith("The SIM ending 4826 lapsed on 2 August 2026. Text from it")
    said = refused(lambda: issue(shelf, bag.tag, "storekeeper", issued_at=late, **who(keeper, late)))
    assert "lapsed on 2 August 2026" in said
    record(shelf, line(1, activated_on=TODAY), operator_code=code)
    assert "The SIM ending 4834 lapsed on 2 August" in refused(lambda: ring_bag(shelf, 1, at=late))
    use(shelf, ICCIDS[0], late)
    assert judged(late.date()) == (Readiness.READY, ())


def test_a_change_of_terms_counts_from_its_first_day(shelf: World) -> None:
    made = operator(shelf)
    record(shelf, line(0, activated_on=TODAY), operator_code=made.code)
    with transaction():
        phones.change_rule(
            made.code,
            days_to_lapse=30,
            counts=[UseKind.TOP_UP],
            first_day=date(2026, 6, 1),
            **who(shelf.actor("admin")),
        )
    assert lapses(ICCIDS[0], date(2026, 5, 31)) == date(2026, 8, 2)
    assert lapses(ICCIDS[0], date(2026, 6, 1)) == date(2026, 6, 3)
    assert "recorded already as OP-00001" in refused(lambda: operator(shelf))


def test_a_given_handset_is_packed_only_once_it_is_wiped(shelf: World) -> None:
    receive(shelf, DeliveredLine("PHONE", 1, serial_numbers=(IMEIS[4],)), supplier_code="CHURCH")
    keeper, given = shelf.actor("storekeeper"), unit(IMEIS[4])
    contents = [("L-00003", IMEIS[4]), ("L-00002", ICCIDS[0])]
    packed = [PackedLine(code, 1, (number,)) for code, number in contents]

    words = refused(lambda: ring_bag(shelf, 0, contents=packed))
    assert words.startswith(f"The phone with IMEI ending {IMEIS[4][-4:]} was given by a donor. Reset it")
    proposed = bag_queries.proposed_contents("RING", shelf.places["STORE"], bag_count=4, on=TODAY, scope=keeper.scope)
    assert [lot.numbers for line in proposed.lines for lot in line.lots if lot.content.lot_code == "L-00003"] == [()]

    def wipe(day: date) -> FactoryReset:
        with transaction():
            return phones.record_reset(given, reset_on=day, scope=keeper.scope, **who(keeper))

    assert "has not come yet" in refused(lambda: wipe(TODAY + days(1)))
    assert "was received on 4 May 2026" in refused(lambda: wipe(TODAY - days(1)))
    assert wipe(TODAY).account_id == keeper.account_id
    assert ring_bag(shelf, 0, contents=packed).tag == "GB-00001"


def test_what_lapses_first_is_packed_first_in_the_handset_it_is_in(world: World) -> None:
    """Ninety days after activation: the 1st lapsed 10 days ago, the 2nd lapses in 80 days, the 3rd in 40."""
    have_phones(world, received_on=TODAY - days(120), at=AT - days(120))
    keeper, made = world.actor("storekeeper"), operator(world)
    ago = ((0, 100), (1, 10), (2, 50))
    record(
        world, *(line(number, row=number + 1, activated_on=TODAY - days(since)) for number, since in ago),
        operator_code=made.code,
    )  # fmt: skip
    proposed = bag_queries.proposed_contents("RING", world.places["STORE"], bag_count=2, on=TODAY, scope=keeper.scope)
    handsets, sims = ((lot.numbers, lot.use_by) for line in proposed.lines for lot in line.lots)
    lapses_on = UseBy(TODAY + days(40), "a SIM lapses")
    assert (handsets, sims) == (((IMEIS[2], IMEIS[1]), lapses_on), ((ICCIDS[2], ICCIDS[1]), lapses_on))


def test_a_form_sent_twice_counts_once_and_a_pairing_can_end(shelf: World) -> None:
    keeper, sent = shelf.actor("storekeeper"), submission()
    assert record(shelf, line(0), submission_id=sent) == 1
    assert record(shelf, line(0), submission_id=sent) == 1
    assert len(history(ICCIDS[0])) == 2
    ended: dict[str, Any] = {"ended_on": TODAY, "scope": keeper.scope}
    with transaction():
        phones.end_pairing(unit(IMEIS[0]), PairedSide.HANDSET, **ended, **who(keeper))
    assert history(IMEIS[0]) == [(ICCIDS[0], IMEIS[0], TODAY, TODAY)]
    with pytest.raises(RuleBroken, match="paired with nothing"):
        phones.end_pairing(unit(IMEIS[0]), PairedSide.HANDSET, **ended, **who(keeper))
    db.session.rollback()
    stranger = shelf.actor("sergeant")
    assert "not held at your place" in refused(
        lambda: record(shelf, line(1), scope=stranger.scope, **who(stranger, AT + timedelta(minutes=1)))
    )


def test_a_lapsed_sim_comes_out_of_its_bag_where_another_goes_in_and_a_good_one_stays(shelf: World) -> None:
    """
    | day    | SIM | where            |
    |--------|-----|------------------|
    | 4 May  | 1st | into GB-00001    |
    | 3 June | 1st | lapsed           |
    | 3 June | 1st | written off      |
    | 3 June | 2nd | into GB-00001    |
    """
    record(shelf, line(0, activated_on=TODAY), operator_code=operator(shelf, 30).code)
    bag, keeper = ring_bag(shelf, 0), shelf.actor("storekeeper")
    other = PackedLine("L-00002", 1, (ICCIDS[1],))
    swap = partial(bags.put_in, "GB-00001", [other], replaced=["L-00002"], reason="Lapsed", scope=keeper.scope)

    def early() -> None:
        with transaction():
            swap(seal_number="N-1", **who(keeper, LATER))

    assert refused(early) == "SIM with £10 credit (lot L-00002) is fit for use. Leave it inside"
    lapsed = AT + days(30)
    proposal = bag_queries.top_up_of(bag, shelf.places["STORE"], on=lapsed.date())
    assert [each.lot_code for each in proposal.spoilt] == ["L-00002"]
    assert [line.lots[0].numbers for line in proposal.lines] == [(ICCIDS[1],)]
    with transaction():
        swap(seal_number="N-1", **who(keeper, lapsed))
    inside = queries.units_standing(bag.place_id, [lot.id for lot in db.session.scalars(select(Lot))])
    assert sorted(unit.number for units in inside.values() for unit in units) == [IMEIS[0], ICCIDS[1]]
    view = bag_queries.bag_view("GB-00001", scope=keeper.scope, on=lapsed.date())
    assert view.verdict.readiness is Readiness.READY
