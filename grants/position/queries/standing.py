"""Where each grant line stands: budget, committed, received, apportioned, in the ledger, claimed, remaining."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.money import Pence
from grants.awards.models import Award
from grants.awards.queries import budget_changes
from grants.awards.rules import Basis
from grants.claims.queries import claimed_of_lines
from grants.position.queries.outcomes import LineOutcome, outcome_from
from grants.position.queries.sums import LineSums, line_sums
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
    sums = _sums(award)
    return _positions(award, sums), _facts(award, sums)


def line_positions(award: Award) -> list[LinePosition]:
    """Say where every line of an award stands, in the agreement's order."""
    return _positions(award, _sums(award))


def _sums(award: Award) -> dict[int, LineSums]:
    return line_sums([line.id for line in award.lines], first=award.starts_on, last=award.ends_on)


def _positions(award: Award, sums: Mapping[int, LineSums]) -> list[LinePosition]:
    ids = [line.id for line in award.lines]
    changes, committed, claimed = budget_changes(ids), spending.commitments(ids), claimed_of_lines(ids)
    return [
        LinePosition(
            line_id=line.id,
            code=line.code,
            heading=line.heading,
            approved_pence=Pence(line.budget_pence),
            revised_pence=Pence(line.budget_pence + changes[line.id]),
            committed_pence=committed.get(line.id, Pence(0)),
            ledger_pence=Pence(sums[line.id].ledger_pence),
            claimed_pence=claimed[line.id].claimed_pence if line.id in claimed else Pence(0),
            forecast_pence=claimed[line.id].outturn_pence if line.id in claimed else None,
            **_of(outcome_from(line.id, sums[line.id])),
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
    """Add up what the ledger confirms of each line: grant line id → pence."""
    return {line_id: Pence(sums.ledger_pence) for line_id, sums in line_sums(line_ids).items()}


def award_facts(award: Award) -> AwardFacts:
    """Find what is apportioned to no line yet, and what came before or after the award's period."""
    return _facts(award, _sums(award))


def _facts(award: Award, sums: Mapping[int, LineSums]) -> AwardFacts:
    """Only an award on accruals asks when goods came; the link may have been made after the row was apportioned."""
    left, count = spending.left_to_apportion(award.starts_on, award.ends_on)
    asked = sums.values() if award.basis is Basis.ACCRUALS else ()
    early, late = (sum(each) for each in ([s.early_pence for s in asked], [s.late_pence for s in asked]))
    return AwardFacts(left, count, Pence(early), Pence(late))
