"""Drawing a sample, and writing down what was found of a row. Neither touches stock or money."""

from __future__ import annotations

from datetime import datetime

from audit.samples import queries
from audit.samples.models import AuditSample, SampleResult, SampleRow
from audit.samples.rules import (
    Asked,
    Drawn,
    Outcome,
    PopulationKind,
    digest_of_population,
    draw,
    population_of,
    text_of_population,
)
from core import trail
from core.access import Actor
from core.db import db
from core.errors import RuleBroken
from core.references import next_reference, opaque_reference


def draw_sample(asked: Asked, *, by: Actor, at: datetime, submission_id: str) -> AuditSample:
    """Freeze a population as known now and draw a sample from it.

    Raises:
        NotFound: there is no such award or signed claim.
        RuleBroken: the days are turned about or a claim's own, or there is too little or too much to draw from.
    """
    made = trail.earlier(submission_id, by=by, act="sample.draw", body=vars(asked))
    if made is not None:
        return queries.sample_by_reference(made)
    _demand_days(asked)
    rows, left_out = population_of(queries.rows_of(asked, at=at), asked.method)
    seed = asked.seed or opaque_reference()
    drawn = draw(rows, asked.method, seed, asked.count)
    text = text_of_population(rows)
    sample = AuditSample(
        reference=next_reference("SMP"), kind=asked.kind, subject=asked.subject, first_on=asked.first,
        last_on=asked.last, method=asked.method, asked_count=asked.count, confidence=asked.confidence, seed=seed,
        population_count=len(rows), population_text=text, population_digest=digest_of_population(text),
        population_pence=None if rows[0].pence is None else sum(row.pence or 0 for row in rows),
        left_out_count=len(left_out), left_out_pence=sum(row.pence or 0 for row in left_out), known_at=at,
        account_id=by.account_id, recorded_at=at,
    )  # fmt: skip
    db.session.add(sample)
    db.session.flush()
    db.session.add_all(_row(sample, position, each) for position, each in enumerate(drawn, start=1))
    trail.record(
        act="sample.draw", subject=sample.reference, by=by, at=at, submission_id=submission_id, kind=asked.kind,
        of=asked.subject, method=asked.method, seed=seed, drawn=len(drawn), population_count=len(rows),
        population_pence=sample.population_pence, population_digest=sample.population_digest,
    )  # fmt: skip
    return sample


def _demand_days(asked: Asked) -> None:
    if asked.kind is PopulationKind.CLAIMED and (asked.first or asked.last):
        raise RuleBroken("A claim has its own period. Leave both days empty", "first")
    if asked.first and asked.last and asked.last < asked.first:
        raise RuleBroken("The last day is before the first", "last")


def _row(sample: AuditSample, position: int, drawn: Drawn) -> SampleRow:
    row = drawn.row
    return SampleRow(
        sample_id=sample.id, position=position, row_reference=row.reference, record=row.record, about=row.about,
        pence=row.pence, hits=drawn.hits, mark=drawn.mark,
    )  # fmt: skip


def write_result(
    reference: str,
    position: int,
    outcome: Outcome,
    right_pence: int | None,
    note: str | None,
    *,
    by: Actor,
    at: datetime,
    submission_id: str,
) -> SampleResult:
    """Write down what was found of a drawn row; a further result takes the place of the one before it.

    Args:
        right_pence: what is right, where the row has an amount and it is wrong.
        note: what was looked at, in the auditor's own words; never about a person.

    Raises:
        NotFound: there is no such row.
        RuleBroken: an error without what is right or without a note, or an amount where there is none to put right.
    """
    body = [reference, position, outcome, right_pence, note]
    made = trail.earlier(submission_id, by=by, act="sample.result", body=body)
    row = queries.row_at(reference, position)
    if made is not None:
        return queries.result_by_id(int(made.rpartition("#")[2]))
    _demand_sound(row, outcome, right_pence)
    kept = trail.note(note, field="note")
    if outcome is not Outcome.AGREED and kept is None:
        raise RuleBroken("Say what is wrong, or why it could not be checked", "note")
    result = SampleResult(
        row_id=row.id, outcome=outcome, right_pence=right_pence, note_id=kept.id if kept else None,
        account_id=by.account_id, recorded_at=at,
    )  # fmt: skip
    db.session.add(result)
    db.session.flush()
    trail.record(
        act="sample.result", subject=f"{reference} #{result.id}", by=by, at=at, submission_id=submission_id,
        reason=kept, sample=reference, position=position, row=row.row_reference, outcome=outcome,
        right_pence=right_pence,
    )  # fmt: skip
    return result


def _demand_sound(row: SampleRow, outcome: Outcome, right_pence: int | None) -> None:
    """Refuse a right amount where there is none to give, and an error that leaves it open."""
    if right_pence is not None and (outcome is not Outcome.ERROR or row.pence is None):
        raise RuleBroken("Only a row with an amount that is wrong has a right amount. Leave it empty", "right")
    if outcome is not Outcome.ERROR or row.pence is None:
        return
    if right_pence is None:
        raise RuleBroken("Enter the amount that is right, like 12.50; 0 when nothing of it is", "right")
    if right_pence * row.pence < 0:
        raise RuleBroken(
            "A payment is never right as a credit, nor a credit as a payment. Enter 0 for nothing", "right"
        )
    if right_pence == row.pence:
        raise RuleBroken("That is what the books say. Choose agreed, or enter another amount", "right")
