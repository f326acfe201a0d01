"""What lines and rows still hold, and the rows that say so.

Every act of matching asks a ``Room`` first: it locks, reads and then keeps count of what both sides hold, so that
several pairs of one act are checked together and are written in an order in which each one fits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from core.access import Actor
from core.db import db
from core.trail import Note
from grants.ledgers import queries
from grants.ledgers.models import LedgerCancellation, LedgerLine, LedgerMatch, MatchedBy
from grants.ledgers.rules.matching import MatchedPair
from grants.spending.models import SpendingRow

SERIES = "M"
"""Series of the references of acts of matching."""


@dataclass(frozen=True)
class Making:
    """Who makes matches, when, and why; the same for all pairs of one act."""

    by: Actor
    at: datetime
    matched_by: MatchedBy
    reasons: str = ""
    note: Note | None = None


class Room:
    """What lines and rows still hold, read and locked in this transaction, and kept while pairs are chosen."""

    def __init__(self, line_ids: Collection[int], row_ids: Collection[int]) -> None:
        _lock(LedgerLine, line_ids)
        _lock(SpendingRow, row_ids)
        self.lines = queries.states_of(line_ids)
        self.rows = queries.row_states_of(row_ids)
        self.explained = {line_id: int(state.explained_pence) for line_id, state in self.lines.items()}
        self.booked = {row_id: int(state.booked_pence) for row_id, state in self.rows.items()}

    def fits(self, pair: MatchedPair) -> bool:
        """Say whether both sides stay between nothing and what they hold."""
        line, row = self.lines[pair.line_id].line, self.rows[pair.row_id]
        return within(self.explained[pair.line_id] + pair.pence, line.net_pence) and within(
            self.booked[pair.row_id] + pair.pence, row.gross_pence
        )

    def in_order(self, pairs: Iterable[MatchedPair]) -> list[MatchedPair] | None:
        """Take pairs in an order in which each one fits, or give None when there is none."""
        waiting, taken = list(pairs), list[MatchedPair]()
        while waiting:
            pair = next((each for each in waiting if self.fits(each)), None)
            if pair is None:
                self._add(taken, -1)
                return None
            waiting.remove(pair)
            self._add([pair], 1)
            taken.append(pair)
        return taken

    def cancels(self, line_id: int, other_id: int) -> bool:
        """Take two lines that cancel each other, if nothing explains either yet."""
        line, other = self.lines[line_id].line, self.lines[other_id].line
        if self.explained[line_id] or self.explained[other_id] or line.net_pence != -other.net_pence:
            return False
        self.explained[line_id], self.explained[other_id] = line.net_pence, other.net_pence
        return True

    def _add(self, pairs: Iterable[MatchedPair], sign: int) -> None:
        for pair in pairs:
            self.explained[pair.line_id] += sign * pair.pence
            self.booked[pair.row_id] += sign * pair.pence


def within(total: int, limit: int) -> bool:
    """Say whether a total lies between nothing and a limit of either sign."""
    return min(0, limit) <= total <= max(0, limit)


def _lock(table: Any, ids: Collection[int]) -> None:
    """Hold rows until the change commits, always in the order of their ids."""
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        db.session.execute(select(table.id).where(table.id.in_(some)).order_by(table.id).with_for_update()).all()


def write_matches(
    reference: str, pairs: Sequence[MatchedPair], making: Making, undone: Sequence[int | None] = ()
) -> None:
    """Insert matches in the order given: the triggers look at each as it comes."""
    rows = [
        {
            "reference": reference,
            "line_id": pair.line_id,
            "row_id": pair.row_id,
            "pence": pair.pence,
            "matched_by": making.matched_by,
            "reasons": making.reasons,
            "note_id": making.note.id if making.note else None,
            "reverses_id": undone[place] if undone else None,
            "account_id": making.by.account_id,
            "matched_at": making.at,
        }
        for place, pair in enumerate(pairs)
    ]
    db.session.connection().execute(insert(LedgerMatch), rows)


def write_cancellation(reference: str, booked: LedgerLine, taken_back: LedgerLine, making: Making) -> None:
    """Insert that one line takes another back."""
    _write_cancellation(reference, booked.id, taken_back.id, booked.net_pence, making, None)


def write_opposite(reference: str, made: LedgerCancellation, making: Making) -> None:
    """Insert that a cancellation is undone."""
    _write_cancellation(reference, made.line_id, made.taken_back_by_id, -made.pence, making, made.id)


def _write_cancellation(
    reference: str, line_id: int, taken_back_by_id: int, pence: int, making: Making, reverses_id: int | None
) -> None:
    row = {
        "reference": reference,
        "line_id": line_id,
        "taken_back_by_id": taken_back_by_id,
        "pence": pence,
        "matched_by": making.matched_by,
        "reasons": making.reasons,
        "reverses_id": reverses_id,
        "account_id": making.by.account_id,
        "matched_at": making.at,
    }
    db.session.connection().execute(insert(LedgerCancellation), [row])
