"""The life of a phone through the pages: recorded, paired, kept ringing, handed out; and who sees its numbers."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask

from core.dates import day_text, local_day
from core.db import db, now
from inventory.deliveries.rules import DeliveredLine
from inventory.phones.models import SerialUnit
from tests.conftest import kept
from tests.factories import PASSWORD, World
from tests.inventory.phones.phones import ICCIDS, NUMBERS, have_phones, line, operator, record, ring_bag
from tests.inventory.shelves import IMEIS, carry, issue, receive
from tests.site import Site


def began() -> datetime:
    """The moment the phones came: 80 days ago, so that SIMs of 90 days lapse in ten."""
    return now() - timedelta(days=80)


def _ringing(world: World) -> None:
    at = began()
    have_phones(world, received_on=local_day(at), at=at)
    code = operator(world, at=at).code
    day = local_day(at)
    lines = [line(number, row=number, activated_on=day) for number in range(3)]
    record(world, *lines, operator_code=code, paired_on=day, at=at)
    carry(world, ring_bag(world, 0, at=at), "SALISBURY")
    carry(world, ring_bag(world, 1, at=at), "SALISBURY")


ringing = kept(_ringing)
"""Two phone bags at Salisbury and a loose phone at the store, whose SIMs lapse in ten days; a fourth not recorded."""


@pytest.fixture
def site(app: Flask, ringing: World) -> Site:
    """The strict browser over that force."""
    return Site(app, PASSWORD)


def unit(number: str) -> int:
    return int(db.session.query(SerialUnit.id).filter_by(number=number).scalar())


def signed(site: Site, name: str) -> Site:
    return site.sign_in(f"{name}@test.example")


def test_a_sergeant_gets_one_task_and_texts_with_a_tap(site: Site, ringing: World) -> None:
    mine = signed(site, "sergeant")
    home = mine.get("/station/")
    assert "Text from these 2 phones by" in home.text
    assert "/phones/texting/SALISBURY" in home.links
    page = mine.get("/phones/texting/SALISBURY")
    assert f"GB-00001 Phone with IMEI ending {IMEIS[0][-4:]} , SIM ending 4826." in page.text
    assert IMEIS[0] not in page.text
    first = unit(ICCIDS[0])

    worse = mine.submit(page, text=str(first), **{f"credit_{first}": "8,4o"}, status=422)
    assert worse.errors == [f"The phone with IMEI ending {IMEIS[0][-4:]}: {worse.errors[0].partition(': ')[2]}"]
    assert "like" in worse.errors[0]
    done = mine.submit(page, text=str(first), **{f"credit_{first}": "8.40"})
    assert "Recorded: a text from 1 phone" in done.text
    assert "Text from this phone by" in done.text
    assert f"Recorded today GB-00001: phone with IMEI ending {IMEIS[0][-4:]}, SIM ending 4826" in done.text
    assert "£8.40" in mine.get(f"/stock/units/{first}").text

    undo = next(link for link in done.links if "/uses/" in link)
    undone = mine.submit(mine.get(undo), containing="submission_id")
    assert "Text from these 2 phones by" in undone.text
    everything = mine.submit(undone, text="all")
    assert "Recorded: a text from 2 phones" in everything.text
    assert "No phone needs a text now" in everything.text
    assert "Text from" not in mine.get("/station/").text
    mine.get("/phones/texting/TROWBRIDGE", status=404)
    signed(site, "partner").get("/phones/texting/SALISBURY", status=404)


def test_a_wrong_credit_stops_its_own_phone_and_what_is_typed_beside_the_others_is_kept(
    site: Site, ringing: World
) -> None:
    mine = signed(site, "sergeant")
    page = mine.get("/phones/texting/SALISBURY")
    first, second = unit(ICCIDS[0]), unit(ICCIDS[1])
    done = mine.submit(page, text=str(first), **{f"credit_{first}": "8.40", f"credit_{second}": "lots"}, status=422)
    assert "Recorded: a text from 1 phone" in done.text
    assert done.errors == [f"The phone with IMEI ending {IMEIS[1][-4:]}: {done.errors[0].partition(': ')[2]}"]
    assert done.fields("submission_id")[f"credit_{second}"] == "lots"
    stopped = mine.submit(done, text="all", status=422)
    assert len(stopped.errors) == 1
    whole = mine.submit(done, text="all", **{f"credit_{second}": "3.10"})
    assert "Recorded: a text from 1 phone" in whole.text
    assert "No phone needs a text now" in whole.text


def test_a_storekeeper_records_pairs_and_texts_at_the_store(site: Site, ringing: World) -> None:
    keeper = signed(site, "storekeeper")
    assert "Text from this phone by" in keeper.get("/store/").text
    form = keeper.get("/phones/record")
    wrong = f"{IMEIS[3]}, {ICCIDS[3][:-1]}0\n{IMEIS[3]}, {ICCIDS[2]}\n{ICCIDS[3]}, 07700 900103"
    refused = keeper.submit(form, lines=wrong, status=422)
    assert [words.split(":")[0] for words in refused.errors] == ["Line 1"]
    refused = keeper.submit(form, lines=wrong.split("\n", 1)[1], status=422)
    assert len(refused.errors) == 2
    assert "Line 1: the SIM ending 4842 is paired with the phone ending" in refused.errors[0]
    assert "Line 2: the number ending 0103 is paired with the SIM ending 4842" in refused.errors[1]
    assert ICCIDS[3] in str(refused.element("lines"))

    today = local_day(now())
    done = keeper.submit(form, lines=f"{ICCIDS[3]}, {IMEIS[3]}, 07700 900104, {today:%d/%m/%Y}", operator="OP-00001")
    assert "Recorded 1 line" in done.text
    sim = keeper.get(f"/stock/units/{unit(ICCIDS[3])}")
    assert f"This SIM has been in the phone {IMEIS[3]} since {day_text(today)}" in sim.text
    assert "This SIM has had the number 07700 900104 since" in sim.text
    assert day_text(today + timedelta(days=90)) in sim.text

    pair = keeper.get(f"/phones/{unit(IMEIS[3])}/pair/handset")
    assert keeper.submit(pair, number="12345", status=422).errors
    assert "The pairing has been recorded" in keeper.submit(pair, number=ICCIDS[2]).text
    phone = keeper.get(f"/stock/units/{unit(IMEIS[3])}")
    assert f"This phone had the SIM {ICCIDS[3]} on {day_text(today)}" in phone.text
    assert f"This phone has had the SIM {ICCIDS[2]} since {day_text(today)}" in phone.text
    end = keeper.get(f"/phones/{unit(IMEIS[3])}/end/handset")
    assert "It stays in the history" in keeper.submit(end, containing="submission_id").text

    use = keeper.get(f"/phones/{unit(ICCIDS[2])}/use")
    assert "Enter the credit" in keeper.submit(use, kind="credit read", status=422).text
    assert "credit £4.20" in keeper.submit(use, kind="credit read", credit="4.20").text


def test_an_operator_is_recorded_and_its_terms_change(site: Site, ringing: World) -> None:
    admin = signed(site, "admin")
    form = admin.get("/phones/operators/add")
    assert admin.submit(form, operator="Pennant Talk", days_to_lapse="0", status=422).errors
    assert "Pennant Talk has been recorded" in admin.submit(form, operator="Pennant Talk", days_to_lapse="180").text
    listed = admin.submit(admin.get("/phones/operators/OP-00001/rule"), days_to_lapse="70", by_call="y")
    assert "A SIM lapses after 70 days without a call made" in listed.text
    keeper = signed(site, "storekeeper")
    assert "Lapsed on" in keeper.get("/phones/texting/STORE").text  # 70 of its 80 days are over
    sergeant = signed(site, "sergeant")
    assert "See whether 2 lapsed phones work" in sergeant.get("/station/").text
    assert "The SIM ending 4826 lapsed on" in sergeant.get("/bags/GB-00001").text
    assert "lapsed" in sergeant.get("/bags/GB-00001/issue").text
    good = sergeant.submit(sergeant.get("/phones/texting/SALISBURY"), text=str(unit(ICCIDS[0])))
    assert "a text from 1 phone" in good.text
    assert "The SIM ending 4826 lapsed on" in sergeant.get("/bags/GB-00001").text  # a text is no use any more


def test_a_given_phone_is_wiped_before_it_is_packed(site: Site, ringing: World) -> None:
    receive(ringing, DeliveredLine("PHONE", 1, serial_numbers=(IMEIS[4],)), supplier_code="CHURCH")
    keeper, given = signed(site, "storekeeper"), unit(IMEIS[4])
    page = keeper.get(f"/stock/units/{given}")
    assert "was given by a donor. Reset it to its factory settings" in page.text
    form = keeper.get(f"/phones/{given}/reset")
    assert "Confirm that it is reset" in keeper.submit(form, containing="submission_id", status=422).text
    wiped = keeper.submit(form, sure="y")
    assert f"Factory reset, no previous owner {day_text(local_day(now()))}, by" in wiped.text
    assert "was given by a donor. Reset" not in wiped.text


def mentions(answer: str) -> set[str]:
    """Give which of the phones' numbers stand whole in an answer, in any spelling people use."""
    plain = answer.replace(" ", "").replace("\xa0", "")
    dialled = {number for number in NUMBERS if number in plain or f"0{number[2:]}" in plain}
    return dialled | {number for number in (*IMEIS, *ICCIDS) if number in plain}


