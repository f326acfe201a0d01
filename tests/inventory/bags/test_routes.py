"""The pages of Go Bags, read by the strict browser as each person sees them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.access import Role
from core.dates import LONDON, day_text
from core.db import db, now, transaction
from inventory.bags.models import Bag, Issue
from inventory.stock.queries import lots_held
from organisation.accounts.models import Account
from organisation.accounts.services import give_roles
from tests.factories import World
from tests.inventory.shelves import IMEIS, TODAY, carry, who
from tests.site import Page, Site

SERGEANT, OTHER, PARTNER = "sergeant@test.example", "other.sergeant@test.example", "partner@test.example"
STOREKEEPER, AUDITOR = "storekeeper@test.example", "auditor@test.example"


def issues() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Issue)) or 0


def issue(site: Site) -> Page:
    """Issue GB-00001 as the sergeant and give its slip."""
    site.sign_in(SERGEANT)
    return site.submit(site.get("/bags/GB-00001/issue"), route="officer", status=200)


def test_a_sergeant_issues_in_three_taps(site: Site) -> None:
    site.sign_in(SERGEANT)
    found = site.get("/bags/issue")
    assert "/bags/GB-00001/issue" in found.links
    page = site.get("/bags/GB-00001/issue")
    assert "Know your rights" in page.text
    slip = site.submit(page, route="officer", status=200)
    assert slip.heading == "Issue slip"
    assert re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", slip.text)
    assert "08000 121 700 Modern Slavery Helpline" in slip.text
    assert "Go Bag GB-00001 , Adult M" in slip.text
    assert "/bags/GB-00001" in slip.links
    assert issues() == 1


def test_the_bags_of_the_place_one_came_from_are_listed_first(site: Site, world: World) -> None:
    """One sergeant has Salisbury, where GB-00001 stands, and Trowbridge, where GB-00002 does."""
    account = db.session.get_one(Account, world.actor("sergeant").account_id)
    with transaction():
        give_roles(account.reference, Role.SERGEANT, ["TROWBRIDGE"], TODAY, **who(world.actor("admin")))
    carry(world, db.session.query(Bag).filter_by(tag="GB-00002").one(), "TROWBRIDGE")
    site.sign_in(SERGEANT)
    assert "/bags/issue?place=TROWBRIDGE" in site.get("/station/TROWBRIDGE").links
    found = site.get("/bags/issue?place=TROWBRIDGE")
    listed = [link for link in found.links if link.endswith("/issue")]
    assert listed == ["/bags/GB-00002/issue", "/bags/GB-00001/issue"]
    assert "Ready at Trowbridge" in found.text
    assert "Ready at your other places" in found.text
    assert site.get("/bags/issue?place=TROWBRIDGE&tag=1").heading == "Issue GB-00001"
    site.get("/bags/issue?place=STORE", status=404)


def test_a_bag_that_lacks_something_is_issued_only_with_a_tick_that_one_knows_what(site: Site) -> None:
    site.sign_in(SERGEANT)
    assert "I know what is missing" not in site.get("/bags/GB-00001/issue").text
    taking = site.get("/bags/GB-00001/take-out")
    thing = next(
        str(each["value"]) for each in taking.html.select("[name=thing]") if str(each["value"]).startswith("L-00001")
    )
    site.submit(
        taking,
        thing=thing,
        unit_count="1",
        fate="back on the shelf",
        reason="For somebody at once",
        status=200,
        seal="S-7777",
    )
    page = site.get("/bags/GB-00001/issue")
    refused = site.submit(page, route="officer", status=422)
    assert refused.errors == ["Tick that you know what is missing, or choose another Go Bag"]
    assert "Towel is missing." in refused.text
    assert issues() == 0
    assert site.submit(page, route="officer", incomplete="y").heading == "Issue slip"


@pytest.mark.parametrize("typed", ["1", "gb-00001", "S-1001", "http://localhost/bags/GB-00001"])
def test_the_tag_is_typed_or_scanned_and_the_seal_does_too(site: Site, typed: str) -> None:
    site.sign_in(SERGEANT)
    assert site.get(f"/bags/issue?tag={typed}").heading == "Issue GB-00001"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("GB-00002", "There is no Go Bag GB-00002 at your places. Check the tag"),
        ("GB-99999", "There is no Go Bag GB-99999 at your places. Check the tag"),
        ("", "Enter the tag on the bag, like GB-00007"),
    ],
)
def test_a_tag_of_another_place_is_answered_like_one_that_does_not_exist(site: Site, typed: str, message: str) -> None:
    site.sign_in(SERGEANT)
    assert site.get(f"/bags/issue?tag={typed}", status=422).errors == [message]


def test_issuing_the_same_bag_again_is_a_conflict_in_words(site: Site) -> None:
    site.sign_in(SERGEANT)
    page = site.get("/bags/GB-00001/issue")
    site.submit(page, route="officer", status=200)
    again = site.submit(page, route="officer", submission_id="11111111-1111-4111-8111-111111111111", status=409)
    assert again.errors[0].startswith("Only 0 left. Nothing has been issued: Go Bag GB-00001 was issued on")
    assert issues() == 1


def test_a_double_click_is_one_issue(site: Site) -> None:
    site.sign_in(SERGEANT)
    page = site.get("/bags/GB-00001/issue")
    first, second = (site.submit(page, route="officer", status=200) for _ in range(2))
    assert first.response.request.path == second.response.request.path
    assert issues() == 1


def test_a_time_to_come_is_refused_with_what_was_entered(site: Site) -> None:
    site.sign_in(SERGEANT)
    page = site.get("/bags/GB-00001/issue")
    tomorrow = (now() + timedelta(days=1)).astimezone(LONDON)
    day = [str(tomorrow.day), str(tomorrow.month), str(tomorrow.year)]
    answer = site.submit(page, route="officer", issued_on=day, status=422)
    (error,) = answer.errors
    assert error.startswith(f"{day_text(tomorrow.date())} at ")
    assert error.endswith(" is later than now. Enter when it happened")
    assert issues() == 0
    answer = site.submit(page, route="officer", issued_time="25:00", status=422)
    assert answer.errors == ["Enter a time, like 2:30pm or 14:30"]
    assert issues() == 0


@pytest.mark.parametrize("path", ["/bags/GB-00001", "/bags/GB-00001/issue", "/bags/GB-00001/label"])
def test_a_bag_of_another_place_is_not_found(site: Site, path: str) -> None:
    site.sign_in(OTHER).get(path, status=404)


def test_the_slip_of_another_place_is_not_found(site: Site) -> None:
    path = issue(site).response.request.path
    site.sign_in(OTHER)
    for each in (path, f"{path}/undo"):
        site.get(each, status=404)
    assert "GB-00001" not in site.get("/issues/").text


def test_the_auditor_reads_everything_and_changes_nothing(site: Site) -> None:
    slip = issue(site).response.request.path
    site.sign_in(AUDITOR)
    for path in ("/bags/", "/bags/GB-00001", "/bags/GB-00002", "/issues/", slip, "/bags/GB-00002/label"):
        page = site.get(path)
        assert not [form for form in page.element("main-content").find_all("form") if form.get("method") == "post"]
    for path in ("/bags/issue", "/bags/GB-00002/issue", "/bags/pack", f"{slip}/undo"):
        site.get(path, status=403)


def test_imeis_are_whole_to_those_who_count_them_and_masked_to_others(site: Site) -> None:
    for email, path, whole in (
        (SERGEANT, "/bags/GB-00001", True),
        (STOREKEEPER, "/bags/GB-00002", True),
        (AUDITOR, "/bags/GB-00001", True),
        ("grants@test.example", "/bags/GB-00001", False),
        ("approver@test.example", "/bags/GB-00001", False),
    ):
        text = site.sign_in(email).get(path).text
        assert any(number in text for number in IMEIS) is whole, email
        assert any(f"•••• {number[-4:]}" in text for number in IMEIS) is not whole, email


def test_the_list_is_ready_first_and_filtered_by_what_is_asked(site: Site) -> None:
    site.sign_in(AUDITOR)
    rows = site.get("/bags/").table("2 Go Bags")
    assert [row[0] for row in rows[1:]] == ["GB-00002", "GB-00001"]
    for asked, tags in (
        ("q=s-1001", ["GB-00001"]),
        ("q=%25", []),
        ("place=STORE", ["GB-00002"]),
        ("readiness=ready", ["GB-00002", "GB-00001"]),
        ("readiness=partial", []),
        ("language=ro", ["GB-00002", "GB-00001"]),
        ("recipe=ADULT-M", ["GB-00002", "GB-00001"]),
    ):
        page = site.get(f"/bags/?{asked}")
        found = [row[0] for row in page.table(f"{len(tags)} Go Bag")[1:]] if tags else []
        assert found == tags, asked
        assert tags or "No Go Bag matches" in page.text


@pytest.mark.parametrize(
    "path", ["/bags/", "/bags/GB-00002", "/issues/", "/bags/issue", "/bags/pack?place=STORE&recipe=ADULT-M&count=2"]
)
def test_pages_take_few_statements(site: Site, path: str) -> None:
    page = site.sign_in(STOREKEEPER if "pack" in path or "2" in path else SERGEANT).get(path)
    own = [
        sql for sql in page.statements if not any(name in sql for name in ("session_record", "account", "role_held"))
    ]
    assert len(own) <= 12, "\n".join(own)


def test_a_label_carries_a_code_that_opens_the_bag(site: Site) -> None:
    page = site.sign_in(STOREKEEPER).get("/bags/labels?tag=GB-00002")
    assert page.html.select_one(".app-label svg path") is not None
    assert "S-1002" in page.text
    site.get("/bags/labels?tag=GB-00001&tag=GB-99999", status=404)


def test_a_storekeeper_packs_a_run_as_proposed_and_prints_its_labels(site: Site, shelves: World) -> None:
    site.sign_in(STOREKEEPER)
    page = site.get("/bags/pack?place=STORE&recipe=ADULT-M&count=2")
    answer = site.submit(page, containing="seals", seals="S-2001\nS-2002", status=200)
    assert answer.heading == "2 labels"
    assert "GB-00003" in answer.text
    assert {lot.code: lot.unit_count for lot in lots_held(shelves.places["STORE"])}["L-00001"] == 6


def test_the_lots_proposed_can_be_changed(site: Site, shelves: World) -> None:
    site.sign_in(STOREKEEPER)
    page = site.get("/bags/pack?place=STORE&recipe=ADULT-M&count=1")
    changed = {"lot_L-00005": "0", "lot_L-00006": "1", "seals": "S-2001"}
    site.submit(page, containing="seals", status=200, **changed)
    bag = db.session.scalars(select(Bag).where(Bag.tag == "GB-00003")).one()
    assert "L-00006" in {lot.code for lot in lots_held(bag.place_id)}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"seals": "S-2001"}, "Enter 2 seal numbers, one for each Go Bag. You entered 1"),
        ({"seals": ""}, "Enter a seal number for each Go Bag"),
        ({"seals": "S-1001\nS-2002"}, "Seal S-1001 is already on GB-00001. Use a new seal"),
        (
            {"lot_L-00001": "1"},
            "This is not what the recipe asks for 2 Go Bags. Towel: 1 of 2. Nothing has been packed",
        ),
        ({"lot_L-00001": "1_0"}, "Enter a whole number, like 12"),
        ({"numbers_L-00004": IMEIS[0]}, "Choose 2 different IMEI numbers from lot L-00004. You chose 1"),
    ],
)
def test_a_run_that_cannot_be_packed_is_refused_and_packs_nothing(
    site: Site, changed: dict[str, str], message: str
) -> None:
    site.sign_in(STOREKEEPER)
    page = site.get("/bags/pack?place=STORE&recipe=ADULT-M&count=2")
    answer = site.submit(page, containing="seals", **{"seals": "S-2001\nS-2002", **changed})
    assert answer.errors == [message]
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Bag)) == 2


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("place=SALISBURY&recipe=ADULT-M&count=1", "Select a station you can use"),
        ("place=STORE&recipe=NONE&count=1", "Choose a kit recipe"),
        ("place=STORE&recipe=ADULT-M&count=51", "Number of Go Bags must be 50 or fewer"),
        ("place=STORE&recipe=ADULT-M&count=0", "Number of Go Bags must be 1 or more"),
    ],
)
def test_what_to_pack_is_asked_again_when_it_cannot_be(site: Site, asked: str, message: str) -> None:
    assert site.sign_in(STOREKEEPER).get(f"/bags/pack?{asked}", status=422).errors == [message]


def test_an_issue_is_undone_from_its_slip(site: Site) -> None:
    slip = issue(site).response.request.path
    page = site.get(f"{slip}/undo")
    refused = site.submit(page, reason="She was born 1 February 1999", status=422)
    assert refused.errors[0].startswith("Remove details that could identify a person")
    bag = site.submit(page, reason="Wrong tag typed", status=200)
    assert bag.heading == "GB-00001"
    assert "Issue undone: back at Salisbury" in bag.text
    assert "Undone" in site.get("/issues/").text
    assert "This issue was undone on" in site.get(slip).text


def test_a_partner_sees_only_its_own(site: Site) -> None:
    page = site.sign_in(PARTNER).get("/bags/")
    assert "No Go Bag stands here yet" in page.text
