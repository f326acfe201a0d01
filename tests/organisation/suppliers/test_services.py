"""Adding suppliers and donors, on both databases."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.db import db, transaction
from core.errors import RuleBroken, StaleEdit
from core.trail import AuditLeaf
from organisation.suppliers import queries, services
from organisation.suppliers.models import Supplier
from tests.factories import AT, PASSWORD, World, submission
from tests.site import Site


def add(world: World, code: str, name: str, *, donor: bool = False, key: str | None = None) -> str:
    with transaction():
        return services.add_supplier(
            code, name, donor=donor, by=world.actor("grants"), at=AT, submission_id=key or submission()
        ).code


def leaves() -> int:
    return db.session.scalar(select(func.count()).where(AuditLeaf.act == "supplier.add")) or 0


def test_a_donor_and_a_supplier_are_added_in_capitals_with_a_leaf_each(world: World) -> None:
    assert add(world, "boots", "Boots UK Ltd") == "BOOTS"
    assert add(world, "KIRK", "St Martin's Kirk", donor=True) == "KIRK"
    assert [(each.code, each.donor) for each in queries.all_suppliers()] == [("BOOTS", False), ("KIRK", True)]
    assert leaves() == 2


def test_the_same_form_sent_twice_adds_one_supplier(world: World) -> None:
    key = submission()
    assert add(world, "BOOTS", "Boots UK Ltd", key=key) == add(world, "BOOTS", "Boots UK Ltd", key=key)
    with pytest.raises(RuleBroken, match="This reference was used for something else"):
        add(world, "TESCO", "Tesco plc", key=key)
    assert [each.code for each in queries.all_suppliers()] == ["BOOTS"]


@pytest.mark.parametrize(
    ("code", "name", "field", "message"),
    [
        ("BOOTS", "Another", "code", r"Boots UK Ltd \(BOOTS\) already has this code"),
        ("OTHER", "boots uk  LTD", "name", r"Boots UK Ltd \(BOOTS\) already has this name"),
        ("", "Another", "code", "Enter the code"),
        ("A" * 21, "Another", "code", "Code must be 20 characters or fewer"),
        ("O/", "Another", "code", "Code must be letters"),
        ("OTHER", " ", "name", "Enter a name"),
        ("OTHER", "Jo 07700 900123", "name", "could identify a person: phone number"),
    ],
)
def test_a_supplier_that_does_not_fit_is_refused(world: World, code: str, name: str, field: str, message: str) -> None:
    add(world, "BOOTS", "Boots UK Ltd")
    with pytest.raises(RuleBroken, match=message) as refusal:
        add(world, code, name)
    assert refusal.value.field == field
    assert db.session.scalar(select(func.count()).select_from(Supplier)) == 1
    assert leaves() == 1


def test_suppliers_are_searched_literally_and_come_in_pages(world: World) -> None:
    with transaction():
        for number in range(55):
            services.add_supplier(f"S-{number:02}", f"100% Supplier {number:02}", by=None, at=AT)
        services.add_supplier("GIFT", "Kirk_Session", donor=True, by=None, at=AT)
    found, total = queries.suppliers(page=2)
    assert (len(found), total) == (6, 56)
    assert queries.suppliers(search="100%")[1] == 55
    assert queries.suppliers(search="_")[1] == 1
    assert queries.suppliers(search="%%")[1] == 0
    assert queries.suppliers(donors=True)[1] == 1


def test_a_grant_officer_adds_a_donor_on_the_page(app: Flask, world: World) -> None:
    site = Site(app, PASSWORD).sign_in("grants@test.example")
    assert "There are no suppliers or donors yet" in site.get("/suppliers/").text
    page = site.get("/suppliers/add")
    refused = site.submit(page, name="Kirk", code="KIRK", status=422)
    assert refused.errors == ["Choose whether they sell or give"]
    for link in refused.html.select(".govuk-error-summary__list a"):
        assert refused.html.find(id=str(link["href"])[1:]), link
    listed = site.submit(page, name="Kirk", code="kirk", kind="donor", status=200)
    assert listed.table("1 supplier or donor")[1] == ["Kirk", "KIRK", "Gives to us, at £0"]


def test_who_only_reads_money_sees_suppliers_and_adds_none(app: Flask, world: World) -> None:
    site = Site(app, PASSWORD).sign_in("auditor@test.example")
    assert "/suppliers/add" not in site.get("/suppliers/").links
    assert site.client.get("/suppliers/add").status_code == 403
    assert Site(app, PASSWORD).sign_in("sergeant@test.example").client.get("/suppliers/").status_code == 403


def test_of_two_people_who_take_a_code_at_the_same_moment_one_is_refused_in_words(app: Flask, world: World) -> None:
    def second() -> str:
        with app.app_context():
            return add(world, "BOOTS", "Boots of Devizes")

    with ThreadPoolExecutor(1) as other:
        with transaction():
            services.add_supplier("BOOTS", "Boots UK Ltd", by=world.actor("grants"), at=AT, submission_id=submission())
            late = other.submit(second)
            time.sleep(0.5)  # until the other waits: on PostgreSQL at the code, on SQLite for its turn
        with pytest.raises((RuleBroken, StaleEdit), match=r"already has this code|Someone changed this"):
            late.result()
    assert [each.name for each in queries.all_suppliers()] == ["Boots UK Ltd"]
