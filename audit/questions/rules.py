"""What a question can be about, what may follow what, and whose turn it is; no database."""

from __future__ import annotations

from enum import StrEnum

from core.access import Actor, Permission
from core.errors import NotPermitted, RuleBroken


class RecordKind(StrEnum):
    """Kinds of record a question is pinned to."""

    INVOICE = "invoice"
    SPENDING = "spending"
    ORDER = "order"
    CLAIM = "claim"
    REQUEST = "request"
    BAG = "Go Bag"
    ISSUE = "issue"
    LOT = "lot"
    DELIVERY = "delivery"
    COUNT = "count"


OF_MONEY = frozenset({RecordKind.INVOICE, RecordKind.SPENDING, RecordKind.ORDER, RecordKind.CLAIM})
"""Kinds that have no place: whoever keeps money for the whole organisation answers."""


class QuestionAct(StrEnum):
    """What is done to a question after it was asked."""

    ANSWER = "answered"
    ASK_AGAIN = "asked again"
    CLOSE = "closed"


class QuestionState(StrEnum):
    """Whose turn it is."""

    OPEN = "waits for an answer"
    ANSWERED = "answered"
    CLOSED = "closed"


def state_after(act: QuestionAct | None) -> QuestionState:
    """Give the state a question is in after its newest act; None when nothing followed the asking."""
    if act is QuestionAct.CLOSE:
        return QuestionState.CLOSED
    return QuestionState.ANSWERED if act is QuestionAct.ANSWER else QuestionState.OPEN


def demand_turn(state: QuestionState, act: QuestionAct, by: Actor) -> None:
    """Refuse an act out of turn: who answers never closes, who asks never answers.

    Raises:
        NotPermitted: it is another's to do.
        RuleBroken: the question is closed, or asked again without an answer.
    """
    if not by.may(Permission.ANSWER_QUESTION if act is QuestionAct.ANSWER else Permission.KEEP_WORKING_PAPERS):
        raise NotPermitted
    if state is QuestionState.CLOSED:
        raise RuleBroken("This question is closed. Ask a new one about the record")
    if act is QuestionAct.ASK_AGAIN and state is QuestionState.OPEN:
        raise RuleBroken("Nobody has answered yet. Wait for the answer, or close the question")
