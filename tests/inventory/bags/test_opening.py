"""Opened Go Bags: the rules on plain values, the acts with the ledger each leaves, and the pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from core import trail
from core.access import Scope
from core.db import db, transaction
from core.errors import NotFound, RuleBroken
from inventory.bags import queries, rules, services
from inventory.bags.models import Bag, BagOpening, Seal, Substitution
from inventory.bags.rules import Content, Fate, PackedLine, Readiness, Wanted
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import ItemKind, NewLine
from inventory.deliveries.rules import DeliveredLine
from inventory.stock import queries as stock
from inventory.stock.models import Move, Posting
from organisation.places.rules import PlaceKind
from tests.conftest import kept
from tests.factories import World
from tests.inventory.shelves import IMEIS, LATER, TODAY, fill_shelves, one_bag, pack, receive, who
from tests.site import Site

# ---- The rules ----------------------------------------------------------------------------------

JOGGERS_M = Wanted("Joggers, S to M", 1, item_id=7, kind=ItemKind.CLOTHING)
JOGGERS_L = Content(70, "L-00070", 8, "Joggers, L to XL", ItemKind.CLOTHING, 1)
ROMANIAN = Wanted("Security card, Romanian", 1, item_id=9, kind=ItemKind.SECURITY_CARD)
ALBANIAN = Content(71, "L-00071", 10, "Security card, Albanian", ItemKind.SECURITY_CARD, 1, language="sq")


def test_another_size_or_language_of_the_same_thing_may_stand_in_and_nothing_else_may() -> None:
    assert rules.may_stand_in(JOGGERS_M, JOGGERS_L)
    assert rules.may_stand_in(ROMANIAN, ALBANIAN)
    assert not rules.may_stand_in(JOGGERS_M, replace(JOGGERS_L, item_name="T-shirt, L to XL"))
    assert not rules.may_stand_in(JOGGERS_M, replace(JOGGERS_L, kind=ItemKind.CONTENT))
    assert not rules.may_stand_in(ROMANIAN, replace(ALBANIAN, kind=ItemKind.BOOKLET))
    assert not rules.may_stand_in(JOGGERS_M, replace(JOGGERS_L, item_id=7))


def test_what_stands_in_makes_the_bag_ready_and_is_said() -> None:
    verdict = rules.readiness([JOGGERS_M], [JOGGERS_L], on=TODAY)
    assert (verdict.readiness, verdict.reasons) == (Readiness.PARTIAL, ("Joggers, S to M is missing",))
    verdict = rules.readiness([JOGGERS_M], [replace(JOGGERS_L, stands_in_for=7)], on=TODAY)
    assert (verdict.readiness, verdict.reasons) == (Readiness.READY, ())
    assert verdict.warnings == ("Joggers, L to XL in place of Joggers, S to M",)


def test_the_thing_itself_fills_a_line_before_what_stands_in() -> None:
    own = replace(JOGGERS_L, lot_id=72, lot_code="L-00072", item_id=7, item_name="Joggers, S to M")
    two = replace(JOGGERS_M, unit_count=2)
    fits = rules.fitted([two], [], [JOGGERS_L, own])
    assert [(fit.content.lot_code, fit.unit_count, fit.stands_in) for fit in fits] == [
        ("L-00072", 1, False),
        ("L-00070", 1, True),
    ]
    with pytest.raises(RuleBroken, match=r"1 of Joggers, L to XL cannot go into this bag. It lacks 1 of Joggers, S to"):
        rules.fitted([JOGGERS_M], [], [JOGGERS_L, own])


# ---- The acts -----------------------------------------------------------------------------------


def _one_bag_packed(world: World) -> None:
    fill_shelves(world)
    pack(world, contents=one_bag(), seal_numbers=["S-1001"])


force = kept(_one_bag_packed)
"""The store's shelves filled, and GB-00001 at the store with seal S-1001."""

KEEPER = "storekeeper"


def take_out(world: World, lot: str = "L-00002", count: int = 1, name: str = KEEPER, **changed: Any) -> Bag:
    actor = world.actor(name)
    facts = {"fate": Fate.DAMAGED, "reason": "Soap leaked", "seal_number": "S-2001", "scope": actor.scope}
    with transaction():
        return services.take_out("GB-00001", lot, count, **{**facts, **who(actor, LATER), **changed})


def put_in(world: World, *lines: PackedLine, name: str = KEEPER, **changed: Any) -> Bag:
    actor = world.actor(name)
    facts = {"reason": "To make it ready", "seal_number": "S-3001", "scope": actor.scope}
    with transaction():
        return services.put_in("GB-00001", lines, **{**facts, **who(actor, LATER), **changed})


