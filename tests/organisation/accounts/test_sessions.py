"""Signing in and out, and what a session's cookie is worth, through the site itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median
from time import perf_counter

import pytest
from flask import Flask
from flask_login.utils import encode_cookie
from sqlalchemy import func, select, update

from app import LIMITS, create_app
from core.access import Role
from core.db import db, now, transaction, writing_connection
from organisation.accounts import queries, services
from organisation.accounts.models import SessionRecord, SignInAttempt
from organisation.accounts.rules import IDLE_LIMIT, NotSignedIn, hashed_key
from tests.factories import PASSWORD, World, submission
from tests.site import Browser, Page, Site, browser

COOKIE = "go-bags-session"
OWN = "/your-sign-in"
SERGEANT, ADMIN = "sergeant@test.example", "admin@test.example"


@pytest.fixture
def site(app: Flask, world: World) -> Site:
    return Site(app, PASSWORD)


def key_of(client: Browser) -> str:
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    return cookie.value


def with_key(app: Flask, key: str) -> Browser:
    """Give a browser into which a cookie was put by hand."""
    client = browser(app)
    client.set_cookie(COOKIE, key)
    return client


def records() -> int:
    found = db.session.scalar(select(func.count()).select_from(SessionRecord)) or 0
    db.session.rollback()
    return found


def set_times(key: str, **times: datetime) -> None:
    """Pretend a session was begun or last used at another moment."""
    db.session.rollback()
    with writing_connection(db.engine) as connection:
        connection.execute(update(SessionRecord).where(SessionRecord.key_hash == hashed_key(key)).values(**times))


def seen_at(key: str) -> datetime:
    found = db.session.scalars(select(SessionRecord.seen_at).where(SessionRecord.key_hash == hashed_key(key))).one()
    db.session.rollback()
    return found


def try_password(site: Site, email: str, password: str, **environ: str) -> Page:
    """Send the sign-in form and give what came back."""
    client = browser(site.app)
    site.client = client
    page = site.get("/sign-in")
    token = page.fields()["csrf_token"]
    answer = client.post(
        "/sign-in", data={"csrf_token": token, "email": email, "password": password}, environ_overrides=environ
    )
    return site._page("/sign-in", answer, [])


# ---- Who gets a session -------------------------------------------------------------------------


def test_a_page_without_a_form_begins_no_session(app: Flask, world: World) -> None:
    client = browser(app)
    assert client.get("/").location == "/sign-in"
    assert client.get("/no-such-page").status_code == 404
    assert client.get_cookie(COOKIE) is None
    assert records() == 0


def test_the_cookie_holds_a_key_that_the_database_does_not(site: Site) -> None:
    site.sign_in_by_password(SERGEANT)
    key = key_of(site.client)
    assert len(key) == 43
    kept = db.session.scalars(select(SessionRecord)).all()
    assert [each.key_hash for each in kept] == [hashed_key(key)]
    assert key not in kept[0].data


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Flask, world: World) -> None:
    cookie = browser(app).get("/sign-in").headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}


def test_over_https_the_cookie_is_bound_to_the_host(app: Flask, world: World) -> None:
    secure = create_app({**app.config, "SECURE_COOKIES": True})
    cookie = browser(secure).get("/sign-in", base_url="https://localhost").headers["Set-Cookie"]
    with secure.app_context():
        db.engine.dispose()
    assert cookie.startswith("__Host-session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie


def test_signed_in_pages_are_kept_by_nobody(site: Site) -> None:
    """A32."""
    answer = site.sign_in_by_password(SERGEANT).get(OWN).response
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Cookie" in answer.headers["Vary"]


# ---- When a session ends ------------------------------------------------------------------------


def test_a_cookie_replayed_after_signing_out_signs_nobody_in(site: Site) -> None:
    """A21."""
    site.sign_in_by_password(SERGEANT)
    key = key_of(site.client)
    assert with_key(site.app, key).get(OWN).status_code == 200
    page = site.get(OWN)
    token = page.html.select_one('form[action="/sign-out"] input[name=csrf_token]')
    assert token is not None
    assert site.client.post("/sign-out", data={"csrf_token": token["value"]}).location == "/sign-in"
    assert site.client.get_cookie(COOKIE) is None
    assert with_key(site.app, key).get(OWN).status_code == 302
    assert records() == 0


def test_signing_out_needs_a_post_with_this_sessions_token(site: Site) -> None:
    """A30."""
    other = Site(site.app, PASSWORD).sign_in(ADMIN).get(OWN)
    foreign = other.html.select_one('form[action="/sign-out"] input[name=csrf_token]')
    assert foreign is not None
    site.sign_in(SERGEANT)
    assert site.client.get("/sign-out").status_code == 405
    assert site.client.post("/sign-out").status_code == 400
    assert site.client.post("/sign-out", data={"csrf_token": foreign["value"]}).status_code == 400
    assert site.client.get(OWN).status_code == 200


def test_a_cookie_planted_before_signing_in_is_replaced(site: Site) -> None:
    """A23: whoever planted it holds a key that ends at sign-in; a key nobody gave out is never taken over."""
    attacker = browser(site.app)
    attacker.get("/sign-in")
    planted = key_of(attacker)
    site.client = with_key(site.app, planted)
    page = site.get("/sign-in")
    assert key_of(site.client) == planted
    site.submit(page, email=SERGEANT, password=PASSWORD)
    assert key_of(site.client) != planted
    assert site.client.get(OWN).status_code == 200
    assert with_key(site.app, planted).get(OWN).status_code == 302


def test_a_made_up_key_is_never_taken_over(site: Site) -> None:
    site.client = with_key(site.app, "made-up-by-somebody-else-0123456789abcdefghi")
    site.submit(site.get("/sign-in"), email=SERGEANT, password=PASSWORD)
    assert key_of(site.client) != "made-up-by-somebody-else-0123456789abcdefghi"


def test_the_forms_token_changes_at_sign_in(site: Site) -> None:
    page = site.get("/sign-in")
    token = page.fields()["csrf_token"]
    site.submit(page, email=SERGEANT, password=PASSWORD)
    assert site.client.post("/sign-out", data={"csrf_token": token}).status_code == 400


@pytest.mark.parametrize(
    ("idle", "age", "counts"),
    [
        (timedelta(minutes=29), timedelta(minutes=29), True),
        (timedelta(minutes=30), timedelta(minutes=30), False),
        (timedelta(minutes=1), timedelta(hours=7, minutes=59), True),
        (timedelta(minutes=1), timedelta(hours=8), False),
        (-timedelta(hours=1), -timedelta(hours=1), False),
    ],
)
def test_a_session_ends_after_thirty_idle_minutes_and_after_eight_hours(
    site: Site, idle: timedelta, age: timedelta, counts: bool
) -> None:
    """A31. A session from the future, after the clock was put back, does not count either (F15)."""
    site.sign_in(SERGEANT)
    key = key_of(site.client)
    set_times(key, seen_at=now() - idle, created_at=now() - age)
    assert with_key(site.app, key).get(OWN).status_code == (200 if counts else 302)
    assert records() == (1 if counts else 0)


def test_last_use_is_noted_at_most_once_a_minute(site: Site) -> None:
    site.sign_in(SERGEANT).get(OWN)
    key = key_of(site.client)
    lately = now() - timedelta(seconds=50)
    set_times(key, seen_at=lately)
    site.get(OWN)
    assert seen_at(key) == lately
    set_times(key, seen_at=now() - timedelta(seconds=61))
    site.get(OWN)
    assert now() - seen_at(key) < timedelta(seconds=30)


def test_records_that_ran_out_are_put_away_when_the_next_session_begins(site: Site) -> None:
    site.sign_in(SERGEANT)
    set_times(key_of(site.client), seen_at=now() - timedelta(hours=9))
    browser(site.app).get("/sign-in")
    assert records() == 1


def test_a_remember_me_cookie_is_worth_nothing(site: Site, world: World) -> None:
    """A22: even one signed with the service's own key."""
    with site.app.test_request_context():
        forged = encode_cookie(str(world.actor("sergeant").account_id))
    client = browser(site.app)
    client.set_cookie("remember_token", forged)
    assert client.get(OWN).status_code == 302


