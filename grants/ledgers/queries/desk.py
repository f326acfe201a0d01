"""What the reconciliation desk shows beside a line: what is suggested, which rows are near, what was done last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, union_all
from sqlalchemy.orm import aliased

from core.db import db
from core.money import Pence
from grants.awards.models import Award
from grants.ledgers.models import LedgerCancellation, LedgerMatch, MatchedBy
from grants.ledgers.queries.lines import LineState, states_of
from grants.ledgers.queries.matches import (
    RowState,
    proposal_key,
    proposals,
    row_states,
    row_states_of,
    rows_not_booked,
)
from grants.ledgers.rules.matching import MatchKind, Proposal

_LIKELY = 8
"""Points from which a proposal that is not certain is called likely."""

_HOW = {
    MatchKind.SAME: "One line, one invoice row",
    MatchKind.WHOLE_INVOICE: "One line for several rows of an invoice",
    MatchKind.PARTS: "Several lines that add up",
    MatchKind.REVERSED: "Booked, and taken back",
    MatchKind.REPEATED: "Booked twice",
    MatchKind.VAT: "VAT booked as a line of its own",
    MatchKind.DIFFERENT: "The amounts differ",
}


@dataclass(frozen=True)
class SuggestedPair:
    """Pence of a line that a row would explain."""

    line: LineState
    row: RowState
    pence: Pence


@dataclass(frozen=True)
class Suggestion:
    """A match that could be made for a line, in words.

    Attributes:
        key: what is sent back when it is accepted.
        how: how lines and rows would belong together.
        confidence: Sure, Likely or Possible.
        lines: every line it concerns, in order.
        rows: rows it concerns without explaining them, such as the one a double booking repeats.
        leaves_pence: what it leaves unexplained of its lines.
        can_be_accepted: False when it only warns.
    """

    key: str
    how: str
    confidence: str
    reasons: tuple[str, ...]
    lines: tuple[LineState, ...]
    pairs: tuple[SuggestedPair, ...]
    rows: tuple[RowState, ...]
    leaves_pence: Pence
    can_be_accepted: bool


@dataclass(frozen=True)
class LastAct:
    """What a person matched last, so that it can be undone at once."""

    reference: str
    line_name: str
    matched_at: datetime


@dataclass(frozen=True)
class Suggestions:
    """What is suggested for the lines of a ledger, looked up once for a page.

    Attributes:
        proposals: as matching gives them.
    """

    proposals: tuple[Proposal, ...]

    @property
    def line_ids(self) -> frozenset[int]:
        """The lines for which something is suggested."""
        return frozenset(line_id for each in self.proposals for line_id in each.line_ids)

    @property
    def sure_count(self) -> int:
        """How many matches could be made without asking; a warning of a double booking is none."""
        return sum(each.certain and each.kind is not MatchKind.REPEATED for each in self.proposals)

    def of(self, line_id: int) -> Suggestion | None:
        """Give what is suggested for a line, in words, or None."""
        found = next((each for each in self.proposals if line_id in each.line_ids), None)
        return None if found is None else _suggestion(found)


def suggestions(ledger_code: str | None) -> Suggestions:
    """Give what is suggested for the lines of a ledger, or of every one when None."""
    return Suggestions(proposals(ledger_code))


def grant_projects() -> dict[str, str]:
    """Give the project codes of the awards: code → title of the award."""
    asked = select(Award.project_code, Award.title).where(Award.project_code != "").order_by(Award.starts_on, Award.id)
    return dict(db.session.execute(asked).all())


def _suggestion(proposal: Proposal) -> Suggestion:
    lines = states_of(proposal.line_ids)
    rows = row_states_of(proposal.row_ids)
    pairs = tuple(SuggestedPair(lines[each.line_id], rows[each.row_id], each.pence) for each in proposal.pairs)
    paired = {each.row_id for each in proposal.pairs}
    cancels = proposal.kind is MatchKind.REVERSED and not pairs
    left = 0 if cancels else sum(abs(state.left_pence) for state in lines.values()) - sum(abs(p.pence) for p in pairs)
    return Suggestion(
        key=proposal_key(proposal),
        how=_HOW[proposal.kind],
        confidence=_confidence(proposal),
        reasons=proposal.reasons,
        lines=tuple(lines[line_id] for line_id in proposal.line_ids),
        pairs=pairs,
        rows=tuple(rows[row_id] for row_id in proposal.row_ids if row_id not in paired),
        leaves_pence=Pence(left),
        can_be_accepted=bool(pairs) or cancels,
    )


def _confidence(proposal: Proposal) -> str:
    if proposal.certain:
        return "Sure"
    return "Likely" if proposal.score >= _LIKELY else "Possible"


def rows_near(line: LineState, *, search: str = "", most: int = 6) -> list[RowState]:
    """List rows the ledger does not book in full that a line may book: its own sign, the nearest amount first."""
    return row_states(rows_not_booked(search, near_pence=line.left_pence or line.line.net_pence).limit(most))


def last_act_of(account_id: int) -> LastAct | None:
    """Give what a person matched last and has not undone, or None."""
    parts = []
    tables: tuple[Any, ...] = (LedgerMatch, LedgerCancellation)
    for table in tables:
        undo = aliased(table)
        parts.append(
            select(table.reference, table.line_id, table.pence, table.matched_at)
            .outerjoin(undo, undo.reverses_id == table.id)
            .where(
                table.account_id == account_id,
                table.matched_by == MatchedBy.PERSON,
                table.reverses_id.is_(None),
                undo.id.is_(None),
            )
        )
    made = union_all(*parts).subquery()
    asked = select(made).order_by(made.c.matched_at.desc(), made.c.reference.desc()).limit(1)
    found = db.session.execute(asked).first()
    return None if found is None else LastAct(found.reference, f"L-{found.line_id}", found.matched_at)
