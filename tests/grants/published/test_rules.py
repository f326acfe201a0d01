"""A reader of every release solves the equations and learns no small count."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from core.suppression import HIDDEN
from grants.published.report.proposing import advised
from grants.published.rules import Atoms, Handed, Plan, Selection, Times, buckets, lighter, strictest
from tests.core.suppression.attacker import narrowed, subtracted
from tests.grants.published.readers import PLACES, Publisher, gathered, many_issues

HALF = Plan(date(2026, 1, 1), date(2026, 6, 30), Times.MONTHS, by_language=True, by_recipe=True, price_pounds=78)


def moment(month: int, day: int = 28) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=UTC)


PLANS = (
    (replace(HALF, last=date(2026, 3, 31)), moment(4, 2)),
    (replace(HALF, last=date(2026, 3, 31), times=Times.WHOLE), moment(4, 20)),
    (replace(HALF, first=date(2026, 4, 1), by_recipe=False), moment(7, 2)),
    (replace(HALF, times=Times.QUARTERS), moment(7, 30)),
    (HALF, moment(9, 30)),
)
"""Two quarters, one of them twice, then both together, late slips and undone issues in between."""


@pytest.mark.parametrize("seed", range(5))
def test_all_releases_together_give_no_small_count_away(seed: int) -> None:
    """The reader's own equations, from the published tables: elimination over fractions, and bounds narrowed.

    One reader contributed nothing; each other is a place that knows each of its own issues.
    """
    made = Publisher(many_issues(seed, months=6, most=9))
    published = [made.publish(plan, at) for plan, at in PLANS]
    assert sum(published) >= 3
    shown = made.lines()
    for reader in (None, *PLACES):
        own = {number for number, issue in enumerate(made.issues) if issue.place == reader}
        lines, counts = gathered([*shown, *((frozenset([number]), 1, 1) for number in own)])
        known = {unknown for members, _, _ in lines[len(shown) :] for unknown in members}
        targets = {members for members, _, _ in lines if 0 < sum(counts[each] for each in members) < 5}
        targets |= {frozenset([unknown]) for unknown, count in counts.items() if count < 5}
        targets = {target for target in targets if reader is None or not target <= known}
        assert len(targets) > 10
        assert subtracted(lines, targets) == set()
        bounds = narrowed(lines, list(counts))
        assert bounds is not None
        fixed = {unknown for unknown, (low, high) in bounds.items() if low == high}
        assert not [target for target in targets if target <= fixed]


def test_the_reader_would_learn_it_from_releases_that_hide_small_counts_alone() -> None:
    """The attack bites: the same tables with only the small cells hidden give counts away."""
    given_away = 0
    for seed in range(4):
        made = Publisher(many_issues(seed, months=3, most=9))
        assert made.publish(*PLANS[0])
        naive = [
            (members, 1, None) if 0 < len(members) < 5 else (members, len(members), len(members))
            for members, _, _ in made.lines()
        ]
        lines, counts = gathered(naive)
        targets = {members for members, _, _ in lines if 0 < sum(counts[each] for each in members) < 5}
        given_away += len(subtracted(lines, targets))
    assert given_away > 0


def test_money_is_hidden_where_its_count_is_and_is_a_count_times_one_price() -> None:
    made = Publisher(many_issues(1, months=3, most=9))
    assert made.publish(*PLANS[0])
    cost = made.shown[0][2][-1]
    rows = [*cost.rows, cost.total or ()]
    assert {HIDDEN} < {row[1] for row in rows}
    for _, count, pence in rows:
        assert (pence == HIDDEN) if count == HIDDEN else (pence == int(str(count)) * 78_00)


def test_a_published_table_holds_no_hidden_figure_anywhere() -> None:
    made = Publisher(many_issues(2, months=6, most=9))
    assert made.publish(HALF, moment(7))
    tables, figures = made.shown[0][2], made.past[0].figures
    assert sum(figure.hidden for figure in figures) == sum(
        row.count(HIDDEN) for table in tables[:-1] for row in (*table.rows, table.total or ())
    ) + sum(1 for row in (*tables[-1].rows, tables[-1].total or ()) if row[1] == HIDDEN)
    for figure in figures:
        name, row, at = figure.label.rsplit("/", 2)
        table = next(each for each in tables if each.name == name)
        cell = [*table.rows, table.total or ()][int(row)][int(at)]
        assert cell == (HIDDEN if figure.hidden else figure.count)


def test_nought_and_the_whole_stand_where_they_can() -> None:
    made = Publisher(many_issues(5, months=6, most=9))
    assert made.publish(replace(HALF, times=Times.QUARTERS), moment(7))
    figures = made.past[0].figures
    assert not [figure for figure in figures if figure.hidden and figure.count == 0]
    whole = [figure for figure in figures if figure.selection == Selection(HALF.months)]
    assert whole
    assert not [figure for figure in whole if figure.hidden]


def test_what_a_release_counted_is_kept_apart_from_what_the_records_say_later() -> None:
    """
    issue        recorded   undone    counted by PUB-1 (1 Apr)   now (1 Jul)
    Salisbury    Jan        May       yes                        no
    Salisbury    Jan        –         yes                        yes
    Salisbury    May (late) –         no                         yes
    """
    january = datetime(2026, 1, 5, 12, tzinfo=UTC)
    issues = [
        Handed("Salisbury", january, "ro", "ADULT", january, moment(5)),
        Handed("Salisbury", january, "ro", "ADULT", january, None),
        Handed("Salisbury", january, "ro", "ADULT", moment(5), None),
    ]
    made = Publisher(issues)
    plan = Plan(date(2026, 1, 1), date(2026, 3, 31), Times.WHOLE, by_language=False, by_recipe=False)
    assert made.publish(plan, moment(4, 1))
    atoms = Atoms(issues, made.past, at=moment(7, 1))
    assert {cell[4]: count for cell, count in atoms.counts.items()} == {
        ("PUB-00001",): 1,
        ("PUB-00001", "now"): 1,
        ("now",): 1,
    }
    assert atoms.count(atoms.of(Selection(plan.months), "PUB-00001")) == 2
    assert atoms.count(atoms.of(Selection(plan.months))) == 2


def test_records_that_contradict_an_earlier_release_stop_the_next() -> None:
    made = Publisher(many_issues(4, months=3, most=9))
    assert made.publish(*PLANS[0])
    made.issues = made.issues[1:]
    with pytest.raises(ValueError, match=r"Release PUB-00001 counted .* Check the ledger before anything more"):
        made.making(*PLANS[1]).decision()


def test_a_release_that_cannot_be_proved_is_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search is bounded; with no room to search nothing is proved, and so nothing is published."""
    monkeypatch.setattr("core.suppression.witness.MOST_STATES", 0)
    made = Publisher(many_issues(0, months=3, most=9))
    assert not made.publish(*PLANS[0])
    assert advised(PLANS[0][0], made.known(), at=PLANS[0][1]) == ""


