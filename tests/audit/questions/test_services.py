"""Questions about Go Bags and invoices, on both databases."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from audit.questions import queries, services
from audit.questions.models import Question, QuestionStep
from audit.questions.rules import QuestionAct, QuestionState, RecordKind
from core.access import Scope
from core.db import db, transaction
from core.digests import ledger_digest
from core.errors import NotFound, NotPermitted, Refusal, RuleBroken
from core.trail.models import AuditLeaf
from tests.factories import AT, World, submission
from tests.inventory.at_once import at_once

BAG = "GB-00001"


def asked(world: World, kind: RecordKind = RecordKind.BAG, record: str = BAG, words: str = "Where is its slip?") -> str:
    with transaction():
        auditor = world.actor("auditor")
        made = services.ask_question(kind, record, words, by=auditor, at=AT, submission_id=submission())
        return made.reference


def step(world: World, who: str, reference: str, act: QuestionAct, words: str | None = "In the book") -> None:
    me = world.actor(who)
    with transaction():
        services.take_step(reference, act, words, scope=me.scope, by=me, at=AT, submission_id=submission())


def held() -> tuple[int | None, ...]:
    counted = tuple(
        db.session.scalar(select(func.count()).select_from(each)) for each in (Question, QuestionStep, AuditLeaf)
    )
    db.session.rollback()
    return counted


def place_of(reference: str) -> str | None:
    found = queries.question_by_reference(reference, scope=Scope.everywhere()).place
    return found.code if found else None


def holder(world: World, reference: str) -> str:
    """Name who holds the place a question is for."""
    return {"SALISBURY": "sergeant", "TROWBRIDGE": "other sergeant", "HARBOUR": "partner", "STORE": "storekeeper"}[
        place_of(reference) or ""
    ]


def test_a_question_is_answered_where_the_record_stands_and_closed_by_whoever_asked(month: World) -> None:
    reference = asked(month)
    who = holder(month, reference)
    mine = queries.pinned(scope=month.actor(who).scope)
    assert [(each.record, each.state) for each in mine] == [(BAG, QuestionState.OPEN)]
    others = {"sergeant", "other sergeant", "partner", "storekeeper"} - {who}
    assert all(queries.pinned(scope=month.actor(other).scope) == [] for other in others)
    step(month, who, reference, QuestionAct.ANSWER)
    step(month, "auditor", reference, QuestionAct.ASK_AGAIN, "Which book?")
    step(month, who, reference, QuestionAct.ANSWER, "The issue book at the front desk")
    step(month, "auditor", reference, QuestionAct.CLOSE, None)
    found = queries.question_by_reference(reference, scope=Scope.everywhere())
    assert found.state is QuestionState.CLOSED
    assert [each.act for each in found.steps] == [
        QuestionAct.ANSWER, QuestionAct.ASK_AGAIN, QuestionAct.ANSWER, QuestionAct.CLOSE,
    ]  # fmt: skip
    assert queries.pinned(scope=Scope.everywhere()) == []
    db.session.rollback()
    with pytest.raises(DatabaseError, match="closed question takes no further step"):
        db.session.execute(
            text(
                "INSERT INTO question_step (question_id, act, note_id, account_id, recorded_at) "
                "SELECT question_id, 'answered', note_id, account_id, recorded_at FROM question_step WHERE id = 1"
            )
        )
    db.session.rollback()


def test_each_keeps_to_their_part(month: World) -> None:
    reference = asked(month)
    who = holder(month, reference)
    other = "partner" if who != "partner" else "sergeant"
    before = held()
    wrong: list[tuple[str, QuestionAct, str | None, type[Refusal]]] = [
        (other, QuestionAct.ANSWER, "It is here", NotFound),
        (who, QuestionAct.CLOSE, None, NotPermitted),
        ("auditor", QuestionAct.ANSWER, "I answer myself", NotPermitted),
        ("auditor", QuestionAct.ASK_AGAIN, "And?", RuleBroken),
        (who, QuestionAct.ANSWER, None, RuleBroken),
        (who, QuestionAct.ANSWER, "Ring Ana on 07700 900123", RuleBroken),
    ]
    for person, act, words, refusal in wrong:
        with pytest.raises(refusal):
            step(month, person, reference, act, words)
    with pytest.raises(NotFound):
        asked(month, record="GB-99999")
    with pytest.raises(RuleBroken, match="Enter your question"):
        asked(month, words=" ")
    assert held() == before
    step(month, "auditor", reference, QuestionAct.CLOSE, None)
    with pytest.raises(RuleBroken, match="This question is closed"):
        step(month, who, reference, QuestionAct.ANSWER)


def test_two_who_close_a_question_at_once_close_it_once_and_it_takes_no_answer_then(app: Flask, month: World) -> None:
    reference, auditor = asked(month), month.actor("auditor")
    close = [
        partial(
            services.take_step, reference, QuestionAct.CLOSE, None, scope=auditor.scope, by=auditor, at=AT,
            submission_id=submission(),
        )
        for _ in range(2)
    ]  # fmt: skip
    assert at_once(app, *close) == {"done": 1, "RuleBroken": 1}
    with pytest.raises(RuleBroken, match="This question is closed"):
        step(month, holder(month, reference), reference, QuestionAct.ANSWER)
    found = queries.question_by_reference(reference, scope=Scope.everywhere())
    assert [each.act for each in found.steps] == [QuestionAct.CLOSE]


def test_money_is_for_the_grant_officer_alone(quarters: World) -> None:
    reference = asked(quarters, RecordKind.INVOICE, "INV-00001", "Who agreed to the price?")
    assert place_of(reference) is None
    with pytest.raises(NotFound):
        step(quarters, "storekeeper", reference, QuestionAct.ANSWER)
    step(quarters, "grants", reference, QuestionAct.ANSWER, "Two quotes are kept")
    assert [each.state for each in queries.pinned(scope=Scope.everywhere())] == [QuestionState.ANSWERED]


def test_every_kind_of_record_is_found_with_the_place_that_answers(month: World, quarters: World) -> None:
    sources = {
        RecordKind.INVOICE: "SELECT reference FROM supplier_invoice",
        RecordKind.SPENDING: "SELECT reference FROM spending_row",
        RecordKind.LOT: "SELECT code FROM lot",
        RecordKind.DELIVERY: "SELECT reference FROM delivery",
    }
    for kind, sql in sources.items():
        reference = str(db.session.scalar(text(sql)))
        found = queries.record_of(kind, reference)
        assert found.about
        assert (found.place_id is None) == (kind in (RecordKind.INVOICE, RecordKind.SPENDING)), kind
    for kind in set(RecordKind) - set(sources):
        with pytest.raises(NotFound):
            queries.record_of(kind, "NONE")


def test_questions_change_neither_stock_nor_money(month: World) -> None:
    before = ledger_digest(db.session.connection()).tables
    reference = asked(month)
    step(month, holder(month, reference), reference, QuestionAct.ANSWER)
    after = ledger_digest(db.session.connection()).tables
    assert {name for name in after if after[name] != before[name]} == {
        "audit_leaf", "log_entry", "note", "question", "question_step", "reference_series", "submission",
    }  # fmt: skip
