"""Usage by station, from acts recorded through the services."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from core.access import Scope
from core.db import db
from core.figures import Figures
from core.periods import named
from inventory.bags.models import Bag
from inventory.stock import queries as stock
from inventory.usage.report import freeze_usage
from tests.factories import World
from tests.inventory.shelves import carry, issue
from tests.inventory.usage.story import AFTER, JUNE, MAY, undo

EVERYWHERE = Scope.everywhere()


def row(table: Figures, name: str) -> dict[str, object]:
    """Read a row by its name: heading → cell."""
    found = next(each for each in table.rows if each[0] == name)
    return {column.heading: cell for column, cell in zip(table.columns, found, strict=True)}


def total(table: Figures) -> dict[str, object]:
    """Read the total row: heading → cell."""
    assert table.total is not None
    return {column.heading: cell for column, cell in zip(table.columns, table.total, strict=True)}


def test_issues_are_counted_by_place_route_recipe_and_language(month: World) -> None:
    report = freeze_usage(MAY, scope=EVERYWHERE, at=AFTER)
    assert row(report.by_time, "Salisbury") == {"Place": "Salisbury", "May 2026": 1, "Total": 1}
    assert row(report.by_route, "Harbour House")["By partners"] == 1
    assert total(report.by_route) == {
        "Place": "Total", "By officers": 1, "By partners": 1, "Issued": 2, "Handed back": 0, "Net": 2, "Undone": 1,
        "Recorded": 3,
    }  # fmt: skip
    assert total(report.by_recipe) == {"Place": "Total", "Adult M": 2, "Total": 2}
    assert row(report.by_language, "Salisbury")["Romanian"] == 1
    assert report.issued_count == 2


def test_an_undone_issue_is_listed_apart_and_did_not_happen(month: World) -> None:
    report = freeze_usage(MAY, scope=EVERYWHERE, at=AFTER)
    (undone,) = report.undone.rows
    assert undone[1:] == ("Salisbury", date(2026, 5, 4), AFTER)
    assert report.recorded_count == 3


def test_an_issue_undone_in_a_later_month_leaves_the_month_it_was_recorded_for(month: World) -> None:
    """Issued late on 31 May, undone at 9 on 1 June: May loses it, June lists the correction, June counts none."""
    night = datetime(2026, 5, 31, 21, 0, tzinfo=UTC)
    morning = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
    slip = issue(month, "GB-00002", issued_at=night, at=night).slip
    assert freeze_usage(MAY, scope=EVERYWHERE, at=night).issued_count == 3
    undo(month, slip, morning)
    may, june = (freeze_usage(period, scope=EVERYWHERE, at=morning) for period in (MAY, JUNE))
    assert (may.issued_count, june.issued_count) == (2, 0)
    assert [each[0] for each in june.undone_late.rows] == [slip]
    assert row(may.bags, "Salisbury")["At end"] == row(june.bags, "Salisbury")["At start"] == 1


def test_days_begin_at_midnight_in_london(month: World) -> None:
    """Half past eleven at night on 31 May in UTC is half past midnight on 1 June in London."""
    night = datetime(2026, 5, 31, 23, 30, tzinfo=UTC)
    issue(month, "GB-00002", issued_at=night, at=night)
    counted = [freeze_usage(period, scope=EVERYWHERE, at=night).issued_count for period in (MAY, JUNE)]
    assert counted == [2, 1]


def test_the_account_of_go_bags_adds_up_from_start_to_end(month: World) -> None:
    report = freeze_usage(MAY, scope=EVERYWHERE, at=AFTER)
    assert row(report.bags, "Devizes store") == {
        "Place": "Devizes store", "At start": 0, "Packed": 4, "Received": 0, "Issued": 0, "Sent on": 3,
        "Written off or lost": 0, "At end": 1,
    }  # fmt: skip
    assert row(report.bags, "Salisbury")["Issued"] == row(report.by_route, "Salisbury")["Issued"] == 1
    assert total(report.bags)["At end"] == 2


def test_loose_items_at_the_end_are_what_the_balances_say(month: World) -> None:
    report = freeze_usage(MAY, scope=EVERYWHERE, at=AFTER)
    here = row(report.loose, "Devizes store")
    assert here["At end"] == sum(stock.on_hand(month.places["STORE"]).values())
    assert (here["Delivered"], here["Into Go Bags"]) == (38, 20)
    assert row(report.items, "Towel") == {"Item": "Towel", "Loose": 6, "In Go Bags": 2, "In transit": 0, "Total": 8}


def test_a_bag_on_the_way_counts_its_items_in_transit(month: World) -> None:
    bag = db.session.scalars(select(Bag).where(Bag.tag == "GB-00004")).one()
    carry(month, bag, "TROWBRIDGE", arrive=False)
    report = freeze_usage(MAY, scope=EVERYWHERE, at=AFTER)
    assert row(report.items, "Soap") == {"Item": "Soap", "Loose": 8, "In Go Bags": 2, "In transit": 2, "Total": 12}


def test_a_sergeant_counts_only_the_own_station(month: World) -> None:
    report = freeze_usage(MAY, scope=Scope.of([month.places["SALISBURY"]]), at=AFTER)
    assert [each[0] for each in report.by_time.rows] == ["Salisbury"]
    assert report.issued_count == 1
    assert [each[0] for each in report.items.rows] == [
        "Basic phone", "Know your rights (Romanian)", "Soap", "Towel",
    ]  # fmt: skip


def test_a_long_period_is_counted_by_quarter(month: World) -> None:
    report = freeze_usage(named(date(2025, 4, 1), date(2026, 6, 30)), scope=EVERYWHERE, at=AFTER)
    assert [column.heading for column in report.by_time.columns[1:-1]] == [
        "Q1 2025 to 2026", "Q2 2025 to 2026", "Q3 2025 to 2026", "Q4 2025 to 2026", "Q1 2026 to 2027",
    ]  # fmt: skip
    assert total(report.by_time)["Q1 2026 to 2027"] == 2


def test_what_was_recorded_later_is_not_in_an_earlier_report(month: World) -> None:
    report = freeze_usage(MAY, scope=EVERYWHERE, at=AFTER - timedelta(minutes=1))
    assert (report.issued_count, report.undone.rows) == (3, ())
