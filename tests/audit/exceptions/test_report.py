"""Exceptions of books that the services wrote, on both databases."""

from __future__ import annotations

from datetime import date

from sqlalchemy import text

from audit.exceptions.report import exceptions_of
from audit.exceptions.rules import ExceptionKind
from core.db import db
from core.periods import named
from tests.factories import World
from tests.grants.factories import add_invoice, courier

YEAR = named(date(2026, 1, 1), date(2026, 12, 31))


def found() -> dict[ExceptionKind, list[str]]:
    made = {sort.kind: [each.record for each in sort.found] for sort in exceptions_of(YEAR).sorts if sort.found}
    db.session.rollback()
    return made


def test_books_without_a_fault_show_what_is_in_them_and_a_fault_is_added(quarters: World) -> None:
    before = found()
    reversals = db.session.scalar(text("SELECT count(*) FROM apportionment WHERE reverses_id IS NOT NULL"))
    assert len(before.get(ExceptionKind.REVERSED, [])) == reversals
    first = add_invoice(quarters, courier(412_50), number="SI-7001", on=date(2026, 4, 20)).reference
    again = add_invoice(quarters, courier(412_50), number="SI-7001A", on=date(2026, 4, 24)).reference
    after = found()
    assert set(after[ExceptionKind.UNDER_THRESHOLD]) - set(before.get(ExceptionKind.UNDER_THRESHOLD, [])) == {
        first,
        again,
    }
    assert set(after[ExceptionKind.DUPLICATE]) - set(before.get(ExceptionKind.DUPLICATE, [])) == {again}


def test_requests_and_issues_are_looked_at_too(month: World) -> None:
    made = exceptions_of(YEAR)
    assert {sort.kind for sort in made.sorts} == set(ExceptionKind)
    late = text(
        "SELECT count(*) FROM issue JOIN posting ON posting.id = issue.posting_id "
        "WHERE posting.recorded_at > posting.happened_at"
    )
    listed = next(sort.found for sort in made.sorts if sort.kind is ExceptionKind.LATE_ISSUE)
    assert len(listed) <= (db.session.scalar(late) or 0)
    assert all(each.words for sort in made.sorts for each in sort.found)
