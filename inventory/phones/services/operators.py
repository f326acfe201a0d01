"""Keeping mobile operators and their lapse rules. A change of terms is a new rule from a day on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select

from core import parse, trail
from core.access import Actor
from core.db import db
from core.errors import RuleBroken
from core.references import next_reference
from inventory.phones import queries, rules
from inventory.phones.models import OperatorRule, PhoneOperator
from inventory.phones.rules import UseKind


def add_operator(
    name: str,
    *,
    days_to_lapse: int,
    counts: Iterable[UseKind],
    first_day: date,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> PhoneOperator:
    """Record a mobile operator and its lapse rule.

    Args:
        days_to_lapse: days without use after which a SIM of theirs lapses.
        counts: what counts as use.
        first_day: since when the rule holds, which may be long ago.

    Raises:
        RuleBroken: the operator is known, or the rule has no days or nothing that counts.
    """
    counted = rules.checked_rule(days_to_lapse, counts)
    if done := trail.earlier(
        submission_id, by=by, act="phones.add_operator", body=[name, days_to_lapse, sorted(counted), first_day]
    ):
        return queries.operator_by_code(done)
    read = parse.one_line(name, most=60, field="operator", required="Enter the operator's name")
    known = db.session.scalar(select(PhoneOperator).where(PhoneOperator.name_key == read.casefold()))
    if known is not None:
        raise RuleBroken(f"{known.name} is recorded already as {known.code}. Change its rule there", "operator")
    operator = PhoneOperator(code=next_reference("OP"), name=read, name_key=read.casefold())
    db.session.add(operator)
    db.session.flush()
    _add_rule(operator, days_to_lapse, counted, first_day, by=by, at=at)
    trail.record(
        act="phones.add_operator",
        subject=operator.code,
        by=by,
        at=at,
        submission_id=submission_id,
        operator=operator.name,
        days=days_to_lapse,
        counts=sorted(counted),
        first_day=first_day,
    )
    return operator


def change_rule(
    code: str,
    *,
    days_to_lapse: int,
    counts: Iterable[UseKind],
    first_day: date,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> PhoneOperator:
    """Record an operator's new lapse rule from a day on. Earlier rules stay on record.

    Raises:
        NotFound: there is no such operator.
        RuleBroken: the rule has no days or nothing that counts.
    """
    counted = rules.checked_rule(days_to_lapse, counts)
    if done := trail.earlier(
        submission_id, by=by, act="phones.change_rule", body=[code, days_to_lapse, sorted(counted), first_day]
    ):
        return queries.operator_by_code(done)
    operator = queries.operator_by_code(code)
    _add_rule(operator, days_to_lapse, counted, first_day, by=by, at=at)
    trail.record(
        act="phones.change_rule",
        subject=operator.code,
        by=by,
        at=at,
        submission_id=submission_id,
        days=days_to_lapse,
        counts=sorted(counted),
        first_day=first_day,
    )
    return operator


def _add_rule(
    operator: PhoneOperator, days_to_lapse: int, counts: frozenset[UseKind], first_day: date, *, by: Actor, at: datetime
) -> None:
    db.session.add(
        OperatorRule(
            operator_id=operator.id,
            first_day=first_day,
            days_to_lapse=days_to_lapse,
            counts_text=UseKind.TEXT in counts,
            counts_call=UseKind.CALL in counts,
            counts_data=UseKind.DATA in counts,
            counts_top_up=UseKind.TOP_UP in counts,
            account_id=by.account_id,
            recorded_at=at,
        )
    )
    db.session.flush()
