"""Making the working paper of a sample, and drawing it again while doing so."""

from __future__ import annotations

from datetime import datetime

from audit.samples.models import AuditSample, SampleRow
from audit.samples.report.paper import PaperRow, Terms, WorkingPaper
from audit.samples.rules import Listed, PopulationKind, digest_of_population, draw, read_population
from core.dates import day_text, period_text
from core.errors import RuleBroken
from core.figures import Checkpoint
from core.trail.queries import Head, head


def freeze_paper(sample: AuditSample, *, at: datetime, log: Head | None = None) -> WorkingPaper:
    """Make the working paper of a sample as known at a moment.

    Args:
        sample: with its population.
        log: how far the log of changes went, when whoever asks has read it already.
    """
    log = log or head()
    population = tuple(read_population(sample.population_text))
    terms = Terms(
        sample.reference, sample.kind, subject_words(sample.kind, sample.subject), _period(sample), sample.method,
        sample.asked_count, sample.confidence, sample.seed, sample.population_count, sample.population_pence,
        sample.population_digest, sample.left_out_count, sample.left_out_pence, sample.known_at, sample.account.name,
        sample.recorded_at, _drawn_again(sample),
    )  # fmt: skip
    rows = tuple(_row(row) for row in sample.rows)
    return WorkingPaper(terms, rows, population, Checkpoint(log.sequence, log.chain_hash, at))


def _drawn_again(sample: AuditSample) -> bool:
    """Say whether the frozen population is whole, and its seed draws the rows that are kept."""
    if digest_of_population(sample.population_text) != sample.population_digest:
        return False
    rows = [Listed(reference, "", "", pence) for reference, pence in read_population(sample.population_text)]
    try:
        drawn = draw(rows, sample.method, sample.seed, sample.asked_count)
    except RuleBroken:
        return False
    kept = [(row.row_reference, row.pence, row.hits, row.mark) for row in sample.rows]
    return [(each.row.reference, each.row.pence, each.hits, each.mark) for each in drawn] == kept


def subject_words(kind: PopulationKind, subject: str) -> str:
    """Name a population."""
    match kind:
        case PopulationKind.SPENDING:
            return f"Spending apportioned to award {subject}"
        case PopulationKind.CLAIMED:
            return f"Rows of claim {subject}"
        case PopulationKind.ISSUES:
            return "Go Bags issued"


def _period(sample: AuditSample) -> str:
    if sample.first_on and sample.last_on:
        return period_text(sample.first_on, sample.last_on)
    if sample.first_on:
        return f"from {day_text(sample.first_on)}"
    if sample.last_on:
        return f"to {day_text(sample.last_on)}"
    return "The claim’s own period" if sample.kind is PopulationKind.CLAIMED else "All days"


def _row(row: SampleRow) -> PaperRow:
    found = row.result
    made = PaperRow(row.position, row.row_reference, row.record, row.about, row.pence, row.hits, row.mark)
    if found is None:
        return made
    return PaperRow(
        row.position, row.row_reference, row.record, row.about, row.pence, row.hits, row.mark, found.outcome,
        found.right_pence, str(found.note) if found.note else "", found.account.name, found.recorded_at,
        len(row.results) - 1,
    )  # fmt: skip
