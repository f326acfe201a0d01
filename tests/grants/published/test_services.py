"""Publishing, on both databases: what was seen, once, decided over everything before, and never taken back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from core.db import db, transaction, writing_connection
from core.errors import RuleBroken, StaleEdit
from core.figures.answers import data_cut_off
from core.figures.storing import frozen_of
from core.suppression import HIDDEN
from core.trail import AuditLeaf
from grants.published import queries, services
from grants.published.models import UsageRelease
from grants.published.report import ReleasedUsage, propose
from grants.published.rules import Plan, Times
from inventory.bags.services import hand_back
from tests.factories import AT, World, submission
from tests.inventory.shelves import LATER, issue, who
from tests.inventory.usage.story import undo

QUARTER = Plan(date(2026, 4, 1), date(2026, 6, 30), Times.MONTHS, by_language=True, by_recipe=True, price_pounds=78)


def publish(world: World, plan: Plan = QUARTER, *, seen: str | None = None, key: str | None = None) -> str:
    """Publish a plan as it would be seen now."""
    at = data_cut_off()
    seen = seen or propose(plan, at=at).digest
    with transaction():
        return services.publish_usage(
            plan, seen, known_at=at, by=world.actor("grants"), at=AT, submission_id=key or submission()
        )


def released(reference: str) -> ReleasedUsage:
    return frozen_of(ReleasedUsage, queries.release_by_reference(reference).frozen_json)


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(UsageRelease)) or 0


def test_two_issues_are_published_as_hidden_and_noughts_as_noughts(month: World) -> None:
    """
    place          Apr  May  Jun  in all
    Harbour House  0    [1]  0    [1]
    Salisbury      0    [1]  0    [1]
    others         0    0    0    0
    """
    release = released(publish(month))
    table = release.tables[0]
    assert {row[1:] for row in table.rows} == {(0, HIDDEN, 0, HIDDEN), (0, 0, 0, 0)}
    assert [row[0] for row in table.rows if HIDDEN in row] == ["Harbour House", "Salisbury"]
    assert table.total == ("Total", 0, HIDDEN, 0, HIDDEN)
    assert release.issued_count is None
    assert release.sentence.startswith("How many Go Bags were issued in this period is a small count")
    assert [row[2] for row in release.tables[-1].rows if row[1] == HIDDEN] == [HIDDEN, HIDDEN]


def test_what_was_handed_back_was_issued_and_no_later_release_tells_that_it_came_back(month: World) -> None:
    first = publish(month)
    before = {(each.label, each.count) for each in queries.past()[0].figures}
    sergeant, back_at = month.actor("sergeant"), LATER + timedelta(hours=2)
    with transaction():
        hand_back("GB-00001", reason="Not needed", scope=sergeant.scope, **who(sergeant, back_at))
    again = released(publish(month))
    assert {(each.label, each.count) for each in queries.past()[1].figures} == before
    assert again.tables == released(first).tables
    assert "even if it was handed back later" in again.notes[0]


def test_a_release_is_kept_with_its_true_counts_apart_and_a_leaf(month: World) -> None:
    reference = publish(month)
    (past,) = queries.past()
    assert (past.reference, past.threshold) == (reference, 5)
    assert {figure.count for figure in past.figures if figure.hidden} == {1, 2}
    kept = queries.release_by_reference(reference)
    assert kept.hidden_count == released(reference).hidden_count
    cells = {
        cell for table in released(reference).tables for row in (*table.rows, table.total or ()) for cell in row[1:]
    }
    assert cells == {0, HIDDEN}
    leaf = json.loads(db.session.scalars(select(AuditLeaf.text).where(AuditLeaf.act == "usage.publish")).one())
    assert (leaf["subject"], leaf["role"]) == (reference, "grant officer")
    assert leaf["facts"]["hidden"] == kept.hidden_count


def test_an_issue_taken_back_changes_the_next_release_and_not_the_last(month: World) -> None:
    first = publish(month)
    undo(month, _slip_of("SALISBURY"), LATER)
    issue(month, "GB-00002")
    second = publish(month)
    assert released(first).tables == released(first).tables
    assert [each.reference for each in queries.past()] == [first, second]
    counts = [{figure.label: figure.count for figure in past.figures} for past in queries.past()]
    assert counts[0]["Issued by place/1/2"] == counts[1]["Issued by place/1/2"]
    assert all(figure.hidden for past in queries.past() for figure in past.figures if 0 < figure.count < 5)


def _slip_of(place: str) -> str:
    asked = text(
        "SELECT issue.slip FROM issue JOIN place ON place.id = issue.place_id JOIN posting ON posting.id ="
        " issue.posting_id WHERE place.code = :code AND NOT EXISTS"
        " (SELECT 1 FROM posting undone WHERE undone.corrects_id = posting.id)"
    )
    return str(db.session.execute(asked, {"code": place}).scalar_one())


def test_a_form_sent_twice_publishes_once(month: World) -> None:
    key = submission()
    assert publish(month, key=key) == publish(month, key=key)
    assert count() == 1


def test_what_was_not_seen_is_not_published(month: World) -> None:
    seen = propose(replace(QUARTER, by_recipe=False), at=data_cut_off()).digest
    with pytest.raises(StaleEdit, match=r"The figures changed while you were reading\."):
        publish(month, seen=seen)
    assert count() == 0


def test_what_cannot_be_proved_is_refused_in_words_and_nothing_is_published(
    month: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.suppression.witness.MOST_STATES", 0)
    with pytest.raises(RuleBroken, match=r"It cannot be proved that \d small counts cannot be worked out"):
        publish(month, seen="anything")
    assert count() == 0


def test_records_that_contradict_a_release_stop_the_next(month: World) -> None:
    publish(month)
    db.session.rollback()
    with writing_connection(db.engine) as connection:
        connection.execute(text("UPDATE place SET name = 'Elsewhere' WHERE code = 'SALISBURY'"))
    db.session.expire_all()
    with pytest.raises(RuleBroken, match=r"Release PUB-00001 counted 1 where the records of then now say 0\."):
        publish(month, seen="anything")
    assert count() == 1


def test_a_release_cannot_be_edited_or_taken_back(month: World) -> None:
    publish(month)
    db.session.rollback()
    for statement in ("UPDATE usage_release SET threshold = 1", "DELETE FROM usage_release"):
        with pytest.raises(DBAPIError), writing_connection(db.engine) as connection:
            connection.execute(text(statement))
    assert count() == 1
