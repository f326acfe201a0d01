"""What a phone is handed to keep, and what becomes of the slips it sends."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.dates import LONDON
from core.db import db, now, transaction
from inventory.bags.models import Issue
from inventory.counts import services as counting
from inventory.counts.models import CountEntry
from inventory.offline.rules import owner_of
from inventory.stock.models import Posting
from tests.factories import AT, PASSWORD, World, submission
from tests.inventory.shelves import carry, fill_shelves, issue, pack
from tests.site import Site

LATE = AT + timedelta(hours=6)
JSON = {"Accept": "application/json"}


class Phone:
    """A phone that somebody has open."""

    def __init__(self, app: Flask, name: str) -> None:
        self.site = Site(app, PASSWORD).sign_in(f"{name.replace(' ', '.')}@test.example")
        self.kept: dict[str, Any] = self.site.client.get("/no-signal/kept", headers=JSON).get_json()

    def send(self, **changed: Any) -> tuple[int, dict[str, str]]:
        """Send a slip; what is not said is that an officer took GB-00001 in May, before its soap expired."""
        moment = LATE.astimezone(LONDON)
        day = [["issued_on", str(part)] for part in (moment.day, moment.month, moment.year)]
        slip = {
            "owner": self.kept["owner"], "id": submission(), "act": "issue", "about": "GB-00001", "position": 0,
            "noted": now().isoformat(), "fields": [["route", "officer"], *day, ["issued_time", f"{moment:%H:%M}"]],
        } | changed  # fmt: skip
        headers = JSON | {"X-CSRFToken": self.kept["token"], "Content-Type": "application/json"}
        answer = self.site.client.post("/no-signal/send", data=json.dumps(slip), headers=headers)
        return answer.status_code, answer.get_json()


@pytest.fixture
def phone(app: Flask, world: World) -> Phone:
    """The phone of the sergeant at Salisbury, where three Go Bags stand that can be issued today."""
    fill_shelves(world)
    for bag in pack(world, 3):
        carry(world, bag, "SALISBURY")
    return Phone(app, "sergeant")


def issues() -> list[Issue]:
    db.session.rollback()
    return list(db.session.scalars(select(Issue).order_by(Issue.id)))


def entries() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(CountEntry)) or 0


def test_a_phone_keeps_what_its_owner_may_do_and_no_figures(app: Flask, world: World, phone: Phone) -> None:
    kept = phone.kept
    assert kept["owner"] == owner_of(app.config["SECRET_KEY"], world.actor("sergeant").account_id)
    assert [bag["tag"] for bag in kept["bags"]] == ["GB-00001", "GB-00002", "GB-00003"]
    assert sorted(kept["bags"][0]["inside"])[-2:] == ["Soap × 2", "Towel"]
    assert kept["counts"] == []
    other = Phone(app, "other sergeant").kept
    assert (other["bags"], other["key"] != kept["key"]) == ([], True)
    assert Phone(app, "storekeeper").kept["bags"] is None
    assert Phone(app, "auditor").kept == {"message": "You do not have permission to do this"}
    with transaction():
        told: dict[str, Any] = {"scope": world.actor("sergeant").scope, "by": world.actor("sergeant"), "at": now()}
        counting.start("SALISBURY", (), **told, submission_id=submission())
    (count,) = Phone(app, "sergeant").kept["counts"]
    assert (count["reference"], count["place"]) == ("C-00001", "Salisbury")
    assert {key for line in count["lines"] for key in line} == {"position", "name", "bags", "numbered", "done"}
    assert [line["name"] for line in count["lines"] if line["bags"]] == ["Go Bags"]


def test_a_slip_is_taken_in_once_at_its_true_time_however_often_it_is_sent(phone: Phone) -> None:
    sent = {"id": submission(), "noted": now().isoformat()}
    first, again = phone.send(**sent), phone.send(**sent)
    assert first == again
    (kept,) = issues()
    said = f"GB-00001 has been issued. Its slip is {kept.slip}"
    assert first == (200, {"said": said, "page": f"/issues/{kept.slip}"})
    posting = db.session.get_one(Posting, kept.posting_id)
    assert (kept.issued_at, posting.happened_at) == (LATE, LATE)
    assert now() - posting.recorded_at < timedelta(minutes=2)


def test_a_conflict_and_a_wrong_clock_are_said_in_words_and_change_nothing(world: World, phone: Phone) -> None:
    issue(world, "GB-00001")
    status, said = phone.send()
    assert status == 409
    assert said["message"].startswith("Only 0 left. Nothing has been issued: Go Bag GB-00001 was issued on ")
    soon, late = (now() + timedelta(minutes=2)).isoformat(), (now() + timedelta(hours=2)).isoformat()
    assert phone.send(about="GB-00002", noted=soon)[0] == 503
    status, said = phone.send(about="GB-00002", noted=late)
    assert (status, said["message"][:16]) == (422, "The phone noted ")
    assert phone.send(about="GB-00002", fields=[["route", "officer"]])[1]["message"].startswith("Enter a date, like")
    assert phone.send(about="GB-00099")[0] == 404
    for odd in ({"fields": [["route", "off\0icer"]]}, {"noted": "2026-11-22T03:10"}, {"act": "pack"}, {"position": -1}):
        assert phone.send(**odd)[1]["message"].startswith("What the phone noted cannot be read"), odd
    assert len(issues()) == 1


def test_what_no_script_of_ours_sends_is_refused_and_changes_nothing(phone: Phone) -> None:
    assert phone.send(owner="Zoë")[0] == 403
    for odd in ({"about": "\ud83d"}, {"id": "\udc00"}, {"fields": [["route", "\ud83d"]]}):
        status, said = phone.send(**odd)
        assert (status, said["message"][:37]) == (422, "What the phone noted cannot be read. "), odd
    headers = JSON | {"X-CSRFToken": phone.kept["token"], "Content-Type": "application/json"}
    deep = phone.site.client.post("/no-signal/send", data="[" * 100_000, headers=headers)
    assert (deep.status_code, deep.get_json()["message"][:36]) == (422, "What the phone noted cannot be read.")
    wide = phone.site.client.post("/no-signal/send", data=f"[{'[],' * 1_000_000}[]]", headers=headers)
    assert wide.status_code == 413
    assert issues() == []


def test_nobody_else_sends_it_and_an_ended_session_says_so(app: Flask, phone: Phone) -> None:
    other = Phone(app, "other sergeant")
    status, said = other.send(owner=phone.kept["owner"])
    assert (status, said["message"][:13]) == (403, "Somebody else")
    assert other.send()[0] == 404  # as their own: there is no such bag for them
    phone.kept["token"], kept = "of another session", phone.kept["token"]
    assert phone.send()[0] == 400
    phone.kept["token"] = kept
    phone.site.client.post("/sign-out", data={"csrf_token": kept})
    assert phone.site.client.get("/no-signal/kept", headers=JSON).status_code == 401
    assert phone.send()[0] in (400, 401)
    assert issues() == []


def test_a_count_noted_without_signal_is_of_the_moment_it_was_noted(world: World, phone: Phone) -> None:
    told: dict[str, Any] = {"scope": world.actor("sergeant").scope, "by": world.actor("sergeant")}
    with transaction():
        began = now() - timedelta(hours=2)
        count = counting.start("SALISBURY", (), **told, at=began, submission_id=submission())
        (bags,) = [line.position for line in count.lines if line.is_bags]
    noted = now() - timedelta(hours=1)
    sent = {
        "id": submission(), "act": "see", "about": "C-00001", "position": bags, "noted": noted.isoformat(),
        "fields": [["numbers", "1\nGB-00002"]],
    }  # fmt: skip
    assert phone.send(**sent) == (200, {"said": "Go Bags: 2 counted at Salisbury", "page": "/counts/C-00001"})
    assert phone.send(**sent | {"noted": now().isoformat()})[0] == 200  # the same form again
    assert entries() == 1
    assert db.session.scalars(select(CountEntry.seen_at)).one() == noted
    empty = phone.send(**sent | {"id": submission(), "fields": []})
    assert empty[1]["message"] == "Enter what is there, or tick that there are none"
    with transaction():
        counting.abandon("C-00001", reason="Wrong place", **told, at=now(), submission_id=submission())
    closed = phone.send(**sent | {"id": submission()})
    assert closed == (409, {"message": "Count C-00001 was abandoned. Start another one"})
    assert entries() == 1


def test_a_form_that_had_arrived_is_the_same_act_when_the_phone_sends_it(app: Flask, world: World) -> None:
    fill_shelves(world)
    keeper, phone = world.actor("storekeeper"), Phone(app, "storekeeper")
    with transaction():
        count = counting.start("STORE", (), scope=keeper.scope, by=keeper, at=now(), submission_id=submission())
        towels = next(line.position for line in count.lines if line.item is not None and line.item.code == "TOWEL")
    page = phone.site.get(f"/counts/C-00001/things/{towels}")
    key = str(page.element("submission_id")["value"])
    for _ in range(2):  # the button pressed twice
        phone.site.submit(page, counted="4")
    sent = {"id": key, "act": "see", "about": "C-00001", "position": towels, "noted": now().isoformat()}
    assert (
        phone.send(**sent, fields=[["counted", "4"], ["seen_time", ""]])[1]["said"]
        == "Towel: 4 counted at Devizes store"
    )
    assert entries() == 1
    other = phone.send(**sent, fields=[["counted", "5"], ["seen_time", ""]])
    assert other == (422, {"message": "This reference was used for something else"})
    assert entries() == 1


def test_the_page_and_its_worker_hold_nothing_of_anybody(app: Flask, world: World) -> None:
    sergeant = Site(app, PASSWORD).sign_in("sergeant@test.example")
    assert sergeant.get("/station/").html.find("meta", attrs={"name": "account-mark", "data-works": "yes"})
    nobody = Site(app, PASSWORD)
    assert nobody.get("/no-signal").html.find("meta", attrs={"name": "account-mark"}) is None
    scripts = [each.client.get("/worker.js").get_data(as_text=True) for each in (nobody, sergeant)]
    assert scripts[0] == scripts[1]
    assert "wasm" not in nobody.client.get("/no-signal").headers["Content-Security-Policy"]
