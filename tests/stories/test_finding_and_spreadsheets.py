"""Finding things, and many things at once (docs/ARCHITECTURE.md, stock 13 and 14)."""

from __future__ import annotations

import csv
from io import StringIO

from flask import Flask

from core.dates import day_text, local_day
from core.db import now
from tests.factories import World
from tests.inventory.shelves import IMEIS
from tests.stories.beginning import DAY
from tests.stories.beginning import force as force
from tests.stories.beginning import ringing as ringing
from tests.stories.colleagues import Colleague, on_sqlite

pytestmark = on_sqlite


def test_one_box_finds_whatever_is_printed_on_a_thing_and_lists_say_what_to_do_when_empty(
    app: Flask, ringing: World
) -> None:
    """The storekeeper types a tag, a seal, the end of an IMEI, a lot, part of a name, a place: each leads to its
    page.
    """
    keeper = Colleague(app, "storekeeper")
    for typed, heading in (
        ("gb3", "GB-00003"),
        ("s-3", "GB-00003"),
        ("l2", "Lot L-00002"),
        (IMEIS[2], f"IMEI {IMEIS[2]}"),
        ("DEL1", "Delivery DEL-00001"),
        ("STORE", "Devizes store"),
        ("TOWEL", "Towel"),
    ):
        keeper.finds(typed)
        assert keeper.heading == heading, typed
    keeper.finds("know your rights")
    assert keeper.links() == ["Know your rights (Albanian)", "Know your rights (Romanian)"]
    assert keeper.finds(IMEIS[2][-4:]).links() == [f"IMEI •••• {IMEIS[2][-4:]}"]
    keeper.goes_to("Go Bags").fills({"Tag or seal": "S-9"}).presses("Show")
    assert "No Go Bag matches." in keeper.text
    assert [row[0] for row in keeper.follows("Show all Go Bags").table("1 Go Bag")] == ["GB-00003"]
    assert (
        "When a lot, an edition or a model of handset may not be safe, hold it first" in keeper.goes_to("Recalls").text
    )
    assert "Nothing that you may see fits “GB-00003”" in Colleague(app, "partner").finds("GB-00003").text


def test_opening_stock_comes_in_whole_or_not_at_all_and_a_list_leaves_as_it_is_shown(app: Flask, force: World) -> None:
    """One wrong cell stops the whole file, and is named. Mended, both rows become lots; the same file a second time is
    refused. The filtered catalogue leaves as the file of what the page shows.
    """
    today = local_day(now())
    keeper = Colleague(app, "storekeeper").goes_to("Bring in a spreadsheet")
    keeper.follows("CSV template for opening stock")
    head = keeper.file.decode("utf-8-sig").splitlines()[0]
    day = f"{today:%d/%m/%Y}"
    wrong = f"{head}\nSTORE,{day},TOWEL,12,,,\nSTORE,{day},TOWLE,x,,,\n"
    keeper.fills({"Opening stock": True, "Spreadsheet": ("opening.csv", wrong.encode())})
    keeper.presses("Look at the file", refused=422)
    assert keeper.table("What to mend in the file") == [["Row 3", "Quantity", "Enter a whole number, like 12"]]
    right = f"{head}\nSTORE,{day},TOWEL,12,,,\nSTORE,{day},SOAP,5,{today + 90 * DAY:%d/%m/%Y},,\n"
    keeper.goes_to("Bring in a spreadsheet").fills(
        {"Opening stock": True, "Spreadsheet": ("opening.csv", right.encode())}
    )
    keeper.presses("Look at the file")
    assert [row[1:5] for row in keeper.table("The rows")] == [
        ["STORE", day, "TOWEL", "12"],
        ["STORE", day, "SOAP", "5"],
    ]
    keeper.presses("Record 2 rows")
    assert "SH-00001: 2 rows of opening stock have been recorded" in keeper.text
    keeper.fills({"Opening stock": True, "Spreadsheet": ("opening.csv", right.encode())})
    keeper.presses("Look at the file", refused=409)
    assert keeper.errors[0].startswith(f"These 2 rows were brought in on {day_text(today)} as SH-00001.")
    assert "Soap 34 No par level Towel 29 No par level" in keeper.goes_home().text

    keeper.goes_to("Catalogue").fills({"Name or code": "know"}).presses("Show").follows("CSV of this list")
    left = list(csv.reader(StringIO(keeper.file.decode("utf-8-sig"))))
    assert ["Filters", "q: know"] in left
    assert [row for row in left if len(row) == 5][1:] == [
        ["Know your rights (Albanian)", "BK-SQ", "Booklet, Albanian", "each", "Edition 1"],
        ["Know your rights (Romanian)", "BK-RO", "Booklet, Romanian", "each", "Edition 1"],
    ]
