"""Asking a question about a record, and what may follow. Nothing of the record changes."""

from __future__ import annotations

from datetime import datetime

from audit.questions import queries, rules
from audit.questions.models import Question, QuestionStep
from audit.questions.rules import OF_MONEY, QuestionAct, RecordKind
from core import trail
from core.access import Actor, Scope
from core.db import db
from core.errors import RuleBroken
from core.references import next_reference


def ask_question(kind: RecordKind, record: str, words: str, *, by: Actor, at: datetime, submission_id: str) -> Question:
    """Pin a question to a record; the people of its place answer, or the grant officers where it is money's.

    Raises:
        NotFound: there is no such record.
        RuleBroken: there are no words, or they hold details of a person, or nobody answers for the record.
    """
    made = trail.earlier(submission_id, by=by, act="question.ask", body=[kind, record, words])
    if made is not None:
        return queries.question_by_reference(made, scope=Scope.everywhere())
    found = queries.record_of(kind, record)
    if kind not in OF_MONEY and found.place_id is None:
        raise RuleBroken("This record stands at no place, so nobody could answer. Ask about another of its records")
    kept = trail.note(words, field="words")
    if kept is None:
        raise RuleBroken("Enter your question", "words")
    question = Question(
        reference=next_reference("Q"), record_kind=kind, record=record, place_id=found.place_id, note_id=kept.id,
        account_id=by.account_id, asked_at=at,
    )  # fmt: skip
    db.session.add(question)
    db.session.flush()
    trail.record(
        act="question.ask", subject=question.reference, by=by, at=at, submission_id=submission_id, reason=kept,
        kind=kind, record=record,
    )  # fmt: skip
    return question


def take_step(
    reference: str, act: QuestionAct, words: str | None, *, scope: Scope, by: Actor, at: datetime, submission_id: str
) -> Question:
    """Answer a question, ask again, or close it.

    Raises:
        NotFound: there is no such question within the scope.
        NotPermitted: it is another's to do: who asks never answers, who answers never closes.
        RuleBroken: the question is closed or not answered yet, or there are no words.
    """
    made = trail.earlier(submission_id, by=by, act=f"question.{act.name.lower()}", body=[reference, act, words])
    question = queries.question_by_reference(reference, scope=scope)
    if made is not None:
        return question
    queries.lock_question(question.id)
    question = queries.question_by_reference(reference, scope=scope)
    rules.demand_turn(question.state, act, by)
    kept = trail.note(words, field="words")
    if kept is None and act is not QuestionAct.CLOSE:
        raise RuleBroken("Enter your answer" if act is QuestionAct.ANSWER else "Enter what you still ask", "words")
    db.session.add(
        QuestionStep(
            question_id=question.id, act=act, note_id=kept.id if kept else None, account_id=by.account_id,
            recorded_at=at,
        )
    )  # fmt: skip
    db.session.flush()
    trail.record(
        act=f"question.{act.name.lower()}", subject=reference, by=by, at=at, submission_id=submission_id, reason=kept,
        record=question.record,
    )  # fmt: skip
    return question
