"""Giving one's password once more before an act that binds others, through the site itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.json.tag import TaggedJSONSerializer
from sqlalchemy import func, select, update

from core.db import db, now, writing_connection
from core.trail.models import AuditLeaf
from organisation.accounts import queries
from organisation.accounts.models import RoleHeld, SessionRecord, SignInAttempt
from organisation.accounts.rules import hashed_key, is_fresh
from tests.factories import PASSWORD, World
from tests.site import Page, Site

COOKIE = "go-bags-session"
BINDING = {
    "accounts.give_role",
    "accounts.invite",
    "accounts.name_deputy",
    "accounts.reset",
    "closures.close",
    "picking.approve",
}
"""Acts that bind others: each approves, closes, or lets somebody in."""


@pytest.fixture
def site(app: Flask, world: World) -> Site:
    return Site(app, PASSWORD).sign_in("admin@test.example")


def give_role_path() -> str:
    sergeant = queries.account_by_email("sergeant@test.example")
    assert sergeant is not None
    return f"/accounts/{sergeant.reference}/give-role"


def key(site: Site) -> str:
    cookie = site.client.get_cookie(COOKIE)
    assert cookie is not None
    return cookie.value


def prove(site: Site, moment: datetime | None) -> None:
    """Pretend the person of a session last gave their password at another moment, or before it was noted at all."""
    record = SessionRecord.key_hash == hashed_key(key(site))
    words = TaggedJSONSerializer()
    db.session.rollback()
    with writing_connection(db.engine) as connection:
        held = words.loads(connection.scalar(select(SessionRecord.data).where(record)) or "")
        connection.execute(update(SessionRecord).where(record).values(data=words.dumps({**held, "proved_at": moment})))


def confirm(site: Site, asked: Page, path: str) -> str | None:
    """Send the password as a browser does, to the page's whole address; give where the answer leads."""
    answer = site.client.post(path, data={**asked.fields("current"), "current": PASSWORD})
    assert answer.status_code == 302
    return answer.location


def roles_held() -> int:
    db.session.rollback()
    found = db.session.scalar(select(func.count()).select_from(RoleHeld)) or 0
    db.session.rollback()
    return found


@pytest.mark.parametrize(
    ("minutes", "sending", "fresh"),
    [
        (0, False, True),
        (14.9, False, True),
        (15, False, False),
        (15, True, True),
        (29.9, True, True),
        (30, True, False),
    ],
)
def test_a_password_counts_a_quarter_of_an_hour_and_a_form_that_was_open_gets_another(
    minutes: float, sending: bool, fresh: bool
) -> None:
    at = now()
    assert is_fresh(at - timedelta(minutes=minutes), sending=sending, at=at) is fresh


@pytest.mark.parametrize("proved_at", [None, now() + timedelta(hours=1)])
def test_a_password_never_given_or_given_after_now_counts_for_nothing(proved_at: datetime | None) -> None:
    assert not is_fresh(proved_at, sending=True, at=now())


def test_who_signed_in_lately_is_not_asked_again(site: Site) -> None:
    assert site.get(give_role_path()).heading.startswith("Give")


@pytest.mark.parametrize("proved", [timedelta(minutes=16), None])
def test_who_proved_it_long_ago_gives_the_password_and_lands_on_the_page(site: Site, proved: timedelta | None) -> None:
    path = give_role_path()
    prove(site, None if proved is None else now() - proved)
    asked = site.get(path)
    assert asked.heading == "Confirm it is you"
    before = key(site)
    assert confirm(site, asked, f"/confirm-it-is-you?next={path}") == path
    assert key(site) != before
    assert site.get(path).heading.startswith("Give")
    db.session.rollback()
    leaf = db.session.scalars(select(AuditLeaf).where(AuditLeaf.act == "account.confirm")).one()
    admin = queries.account_by_email("admin@test.example")
    assert admin is not None
    assert (leaf.log, leaf.account_id, leaf.subject) == ("access", admin.id, admin.reference)


def test_a_wrong_password_opens_nothing_and_is_counted(site: Site) -> None:
    prove(site, now() - timedelta(minutes=16))
    asked = site.get(give_role_path())
    answer = site.submit(asked, current="wrong", status=422)
    assert answer.errors == ["Your current password is incorrect"]
    assert site.get(give_role_path()).heading == "Confirm it is you"
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 3


def test_a_form_sent_much_too_late_saves_nothing_and_says_so(site: Site) -> None:
    form = site.get(give_role_path())
    before = roles_held()
    prove(site, now() - timedelta(minutes=31))
    answer = site.submit(form, role="sergeant", places="TROWBRIDGE")
    assert answer.heading == "Confirm it is you"
    assert "Nothing has been saved yet" in answer.html.get_text(" ")
    assert roles_held() == before


def test_a_form_that_was_open_when_the_quarter_of_an_hour_ended_is_still_taken(site: Site) -> None:
    form = site.get(give_role_path())
    before = roles_held()
    prove(site, now() - timedelta(minutes=20))
    site.submit(form, role="sergeant", places="TROWBRIDGE", status=200)
    assert roles_held() == before + 1


def test_whoever_may_not_do_it_at_all_is_refused_before_any_password(app: Flask, world: World) -> None:
    sergeant = Site(app, PASSWORD).sign_in("sergeant@test.example")
    prove(sergeant, None)
    assert sergeant.client.get(give_role_path()).status_code == 403


def test_the_page_leads_to_no_other_site(site: Site) -> None:
    asked = site.get("/confirm-it-is-you?next=https://elsewhere.example/")
    assert confirm(site, asked, "/confirm-it-is-you?next=https://elsewhere.example/") == "/"


def test_signing_out_elsewhere_is_no_new_proof(site: Site) -> None:
    Site(site.app, PASSWORD).sign_in("admin@test.example")
    prove(site, now() - timedelta(minutes=16))
    site.submit(site.get("/your-sign-in"), containing="submission_id", status=200)
    assert site.get(give_role_path()).heading == "Confirm it is you"


def test_every_act_that_binds_others_asks_for_a_fresh_proof(app: Flask) -> None:
    asking = {name for name, view in app.view_functions.items() if getattr(view, "fresh", False)}
    assert asking >= BINDING
