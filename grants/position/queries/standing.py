"""Where each grant line stands: budget, committed, received, apportioned, in the ledger, remaining."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from core.db import db
from core.money import Pence, funding_of_pence
from grants.awards.models import Award
from grants.awards.queries import revised_budgets
from grants.awards.rules import Basis
from grants.ledgers.models import LedgerMatch
from grants.position.queries.outcomes import LineOutcome, line_outcomes, shares_on_lines
from grants.spending import queries as spending
from grants.spending.models import Apportionment, BilledDelivery, SpendingRow
from inventory.deliveries.models import Delivery, DeliveryLine


@dataclass(frozen=True)
class LinePosition:
    """Where one grant line stands, in pence. Remaining = revised − apportioned − committed."""

    line_id: int
    code: str
    heading: str
    approved_pence: Pence
    revised_pence: Pence
    committed_pence: Pence
    received_pence: Pence
    apportioned_pence: Pence
    ledger_pence: Pence
    unused_pence: Pence
    to_come_pence: Pence

    @property
    def remaining_pence(self) -> Pence:
        """What may still be ordered or spent; negative when more is promised than there is."""
        return Pence(self.revised_pence - self.apportioned_pence - self.committed_pence)


def line_positions(award: Award) -> list[LinePosition]:
    """Say where every line of an award stands, in the agreement's order."""
    ids = [line.id for line in award.lines]
    budgets, committed = revised_budgets(ids), spending.commitments(ids)
    outcomes, ledger = line_outcomes(ids), ledger_by_line(ids)
    return [
        LinePosition(
            line_id=line.id,
            code=line.code,
            heading=line.heading,
            approved_pence=Pence(line.budget_pence),
            revised_pence=budgets[line.id],
            committed_pence=committed.get(line.id, Pence(0)),
            ledger_pence=ledger.get(line.id, Pence(0)),
            **_of(outcomes[line.id]),
        )
        for line in award.lines
    ]


def _of(outcome: LineOutcome) -> dict[str, Pence]:
    return {
        "received_pence": outcome.received_pence,
        "apportioned_pence": outcome.apportioned_pence,
        "unused_pence": outcome.unused_pence,
        "to_come_pence": outcome.to_come_pence,
    }


def ledger_by_line(line_ids: Collection[int]) -> dict[int, Pence]:
    """Add up what the ledger confirms of each line: grant line id → pence.

    A ledger line is matched to a spending row, so what is matched of a row counts on the lines the row is split
    over, by the same rule that gives units their pence: what is not yet apportioned comes last.
    """
    touched = {row_id for row_id, _ in shares_on_lines(line_ids)}
    matched = _matched_of(touched)
    splits = spending.shares_of_rows(matched)
    total: dict[int, int] = defaultdict(int)
    for row_id, (cost, pence) in matched.items():
        shares = dict(splits[row_id])
        parts = funding_of_pence([*shares.values(), Pence(cost - sum(shares.values()))], _within(pence, cost))
        for line_id, part in zip(shares, parts, strict=False):
            total[line_id] += part
    return {line_id: Pence(total[line_id]) for line_id in line_ids}


def _matched_of(row_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Add up ledger matches of rows: spending row id → (what the row costs, pence matched)."""
    asked = (
        select(SpendingRow.id, spending.COST, func.sum(LedgerMatch.pence))
        .join(LedgerMatch, LedgerMatch.row_id == SpendingRow.id)
        .where(SpendingRow.id.in_(row_ids))
        .group_by(SpendingRow.id)
    )
    return {row_id: (int(cost), int(pence)) for row_id, cost, pence in db.session.execute(asked)}


def _within(pence: int, cost: int) -> int:
    """Keep a matched amount between nothing and the cost, whatever its sign."""
    return max(0, min(pence, cost)) if cost >= 0 else min(0, max(pence, cost))


@dataclass(frozen=True)
class AwardFacts:
    """What about an award's money wants attention, in pence."""

    unapportioned_pence: Pence
    unapportioned_count: int
    early_pence: Pence
    late_pence: Pence


def award_facts(award: Award) -> AwardFacts:
    """Find what is apportioned to no line yet, and what came before or after the award's period."""
    rows = spending.states_of(db.session.scalars(spending.rows_to_apportion()))
    open_rows = [state for state in rows if _in_period(state.row.incurred_on, award)]
    early, late = _outside_period(award)
    return AwardFacts(Pence(sum(state.left_pence for state in open_rows)), len(open_rows), early, late)


def _in_period(day: date, award: Award) -> bool:
    return award.starts_on <= day <= award.ends_on


def _outside_period(award: Award) -> tuple[Pence, Pence]:
    """Add up what is apportioned of rows any goods of which came before the period, and after it.

    Only an award on accruals asks when goods came; the link may have been made after the row was apportioned.
    """
    if award.basis is not Basis.ACCRUALS:
        return Pence(0), Pence(0)
    ids = [line.id for line in award.lines]
    asked = (
        select(BilledDelivery.row_id, func.min(Delivery.received_on), func.max(Delivery.received_on))
        .join(DeliveryLine, DeliveryLine.id == BilledDelivery.delivery_line_id)
        .join(Delivery)
        .where(spending.links_stand())
        .where(BilledDelivery.row_id.in_(select(Apportionment.row_id).where(Apportionment.grant_line_id.in_(ids))))
        .group_by(BilledDelivery.row_id)
    )
    paid: dict[int, int] = defaultdict(int)
    for (row_id, _), pence in shares_on_lines(ids).items():
        paid[row_id] += pence
    early = late = 0
    for row_id, first, last in db.session.execute(asked):
        early += paid[row_id] if first < award.starts_on else 0
        late += paid[row_id] if last > award.ends_on else 0
    return Pence(early), Pence(late)
