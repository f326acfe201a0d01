"""Handed back, unmet need and what a report is narrowed to, from acts recorded through the services."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from core.access import Actor, Scope
from core.db import transaction
from core.errors import RuleBroken
from inventory.bags import services as bags
from inventory.bags.rules import Counted
from inventory.unmet import services as unmet
from inventory.unmet.rules import UnmetReason
from inventory.usage.report import freeze_usage
from inventory.usage.rules import Asked
from tests.conftest import kept
from tests.factories import PASSWORD, World
from tests.inventory.shelves import TODAY, who
from tests.inventory.usage.story import AFTER, JUNE, MAY, tell
from tests.inventory.usage.test_report import row, total
from tests.site import Page, Site

EVERYWHERE = Scope.everywhere()
BACK = datetime(2026, 6, 2, 9, 0, tzinfo=UTC)


def _come_back(world: World) -> None:
    """Tell more after the month (tests/inventory/usage/story.py).

    | day    | what                                                                                         |
    |--------|----------------------------------------------------------------------------------------------|
    | 4 May  | Salisbury notes: a Go Bag asked for, none left; 2 Romanian booklets asked for in Polish      |
    | 4 May  | Harbour House notes: something in Pashto, not in the language                                |
    | 2 June | GB-00001 comes back to Salisbury, opened: towel and booklet to the shelf, a soap thrown away, |
    |        | a soap and the phone kept                                                                    |
    """
    tell(world)
    sergeant, partner = world.actor("sergeant"), world.actor("partner")
    notes: tuple[tuple[Actor, str, dict[str, Any]], ...] = (
        (sergeant, "SALISBURY", {"recipe_code": "ADULT-M", "reason": UnmetReason.NONE_LEFT}),
        (sergeant, "SALISBURY", {"item_code": "BK-RO", "language": "pl", "unit_count": 2}),
        (partner, "HARBOUR", {"language": "ps"}),
    )
    for actor, place, facts in notes:
        asked: dict[str, Any] = {"reason": UnmetReason.WRONG_LANGUAGE, "wanted_on": TODAY} | facts
        with transaction():
            unmet.record_unmet(place, scope=actor.scope, **asked, **who(actor, AFTER))
    counted = [Counted("L-00001", 1, 0), Counted("L-00002", 0, 1), Counted("L-00005", 1, 0)]
    with transaction():
        bags.hand_back("GB-00001", counted, reason="Not needed", scope=sergeant.scope, **who(sergeant, BACK))


returned = kept(_come_back)


def test_a_bag_that_was_handed_back_is_issued_and_not_one_given(returned: World) -> None:
    report = freeze_usage(MAY, scope=EVERYWHERE, at=BACK)
    assert row(report.by_route, "Salisbury") == {
        "Place": "Salisbury", "By officers": 1, "By partners": 0, "Issued": 1, "Handed back": 1, "Net": 0,
        "Undone": 1, "Recorded": 2,
    }  # fmt: skip
    assert (report.issued_count, report.net_count) == (2, 1)
    assert total(report.by_time)["Total"] == total(report.by_recipe)["Total"] == 1
    assert report.sentence.startswith("2 Go Bags were issued and 1 of them handed back, which leaves 1:")
    assert [each[1:] for each in report.returned.rows] == [("Salisbury", date(2026, 5, 4), BACK)]
    before = freeze_usage(MAY, scope=EVERYWHERE, at=AFTER)
    assert (before.issued_count, before.net_count, before.returned.rows) == (2, 2, ())
    june = freeze_usage(JUNE, scope=EVERYWHERE, at=BACK)
    assert (june.issued_count, june.net_count) == (0, 0)
    assert [each[1] for each in june.returned.rows] == ["Salisbury"]
    here = row(june.bags, "Salisbury")
    assert (here["At start"], here["Handed back"], here["Opened"], here["At end"]) == (1, 1, 1, 1)
    assert row(june.compared, "Net") == {
        "Figure": "Net", "This period": 0, "Period before": 1, "Change on it": -1, "Year before": 0,
        "Change on that": 0, "Trend": "No clear change",
    }  # fmt: skip


def test_items_are_counted_by_what_was_kept_and_what_was_asked_for_in_vain_by_place_thing_and_language(
    returned: World,
) -> None:
    """Both bags held a towel, 2 soaps, a phone and a booklet; of the one that came back a soap and the phone stayed."""
    contents = freeze_usage(MAY, scope=EVERYWHERE, at=BACK).contents
    found = {each[0]: each[1:4] for each in contents.rows}
    assert found["Towel"] == (2, 1, 1)
    assert found["Soap"] == (4, 1, 3)
    assert found["Basic phone"] == (2, 0, 2)
    assert row(contents, "Know your rights (Romanian)")["Asked for, not given"] == 2
    report = freeze_usage(MAY, scope=EVERYWHERE, at=AFTER)
    assert report.unmet_count == 4
    assert row(report.places, "Salisbury")["Asked for, not given"] == 3
    assert row(report.variants, "Adult M")["Asked for, not given"] == 1
    assert {each[0]: each[6] for each in report.languages.rows} == {
        "Pashto": 1, "Polish": 2, "Romanian": 0,
    }  # fmt: skip
    assert [each[0] for each in report.unmet_things.rows] == [
        "Anything, in Pashto", "Go Bag, Adult M", "Know your rights (Romanian), in Polish",
    ]  # fmt: skip
    assert freeze_usage(JUNE, scope=EVERYWHERE, at=BACK).unmet_count == 0
    assert freeze_usage(MAY, scope=EVERYWHERE, at=datetime(2026, 5, 4, 9, tzinfo=UTC)).unmet_count == 0


def test_a_report_is_narrowed_by_what_the_address_names(returned: World) -> None:
    at = BACK
    harbour = freeze_usage(MAY, scope=EVERYWHERE, at=at, asked=Asked(place="HARBOUR"))
    assert [each[0] for each in harbour.by_route.rows] == ["Harbour House"]
    assert (harbour.net_count, harbour.unmet_count) == (1, 1)
    assert harbour.reference.startswith("USE-20260501-20260531-")
    romanian = freeze_usage(MAY, scope=EVERYWHERE, at=at, asked=Asked(language="ro", place="SALISBURY"))
    assert (romanian.issued_count, romanian.net_count, romanian.bags.name, romanian.unmet_count) == (1, 0, "", 2)
    assert freeze_usage(MAY, scope=EVERYWHERE, at=at, asked=Asked(language="sq")).issued_count == 0
    soap = freeze_usage(MAY, scope=EVERYWHERE, at=at, asked=Asked(item="SOAP"))
    assert [each[0] for each in soap.contents.rows] == [each[0] for each in soap.items.rows] == ["Soap"]
    assert row(soap.loose, "Devizes store")["Delivered"] == 16
    salisbury = Scope.of([returned.places["SALISBURY"]])
    with pytest.raises(RuleBroken, match="Choose a place from the list"):
        freeze_usage(MAY, scope=salisbury, at=at, asked=Asked(place="HARBOUR"))


def test_the_page_and_its_files_are_narrowed_alike(app: Flask, returned: World) -> None:
    auditor = Site(app, PASSWORD).sign_in("auditor@test.example")
    page = auditor.get("/usage/?from=2026-05-01&to=2026-05-31&place=SALISBURY")
    assert page.table("This period against earlier ones")[1:4] == [
        ["Issued", "1", "0", "1", "0", "1", "No clear change"],
        ["Handed back", "1", "0", "1", "0", "1", "No clear change"],
        ["Net", "0", "0", "0", "0", "0", ""],
    ]
    (csv,) = {link for link in page.links if "/usage/csv" in link}
    assert "place=SALISBURY" in csv
    text = auditor.get(csv).response.get_data(as_text=True)
    assert "Issued by route,total,2,Total,Net,0,count" in text
    assert "Place,Salisbury" in text
    auditor.get("/usage/?place=NOWHERE", status=422)


def captions(page: Page) -> list[str]:
    return [each.get_text(strip=True) for each in page.html.select("caption")]


def test_a_page_shows_one_part_of_the_report_and_keeps_what_it_is_narrowed_to(app: Flask, returned: World) -> None:
    auditor = Site(app, PASSWORD).sign_in("auditor@test.example")
    days = "from=2026-05-01&to=2026-05-31"
    first = auditor.get(f"/usage/?{days}&item=SOAP")
    assert [tab.get_text(strip=True) for tab in first.html.select("nav.app-tabs a[aria-current]")] == ["In short"]
    assert captions(first) == ["This period against earlier ones"]
    (stock,) = {link for link in first.links if "part=stock" in link}
    assert "item=SOAP" in stock
    assert captions(auditor.get(stock))[-1].startswith("Items on hand")
    assert "Stock is not counted by variant or language" in auditor.get(f"/usage/?{days}&language=ro&part=stock").text
    assert captions(auditor.get(f"/usage/?{days}&part=nothing")) == ["This period against earlier ones"]
