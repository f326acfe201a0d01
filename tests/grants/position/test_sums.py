"""Kept sums of grant lines equal those folded from the first row, whatever happened since, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import delete, event, select, update

from audit.desk import queries as check
from core.db import db, transaction
from core.money import Pence
from grants.awards.queries import line_by_name
from grants.ledgers import services as ledgers
from grants.position import commands as keeping
from grants.position import services
from grants.position.models import LinesKept, LotOnLine, RowOnLine
from grants.position.queries import sums
from grants.position.queries.sums import LineSums, line_sums
from grants.position.rules import Whereabouts
from grants.spending import services as spending
from grants.spending.models import Apportionment
from inventory.bags import services as bags
from inventory.bags.rules import PackedLine
from inventory.deliveries.rules import DeliveredLine
from inventory.stock.queries import outside, transit_to
from inventory.stock.rules import BagMovement, Movement, PostingKind
from inventory.stock.services import post
from organisation.places.rules import PlaceKind
from tests.factories import AT, World
from tests.grants.factories import (
    acting,
    add_award_and_catalogue,
    add_invoice,
    bill,
    courier,
    credit,
    deliver,
    split,
    towels,
)
from tests.grants.ledgers.factories import import_rows, open_ledger
from tests.grants.position.test_queries import EVERYWHERE, bag, issue, lot_of, pack, recipe

FIRST, LAST = date(2026, 4, 23), date(2026, 4, 25)
"""Days that the goods of the story's rows came before, between and after."""


@pytest.fixture
def award(world: World) -> World:
    """An award of six lines with a catalogue, and nothing bought yet."""
    add_award_and_catalogue(world)
    return world


def lines() -> list[int]:
    return [line_by_name(f"GB2026/{code}").id for code in "ABD"]


def read() -> dict[int, LineSums]:
    return line_sums(lines(), first=FIRST, last=LAST)


def afresh() -> dict[int, LineSums]:
    """Add everything up from the first row, as if nothing had ever been kept."""
    found = {line_id: LineSums() for line_id in lines()}
    for part in sums.changed_parts(lines(), whole=True):
        sums.add(found[part.grant_line_id], part, FIRST, LAST)
    return found


def moved(world: World, *movements: Movement, bag_movements: tuple[BagMovement, ...] = (), minute: int) -> None:
    at = AT + timedelta(minutes=minute)
    with transaction():
        post(
            PostingKind.DISPATCH, movements, by=world.actor("storekeeper"), at=at, happened_at=at,
            document=f"T-{minute}", bag_movements=bag_movements,
        )  # fmt: skip


def story(world: World) -> list[Callable[[], object]]:
    """List acts on money and stock, each of which changes what some line's pence have become."""
    store, salisbury = world.places["STORE"], world.places["SALISBURY"]
    link: list[int] = []

    def sent(tag: str) -> None:
        here = BagMovement(bag(tag).id, store, transit_to(salisbury))
        moved(world, bag_movements=(here,), minute=10)

    def reversed_split() -> None:
        newest = db.session.scalars(select(Apportionment.id).order_by(Apportionment.id.desc()).limit(1)).one()
        with transaction():
            spending.reverse_apportionment(newest, **acting(world))

    def matched() -> None:
        open_ledger(world)
        import_rows(world, ["100,1,21/04/2026,BULK HYGIENE LTD,SI-1001,Towels,P4471,R4410,5.01,0.00"])
        with transaction():
            ledgers.match("L-1", "INV-00001-1", Pence(5_01), **acting(world))

    def unlinked() -> None:
        with transaction():
            spending.unbill_delivery(link[0], **acting(world))

    def lost(count: int) -> None:
        gone = Movement(lot_of("L-00002").id, store, outside(PlaceKind.LOST_AND_FOUND), count)
        moved(world, gone, minute=20)

    def handed_back(tag: str) -> None:
        with transaction():
            bags.hand_back(
                tag, reason="Not needed", scope=EVERYWHERE,
                **acting(world, "storekeeper", AT + timedelta(minutes=30)),
            )  # fmt: skip

    return [
        lambda: add_invoice(world, towels(3, 10_00), towels(4, 9_99), courier(7_77)),
        lambda: split(world, "INV-00001-1", A=6_00, D=3_00),
        lambda: split(world, "INV-00001-3", B=7_77),
        lambda: bill(world, "INV-00001-1", deliver(world, DeliveredLine("TOWEL", 3)), 3),
        lambda: split(world, "INV-00001-2", A=4_44, B=5_55),
        lambda: link.append(
            bill(world, "INV-00001-2", deliver(world, DeliveredLine("TOWEL", 4), note="2", on=date(2026, 4, 26)), 4)
        ),
        lambda: deliver(world, DeliveredLine("SOAP", 2, expires_on=date(2028, 1, 1)), supplier="CHURCH", note="Gift"),
        lambda: recipe(world),
        lambda: pack(world, PackedLine("L-00001", 1), PackedLine("L-00003", 1)),
        lambda: pack(world, PackedLine("L-00002", 1), PackedLine("L-00003", 1), seal="S-2"),
        matched,
        lambda: issue(world, "GB-00001", 5),
        lambda: sent("GB-00002"),
        lambda: add_invoice(world, credit("INV-00001-1", -1_00), number="CN-1"),
        lambda: split(world, "INV-00002-1", A=-60),
        lambda: lost(2),
        lambda: handed_back("GB-00001"),
        unlinked,
        reversed_split,
    ]


