"""Making the reconciliation of a period: facts in, frozen figures out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from core.figures import Checkpoint
from core.periods import Period
from core.trail.queries import Head, head
from grants.awards.models import Award
from grants.reconciliation import queries
from grants.reconciliation.queries import ClaimOfPeriod, OrderedRow
from grants.reconciliation.report.reconciled import (
    AwardName,
    LineWalk,
    OpenRow,
    ReconciledPeriod,
    Step,
)
from grants.reconciliation.rules import CHAIN, Entry, Figure, entries_of
from grants.reports.queries import RowName
from grants.reports.report import Making, WalkRow
from grants.reports.rules import figures_of


def freeze_reconciliation(award: Award, period: Period, *, at: datetime, log: Head | None = None) -> ReconciledPeriod:
    """Make the reconciliation of a period of an award, as known at a moment.

    Args:
        log: how far the log of changes went, when whoever asks has read it already.
    """
    log = log or head()
    facts = Making(award, period, at)
    ordered = queries.ordered_rows(award, period, at=at)
    claim = queries.claim_of(award, period, at=at)
    opened = queries.unexplained(award.project_code, period.last, at=at)
    return ReconciledPeriod(
        AwardName(
            award.code, award.title, award.funder, award.agreement_reference, award.project_code, award.body.name
        ),
        period,
        Checkpoint(log.sequence, log.chain_hash, at),
        _lines(award, facts, ordered),
        (*_walk(facts), *_to_claim(facts, claim)),
        tuple(
            OpenRow(f"L-{each.line_id}", each.transaction, each.supplier, each.description, each.dated_on, each.pence)
            for each in opened
        ),
        claim.reference if claim else "",
    )  # fmt: skip


def _lines(award: Award, facts: Making, ordered: Mapping[int, OrderedRow]) -> tuple[LineWalk, ...]:
    """Walk each line from bought to the ledger."""
    names = {**{row_id: row.name for row_id, row in ordered.items()}, **facts.spending.names}
    found: dict[tuple[int, str], list[Entry]] = defaultdict(list)
    for row_id in sorted(names, key=lambda each: (names[each].incurred_on, each)):
        row = facts.spending.facts.get(row_id)
        by_line = figures_of(row, facts.period, facts.funded) if row else {}
        bought = ordered[row_id].ordered if row_id in ordered else None
        for entry in entries_of(row_id, names[row_id].incurred_on, by_line, bought, facts.period):
            found[entry.line_id, entry.step].append(entry)
    return tuple(
        LineWalk(
            line.code,
            line.heading,
            tuple(_step(step, found.get((line.id, step), ()), names, is_figure=step in set(Figure)) for step in CHAIN),
        )
        for line in award.lines
    )


def _step(label: str, entries: Iterable[Entry], names: Mapping[int, RowName], *, is_figure: bool) -> Step:
    rows = tuple(_row(names[each.row_id], each.pence) for each in entries)
    return Step(str(label), sum(row.pence for row in rows), rows, is_figure)


def _row(name: RowName, pence: int) -> WalkRow:
    return WalkRow(name.reference, name.incurred_on, name.supplier, name.description, pence)


def _walk(facts: Making) -> list[Step]:
    """Take the statement's walk from the finance extract to what is eligible."""
    return [
        Step(
            step.label,
            step.pence,
            step.rows,
            step.is_sum or at == 0,
        )
        for at, step in enumerate(facts.walk())
    ]


MORE = "Plus claimed of rows beyond what became eligible in the period (corrects earlier claims)"
LESS = "Less eligible in the period, and not in the claim or claimed before it"
ACCRUED = "Plus accrued in the claim, its invoice still to come"
REVERSED = "Less accruals of the claim before, reversed"


def _to_claim(facts: Making, claim: ClaimOfPeriod | None) -> list[Step]:
    """Step from what is eligible in the period, as known now, to what the signed claim of it asks for."""
    if claim is None:
        return []
    eligible = {
        (row_id, line_id): figures.eligible
        for row_id, by_line in facts.figures.items()
        for line_id, figures in by_line.items()
    }
    claimed = {(row.row_id, row.line_id): row for row in claim.rows if row.row_id is not None}
    names = {key: row.name for key, row in claimed.items()}
    names |= {key: facts.spending.names[key[0]] for key in eligible}
    differ = [
        (names[key], (claimed[key].pence if key in claimed else 0) - eligible.get(key, 0))
        for key in sorted(names, key=lambda key: (names[key].incurred_on, key))
    ]
    estimates = [(row.name, row.pence) for row in claim.rows if row.estimate_id is not None]
    steps = [
        _differing(MORE, [each for each in differ if each[1] > 0]),
        _differing(LESS, [each for each in differ if each[1] < 0]),
        _differing(ACCRUED, [each for each in estimates if each[1] > 0]),
        _differing(REVERSED, [each for each in estimates if each[1] < 0]),
    ]
    asked = Step(f"Claimed in {claim.reference}", sum(row.pence for row in claim.rows), (), True)
    return [*(step for step in steps if step.rows), asked]


def _differing(label: str, rows: Iterable[tuple[RowName, int]]) -> Step:
    found = tuple(_row(name, pence) for name, pence in rows)
    return Step(label, sum(row.pence for row in found), found)
