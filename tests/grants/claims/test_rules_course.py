"""The course of a claim, and three people's hands."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.errors import NotPermitted, StaleEdit
from grants.claims.rules.course import (
    SIGNED,
    ClaimAct,
    ClaimState,
    Course,
    Hand,
    acts_open,
    demand_other_hand,
    following,
    unless_paid,
)
from grants.claims.rules.later import Cause, LaterClaim, Touched, carried_by, cause_of

ANNA, BEN, CARA = Hand(1, "Anna"), Hand(2, "Ben"), Hand(3, "Cara")
REVIEWED = Course("CLM-00001", ClaimState.REVIEWED, ANNA, BEN)


def test_a_claim_goes_from_draft_to_submitted_in_five_steps() -> None:
    state = ClaimState.DRAFT
    for act in (ClaimAct.PREPARE, ClaimAct.REVIEW, ClaimAct.CERTIFY, ClaimAct.SUBMIT, ClaimAct.QUERY, ClaimAct.ANSWER):
        state = following(Course("CLM-00001", state), act)
    assert state is ClaimState.SUBMITTED


@pytest.mark.parametrize("state", sorted(SIGNED))
def test_what_is_signed_never_goes_back(state: ClaimState) -> None:
    assert not acts_open(state) & {ClaimAct.PREPARE, ClaimAct.REVIEW, ClaimAct.SEND_BACK, ClaimAct.CERTIFY}


def test_a_step_too_early_says_where_the_claim_stands() -> None:
    with pytest.raises(StaleEdit, match="CLM-00001 is a draft, so it cannot be certified"):
        following(Course("CLM-00001", ClaimState.DRAFT), ClaimAct.CERTIFY)
    for state, act in ((ClaimState.CERTIFIED, ClaimAct.CERTIFY), (ClaimState.SUBMITTED, ClaimAct.SUBMIT)):
        with pytest.raises(StaleEdit, match=f"CLM-00001 is {state} already. Look at the claim again"):
            following(Course("CLM-00001", state), act)


def test_whoever_prepared_neither_reviews_nor_certifies() -> None:
    prepared = Course("CLM-00001", ClaimState.PREPARED, ANNA)
    with pytest.raises(NotPermitted, match="You prepared this claim, so somebody else must have it reviewed"):
        demand_other_hand(prepared, ClaimAct.REVIEW, by=ANNA, stands_in_for=frozenset())
    with pytest.raises(NotPermitted, match="You prepared this claim, so somebody else must have it certified"):
        demand_other_hand(REVIEWED, ClaimAct.CERTIFY, by=ANNA, stands_in_for=frozenset())


def test_whoever_reviewed_does_not_certify_and_a_third_person_does() -> None:
    with pytest.raises(NotPermitted, match="You reviewed this claim"):
        demand_other_hand(REVIEWED, ClaimAct.CERTIFY, by=BEN, stands_in_for=frozenset())
    demand_other_hand(REVIEWED, ClaimAct.CERTIFY, by=CARA, stands_in_for=frozenset())


def test_a_deputy_does_not_do_what_the_absent_person_could_not() -> None:
    with pytest.raises(NotPermitted, match="Ben reviewed this claim, so their deputy cannot have it certified"):
        demand_other_hand(REVIEWED, ClaimAct.CERTIFY, by=CARA, stands_in_for=frozenset({"Ben"}))


def test_a_claim_is_paid_once_all_of_it_has_come_and_no_question_is_open() -> None:
    assert unless_paid(ClaimState.SUBMITTED, settled=False) is ClaimState.SUBMITTED
    assert unless_paid(ClaimState.SUBMITTED, settled=True) is ClaimState.PAID
    assert unless_paid(ClaimState.QUERIED, settled=True) is ClaimState.QUERIED
    assert following(Course("CLM-00001", ClaimState.PAID), ClaimAct.QUERY) is ClaimState.QUERIED


def test_the_first_cause_that_applies_is_named() -> None:
    assert cause_of(Touched(recorded=True, apportioned=True, linked=True)) is Cause.NEW_SPENDING
    assert cause_of(Touched(reversed=True, apportioned=True)) is Cause.REVERSED
    assert cause_of(Touched()) is Cause.OTHER


def test_a_difference_is_carried_by_the_first_claim_not_signed_when_it_became_known() -> None:
    cut = datetime(2026, 10, 5, tzinfo=UTC)
    before, after = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 6, tzinfo=UTC)
    later = [LaterClaim("CLM-00002", cut), LaterClaim("CLM-00003", None)]
    assert carried_by(before, later, last_of_award=False) == "CLM-00002"
    assert carried_by(after, later, last_of_award=False) == "CLM-00003"
    assert carried_by(after, later[:1], last_of_award=False) == "the next claim, not yet begun"
    assert carried_by(after, [], last_of_award=True).startswith("no claim")
