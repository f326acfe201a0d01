"""The administrator's pages, and the link that lets somebody in, through the site itself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.access import Role
from core.dates import local_day
from core.db import db, now, transaction
from organisation.accounts import queries, services
from organisation.accounts.models import Account
from tests.factories import PASSWORD, World
from tests.site import Page, Site, browser, words_of

CHOSEN = "violet tractor seven moons"


@pytest.fixture
def admin(app: Flask, world: World) -> Site:
    return Site(app, PASSWORD).sign_in("admin@test.example")


def of(name: str) -> Account:
    found = queries.account_by_email(f"{name}@test.example")
    assert found is not None
    return found


def typed(day: date) -> list[str]:
    return [str(day.day), str(day.month), str(day.year)]


def today() -> date:
    return local_day(now())


def invite(admin: Site, **changed: Any) -> Page:
    sent: dict[str, Any] = {
        "name": "Sgt 9",
        "email": "new@test.example",
        "role": "sergeant",
        "places": ["SALISBURY", "TROWBRIDGE"],
    }
    return admin.submit(admin.get("/accounts/invite"), **{**sent, **changed})


# ---- The list -----------------------------------------------------------------------------------


def test_the_list_says_who_holds_what_today(admin: Site) -> None:
    page = admin.get("/accounts")
    rows = page.table("10 accounts")
    assert rows[0] == ["Name", "Email address", "Roles today", "State"]
    assert ["Sergeant", "sergeant@test.example", "Sergeant, Salisbury", "Can sign in"] in rows
    assert ["Finance", "finance@test.example", "Chief finance officer", "Can sign in"] in rows
    assert len(page.statements) <= 12


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("q=SERGEANT", ["Other Sergeant", "Sergeant"]),
        ("q=finance@test.example", ["Finance"]),
        ("role=sergeant", ["Other Sergeant", "Sergeant"]),
        ("role=auditor&state=active", ["Auditor"]),
        ("state=disabled", []),
        ("q=%25", []),
        ("q=_", []),
        ("q=%27+OR+1%3D1--", []),
    ],
)
def test_the_list_is_searched_literally(admin: Site, asked: str, names: list[str]) -> None:
    """A53."""
    page = admin.get(f"/accounts?{asked}")
    found = [link.get_text() for link in page.html.select("table a")]
    assert found == names
    assert names or "No account matches" in page.text


def test_a_search_of_101_characters_and_one_for_a_person_are_refused(admin: Site) -> None:
    assert "Search must be 100 characters or fewer" in admin.get(f"/accounts?q={'x' * 101}", status=422).text
    answer = admin.get("/accounts?q=07700+900123", status=422)
    assert "Remove details that could identify a person: phone number" in answer.text
    assert "07700" not in answer.html.get_text()


def test_a_long_list_comes_in_pages(admin: Site) -> None:
    with transaction():
        for number in range(30):
            services.open_account(
                f"more{number}@test.example", f"More {number:02}", [(Role.AUDITOR, None)], today(), by=None, at=now()
            )
    first, second = admin.get("/accounts?role=auditor"), admin.get("/accounts?role=auditor&page=2")
    assert len(first.html.select("tbody tr")) == 25
    assert len(second.html.select("tbody tr")) == 6
    assert "/accounts?page=2&q=&state=&role=auditor" in first.links
    assert len(second.statements) <= 12
    assert admin.get("/accounts?role=auditor&page=3", status=404).heading == "Page not found"


@pytest.mark.parametrize("who", ["approver", "finance", "auditor"])
def test_only_an_administrator_sees_accounts(app: Flask, world: World, who: str) -> None:
    site = Site(app, PASSWORD).sign_in(f"{who}@test.example")
    reference = of("sergeant").reference
    for path in ("/accounts", "/accounts/invite", f"/accounts/{reference}", f"/accounts/{reference}/disable"):
        assert site.client.get(path).status_code == 403, path
    token = site.get("/your-sign-in").html.select_one("input[name=csrf_token]")
    assert token is not None
    for path in ("invite", f"{reference}/disable", f"{reference}/reset", f"{reference}/give-role"):
        assert site.client.post(f"/accounts/{path}", data={"csrf_token": token["value"]}).status_code == 403
    assert of("sergeant").disabled_at is None


# ---- Inviting -----------------------------------------------------------------------------------


def test_an_invited_person_chooses_a_password_and_signs_in(admin: Site) -> None:
    page = invite(admin)
    assert page.status == 200
    link = page.html.select("#link")[0]["value"]
    path = urlsplit(str(link)).path
    guest = Site(admin.app, CHOSEN)
    page = guest.get(path)
    assert "who signs in as new@test.example" in page.text
    assert guest.submit(page, password="short", status=422).errors == [
        "Password must be 15 characters or more. Three or four words work well"
    ]
    assert guest.submit(page, password=CHOSEN, status=200).heading == "Sign in"
    own = guest.sign_in_by_password("new@test.example").get("/your-sign-in")
    assert {row[1] for row in own.table("Roles")[1:]} == {"Salisbury", "Trowbridge"}
    assert Site(admin.app, "").get(path, status=422).heading == "This link has expired"


def test_a_link_that_was_never_made_looks_like_one_that_was_used(admin: Site) -> None:
    """A28."""
    page = Site(admin.app, "").get("/invitation/never-made", status=422)
    assert page.heading == "This link has expired"


def test_a_forged_host_is_refused(app: Flask, world: World) -> None:
    """A28: a link must never be written with a host that somebody sent."""
    assert browser(app).get("/sign-in", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"email": "x"}, "Enter an email address, like name@example.police.uk"),
        ({"email": "sergeant@test.example"}, "There is an account with this email address already"),
        ({"role": "auditor"}, "The role auditor is held for the whole organisation: choose no place"),
        ({"role": ""}, "Choose a role"),
        ({"role": "chief constable"}, "Not a valid choice."),
        ({"places": ["NOWHERE"]}, "Select a station you can use"),
        ({"places": ["HARBOUR"]}, "The role sergeant cannot be held at Harbour House, a partner site"),
        ({"since": ["29", "2", "2027"]}, "Enter a real date, like 5 8 2022"),
        ({"since": ["1", "1", "2020"]}, "The first day must be today"),
    ],
)
def test_an_invitation_that_does_not_fit_is_shown_again_with_why(
    admin: Site, changed: dict[str, Any], message: str
) -> None:
    answer = invite(admin, **changed)
    assert answer.status == 422
    assert any(each.startswith(message) for each in answer.errors)
    for link in answer.html.select(".govuk-error-summary__list a"):
        assert answer.html.find(id=str(link["href"])[1:])
    assert db.session.scalar(select(func.count()).select_from(Account)) == 10


def test_a_form_cannot_add_what_it_does_not_ask_for(admin: Site) -> None:
    """A4: an extra field is ignored."""
    page = admin.get("/accounts/invite")
    data = {"name": "Sgt 9", "email": "new@test.example", "role": "sergeant", "places": ["SALISBURY"]}
    hidden = {name: page.fields("name")[name] for name in ("csrf_token", "submission_id")}
    extra = {"password": CHOSEN, "disabled_at": "", "reference": "ACC-99999", "sign_in_epoch": "7"}
    since = typed(today())
    answer = admin.client.post("/accounts/invite", data={**data, **extra, **hidden, "since": since})
    assert answer.status_code == 200
    account = of("new")
    assert (account.reference, account.sign_in_epoch) == ("ACC-00011", 0)
    assert queries.password_of(account.id) is None


# ---- One account --------------------------------------------------------------------------------


def test_a_sergeant_is_given_a_second_place_and_later_moved(admin: Site) -> None:
    account = of("sergeant")
    path = f"/accounts/{account.reference}"
    tomorrow = today() + timedelta(days=1)
    answer = admin.submit(
        admin.get(f"{path}/give-role"),
        role="sergeant",
        places=["TROWBRIDGE"],
        since=typed(today()),
        until=typed(tomorrow),
    )
    assert [row[1] for row in answer.table("Roles")[1:]] == ["Trowbridge", "Salisbury"]
    salisbury = next(each for each in queries.roles_of(account.id) if each.place and each.place.code == "SALISBURY")
    page = admin.get(f"{path}/roles/{salisbury.id}/move")
    refused = admin.submit(page, place="TROWBRIDGE", first_day=typed(tomorrow))
    assert refused.errors == ["Sergeant already holds the role sergeant at Trowbridge in that time"]
    later = tomorrow + timedelta(days=1)
    admin.submit(page, place="TROWBRIDGE", first_day=typed(later), status=200)
    held = queries.actor_of(account.id, on=later).appointments
    assert [each.place_id for each in held] == [queries.places_by_code(["TROWBRIDGE"])["TROWBRIDGE"].id]


def test_a_role_ends_now_or_at_the_end_of_a_day(admin: Site) -> None:
    account = of("sergeant")
    path = f"/accounts/{account.reference}/roles/{queries.roles_of(account.id)[0].id}/end"
    page = admin.get(path)
    assert admin.submit(page, when="later").errors == ["Enter the last day, like 27 3 2026"]
    admin.submit(page, when="now", status=200)
    assert queries.actor_of(account.id, on=today()).appointments == ()
    assert admin.submit(admin.get(path), when="now").errors == ["This role has ended already"]


def test_an_absent_approver_gets_a_deputy_for_some_days(admin: Site) -> None:
    path = f"/accounts/{of('approver').reference}"
    last = today() + timedelta(days=3)
    sent: dict[str, Any] = {"since": typed(today()), "until": typed(last)}
    answer = admin.submit(admin.get(f"{path}/name-deputy"), deputy=of("storekeeper").reference, status=200, **sent)
    assert answer.table("Deputies")[1][:2] == ["Storekeeper", "Approver"]
    assert Role.APPROVER in queries.actor_of(of("storekeeper").id, on=last).roles
    naming = queries.deputies_of(of("approver").id)[0]
    admin.submit(admin.get(f"{path}/deputies/{naming.id}/end"), containing="submission_id", status=200)
    assert Role.APPROVER not in queries.actor_of(of("storekeeper").id, on=last).roles


def test_an_administrator_cannot_name_themselves_as_deputy(admin: Site) -> None:
    page = admin.get(f"/accounts/{of('approver').reference}/name-deputy")
    own = of("admin").reference
    assert own not in page.html.get_text()
    assert not page.html.select(f'option[value="{own}"]')


def test_an_administrators_own_page_offers_no_change(admin: Site) -> None:
    own = of("admin").reference
    page = admin.get(f"/accounts/{own}")
    assert "This is your own account" in page.text
    assert [link for link in page.links if link.startswith(f"/accounts/{own}/")] == [f"/accounts/{own}/name-deputy"]
    answer = admin.submit(admin.get(f"/accounts/{own}/disable"), containing="submission_id")
    assert (answer.status, of("admin").disabled_at) == (403, None)


def test_a_disabled_account_can_be_enabled_again(admin: Site) -> None:
    path = f"/accounts/{of('sergeant').reference}"
    admin.submit(admin.get(f"{path}/disable"), containing="submission_id", status=200)
    assert "Disabled: cannot sign in" in admin.get(path).text
    admin.submit(admin.get(f"{path}/enable"), containing="submission_id", status=200)
    assert "Can sign in" in admin.get(path).text
    Site(admin.app, PASSWORD).sign_in_by_password("sergeant@test.example").get("/your-sign-in")


def test_a_reset_shows_a_link_once(admin: Site) -> None:
    page = admin.get(f"/accounts/{of('sergeant').reference}/reset")
    first = admin.submit(page, containing="submission_id", status=200)
    again = admin.submit(page, containing="submission_id", status=200)
    assert first.html.select_one("#link") is not None
    assert again.html.select_one("#link") is None
    assert again.heading == "The link was shown once"


def test_an_account_that_does_not_exist_is_not_found(admin: Site) -> None:
    for path in ("ACC-99999", "ACC-99999/disable", f"{of('sergeant').reference}/roles/999/end"):
        assert admin.get(f"/accounts/{path}", status=404).heading == "Page not found"


# ---- Where people go ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("sergeant", "/station/"),
        ("partner", "/station/"),
        ("storekeeper", "/store/"),
        ("approver", "/requests/inbox"),
        ("grants", "/grants/"),
        ("reviewer", "/grants/"),
        ("finance", "/grants/"),
        ("auditor", "/audit/"),
        ("admin", "/accounts"),
    ],
)
def test_each_role_opens_its_own_page_first(app: Flask, world: World, who: str, path: str) -> None:
    site = Site(app, PASSWORD).sign_in(f"{who}@test.example")
    assert site.client.get("/").location == path


@pytest.mark.parametrize("who", ["sergeant", "storekeeper", "grants", "auditor", "admin"])
def test_all_your_pages_names_every_list_somebody_may_see(app: Flask, world: World, who: str) -> None:
    """Each list that stands by itself; test_pages.py opens what is named."""
    site = Site(app, PASSWORD).sign_in(f"{who}@test.example")
    page = site.get("/pages")
    assert page.heading == "All your pages"
    named = {urlsplit(str(link["href"])).path for link in page.html.select("main a")}
    assert named
    adapter = app.url_map.bind("localhost")
    lists = {
        rule.endpoint for rule in app.url_map.iter_rules() if not rule.arguments and rule.endpoint.endswith(".index")
    }
    for path in {adapter.build(each) for each in lists} - named:
        assert site.client.get(path).status_code != 200, path


def test_the_navigation_shows_only_what_the_person_may_open(admin: Site) -> None:
    words = [
        each.get_text(strip=True) for each in admin.get("/accounts").html.select(".govuk-service-navigation__link")
    ]
    assert words == ["Accounts", "Places", "All your pages"]
    current = admin.get("/accounts").html.select('.govuk-service-navigation__link[aria-current="page"]')
    assert [each.get_text(strip=True) for each in current] == ["Accounts"]
    assert not admin.get("/your-sign-in").html.select(".govuk-service-navigation__link[aria-current]")


def test_the_navigation_keeps_to_six_pages_of_somebodys_work_and_the_way_to_all_others(
    app: Flask, world: World
) -> None:
    shown = {}
    for who in ("storekeeper", "grants", "auditor"):
        page = Site(app, PASSWORD).sign_in(f"{who}@test.example").get("/pages")
        shown[who] = [words_of(each) for each in page.tree.find_class("govuk-service-navigation__link")]
    assert shown == {
        "storekeeper": ["Store desk", "Requests", "Go Bags", "Deliveries", "Counts", "Phones", "All your pages"],
        "grants": ["Grants", "Claims", "Invoices", "Reconciliation", "Follow the pound", "Reports", "All your pages"],
        "auditor": ["Audit", "Reports", "What looks wrong", "Samples", "Questions", "Grants", "All your pages"],
    }
    groups = [words_of(each) for each in page.tree.iter("h2") if each.getparent().tag == "section"]
    assert ", ".join(groups) == (
        "Your desk, Go Bags and stock, Grants and money, Reports, Checks and proof, People, places and lists"
    )


def test_a_demonstration_says_so_on_its_pages(app: Flask, database: None) -> None:
    assert "Demonstration data" not in Site(app, "").get("/sign-in").html.get_text()
    with transaction():
        services.declare_demonstration(at=now())
    assert "Demonstration data. Nothing here is real." in Site(app, "").get("/sign-in").html.get_text()
