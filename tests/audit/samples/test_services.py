"""Samples of two quarters of spending and a month of Go Bags, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from audit.samples import queries, services
from audit.samples.models import AuditSample, SampleResult
from audit.samples.pdf import file_of
from audit.samples.report import WorkingPaper, freeze_paper
from audit.samples.rules import Asked, Method, Outcome, PopulationKind
from core.db import db, transaction
from core.digests import ledger_digest
from core.errors import NotFound, RuleBroken
from core.figures import FileKind
from core.figures.storing import frozen_of, text_of
from core.trail.models import AuditLeaf
from tests.audit.tampering import tamper
from tests.factories import World, submission
from tests.grants.reports.story import LATE

SPENDING = Asked(PopulationKind.SPENDING, "GB2026", None, None, Method.RANDOM, 2, 95, "DICE-4261")
BAGS = Asked(PopulationKind.ISSUES, "", None, None, Method.RANDOM, 2, 95, "DICE-4261")


def drawn(world: World, asked: Asked = SPENDING, key: str | None = None) -> str:
    """Draw a sample as the auditor; give its reference."""
    with transaction():
        made = services.draw_sample(asked, by=world.actor("auditor"), at=LATE, submission_id=key or submission())
        return made.reference


def found(
    world: World, reference: str, position: int, outcome: Outcome, right: int | None = None, note: str | None = None
) -> None:
    """Write a result down as the auditor."""
    with transaction():
        services.write_result(
            reference, position, outcome, right, note, by=world.actor("auditor"), at=LATE, submission_id=submission()
        )


def paper(reference: str) -> WorkingPaper:
    db.session.expire_all()
    return freeze_paper(queries.sample_by_reference(reference, whole=True), at=LATE)


def held() -> tuple[int, int, int]:
    """Count samples, results and leaves."""
    counted = [
        db.session.scalar(select(func.count()).select_from(each)) for each in (AuditSample, SampleResult, AuditLeaf)
    ]
    db.session.rollback()
    return counted[0] or 0, counted[1] or 0, counted[2] or 0


def test_a_sample_freezes_its_population_and_is_drawn_again(quarters: World) -> None:
    asked = text(
        "SELECT spending_row.reference, sum(pence) FROM apportionment JOIN spending_row ON spending_row.id = row_id "
        "GROUP BY spending_row.reference HAVING sum(pence) <> 0"
    )
    apportioned: dict[str, int] = {reference: int(pence) for reference, pence in db.session.execute(asked)}
    made = paper(drawn(quarters))
    assert dict(made.population) == apportioned
    assert (made.terms.population_count, made.terms.population_pence) == (len(apportioned), sum(apportioned.values()))
    assert made.terms.drawn_again
    assert made.sentence.startswith("0 of 2 rows are checked.")
    by_value = paper(drawn(quarters, replace(SPENDING, method=Method.BY_VALUE)))
    assert by_value.terms.drawn_again
    assert by_value.terms.left_out_pence == sum(pence for pence in apportioned.values() if pence < 0)
    later = paper(drawn(quarters, replace(SPENDING, first=date(2026, 7, 1), last=date(2026, 9, 30))))
    assert 0 < later.terms.population_count < made.terms.population_count
    assert later.terms.period == "1 July to 30 September 2026"


def test_the_same_form_twice_draws_one_sample_and_a_seed_is_made_where_none_is_given(quarters: World) -> None:
    key = submission()
    unseeded = replace(SPENDING, seed="")
    first = drawn(quarters, unseeded, key)
    assert drawn(quarters, unseeded, key) == first
    assert len(paper(first).terms.seed) == len("7K4M-Q2XD-9PBC")
    assert paper(drawn(quarters, unseeded)).terms.seed != paper(first).terms.seed


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (replace(SPENDING, count=400), "at most"),
        (replace(SPENDING, first=date(2026, 9, 1), last=date(2026, 8, 1)), "The last day is before the first"),
        (replace(SPENDING, first=date(2030, 1, 1)), "nothing to draw from"),
        (Asked(PopulationKind.CLAIMED, "CLM-1", date(2026, 7, 1), None, Method.RANDOM, 2, 95), "its own period"),
        (Asked(PopulationKind.ISSUES, "", None, None, Method.BY_VALUE, 2, 95), "to draw"),
    ],
)
def test_what_cannot_be_drawn_changes_nothing(quarters: World, asked: Asked, words: str) -> None:
    before = held()
    with pytest.raises(RuleBroken, match=words):
        drawn(quarters, asked)
    with pytest.raises(NotFound):
        drawn(quarters, replace(SPENDING, subject="NONE"))
    with pytest.raises(NotFound):
        drawn(quarters, Asked(PopulationKind.CLAIMED, "CLM-99999", None, None, Method.RANDOM, 2, 95))
    assert held() == before


def test_results_are_added_and_the_newest_counts(quarters: World) -> None:
    reference = drawn(quarters)
    book = paper(reference).rows[0].pence or 0
    found(quarters, reference, 1, Outcome.ERROR, book - 10_00, "The invoice says £10.00 less")
    found(quarters, reference, 2, Outcome.AGREED)
    made = paper(reference)
    assert made.projection is not None
    assert (made.projection.wrong, made.projection.known) == (1, 10_00)
    found(quarters, reference, 1, Outcome.AGREED, None, "A credit note takes it back")
    corrected = paper(reference)
    assert corrected.projection is not None
    assert (corrected.projection.wrong, corrected.rows[0].corrected, corrected.rows[0].note) == (
        0, 1, "A credit note takes it back",
    )  # fmt: skip
    row = queries.row_at(reference, 1)
    assert [each.outcome for each in row.results] == [Outcome.ERROR, Outcome.AGREED]
    for sql in ("UPDATE sample_result SET outcome = 'agreed'", "DELETE FROM sample_row", "DELETE FROM audit_sample"):
        with pytest.raises(DatabaseError, match="append-only"):
            db.session.execute(text(sql))
        db.session.rollback()


@pytest.mark.parametrize(
    ("outcome", "right", "note", "words"),
    [
        (Outcome.ERROR, None, "Wrong", "Enter the amount that is right"),
        (Outcome.ERROR, -1, "Wrong", "never right as a credit"),
        (Outcome.ERROR, 1, None, "Say what is wrong"),
        (Outcome.NOT_CHECKED, None, None, "why it could not be checked"),
        (Outcome.AGREED, 1, None, "Leave it empty"),
        (Outcome.AGREED, None, "Ring Ana on 07700 900123", "phone number"),
    ],
)
def test_a_result_that_says_too_little_or_too_much_is_refused(
    quarters: World, outcome: Outcome, right: int | None, note: str | None, words: str
) -> None:
    reference = drawn(quarters)
    before = held()
    with pytest.raises(RuleBroken, match=words):
        found(quarters, reference, 1, outcome, right, note)
    with pytest.raises(RuleBroken, match="That is what the books say"):
        found(quarters, reference, 1, Outcome.ERROR, paper(reference).rows[0].pence, "Wrong")
    with pytest.raises(NotFound):
        found(quarters, reference, 3, Outcome.AGREED)
    assert held() == before


def test_go_bags_are_drawn_by_their_slips_without_those_undone(month: World) -> None:
    standing = set(
        db.session.scalars(
            text(
                "SELECT slip FROM issue WHERE posting_id NOT IN (SELECT corrects_id FROM posting WHERE corrects_id > 0)"
            )
        )
    )
    made = paper(drawn(month, BAGS))
    assert {reference for reference, _ in made.population} == standing
    assert made.terms.population_pence is None
    reference = made.reference
    found(month, reference, 1, Outcome.ERROR, None, "The slip is not in the book at the station")
    with pytest.raises(RuleBroken, match="Only a row with an amount"):
        found(month, reference, 2, Outcome.ERROR, 5, "No slip")
    found(month, reference, 2, Outcome.AGREED)
    assert paper(reference).sentence.startswith(f"2 of {len(standing)} rows were checked. 1 does not agree.")
    assert file_of(paper(reference), FileKind.CSV).decode().count("Population,row,") == len(standing)


def test_a_population_changed_behind_the_service_shows(quarters: World) -> None:
    reference = drawn(quarters)
    assert paper(reference).terms.drawn_again
    tamper("audit_sample", "UPDATE audit_sample SET population_text = population_text || 'X\t1\n'")
    made = paper(reference)
    assert not made.terms.drawn_again
    assert ("Drawn again for this paper", "OTHER ROWS: the sample or its population was changed") in made.drawing


def test_every_form_says_the_same_and_is_the_same_again(quarters: World) -> None:
    reference = drawn(quarters, replace(SPENDING, method=Method.BY_VALUE))
    for position in range(1, len(paper(reference).rows) + 1):
        found(quarters, reference, position, Outcome.NOT_CHECKED, None, "The paper is lost")
    made = paper(reference)
    assert made.projection is not None
    again = frozen_of(WorkingPaper, text_of(made))
    assert again == made
    assert {kind: file_of(again, kind) for kind in FileKind} == {kind: file_of(made, kind) for kind in FileKind}
    assert made.sentence in file_of(made, FileKind.CSV).decode()


def test_what_is_recorded_after_the_draw_is_not_in_it(quarters: World) -> None:
    before = queries.rows_of(SPENDING, at=LATE - timedelta(days=1))
    assert before == []


def test_an_auditor_changes_neither_stock_nor_money(quarters: World) -> None:
    before = ledger_digest(db.session.connection()).tables
    reference = drawn(quarters)
    found(quarters, reference, 1, Outcome.ERROR, 0, "No invoice is there")
    after = ledger_digest(db.session.connection()).tables
    assert {name for name in after if after[name] != before[name]} == {
        "audit_leaf", "audit_sample", "log_entry", "note", "reference_series", "sample_result", "sample_row",
        "submission",
    }  # fmt: skip