# ---- What changes meanwhile ---------------------------------------------------------------------


def test_a_role_taken_away_counts_from_the_next_request_on(site: Site, world: World) -> None:
    """A13: the page that was open is refused, and the session itself stays."""
    second = Site(site.app, PASSWORD).sign_in(ADMIN)
    with transaction():
        services.open_account(
            "third@test.example", "Third", [(Role.ADMINISTRATOR, None)], now().date(),
            by=None, at=now(), password=PASSWORD,
        )  # fmt: skip
    site.sign_in("third@test.example")
    site.get("/accounts")
    third = queries.account_by_email("third@test.example")
    assert third is not None
    page = second.get(f"/accounts/{third.reference}/roles/{queries.roles_of(third.id)[0].id}/end")
    second.submit(page, when="now", status=200)
    assert site.client.get("/accounts").status_code == 403
    assert site.get("/").text.startswith("Your pages You hold no role today")


def test_a_disabled_person_is_asked_to_sign_in_and_cannot(site: Site) -> None:
    """A13, A24."""
    site.sign_in(SERGEANT)
    admin = Site(site.app, PASSWORD).sign_in(ADMIN)
    sergeant = queries.account_by_email(SERGEANT)
    assert sergeant is not None
    admin.submit(admin.get(f"/accounts/{sergeant.reference}/disable"), containing="submission_id", status=200)
    answer = site.client.get(OWN)
    assert (answer.status_code, answer.location) == (302, f"/sign-in?next={OWN}")
    assert try_password(site, SERGEANT, PASSWORD).status == 401


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(site: Site) -> None:
    """A24."""
    elsewhere = Site(site.app, PASSWORD).sign_in(SERGEANT)
    site.sign_in(SERGEANT)
    before = key_of(site.client)
    answer = site.submit(
        site.get("/your-sign-in/password"), current=PASSWORD, password="violet tractor seven moons", status=200
    )
    assert "Your password has been changed" in answer.text
    assert key_of(site.client) != before
    assert site.client.get(OWN).status_code == 200
    assert elsewhere.client.get(OWN).status_code == 302
    assert with_key(site.app, before).get(OWN).status_code == 302
    assert try_password(site, SERGEANT, PASSWORD).status == 401
    assert try_password(site, SERGEANT, "violet tractor seven moons").status == 302