def view(on: date = TODAY) -> queries.BagView:
    return queries.bag_view("GB-00001", scope=Scope.everywhere(), on=on)


def inside() -> dict[str, int]:
    return {content.lot_code: content.unit_count for content in view().contents}


def counts() -> tuple[int | None, ...]:
    tables = (BagOpening, Seal, Substitution, Posting, Move, trail.AuditLeaf, trail.Submission)
    return tuple(db.session.scalar(select(func.count()).select_from(table)) for table in tables)


def test_one_thing_comes_out_and_the_bag_is_partial_under_a_new_seal(force: World) -> None:
    """
    | posting       | from     | to          | lot     | units |
    |---------------|----------|-------------|---------|------:|
    | open a Go Bag | GB-00001 | written off | L-00002 |     1 |
    """
    take_out(force)
    assert inside() == {"L-00001": 1, "L-00002": 1, "L-00004": 1, "L-00005": 1}
    bag = view()
    assert (bag.verdict.readiness, bag.verdict.reasons) == (Readiness.PARTIAL, ("Soap: 1 of 2",))
    assert (bag.seal_number, bag.seal_broken) == ("S-2001", False)
    assert [event.words for event in queries.history_of(bag.bag_id)] == [
        "Packed at Devizes store",
        "Opened at Devizes store and sealed again: Soap taken out, damaged",
    ]
    written_off = stock.outside(PlaceKind.WRITTEN_OFF)
    moves = db.session.execute(select(Move.unit_count).where(Move.to_place_id == written_off)).scalars().all()
    assert moves == [1]
    assert stock.unexplained_balances() == []
    assert queries.seals_known(["S-1001", "S-2001"]) == {"S-1001": "GB-00001", "S-2001": "GB-00001"}


def test_a_handset_goes_back_to_the_shelf_by_its_number(force: World) -> None:
    take_out(force, "L-00004", fate=Fate.SHELF)
    assert "L-00004" not in inside()
    assert {lot.code: lot.unit_count for lot in stock.lots_held(force.places["STORE"])}["L-00004"] == 4
    put_in(force, PackedLine("L-00004", 1, IMEIS[1:2]))
    assert view().verdict.readiness is Readiness.READY


def test_a_bag_is_topped_up_from_the_earliest_expiry_and_is_ready_again(force: World) -> None:
    take_out(force)
    bag = queries.bag_by_tag("GB-00001", scope=Scope.everywhere())
    (line,) = queries.top_up_of(bag, force.places["STORE"], on=TODAY).lines
    assert [(lot.content.lot_code, lot.proposed_count) for lot in line.lots] == [("L-00002", 1), ("L-00003", 0)]
    put_in(force, PackedLine("L-00002", 1))
    assert (view().verdict.readiness, view().seal_number) == (Readiness.READY, "S-3001")
    assert queries.history_of(bag.id)[-1].words == "Opened at Devizes store and sealed again: Soap put in"
    assert stock.unexplained_balances() == []


def test_what_has_expired_comes_out_as_its_like_goes_in(force: World) -> None:
    october = LATER + timedelta(days=160)
    later = who(force.actor(KEEPER), october)
    with pytest.raises(RuleBroken, match=r"Soap has expired\. Write it off"):
        take_out(force, fate=Fate.SHELF, **later)
    bag = put_in(force, PackedLine("L-00003", 2), replaced=["L-00002"], **who(force.actor(KEEPER), october))
    assert inside() == {"L-00001": 1, "L-00003": 2, "L-00004": 1, "L-00005": 1}
    assert view(on=october.date()).verdict.readiness is Readiness.READY
    assert (
        queries.history_of(bag.id)[-1].words
        == "Opened at Devizes store and sealed again: Soap × 2 put in; Soap × 2 written off"
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"lot": "L-00003"}, "Lot L-00003 is not in GB-00001 now"),
        ({"count": 3}, "Only 2 of Soap inside. Enter that or fewer"),
        ({"reason": " "}, "Enter a reason"),
        ({"reason": "She was born 1 February 1999"}, "Remove details that could identify a person"),
        ({"seal_number": "S-1001"}, "Seal S-1001 is already on GB-00001. Use a new seal"),
        ({"fate": Fate.EXPIRED}, "has not expired"),
    ],
)
def test_what_cannot_be_taken_out_changes_nothing(force: World, changed: dict[str, Any], message: str) -> None:
    before = counts()
    with pytest.raises(RuleBroken, match=message):
        take_out(force, **changed)
    assert counts() == before


