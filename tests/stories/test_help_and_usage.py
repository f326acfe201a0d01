"""Where help is, and what is used (docs/ARCHITECTURE.md, stock 11 and 12)."""

from __future__ import annotations

import csv
from datetime import date
from io import BytesIO, StringIO

from flask import Flask
from openpyxl.reader.excel import load_workbook
from pypdf import PdfReader

from core.dates import day_text, local_day
from core.db import now
from tests.factories import World
from tests.stories.beginning import DAY
from tests.stories.beginning import force as force
from tests.stories.colleagues import Colleague, on_sqlite

pytestmark = on_sqlite


def end_of_quarter() -> date:
    """Give the last day of the last whole quarter."""
    today = local_day(now())
    return today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1) - DAY


def hand_over(app: Flask, tag: str, day: date) -> None:
    """Record late that the sergeant handed a Go Bag over on a day."""
    sergeant = Colleague(app, "sergeant").goes_to("Go Bags").follows(tag).follows("Issue this Go Bag")
    sergeant.fills({"Date": day, "Time": "2:30pm"}).presses(f"Issue {tag}")


def test_gaps_show_by_area_and_the_partnership_is_told_once_a_quarter(app: Flask, force: World) -> None:
    """One Go Bag was handed over at Salisbury in the last quarter. The grant officer sees which places have none,
    records a briefing and an action, publishes the quarter with its small count hidden, and issues the pack. A
    partner reads that and no figure that says something of a person.
    """
    hand_over(app, "GB-00001", end_of_quarter())
    admin = Colleague(app, "admin").goes_to("Places").follows("Not set: the town of Salisbury")
    admin.fills({"A new town": "Salisbury", "Its area": "South Wiltshire"})
    admin.fills({"Kilometres east": 414, "Kilometres north": 129}).presses("Save the town")

    officer = Colleague(app, "grants").goes_to("Where help is")
    assert "No Go Bag stands now at Harbour House, Trowbridge." in officer.text
    assert [row[:5] for row in officer.table("By area")] == [
        ["South Wiltshire", "1", "0", "1", "1"],
        ["No town recorded", "3", "2", "1", "0"],
        ["Total", "4", "2", "2", "1"],
    ]
    officer.follows("Briefings").fills({"Where was it held?": "Trowbridge", "When?": end_of_quarter()})
    officer.fills({"How many attended?": 12, "What was it about?": "What is in a Go Bag"}).presses("Record it")
    officer.goes_to("Where help is").follows("Actions").fills({"What is to be done?": "Two Go Bags for Trowbridge"})
    officer.fills({"Who does it?": "Chief Constable", "By when?": local_day(now()) + 30 * DAY}).presses("Record it")

    officer.goes_to("Where help is").follows("Issue a quarter’s pack", refused=422).follows("Publish usage")
    officer.fills({"The whole period only": True}).presses("Show what would be published")
    assert officer.table("Go Bags issued, by place")[2] == ["Salisbury", "[c]"]
    officer.fills({"I have read the figures.": True}).presses("Publish")
    officer.goes_to("Where help is").follows("Issue a quarter’s pack")
    officer.fills({"I have read the pack.": True}).presses("Issue the pack")
    assert "PTN-00001 is issued." in officer.text

    partner = Colleague(app, "partner").goes_to("Where help is")
    assert partner.table("Places")[0] == ["Salisbury", "Yes", "[c]", "Salisbury", "South Wiltshire"]
    assert partner.table("Actions")[0][:2] == ["Two Go Bags for Trowbridge", "Chief Constable"]
    assert partner.table("Briefings") == [["Trowbridge", day_text(end_of_quarter()), "12"]]
    assert not partner.has_link("Briefings")


def test_a_usage_report_says_the_same_in_four_forms_and_its_address_can_be_passed_on(app: Flask, force: World) -> None:
    """Of two Go Bags handed over this month, the officer counts Salisbury's alone, and sends the address to the budget
    holder. Page, CSV, Excel and PDF say the same.
    """
    today = local_day(now())
    for tag in ("GB-00001", "GB-00002"):
        hand_over(app, tag, today - DAY)
    officer = Colleague(app, "grants").goes_to("Usage")
    officer.fills({"From": today - 30 * DAY, "To": today, "Place": "Salisbury"}).presses("Show")
    assert "2 Go Bags were issued: 2 by officers and 0 by partners." in officer.text
    compared = {row[0]: row[1] for row in officer.table("This period against earlier ones")}
    assert compared == {"Issued": "2", "Handed back": "0", "Net": "2", "Asked for, not given": "0"}

    reviewer = Colleague(app, "reviewer").scans(officer.page.response.request.full_path)
    assert reviewer.text == officer.text

    officer.follows("CSV of this report, every part of it")
    rows = list(csv.reader(StringIO(officer.file.decode("utf-8-sig"))))
    said = {row[3]: row[5] for row in rows if row[:2] == ["Compared", "row"] and row[4] == "This period"}
    assert said == compared
    officer.follows("Excel of this report, every part of it")
    book = load_workbook(BytesIO(officer.file))
    sheet = list(book["Compared"].iter_rows(values_only=True))
    assert {str(row[0]): str(row[1]) for row in sheet if row[0] in compared} == compared
    officer.follows("PDF of this report, every part of it")
    words = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(officer.file)).pages).split())
    assert "2 Go Bags were issued: 2 by officers and 0 by partners." in words