def test_the_current_password_is_asked_for_and_wrong_ones_are_counted(site: Site) -> None:
    site.sign_in(SERGEANT)
    page = site.get("/your-sign-in/password")
    answer = site.submit(page, current="wrong", password="violet tractor seven moons", status=422)
    assert answer.errors == ["Your current password is incorrect"]
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 3
    services.check_password(SERGEANT, PASSWORD)


def test_signing_out_everywhere_else_leaves_this_session(site: Site) -> None:
    elsewhere = Site(site.app, PASSWORD).sign_in(SERGEANT)
    page = site.sign_in(SERGEANT).get(OWN)
    assert "You are signed in 2 times, here included" in page.text
    answer = site.submit(page, containing="submission_id", status=200)
    assert "Only here" in answer.text
    assert elsewhere.client.get(OWN).status_code == 302


def test_a_reset_ends_every_session(site: Site, world: World) -> None:
    site.sign_in(SERGEANT)
    sergeant = queries.account_by_email(SERGEANT)
    assert sergeant is not None
    with transaction():
        services.reset(sergeant.reference, by=world.actor("admin"), at=now(), submission_id=submission())
    assert site.client.get(OWN).status_code == 302


# ---- Guessing -----------------------------------------------------------------------------------


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(site: Site) -> None:
    """A25: status, body but for what was typed and the tokens, and headers."""
    answers = [try_password(site, email, "wrong") for email in (SERGEANT, "nobody@test.example")]
    for answer in answers:
        assert (answer.status, answer.errors) == (401, ["Email or password is incorrect"])
    assert answers[0].text == answers[1].text
    assert [name for name, _ in answers[0].response.headers] == [name for name, _ in answers[1].response.headers]