def test_what_does_not_belong_in_a_bag_is_not_put_in(force: World) -> None:
    before = counts()
    with pytest.raises(RuleBroken, match=r"1 of Towel cannot go into this bag\. It lacks nothing"):
        put_in(force, PackedLine("L-00001", 1))
    with pytest.raises(RuleBroken, match=r"Soap \(lot L-00002\) is fit for use. Leave it inside"):
        put_in(force, replaced=["L-00002"])
    with pytest.raises(NotFound):
        put_in(force, PackedLine("L-00001", 1), name="sergeant")
    assert counts() == before


def test_the_same_form_twice_takes_one_thing_out(force: World) -> None:
    same = who(force.actor(KEEPER), LATER)
    take_out(force, **same)
    take_out(force, **same)
    assert inside()["L-00002"] == 1


def test_another_size_is_recorded_on_the_posting_and_an_old_bag_keeps_its_recipe(force: World) -> None:
    keeper = force.actor(KEEPER)
    with transaction():
        for code, name in (("JOG-M", "Joggers, S to M"), ("JOG-L", "Joggers, L to XL")):
            catalogue.add_item(code=code, name=name, kind=ItemKind.CLOTHING, **who(keeper))
        lines = [NewLine(1, item_code="JOG-M")]
        catalogue.write_recipe_version("JOG", name="Joggers", in_use_from=TODAY, lines=lines, **who(keeper))
    receive(force, DeliveredLine("JOG-M", 1), DeliveredLine("JOG-L", 1))
    with transaction():
        services.pack_run(
            "JOG",
            place_code="STORE",
            seal_numbers=["S-4001"],
            contents=[PackedLine("L-00007", 1)],
            happened_at=LATER,
            scope=keeper.scope,
            **who(keeper, LATER),
        )
        services.take_out(
            "GB-00002", "L-00007", 1, fate=Fate.USED, reason="Needed at once", seal_number="S-4002",
            scope=keeper.scope, **who(keeper, LATER),
        )  # fmt: skip
        services.put_in(
            "GB-00002", [PackedLine("L-00008", 1)], reason="None of the size", seal_number="S-4003",
            scope=keeper.scope, **who(keeper, LATER),
        )  # fmt: skip
        newer = [NewLine(1, item_code="JOG-M"), NewLine(1, item_code="TOWEL")]
        catalogue.write_recipe_version(
            "JOG", name="Joggers", in_use_from=TODAY + timedelta(days=1), lines=newer, **who(keeper)
        )
    bag = queries.bag_view("GB-00002", scope=Scope.everywhere(), on=TODAY + timedelta(days=30))
    assert (bag.version_number, bag.verdict.readiness) == (1, Readiness.READY)
    assert bag.verdict.warnings == ("Joggers, L to XL in place of Joggers, S to M",)
    assert db.session.scalar(select(func.count()).select_from(Substitution)) == 1


# ---- The pages ----------------------------------------------------------------------------------


def test_a_sergeant_takes_a_towel_out_and_asks_for_that_thing_alone(site: Site) -> None:
    site.sign_in("sergeant@test.example")
    opened = site.get("/bags/GB-00001/take-out")
    facts = {"unit_count": "1", "fate": "used", "reason": "Needed at the desk", "seal": "S-9001"}
    assert site.submit(opened, status=422, **facts).errors == ["Select what you are taking out"]
    bag = site.submit(opened, thing="L-00001", status=200, **facts)
    assert bag.heading == "GB-00001"
    assert "Towel is missing" in bag.text
    assert "S-9001" in bag.text
    (link,) = [link for link in bag.links if link.startswith("/requests/new")]
    asked = site.get(link)
    assert "Towel" in asked.text
    assert "How many Soap" not in asked.text
    top_up = site.get("/bags/GB-00001/top-up")
    assert "there is none of it on the shelf at Salisbury" in top_up.text
    assert link in top_up.links


def test_a_storekeeper_tops_a_bag_up_as_proposed(site: Site, shelves: World) -> None:
    site.sign_in("storekeeper@test.example")
    facts = {"unit_count": "1", "fate": "damaged", "reason": "Torn", "seal": "S-9001"}
    site.submit(site.get("/bags/GB-00002/take-out"), thing="L-00001", status=200, **facts)
    page = site.get("/bags/GB-00002/top-up")
    bag = site.submit(page, seal="S-9002", status=200)
    assert "Ready" in bag.text
    assert "Towel put in" in bag.text
    assert "It lacks nothing" not in bag.text
    assert "lacks nothing" in site.get("/bags/GB-00002/top-up").text
    for path in ("/bags/GB-00002", "/bags/GB-00002/top-up", "/bags/GB-00002/take-out"):
        own = [sql for sql in site.get(path).statements if "session_record" not in sql and "role_held" not in sql]
        assert len(own) <= 14, "\n".join(own)