def test_what_could_be_left_out_comes_the_least_first() -> None:
    assert [words for words, _ in lighter(HALF)] == [
        "Leave out the table by kit recipe",
        "Leave out the table by booklet language",
        "Publish quarters in place of months, and leave out the other tables",
        "Publish the whole period in place of months, and leave out the other tables",
    ]
    bare = replace(HALF, times=Times.WHOLE, by_language=False, by_recipe=False)
    assert lighter(bare) == []


def test_time_is_cut_as_asked() -> None:
    assert [heading for heading, _ in buckets(HALF)][:2] == ["Jan 2026", "Feb 2026"]
    quarters = buckets(replace(HALF, times=Times.QUARTERS))
    assert [months for _, months in quarters] == [("2026-01", "2026-02", "2026-03"), ("2026-04", "2026-05", "2026-06")]
    assert buckets(replace(HALF, times=Times.WHOLE)) == ()
    assert buckets(replace(HALF, times=Times.QUARTERS, last=date(2026, 3, 31))) == ()


def test_the_highest_threshold_counts() -> None:
    assert strictest([]) == 5
    assert strictest([5, 10, 3]) == 10
    made = Publisher(many_issues(6, months=6, most=9), thresholds=(10,))
    assert made.publish(*PLANS[0])
    assert not [each for each in made.past[0].figures if 0 < each.count < 10 and not each.hidden]
    made.thresholds = (5,)
    assert made.making(*PLANS[1]).threshold == 10