def test_numbers_are_whole_to_those_who_count_them_and_to_nobody_else(site: Site, ringing: World) -> None:
    issue(ringing, "GB-00002", issued_at=now(), at=now())
    here, sim = unit(IMEIS[0]), unit(ICCIDS[0])
    pages = ["/phones/", "/phones/?q=3809", f"/stock/units/{here}", f"/stock/units/{sim}", "/bags/GB-00001",
             "/deliveries/DEL-00001", "/stock/lots/L-00001", f"/find?q={IMEIS[0][-6:]}", "/stock/places/SALISBURY",
             "/bags/", "/registers/items", f"/stock/units/{unit(IMEIS[1])}",
             f"/stock/units/{unit(ICCIDS[1])}"]  # fmt: skip
    whole = {IMEIS[0], ICCIDS[0], NUMBERS[0]}
    for who, sees in (("sergeant", True), ("other.sergeant", False), ("approver", False), ("grants", False),
                      ("auditor", True), ("finance", False)):  # fmt: skip
        signed(site, who)
        answers = [site.client.get(path, follow_redirects=True).get_data(as_text=True) for path in pages]
        seen = set().union(*(mentions(answer) for answer in answers))
        assert seen & whole == (whole if sees else set()), who
        if who == "sergeant":
            assert seen == whole  # neither the store's nor what was handed out


def test_an_approver_who_counts_ticks_last_digits(site: Site, ringing: World) -> None:
    for reference, who, whole in (("C-00001", "approver", False), ("C-00002", "storekeeper", True)):
        counter = signed(site, who)
        begun = counter.submit(counter.get("/counts/start"), place="STORE", parts=["phone"])
        assert begun.heading.startswith(f"Count {reference}")
        shown = counter.get(f"/counts/{reference}/things/1?shown=1")
        assert (IMEIS[2] in str(shown.html)) is whole, who
        saved = counter.submit(shown, ticked=[IMEIS[2] if whole else IMEIS[2][-4:]])
        assert "1 saved" in saved.text
        counter.submit(counter.get(f"/counts/{reference}/abandon"), reason="Only a trial")