def test_a_wrong_password_and_an_unknown_address_take_the_same_time(world: World) -> None:
    """A25, with fewer rounds: taken in turns, so that a busy machine weighs on both alike."""
    taken: dict[str, list[float]] = {SERGEANT: [], "nobody@test.example": []}
    for _ in range(11):
        for email, times in taken.items():
            start = perf_counter()
            with pytest.raises(NotSignedIn):
                services.check_password(email, "wrong")
            times.append(perf_counter() - start)
    known, unknown = (median(times) for times in taken.values())
    assert abs(known - unknown) < 0.5 * max(known, unknown)


def test_the_eleventh_wrong_password_is_told_to_wait(site: Site) -> None:
    """A26: even the right one, from this address; from another the account still signs in."""
    for _ in range(10):
        assert try_password(site, SERGEANT, "wrong").status == 401
    for password in ("wrong", PASSWORD):
        answer = try_password(site, SERGEANT, password)
        assert answer.status == 429
        assert answer.errors == ["Too many attempts. Try again in 15 minutes"]
        assert 840 < int(answer.response.headers["Retry-After"]) <= 901
    assert try_password(site, SERGEANT, PASSWORD, REMOTE_ADDR="192.0.2.7").status == 302


def test_right_passwords_are_never_counted(site: Site) -> None:
    for _ in range(12):
        assert try_password(site, SERGEANT, PASSWORD).status == 302
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 0


# ---- Where signing in leads ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted", ["//e.example", "/\\e.example", "\\\\e.example", "///e.example", "/\t/e", "javascript:x"]
)
def test_signing_in_never_leads_to_another_site(site: Site, wanted: str) -> None:
    """A29."""
    client = browser(site.app)
    site.client = client
    token = site.get("/sign-in").fields()["csrf_token"]
    sent = {"csrf_token": token, "email": SERGEANT, "password": PASSWORD}
    answer = client.post("/sign-in", query_string={"next": wanted}, data=sent)
    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get("/sign-in", query_string={"next": wanted}).location == "/"


def test_whoever_asked_for_a_page_gets_it_after_signing_in(site: Site) -> None:
    page = site.get(OWN)
    assert page.heading == "Sign in"
    token = page.fields()["csrf_token"]
    answer = site.client.post(
        f"/sign-in?next={OWN}", data={"csrf_token": token, "email": SERGEANT, "password": PASSWORD}
    )
    assert answer.location == OWN


def test_a_sign_in_form_that_lay_open_too_long_asks_to_try_again(site: Site) -> None:
    page = site.get("/sign-in")
    set_times(key_of(site.client), seen_at=now() - timedelta(minutes=31))
    answer = site.submit(page, email=SERGEANT, password=PASSWORD, status=400)
    assert "Your form has expired. Try again" in answer.text
    site.sign_in(SERGEANT)


def test_a_form_of_somebody_signed_out_meanwhile_says_so_and_leads_back_to_it(site: Site) -> None:
    site.sign_in(SERGEANT)
    page = site.get("/your-sign-in/password")
    set_times(key_of(site.client), seen_at=now() - timedelta(minutes=31))
    answer = site.submit(page, containing="current", status=400)
    assert "You were signed out meanwhile, so nothing has been saved. Sign in again" in answer.text
    idle, whole = IDLE_LIMIT // timedelta(minutes=1), LIMITS["PERMANENT_SESSION_LIFETIME"] // timedelta(hours=1)
    assert f"a session ends after {idle} minutes without use, and after {whole} hours" in answer.text
    assert answer.heading == "Try again"
    assert "/sign-in?next=/your-sign-in/password" in answer.links
    assert "Your form has expired" not in answer.text


def test_a_page_asks_who_is_signed_in_and_what_they_hold_in_two_statements(site: Site) -> None:
    site.sign_in("grants@test.example").get("/follow/")
    asked = site.get("/follow/").statements
    assert ["session_record" in sql for sql in asked] == [True, False]
    assert "UNION ALL" in asked[1]
