"""Making a claim from recorded facts: what is known now, less what earlier claims asked for (docs/adr/0009)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from core.dates import local_day
from core.figures import Checkpoint
from core.periods import Period, named
from core.trail.queries import head
from grants.awards.models import Award
from grants.awards.rules import Basis
from grants.claims import queries
from grants.claims.models import Claim, ClaimEstimate, ClaimWaiver
from grants.claims.queries import Paper
from grants.claims.report.pack import (
    AwardTerms,
    ClaimPack,
    PackEstimate,
    PackPaper,
    PackRow,
    PackWaiver,
)
from grants.claims.report.walking import Walk
from grants.claims.rules.figures import Carried, ClaimFigures, LineClaim, by_line, estimate_words, of_estimate, of_row
from grants.reports import queries as facts
from grants.reports.report.extracts import extracts_of
from grants.reports.rules import LineFigures, RowFacts, figures_of

RowKey = tuple[int, int]
"""A spending row's id and a grant line's id."""


class Making:
    """One claim while it is being made: the facts read once, and what follows from them."""

    def __init__(self, claim: Claim, at: datetime) -> None:
        self.claim, self.at = claim, at
        self.award: Award = claim.award
        self.period = named(claim.first_on, claim.last_on)
        self.funded = Period(self.award.starts_on, self.award.ends_on)
        self.defrayed = self.award.basis is Basis.DEFRAYED
        self.codes = {line.id: line.code for line in self.award.lines}
        self.carried = queries.carried_over(claim)
        self.spending = facts.spending(self.award, self.period, at=at)
        self.now = self._figures_now()
        self.claimed = self._claimed()
        self.estimates = queries.estimates_of(claim.id)
        self.estimated = self._estimated()
        self.forecasts = queries.forecasts_of(claim.id)
        self.waivers = queries.waivers_of(claim.id)
        concerned = {row_id for row_id, _ in self.claimed} | set(self.spending.facts)
        self.evidence = queries.evidence_of(sorted(concerned))
        self.walk = Walk(self)
        self.touched = {row_id for (row_id, _), figures in self.claimed.items() if figures}
        self.papers = queries.papers_beside(
            [self.evidence[row_id] for row_id in self.touched],
            [self.spending.names[row_id].reference for row_id in self.touched],
            self.award.code,
        )

    def _figures_now(self) -> dict[RowKey, LineFigures]:
        """Say what each spending row means for the period, as known now."""
        found = {}
        for row_id, row in self.spending.facts.items():
            for line_id, figures in figures_of(row, self.period, self.funded, defrayed=self.defrayed).items():
                found[(row_id, line_id)] = figures
        return found

    def _claimed(self) -> dict[RowKey, ClaimFigures]:
        """Claim of each row what no earlier claim has."""
        keys = sorted({*self.now, *self.carried.rows})
        return {key: of_row(self.now.get(key, LineFigures()), self.carried.of_row(*key)) for key in keys}

    def _estimated(self) -> list[tuple[ClaimEstimate, ClaimFigures]]:
        """Accrue this claim's estimates and reverse those of the claim before."""
        reversed_ones = [
            (self.carried.estimated[key], of_estimate(0, carried)) for key, carried in self.carried.estimates.items()
        ]
        made = [(each, of_estimate(each.pence, Carried())) for each in self.estimates if each.pence]
        return [*reversed_ones, *made]

    def lines(self) -> tuple[LineClaim, ...]:
        """Add rows and estimates up by grant line."""
        rows = [(line_id, figures) for (_, line_id), figures in self.claimed.items()]
        rows += [(estimate.grant_line_id, figures) for estimate, figures in self.estimated]
        total = by_line(rows)
        moved = facts.budget_changes(self.award.id, until=max(local_day(self.at), self.period.last), at=self.at)
        return tuple(self._line(line.id, total, moved) for line in self.award.lines)

    def _line(self, line_id: int, total: dict[int, ClaimFigures], moved: dict[int, int]) -> LineClaim:
        line = next(each for each in self.award.lines if each.id == line_id)
        said = self.forecasts.get(line_id)
        return LineClaim(
            line_id,
            line.code,
            line.heading,
            line.budget_pence,
            moved.get(line_id, 0),
            total.get(line_id, ClaimFigures()),
            0 if self.claim.is_final else said.pence if said else None,
            str(said.note) if said and said.note else "",
        )

    def rows(self) -> tuple[PackRow, ...]:
        """List every row and estimate that the claim takes something of or gives something back of."""
        spent = [self._spent(key, figures) for key, figures in self.claimed.items() if figures]
        estimated = [self._estimate_row(estimate, figures) for estimate, figures in self.estimated]
        return (*sorted(spent, key=lambda row: (row.line, row.dated_on or date.min, row.row_id or 0)), *estimated)

    def _spent(self, key: RowKey, figures: ClaimFigures) -> PackRow:
        row_id, line_id = key
        row, name, evidence = self.spending.facts[row_id], self.spending.names[row_id], self.evidence[row_id]
        behind = (evidence.order, *evidence.deliveries, evidence.invoice)
        return PackRow(
            name.reference,
            self.codes[line_id],
            name.supplier,
            name.invoice_number,
            name.incurred_on,
            self._received(row),
            name.description,
            name.net_pence,
            name.vat_pence,
            figures,
            ", ".join(reference for reference in behind if reference),
            self.walk.ledger_lines(row),
            line_id,
            row_id=row_id,
        )

    def _received(self, row: RowFacts) -> date | None:
        days = [each.received_on for each in row.receipts if each.received_on <= self.period.last]
        return max(days, default=None)

    def _estimate_row(self, estimate: ClaimEstimate, figures: ClaimFigures) -> PackRow:
        delivery = estimate.delivery_line.delivery.reference if estimate.delivery_line else ""
        return PackRow(
            f"Accrual {estimate.id}",
            estimate.grant_line.code,
            estimate.supplier_name,
            "",
            None,
            estimate.received_on,
            estimate_words(estimate.description, figures.closing)[:160],
            estimate.pence,
            0,
            figures,
            delivery,
            "",
            estimate.grant_line_id,
            estimate_id=estimate.id,
        )

    def pack(self) -> ClaimPack:
        """Freeze the claim; the audit adds the waivers that count."""
        log = head()
        return ClaimPack(
            self.claim.reference,
            self.claim.number,
            self.claim.is_final,
            self.claim.due_on,
            self._terms(),
            self.period,
            Checkpoint(log.sequence, log.chain_hash, self.at),
            self.lines(),
            self.walk.steps(),
            self.rows(),
            tuple(_estimate(each) for each in self.estimates),
            (),
            extracts_of(self.walk.extract.values()),
            tuple(_paper(each) for each in self.papers),
        )

    def _terms(self) -> AwardTerms:
        award = self.award
        return AwardTerms(
            award.code,
            award.title,
            award.funder,
            award.agreement_reference,
            award.project_code,
            award.body.name,
            award.starts_on,
            award.ends_on,
            award.amount_pence,
            self.defrayed,
            award.certifier_office,
            award.variance_limit_points,
        )

    def waived(self, keys: Collection[str]) -> tuple[PackWaiver, ...]:
        """List the waivers of findings that stand, in the order they were given."""
        kept = [waiver for key, waiver in self.waivers.items() if key in keys]
        return tuple(_waiver(waiver) for waiver in sorted(kept, key=lambda each: each.id))


def _estimate(estimate: ClaimEstimate) -> PackEstimate:
    return PackEstimate(
        estimate.description,
        estimate.supplier_name,
        estimate.grant_line.code,
        estimate.received_on,
        estimate.proposed_pence,
        estimate.pence,
        str(estimate.note) if estimate.note else "",
    )


def _paper(paper: Paper) -> PackPaper:
    return PackPaper(paper.reference, paper.record, paper.proof, paper.file_name, paper.sha256)


def _waiver(waiver: ClaimWaiver) -> PackWaiver:
    return PackWaiver(waiver.words, waiver.pence, waiver.account.name, local_day(waiver.recorded_at), str(waiver.note))
