"""Labels and cupboard sheets, and two clocks (docs/ARCHITECTURE.md, stock 9 and 10)."""

from __future__ import annotations

import re
from io import BytesIO

from flask import Flask
from pypdf import PdfReader

from core.dates import day_text, local_day
from core.db import now, transaction
from inventory.cupboard import services as cupboard
from tests.factories import World
from tests.inventory.shelves import who
from tests.stories.beginning import DAY
from tests.stories.beginning import force as force
from tests.stories.colleagues import Colleague, on_sqlite

pytestmark = on_sqlite


def printed(file: bytes) -> str:
    """Read the words of a PDF."""
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(file)).pages)


def test_labels_are_printed_and_a_cupboard_sheet_is_keyed_in_once_or_chased(app: Flask, force: World) -> None:
    """A sheet made ten days ago has not come back, so it is a task. The sergeant prints labels and a new sheet, hands
    GB-00001 over without signal, keys the old sheet in; it cannot be keyed in again.
    """
    sergeant_at = force.actor("sergeant")
    with transaction():
        cupboard.print_sheet("SALISBURY", scope=sergeant_at.scope, **who(sergeant_at, now() - 10 * DAY))
    sergeant = Colleague(app, "sergeant")
    assert "Key in or write off cupboard sheet CS-00001 printed 10 days ago" in sergeant.text
    sergeant.goes_to("Print labels").fills({"Go Bags that stand here": True}).presses("Make the labels")
    assert {"GB-00001", "GB-00002"} <= set(printed(sergeant.file).split())
    sergeant.goes_home().follows("Cupboard sheets, to write on when there is no signal")
    sergeant.follows("CS-00001 as a PDF to print")
    assert "CS-00001" in printed(sergeant.file)

    sergeant.goes_home().follows("Key in or write off cupboard sheet CS-00001")
    yesterday = local_day(now()) - DAY
    sergeant.fills({"Date on line A": yesterday, "Time on line A": "2:30pm"})
    sergeant.fills({"Nothing else is written on this sheet": True}).presses("Record what is written")
    (sheet,) = sergeant.table("1 sheet")
    assert sheet[3].startswith("A: ")
    assert sheet[4].startswith("Keyed in on")
    assert not sergeant.has_link("Key in CS-00001")
    assert "Key in or write off cupboard sheet" not in sergeant.goes_home().text
    assert "1 Go Bag ready" in sergeant.text
    sergeant.goes_to("Go Bags").follows("Go Bags issued so far")
    (issued,) = sergeant.table("1 issue")
    assert issued[1:4] == [f"{day_text(yesterday)} at 2:30pm", "Salisbury", "GB-00001, Adult M"]


def test_a_late_slip_stands_at_its_true_time_and_the_past_stays_as_it_was_known(app: Flask, force: World) -> None:
    """On Tuesday a Go Bag was handed over, which is recorded today."""
    sergeant = Colleague(app, "sergeant").goes_to("Go Bags").follows("GB-00001").follows("Issue this Go Bag")
    tuesday = local_day(now()) - 5 * DAY
    sergeant.fills({"Date": tuesday, "Time": "2:30pm"}).presses("Issue GB-00001")
    slip = re.findall(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", sergeant.text)[0]
    sergeant.goes_home().follows("What stood here on any day, and what happened")
    assert f"−1 Go Bag {day_text(tuesday)} at 2:30pm, recorded later, on {day_text(local_day(now()))}" in sergeant.text
    for as_at, as_known, held in (
        (tuesday - DAY, None, "2 Go Bags and 0 loose units"),
        (tuesday, None, "1 Go Bag and 0 loose units"),
        (tuesday, tuesday, "2 Go Bags and 0 loose units"),
    ):
        sergeant.fills({"As at": as_at, "As known on": as_known or ""}).presses("Show")
        assert held in sergeant.text, (as_at, as_known)
    sergeant.finds("GB-00001")
    assert f"Issued from Salisbury on {day_text(tuesday)} at 2:30pm. Slip {slip}" in sergeant.text

    auditor = Colleague(app, "auditor").finds("L-00004")
    rows = {row[0]: row[1] for row in auditor.table("Where its units are now")}
    assert rows["Salisbury, in GB-00002"] == "1"
    assert rows["All units of the lot"] == "8"