def test_what_is_kept_and_what_changed_since_add_up_to_everything_folded_afresh(award: World) -> None:
    """After each act, kept up after every third."""
    seen: list[dict[int, LineSums]] = []
    for number, act in enumerate(story(award)):
        act()
        assert read() == afresh(), number
        if number % 3 == 0:
            keeping.keep_up()
            assert sums.rows_since() == 0
            assert read() == afresh(), number
            assert sums.kept_wrongly() == []
        seen.append(read())
    assert sum(a != b for a, b in pairwise(seen)) >= 12  # the story does move the pence


def bought(world: World) -> int:
    """Buy, receive and keep up three towels for £10.00, £6.00 of them line A's; give the lot's id."""
    add_invoice(world, towels(3, 10_00))
    split(world, "INV-00001-1", A=6_00, D=4_00)
    bill(world, "INV-00001-1", deliver(world, DeliveredLine("TOWEL", 3)), 3)
    keeping.keep_up()
    return lot_of("L-00001").id


def on_hand() -> int:
    (line_a, *_) = lines()
    return line_sums([line_a])[line_a].by_whereabouts[Whereabouts.ON_HAND]


def test_where_nothing_changed_the_kept_sums_are_read_and_no_lot_is_folded(award: World) -> None:
    bought(award)
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        found = line_sums(lines())
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert found[lines()[0]].by_whereabouts[Whereabouts.ON_HAND] == 6_00
    assert not any("lot_numbering" in each for each in asked)


def test_a_kept_sum_that_was_changed_is_found_named_and_made_anew(app: Flask, award: World) -> None:
    lot_id = bought(award)
    with transaction():
        db.session.execute(update(LotOnLine).where(LotOnLine.lot_id == lot_id).values(pence=LotOnLine.pence + 1))
        db.session.execute(update(RowOnLine).values(ledger_pence=99))
    assert on_hand() == 6_01
    assert sums.kept_wrongly() == ["GB2026/A", "GB2026/D"]
    assert check.line_sums() == [
        "The kept sums of grant line GB2026/A are not what its rows give.",
        "The kept sums of grant line GB2026/D are not what its rows give.",
    ]
    said = app.test_cli_runner().invoke(args=["position", "keep", "--afresh"]).output
    assert said == "Sums made: 4.\n"
    assert on_hand() == 6_00
    assert sums.kept_wrongly() == []


def test_a_kept_sum_that_is_gone_is_found(award: World) -> None:
    bought(award)
    with transaction():
        db.session.execute(delete(RowOnLine).where(RowOnLine.grant_line_id == lines()[0]))
    assert sums.kept_wrongly() == ["GB2026/A"]


def test_two_keepers_at_once_leave_one_result(award: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second finds the mark moved on between its reading and its writing, and leaves it alone."""
    bought(award)
    add_invoice(award, courier(5_00), number="SI-9")
    split(award, "INV-00002-1", B=5_00)
    parts = sums.changed_parts

    def overtaken(line_ids: list[int], *, whole: bool) -> list[sums.LotPart | sums.RowPart]:
        monkeypatch.setattr(services, "changed_parts", parts)
        found = list(parts(line_ids, whole=whole))
        assert keeping.keep_up() == 1
        return found

    monkeypatch.setattr(services, "changed_parts", overtaken)
    assert keeping.keep_up() == 0
    assert read() == afresh()
    assert sums.kept_wrongly() == []


def test_a_change_keeps_the_sums_up_once_a_hundred_rows_came_and_a_page_that_is_read_does_not(
    app: Flask, award: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lot_id = bought(award)
    mark = sums.kept_to()
    keeping.forget_looking()
    monkeypatch.setattr(keeping, "_WORTH_KEEPING", 3)
    there = Movement(lot_id, award.places["STORE"], award.places["SALISBURY"], 1)
    moved(award, there, minute=1)
    assert (sums.kept_to(), sums.rows_since()) == (mark, 1)
    keeping.forget_looking()
    with app.test_request_context("/", method="GET"):
        moved(award, there, there, minute=2)
    assert sums.rows_since() == 3
    with app.test_request_context("/", method="POST"):
        moved(award, Movement(lot_id, award.places["SALISBURY"], award.places["STORE"], 1), minute=3)
    assert sums.rows_since() == 0
    assert db.session.scalar(select(LinesKept.move_id)) == (mark.move_id if mark else 0) + 4
