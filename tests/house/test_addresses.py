"""What is sent by hand, in an address or a body: answered in words or not found, never bent into something else."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.db import db
from core.trail import AuditLeaf
from grants.spending.models import PurchaseOrder
from inventory.requests.models import RestockRequest
from tests.factories import PASSWORD, World
from tests.site import Site

NO_PAGES = ("-1", "0", "abc", "1e3", "٣", "2", "0000012", "99999999999999999999")
"""No numbers of a page, or of one that is not there: the world's lists have one page each."""


@pytest.mark.parametrize(
    ("person", "path"),
    [
        ("admin", "/places/"),
        ("admin", "/accounts"),
        ("storekeeper", "/suppliers/"),
        ("storekeeper", "/par-levels/STORE"),
        ("auditor", "/audit/trail/"),
    ],
)
def test_a_page_that_is_not_there_is_not_found_and_no_other_is_shown(
    app: Flask, world: World, person: str, path: str
) -> None:
    site = Site(app, PASSWORD).sign_in(f"{person}@test.example")
    site.get(path)
    for number in NO_PAGES:
        assert site.get(f"{path}?page={number}", status=404).heading == "Page not found"


@pytest.mark.parametrize(
    ("person", "path"),
    [
        ("sergeant", "/requests/%00"),
        ("sergeant", "/bags/GB-00001%00"),
        ("sergeant", "/issues/?place=%00"),
        ("auditor", "/audit/trail/record?reference=%00"),
        ("admin", f"/accounts/ACC-00001/roles/{2**63}/end"),
        ("admin", f"/accounts/ACC-00001/deputies/{10**30}/end"),
    ],
)
def test_an_address_that_neither_database_can_look_up_is_not_found(
    app: Flask, world: World, person: str, path: str
) -> None:
    site = Site(app, PASSWORD).sign_in(f"{person}@test.example")
    assert site.get(path, status=404).heading == "Page not found"


@pytest.mark.parametrize(
    ("person", "path", "names"),
    [
        ("storekeeper", "/suppliers/", ("kind",)),
        ("storekeeper", "/catalogue/", ("kind", "language", "retired")),
        ("storekeeper", "/phones/", ("kind", "gone")),
        ("storekeeper", "/bags/", ("readiness", "recipe", "language", "place")),
        ("storekeeper", "/deliveries/", ("place", "supplier", "since")),
        ("sergeant", "/issues/", ("place", "since")),
        ("sergeant", "/requests/", ("show", "place")),
        ("admin", "/accounts", ("state", "role")),
    ],
)
def test_what_a_list_cannot_be_narrowed_down_to_is_said_and_never_set_aside(
    app: Flask, world: World, person: str, path: str, names: tuple[str, ...]
) -> None:
    site = Site(app, PASSWORD).sign_in(f"{person}@test.example")
    for name in names:
        for value in ("no-such-thing", "0", "' OR 1=1--"):
            answer = site.client.get(path, query_string={name: value})
            assert answer.status_code in (404, 422), f"{path}?{name}={value}: {answer.status_code}"
            assert "no-such-thing" not in answer.text


def test_the_refusal_of_a_filter_says_what_to_do(app: Flask, world: World) -> None:
    page = Site(app, PASSWORD).sign_in("storekeeper@test.example").get("/suppliers/?kind=charities", status=422)
    assert "This list has no kind of that name. Go back and choose one that the page offers" in page.text


def test_a_nul_in_a_form_is_refused_and_nothing_is_kept_of_it(app: Flask, world: World) -> None:
    site = Site(app, PASSWORD).sign_in("sergeant@test.example")
    refused = site.submit(site.get("/requests/new"), place="SALISBURY\0", status=400)
    assert "holds a sign that no text can have. Nothing has been saved" in refused.text
    assert db.session.scalar(select(func.count()).select_from(RestockRequest)) == 0


@pytest.mark.parametrize(
    "name", ["rows-\u00b2-net", "rows-" + "9" * 5_000 + "-net"], ids=["a raised two", "5,000 digits"]
)
def test_a_row_with_a_number_that_none_has_is_refused(app: Flask, world: World, name: str) -> None:
    site = Site(app, PASSWORD).sign_in("grants@test.example")
    page = site.get("/orders/place")
    token = page.fields("rows-0-description")["csrf_token"]
    answer = site.client.post("/orders/place", data={"csrf_token": token, name: "1.00"})
    assert answer.status_code == 400
    assert db.session.scalar(select(func.count()).select_from(PurchaseOrder)) == 0


def test_a_name_that_is_not_ours_is_refused_to_somebody_signed_in_too(app: Flask, world: World) -> None:
    site = Site(app, PASSWORD).sign_in("sergeant@test.example")
    kept = site.client.get_cookie("go-bags-session")
    assert kept is not None
    for host in ("evil.example", "localhost:80@evil.example", "localhost.evil.example"):
        answer = site.client.get("/requests/", headers={"Host": host, "Cookie": f"{kept.key}={kept.value}"})
        assert (answer.status_code, answer.text) == (400, "The service does not go by this name")


FORM = "What you sent is larger than any form here takes. Nothing has been saved"
FILE = "The file must be 40 MB or smaller. Nothing has been saved"


def parts(text: str, count: int = 1) -> str:
    return f'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\n{text}\r\n' * count + "--x--"


@pytest.mark.parametrize(
    ("body", "kind", "what"),
    [
        ("&".join(["note=1"] * 20_000), "application/x-www-form-urlencoded", FORM),
        (parts("1", 2_000), "multipart/form-data; boundary=x", FORM),
        ("note=" + "x" * 3_000_000, "application/x-www-form-urlencoded", FORM),
        (parts("x" * 3_000_000), "multipart/form-data; boundary=x", FORM),
        (parts("x" * 42 * 1024 * 1024), "multipart/form-data; boundary=x", FILE),
    ],
    ids=["20,000 fields", "2,000 parts", "a long field", "a long part", "a large body"],
)
def test_what_no_form_of_ours_sends_is_too_large(app: Flask, world: World, body: str, kind: str, what: str) -> None:
    site = Site(app, PASSWORD).sign_in("sergeant@test.example")
    answer = site.client.post("/requests/new", data=body.encode(), content_type=kind)
    assert answer.status_code == 413
    assert what in answer.text
    assert db.session.scalar(select(func.count()).select_from(RestockRequest)) == 0


@pytest.mark.parametrize("detail", ["AB123456C", "someone@example.com", "07700 900123"])
def test_details_of_a_person_in_an_address_stay_out_of_the_access_log(app: Flask, world: World, detail: str) -> None:
    site = Site(app, PASSWORD).sign_in("sergeant@test.example")
    site.get(f"/requests/{quote(detail)}", status=404)
    kept = db.session.scalars(select(AuditLeaf).where(AuditLeaf.act == "refused")).one()
    assert kept.subject == "/requests/<reference>"
    assert detail not in kept.text
