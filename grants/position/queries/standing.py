"""Where each grant line stands: budget, committed, received, apportioned, in the ledger, claimed, remaining."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from core.money import Pence, funding_of_pence
from grants.awards.models import Award
from grants.awards.queries import budget_changes
from grants.awards.rules import Basis
from grants.claims.queries import claimed_of_lines
from grants.position.queries.money import Money, money_behind, rows_behind
from grants.position.queries.outcomes import LineOutcome, outcomes_of
from grants.spending import queries as spending


@dataclass(frozen=True)
class LinePosition:
    """Where one grant line stands, in pence. Remaining = revised − apportioned − committed.

    ``forecast_pence`` is the outturn as the newest signed claim has it; None while none is signed.
    """

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
    claimed_pence: Pence
    forecast_pence: Pence | None

    @property
    def remaining_pence(self) -> Pence:
        """What may still be ordered or spent; negative when more is promised than there is."""
        return Pence(self.revised_pence - self.apportioned_pence - self.committed_pence)


@dataclass(frozen=True)
class AwardFacts:
    """What about an award's money wants attention, in pence."""

    unapportioned_pence: Pence
    unapportioned_count: int
    early_pence: Pence
    late_pence: Pence


def award_standing(award: Award) -> tuple[list[LinePosition], AwardFacts]:
    """Say where every line of an award stands, in the agreement's order, and what wants attention."""
    money = money_behind(rows_behind([line.id for line in award.lines]))
    return _positions(award, money), _facts(award, money)


def line_positions(award: Award) -> list[LinePosition]:
    """Say where every line of an award stands, in the agreement's order."""
    return _positions(award, money_behind(rows_behind([line.id for line in award.lines])))


def _positions(award: Award, money: Money) -> list[LinePosition]:
    ids = [line.id for line in award.lines]
    changes, committed = budget_changes(ids), spending.commitments(ids)
    outcomes, ledger, claimed = outcomes_of(ids, money), _ledger(ids, money), claimed_of_lines(ids)
    return [
        LinePosition(
            line_id=line.id,
            code=line.code,
            heading=line.heading,
            approved_pence=Pence(line.budget_pence),
            revised_pence=Pence(line.budget_pence + changes[line.id]),
            committed_pence=committed.get(line.id, Pence(0)),
            ledger_pence=ledger[line.id],
            claimed_pence=claimed[line.id].claimed_pence if line.id in claimed else Pence(0),
            forecast_pence=claimed[line.id].outturn_pence if line.id in claimed else None,
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
    return _ledger(line_ids, money_behind(rows_behind(line_ids)))


def _ledger(line_ids: Collection[int], money: Money) -> dict[int, Pence]:
    total: dict[int, int] = defaultdict(int)
    for row in money.rows.values():
        if not row.matched_pence or not row.shares:
            continue
        left = Pence(row.cost_pence - sum(row.shares.values()))
        parts = funding_of_pence([*row.shares.values(), left], _within(row.matched_pence, row.cost_pence))
        for line_id, part in zip(row.shares, parts, strict=False):
            total[line_id] += part
    return {line_id: Pence(total[line_id]) for line_id in line_ids}


def _within(pence: int, cost: int) -> int:
    """Keep a matched amount between nothing and the cost, whatever its sign."""
    return max(0, min(pence, cost)) if cost >= 0 else min(0, max(pence, cost))


def award_facts(award: Award) -> AwardFacts:
    """Find what is apportioned to no line yet, and what came before or after the award's period."""
    return _facts(award, money_behind(rows_behind([line.id for line in award.lines])))


def _facts(award: Award, money: Money) -> AwardFacts:
    left, count = spending.left_to_apportion(award.starts_on, award.ends_on)
    early, late = _outside_period(award, money)
    return AwardFacts(left, count, early, late)


def _outside_period(award: Award, money: Money) -> tuple[Pence, Pence]:
    """Add up what is apportioned of rows any goods of which came before the period, and after it.

    Only an award on accruals asks when goods came; the link may have been made after the row was apportioned.
    """
    if award.basis is not Basis.ACCRUALS:
        return Pence(0), Pence(0)
    ids = {line.id for line in award.lines}
    early = late = 0
    for row_id, (first, last) in money.received.items():
        row = money.rows.get(row_id)
        paid = sum(pence for line_id, pence in row.shares.items() if line_id in ids) if row else 0
        early += paid if first < award.starts_on else 0
        late += paid if last > award.ends_on else 0
    return Pence(early), Pence(late)
