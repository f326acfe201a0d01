"""What explains ledger lines, as it was recorded: matches, cancellations, and the acts that made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, joinedload

from core.db import db
from core.errors import NotFound
from core.money import Pence
from grants.ledgers.models import LedgerCancellation, LedgerLine, LedgerMatch, MatchedBy
from grants.spending.models import SpendingRow, SupplierInvoice
from organisation.accounts.models import Account


@dataclass(frozen=True)
class Explanation:
    """One thing that explains pence of a line: a spending row, or another line (then ``row`` is None).

    Attributes:
        undone_by: reference of the act that took it back, or None while it stands.
    """

    reference: str
    pence: Pence
    row: SpendingRow | None
    other_line: LedgerLine | None
    matched_by: MatchedBy
    reasons: str
    by_name: str
    matched_at: datetime
    note: str | None
    undone_by: str | None


def explanations_of(line_id: int) -> list[Explanation]:
    """List what explains a line or did before it was undone, in the order it was recorded."""
    found = [*_matches_of(line_id), *_cancellations_of(line_id)]
    return sorted(found, key=lambda each: (each.matched_at, each.reference))


def _matches_of(line_id: int) -> list[Explanation]:
    undo = aliased(LedgerMatch)
    asked = (
        select(LedgerMatch, Account.name, undo.reference)
        .join(Account, Account.id == LedgerMatch.account_id)
        .outerjoin(undo, undo.reverses_id == LedgerMatch.id)
        .where(LedgerMatch.line_id == line_id, LedgerMatch.reverses_id.is_(None))
        .options(
            joinedload(LedgerMatch.row).joinedload(SpendingRow.invoice).joinedload(SupplierInvoice.supplier),
            joinedload(LedgerMatch.note),
        )
        .order_by(LedgerMatch.id)
    )
    return [
        Explanation(
            made.reference, Pence(made.pence), made.row, None, made.matched_by, made.reasons, name,
            made.matched_at, made.note.text if made.note else None, undone_by,
        )
        for made, name, undone_by in db.session.execute(asked)
    ]  # fmt: skip


def _cancellations_of(line_id: int) -> list[Explanation]:
    undo = aliased(LedgerCancellation)
    made_of = LedgerCancellation
    asked = (
        select(made_of, Account.name, undo.reference)
        .join(Account, Account.id == made_of.account_id)
        .outerjoin(undo, undo.reverses_id == made_of.id)
        .where(or_(made_of.line_id == line_id, made_of.taken_back_by_id == line_id), made_of.reverses_id.is_(None))
        .options(joinedload(made_of.line), joinedload(made_of.taken_back_by))
        .order_by(made_of.id)
    )
    found = []
    for made, name, undone_by in db.session.execute(asked):
        booked_here = made.line_id == line_id
        pence, other = (made.pence, made.taken_back_by) if booked_here else (-made.pence, made.line)
        found.append(
            Explanation(
                made.reference,
                Pence(pence),
                None,
                other,
                made.matched_by,
                made.reasons,
                name,
                made.matched_at,
                None,
                undone_by,
            )
        )
    return found


@dataclass(frozen=True)
class Act:
    """All that one act matched, as it stands: nothing of it when it was undone, or was itself an undo."""

    reference: str
    matches: tuple[LedgerMatch, ...]
    cancellations: tuple[LedgerCancellation, ...]
    undone: bool


def act_by_reference(reference: str) -> Act:
    """Find what was matched in one act.

    Raises:
        NotFound: there is no such act, or it is an undo.
    """
    matches = _made(LedgerMatch, reference)
    cancellations = _made(LedgerCancellation, reference)
    if not matches and not cancellations:
        raise NotFound
    undone = _is_undone(LedgerMatch, matches) or _is_undone(LedgerCancellation, cancellations)
    return Act(reference, tuple(matches), tuple(cancellations), undone)


def _made(table: Any, reference: str) -> list[Any]:
    asked = select(table).where(table.reference == reference, table.reverses_id.is_(None))
    return list(db.session.scalars(asked.order_by(table.id)))


def _is_undone(table: Any, made: Sequence[Any]) -> bool:
    asked = select(table.id).where(table.reverses_id.in_([each.id for each in made])).limit(1)
    return db.session.scalar(asked) is not None
