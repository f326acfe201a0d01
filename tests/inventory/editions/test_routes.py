"""What is superseded is found inside sealed bags and swapped; languages held are set against those asked for."""

from __future__ import annotations

import pytest
from flask import Flask

from core import paging
from core.dates import local_day
from core.db import db, now, transaction
from inventory.catalogue import services as catalogue
from inventory.deliveries.rules import DeliveredLine
from inventory.editions import routes as editions
from inventory.unmet import services as unmet
from inventory.unmet.rules import UnmetReason
from tests.factories import PASSWORD, World, submission
from tests.inventory.recalls.conftest import send_loose, soap
from tests.inventory.shelves import receive
from tests.site import Site

__all__ = ["soap"]
OLD_BOOKLETS = 5
"""Id of lot L-00005, of the Romanian booklet's second edition."""

SERGEANT, PARTNER, STOREKEEPER = "sergeant@test.example", "partner@test.example", "storekeeper@test.example"


@pytest.fixture
def site(app: Flask, soap: World) -> Site:
    """The force of the recalls, with a third edition of the Romanian booklet come to the store."""
    today = local_day(now())
    with transaction():
        catalogue.publish_edition(
            "BK-RO", number=3, published_on=today, by=soap.actor("storekeeper"), at=now(), submission_id=submission()
        )
    receive(soap, DeliveredLine("BK-RO", 4, edition_number=3), received_on=today, at=now())
    return Site(app, PASSWORD)


def test_what_to_swap_goes_on_on_the_next_page_and_a_file_of_it_is_whole_or_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editions, "PAGE_SIZE", 1)
    page = site.sign_in(STOREKEEPER).get("/editions/")
    assert [row[0] for row in page.table("Superseded editions: 2 lines")[1:]] == ["Devizes store, in GB-00002"]
    (row,) = site.get("/editions/?page=2").table("Superseded editions: 2 lines")[1:]
    assert row[0] == "Devizes store, on the shelf"
    site.get("/editions/?page=3", status=404)
    file = site.client.get("/editions/?file=csv&page=2").get_data(as_text=True)
    assert "Devizes store, in GB-00002" in file
    assert "Devizes store, on the shelf" in file
    monkeypatch.setattr(paging, "MOST_WHOLE", 1)
    refused = site.client.get("/editions/?file=csv")
    assert (refused.status_code, "this one has more" in refused.get_data(as_text=True)) == (422, True)


def test_a_superseded_edition_in_a_sealed_bag_is_swapped(site: Site) -> None:
    page = site.sign_in(STOREKEEPER).get("/editions/")
    rows = page.table("Know your rights")[1:]
    assert [(row[0].partition(",")[0].strip(), row[3], row[4]) for row in rows] == [
        ("Albanian", "0", "The Albanian edition is one version behind the Romanian"),
        ("Romanian", "3", "Current"),
    ]
    swaps = page.table("Superseded editions")[1:]
    assert [(row[0], row[3], row[4].partition(":")[0].strip()) for row in swaps] == [
        ("Devizes store, in GB-00002", "1", "Open, swap and seal"),
        ("Devizes store, on the shelf", "2", "Take it off the shelf"),
    ]
    site.submit(site.get("/bags/GB-00002/top-up"), seal="N-2", status=200)
    site.submit(site.get("/expiring/STORE/L-00005/write-off"), status=200)
    assert "No superseded edition is at your places" in site.get("/editions/").text


def test_a_sergeant_finds_the_swap_on_the_home_page(site: Site) -> None:
    home = site.sign_in(SERGEANT).get("/station/SALISBURY")
    assert "Swap Know your rights (Romanian): a newer edition is in use GB-00001" in home.text
    page = site.get("/editions/?place=SALISBURY")
    (row,) = page.table("Superseded editions")[1:]
    assert row[4].startswith("Ask the store first")
    (link,) = [each for each in page.links if "thing=item" in each]
    assert site.get(link).status == 200
    site.get("/editions/?place=TROWBRIDGE", status=404)


def test_an_old_edition_taken_off_the_shelf_leads_to_what_else_to_swap_and_to_asking_for_the_new_one(
    site: Site, soap: World
) -> None:
    send_loose(soap, OLD_BOOKLETS, 1, "SALISBURY")
    db.session.remove()
    site.sign_in(SERGEANT)
    swaps = site.submit(site.get(f"/expiring/SALISBURY/L-{OLD_BOOKLETS:05}/write-off"), status=200)
    assert [row[0] for row in swaps.table("Superseded editions at Salisbury")[1:]] == ["Salisbury, in GB-00001"]
    assert "/requests/new?place=SALISBURY" in swaps.links
    assert "/requests/new?place=SALISBURY" not in site.get("/editions/").links


def test_cover_puts_gaps_first_and_keeps_to_ones_own_places(site: Site, soap: World) -> None:
    with transaction():
        unmet.record_unmet(
            "SALISBURY", language="ti", reason=UnmetReason.WRONG_LANGUAGE, wanted_on=local_day(now()),
            scope=soap.actor("sergeant").scope, by=soap.actor("sergeant"), at=now(), submission_id=submission(),
        )  # fmt: skip
    db.session.remove()
    page = site.sign_in(SERGEANT).get("/editions/cover")
    assert page.table("1 gap")[1:] == [
        ["Salisbury", "Tigrinya", "0", "0", "1", "Gap: asked for once, none held"],
        ["Salisbury", "Romanian", "1", "1", "0", "Lasts more than a year at this pace"],
    ]
    assert "none was asked for in these days" in site.sign_in(PARTNER).get("/editions/cover?days=30").text
    site.get("/editions/cover?days=31", status=422)
