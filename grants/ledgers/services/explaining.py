"""Explaining a ledger line that no supplier invoice stands behind.

A journal, a recharge, a card payment or payroll becomes a spending row of its own, which can be apportioned to grant
lines; the line is matched to it in the same change.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from core import trail
from core.access import Actor
from core.errors import OverLimit
from grants.ledgers import queries
from grants.ledgers.services.matching import match
from grants.spending.models import SpendingRow
from grants.spending.queries import row_by_reference
from grants.spending.rules import SpendingKind
from grants.spending.services import record_other_spending


def record_spending_of_line(
    line_name: str,
    *,
    kind: SpendingKind,
    description: str,
    reason: str | None = None,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> SpendingRow:
    """Record what is unexplained of a line as spending without an invoice, and match it.

    VAT is not asked for: a ledger books cost net of what is recovered.

    Raises:
        NotFound: there is no such line.
        OverLimit: nothing of the line is unexplained.
        RuleBroken: another kind of spending, or words that could identify a person.
    """
    body = {"line": line_name, "kind": kind, "description": description, "reason": reason}
    made = trail.earlier(submission_id, by=by, act="ledger.record spending", body=body)
    if made is not None:
        return row_by_reference(made)
    line = queries.line_by_name(line_name)
    state = queries.states_of([line.id])[line.id]
    if not state.left_pence:
        raise OverLimit(f"{line_name} is explained in full. Undo a match first")
    row = record_other_spending(
        kind=kind, description=description, net_pence=state.left_pence, incurred_on=line.dated_on, reason=reason,
        by=by, at=at, submission_id=_part(submission_id, "row"),
    )  # fmt: skip
    reference = match(line_name, row.reference, by=by, at=at, submission_id=_part(submission_id, "match"))
    trail.record(
        act="ledger.record spending", subject=row.reference, by=by, at=at, submission_id=submission_id,
        line=line_name, match=reference, pence=state.left_pence,
    )  # fmt: skip
    return row


def _part(submission_id: str, name: str) -> str:
    """Give the submission id of one part of a form that does two things."""
    return str(uuid.uuid5(uuid.UUID(submission_id), name))
