"""Two changes that get in each other's way on PostgreSQL: one is done again, unseen, up to three times in all."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from flask import Blueprint, Flask, g, request
from sqlalchemy import func, select, text

from app import create_app
from core.dates import local_day
from core.db import db, now, transaction
from core.forms import Form
from core.trail import AuditLeaf
from core.web import public, refusals_on
from organisation.accounts import queries
from organisation.accounts.models import Deputy
from organisation.suppliers.models import Supplier
from tests.conftest import Databases, settings
from tests.factories import PASSWORD, World
from tests.site import Site, browser

pytestmark = pytest.mark.parametrize(
    "databases", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True, scope="session"
)

UNDONE = "DO $$ BEGIN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END $$"
"""What PostgreSQL itself says of a change that could not be as if alone, said on demand."""


def waiting_for_a_lock(watcher: psycopg.Connection[tuple[object, ...]]) -> int:
    found = watcher.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    ).fetchone()
    assert found is not None
    return int(str(found[0]))


def lock_against(url: str, first: int, then: int, held: threading.Event) -> None:
    """Lock two accounts in the order no service does, the second only when somebody waits for the first."""
    lock = "SELECT id FROM account WHERE id = %s FOR UPDATE"
    with psycopg.connect(url) as mine, psycopg.connect(url, autocommit=True) as watcher:
        # Only the service's connection looks for deadlocks, so it is the one that is undone.
        mine.execute("SET deadlock_timeout = '1min'")
        mine.execute(lock, (first,))
        held.set()
        until = time.monotonic() + 30
        while not waiting_for_a_lock(watcher) and time.monotonic() < until:
            time.sleep(0.02)
        mine.execute(lock, (then,))
        mine.rollback()


def test_a_deadlock_is_resolved_without_anybody_hearing_of_it(
    app: Flask, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """
    service: lock A ............ wait for B → undone by PostgreSQL, answered anew, done once
    another: lock B .. wait for A ............ gets A, lets both go
    """
    admin = Site(app, PASSWORD).sign_in("admin@test.example")
    low, high = sorted((found("sergeant"), found("other.sergeant")), key=lambda each: each[1])
    form = admin.get(f"/accounts/{low[1]}/name-deputy")
    url = db.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    held = threading.Event()
    rival = threading.Thread(target=lock_against, args=(url, high[0], low[0], held))
    rival.start()
    assert held.wait(10)
    until = local_day(now()) + timedelta(days=3)
    days = {"until": [str(until.day), str(until.month), str(until.year)]}
    answer = admin.submit(form, deputy=high[1], **days, status=200)
    rival.join(30)

    assert "has been named" in answer.html.get_text(" ")
    assert [each.message for each in caplog.records if "collision" in each.message] == [
        f"collision 1 at POST /accounts/{low[1]}/name-deputy, answered anew"
    ]
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Deputy)) == 1
    named = select(func.count()).select_from(AuditLeaf).where(AuditLeaf.act == "account.name_deputy")
    assert db.session.scalar(named) == 1


def found(name: str) -> tuple[int, str]:
    account = queries.account_by_email(f"{name}@test.example")
    assert account is not None
    pair = account.id, account.reference
    db.session.rollback()
    return pair


# ---- A service with a view that collides as often as asked ------------------------------------------

tries: list[tuple[bytes, bool]] = []


def collide() -> str:
    """Add a supplier, and have PostgreSQL undo that as often as the form says."""
    form = Form()
    tries.append((request.files["file"].read(), "answer_status" in g))
    with refusals_on(form), transaction():
        db.session.add(Supplier(code=f"S{len(tries)}", name=f"Try {len(tries)}"))
        db.session.flush()
        if len(tries) <= int(request.form["times"]):
            db.session.execute(text(UNDONE))
    return "done"


@pytest.fixture
def colliding(world: World, databases: Databases) -> Iterator[Flask]:
    service = create_app({**settings(databases.url("used")), "WTF_CSRF_ENABLED": False})
    odd = Blueprint("odd", __name__)
    odd.add_url_rule("/collide", "collide", public(collide), methods=["POST"])
    service.register_blueprint(odd)
    tries.clear()
    db.session.remove()
    yield service
    with service.app_context():
        db.engine.dispose()


def send(service: Flask, times: int) -> tuple[int, str, str | None]:
    data = {"times": str(times), "file": (io.BytesIO(b"rows"), "rows.csv")}
    answer = browser(service).post("/collide", data=data, content_type="multipart/form-data")
    return answer.status_code, answer.get_data(as_text=True), answer.headers.get("Retry-After")


def names() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Supplier.name).where(Supplier.name.like("Try%"))))


@pytest.mark.parametrize("times", [1, 2])
def test_a_change_that_was_undone_is_made_again_from_the_same_form_and_file(colliding: Flask, times: int) -> None:
    assert send(colliding, times) == (200, "done", None)
    assert tries == [(b"rows", False)] * (times + 1)
    assert names() == [f"Try {times + 1}"]


def test_a_change_that_was_undone_three_times_is_given_up_and_nothing_is_saved(colliding: Flask) -> None:
    status, words, wait = send(colliding, 3)
    assert (status, wait) == (503, "30")
    assert "Nothing has been saved" in words
    assert len(tries) == 3
    assert names() == []


def test_whoever_reads_sees_one_moment_and_whoever_changes_what_others_committed(app: Flask, world: World) -> None:
    """A report between whose statements somebody else commits is of before; a change sees it and decides on it."""
    tried = select(func.count()).select_from(Supplier).where(Supplier.name.like("Try%"))
    insert_one = "INSERT INTO supplier (code, name, donor) VALUES (%s, %s, false)"

    def elsewhere(number: int) -> None:
        url = db.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
        with psycopg.connect(url) as other:
            other.execute(insert_one, (f"S{number}", f"Try {number}"))

    db.session.rollback()
    assert db.session.scalar(tried) == 0
    elsewhere(1)
    assert db.session.scalar(tried) == 0
    with transaction():
        assert db.session.scalar(tried) == 1
        elsewhere(2)
        assert db.session.scalar(tried) == 2
    assert db.session.scalar(tried) == 2
