"""A spreadsheet is brought in whole and once, or not at all; on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from core.access import Actor, Scope
from core.db import db, rehearsal, transaction
from core.errors import AlreadyDone, NotPermitted, RuleBroken
from core.trail.models import AuditLeaf
from inventory.catalogue.models import Item
from inventory.pars.queries import pars_in_force
from inventory.spreadsheets.models import Spreadsheet
from inventory.spreadsheets.rules import SheetRefused, Sort, read_sheet
from inventory.spreadsheets.services import bring_in
from inventory.stock.models import Lot, Move
from organisation.places.queries import place_by_code
from tests.factories import AT, World, submission

ITEMS = "Code,Name,Kind,Language,Expires\nPAD,Sanitary pads,Bag content,,Yes\nBK-PL,Know your rights,Booklet,Polish,\n"
PLACES = (
    "Code,Name,Kind,Body,Store,First day\n"
    "STORE-2,Swindon store,Store,FORCE,,01/04/2026\n"
    "SWINDON,Swindon,Custody,FORCE,STORE-2,01/04/2026\n"
)
STOCK = "Place,Counted on,Item,Quantity,Use by,Edition,Numbers\n"
PARS = "Place,Item or kit recipe,Par level\nSALISBURY,SOAP,9\nSALISBURY,ADULT-M,3\nTROWBRIDGE,SOAP,2\n"


def bring(text: str, sort: Sort, by: Actor, submitted: str | None = None) -> str:
    """Bring a CSV in, in a transaction of its own; give its reference."""
    sheet = read_sheet(text.encode(), "sheet.csv", sort)
    with transaction():
        return bring_in(sheet, by=by, at=AT, submission_id=submitted or submission())


def counted() -> tuple[int, ...]:
    """Count what a spreadsheet could have written."""
    return tuple(
        db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in (Item, Lot, Move, Spreadsheet, AuditLeaf)
    )


def test_items_places_and_par_levels_are_recorded_through_their_services(stocked: World) -> None:
    keeper, admin, approver = (stocked.actor(name) for name in ("storekeeper", "admin", "approver"))
    assert bring(ITEMS, Sort.ITEMS, keeper) == "SH-00001"
    pad, booklet = (db.session.scalar(select(Item).where(Item.code == code)) for code in ("PAD", "BK-PL"))
    assert pad is not None
    assert booklet is not None
    assert (pad.name, pad.unit, pad.expires, booklet.language) == ("Sanitary pads", "each", True, "pl")
    assert bring(PLACES, Sort.PLACES, admin) == "SH-00002"
    swindon = place_by_code("SWINDON", scope=Scope.everywhere())
    assert swindon.supplied_by is not None
    assert swindon.supplied_by.code == "STORE-2"
    assert bring(PARS, Sort.PAR_LEVELS, approver) == "SH-00003"
    assert sorted(pars_in_force(stocked.places["SALISBURY"]).items.values()) == [6, 9]
    assert list(pars_in_force(stocked.places["SALISBURY"]).recipes.values()) == [3]
    acts = db.session.scalars(select(AuditLeaf.act).order_by(AuditLeaf.id.desc()).limit(9)).all()
    assert list(reversed(acts)) == [
        "item.add", "item.add", "spreadsheet.bring_in",
        "place.open", "place.open", "spreadsheet.bring_in",
        "par.set", "par.set", "spreadsheet.bring_in",
    ]  # fmt: skip


def test_opening_stock_is_counted_in_once_and_the_second_time_is_refused(stocked: World) -> None:
    """
    | row | place     | day     | item  | units |
    | --- | --------- | ------- | ----- | ----- |
    | 2   | STORE     | 1 May   | TOWEL | 40    |
    | 3   | STORE     | 1 May   | SOAP  | 7     |
    | 4   | STORE     | 2 May   | TOWEL | 2     |
    """
    rows = "STORE,01/05/2026,TOWEL,40,,,\nSTORE,01/05/2026,SOAP,7,31/05/2027,,\nSTORE,02/05/2026,TOWEL,2,,,\n"
    keeper, sent = stocked.actor("storekeeper"), submission()
    before = counted()
    with rehearsal():
        bring_in(read_sheet((STOCK + rows).encode(), "a.csv", Sort.OPENING_STOCK), by=keeper, at=AT, submission_id=sent)
    assert counted() == before
    assert bring(STOCK + rows, Sort.OPENING_STOCK, keeper, sent) == "SH-00001"
    assert bring(STOCK + rows, Sort.OPENING_STOCK, keeper, sent) == "SH-00001"  # the same form sent twice
    lots = db.session.scalars(select(Lot).order_by(Lot.id.desc()).limit(3)).all()
    assert sorted(lot.unit_count for lot in lots) == [2, 7, 40]
    after = counted()
    assert after[1:4] == (before[1] + 3, before[2] + 3, 1)
    shuffled = STOCK + "".join(reversed(rows.splitlines(keepends=True)))
    with pytest.raises(AlreadyDone, match=r"These 3 rows were brought in on 4 May 2026 as SH-00001\. Nothing"):
        bring(shuffled, Sort.OPENING_STOCK, keeper)
    assert counted() == after


def test_one_wrong_cell_refuses_the_whole_file_and_every_wrong_cell_is_named(stocked: World) -> None:
    rows = (
        "STORE,01/05/2026,TOWEL,40,,,\n"
        "STORE,01/05/2026,SOAP,7,,,\n"
        "STORE,01/05/2026,NOTHING,7,,,\n"
        "STORE,01/05/2026,PHONE,1,,,123\n"
        "STORE,01/05/2026,TOWEL,none,,,\n"
        "SALISBURY,01/05/2026,TOWEL,1,,,\n"
        "STORE,01/06/2026,TOWEL,1,,,\n"
    )
    before = counted()
    with pytest.raises(SheetRefused) as refused:
        bring(STOCK + rows, Sort.OPENING_STOCK, stocked.actor("storekeeper"))
    assert counted() == before
    found = [(each.row, each.column, each.words) for each in refused.value.problems]
    assert [each[:2] for each in found] == [
        (3, "Use by"), (4, "Item"), (5, "Numbers"), (6, "Quantity"), (7, "Place"), (8, "Counted on"),
    ]  # fmt: skip
    assert found[0][2] == "Enter the expiry date of Soap"
    assert found[1][2] == "There is no item with this code"
    assert found[5][2] == "Enter a real date in the past"
    assert refused.value.message.startswith("Nothing has been recorded: 6 cells are wrong. The first is row 3, Use by")


@pytest.mark.parametrize(
    ("sort", "person", "text", "where"),
    [
        (Sort.ITEMS, "storekeeper", ITEMS + "PAD,Pads again,Bag content,,\nBK,Leaflet,Booklet,,\n",
         [(4, "Code"), (5, "Language")]),
        (Sort.PLACES, "admin", PLACES + "SWINDON,Twice,Hub,FORCE,STORE-2,01/04/2026\nX,Y,Hub,WHO,,01/04/2026\n"
         "Z,Zeals,Hub,FORCE,SALISBURY,01/04/2026\n", [(4, "Code"), (5, "Body"), (6, "Store")]),
        (Sort.PAR_LEVELS, "approver", PARS + "SALISBURY,SOAP,1\nSALISBURY,NONE,1\nNOWHERE,SOAP,1\n",
         [(5, "Item or kit recipe"), (6, "Item or kit recipe"), (7, "Place")]),
    ],
)  # fmt: skip
def test_what_a_form_refuses_a_spreadsheet_refuses(
    stocked: World, sort: Sort, person: str, text: str, where: list[tuple[int, str]]
) -> None:
    before = counted()
    with pytest.raises(SheetRefused) as refused:
        bring(text, sort, stocked.actor(person))
    assert [(each.row, each.column) for each in refused.value.problems] == where
    assert counted() == before


def test_a_spreadsheet_does_nothing_that_its_bringer_may_not_do_one_by_one(stocked: World) -> None:
    before = counted()
    with pytest.raises(NotPermitted):
        bring(PLACES, Sort.PLACES, stocked.actor("storekeeper"))
    with pytest.raises(SheetRefused) as refused:  # the storekeeper sets levels of the store alone
        bring(PARS, Sort.PAR_LEVELS, stocked.actor("storekeeper"))
    assert [(each.row, each.column) for each in refused.value.problems] == [(2, "Place"), (4, "Place")]
    sent = submission()
    bring(ITEMS, Sort.ITEMS, stocked.actor("storekeeper"), sent)
    with pytest.raises(RuleBroken, match="This reference was used for something else"):
        bring(ITEMS.replace("PAD", "PADS"), Sort.ITEMS, stocked.actor("storekeeper"), sent)
    assert counted()[0] == before[0] + 2
