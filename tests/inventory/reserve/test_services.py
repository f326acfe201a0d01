"""A store's surge reserve is not promised, picked, packed or sent until an approver releases it; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from threading import Barrier, BrokenBarrierError

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.access import Scope
from core.db import db, transaction
from core.errors import NotEnoughStock, NotFound, RuleBroken
from inventory.bags import queries as bag_queries
from inventory.bags import services as bags
from inventory.bags.models import IssueRoute
from inventory.bags.rules import Counted, Fate, PackedLine
from inventory.requests.queries import levels
from inventory.requests.services import PickedBag, PickedLot
from inventory.reserve import queries, services
from inventory.stock.models import ReserveLevel
from inventory.stock.queries import items_held
from tests.factories import AT, World
from tests.inventory.at_once import at_once
from tests.inventory.restock import EVERYWHERE, act, approve, ask, asked, send


def keep(world: World, key: str, count: int, person: str = "storekeeper") -> int:
    """Put some of a thing into the reserve, in a transaction of its own."""
    with transaction():
        return services.keep_back("STORE", key, count, **act(world, person))


def free_up(world: World, key: str, count: int, reason: str = "A raid at the docks") -> int:
    """Release some of a thing, in a transaction of its own."""
    with transaction():
        return services.release("STORE", key, count, reason=reason, **act(world, "approver"))


def pack(world: World, soap: str, *seals: str) -> None:
    """Pack Go Bags of a lot of soap and of the towels, in a transaction of its own."""
    with transaction():
        packed(world, soap, *seals)


def packed(world: World, soap: str, *seals: str) -> None:
    contents = [PackedLine(soap, len(seals)), PackedLine("L-00004", len(seals))]
    told = act(world, "storekeeper")
    bags.pack_run("ADULT-M", place_code="STORE", seal_numbers=seals, contents=contents, happened_at=AT, **told)


def put_in(world: World, tag: str, soap: str, seal: str) -> None:
    told = act(world, "storekeeper")
    bags.put_in(tag, [PackedLine(soap, 1)], reason="It lacked one", seal_number=seal, **told)


def take_out(world: World, tag: str, seal: str) -> None:
    """Take the towel out of a Go Bag, put it on the shelf and seal the bag anew."""
    with transaction():
        told = act(world, "storekeeper")
        bags.take_out(tag, "L-00004", 1, fate=Fate.SHELF, reason="Wet", seal_number=seal, **told)


def issue(world: World, tag: str, _: str) -> None:
    """Hand a Go Bag over at the store itself."""
    with transaction():
        bags.issue_bag(tag, route=IssueRoute.OFFICER, issued_at=AT, **act(world, "storekeeper"))


def retire(world: World, tag: str, _: str) -> None:
    """Unpack a Go Bag for good."""
    with transaction():
        counted = [Counted("L-00002", 1, 0), Counted("L-00004", 1, 0)]
        bags.retire(tag, counted, reason="Torn", **act(world, "storekeeper"))


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(ReserveLevel)) or 0


def test_what_is_in_the_reserve_is_promised_only_once_an_approver_released_it(stocked: World) -> None:
    """
    | step          | soap on hand, in date | promised | reserve | free |
    | ------------- | --------------------- | -------- | ------- | ---- |
    | kept back     | 30                    | 0        | 27      | 3    |
    | 6 asked for   |                       | refused  |         |      |
    | 3 released    | 30                    | 0        | 24      | 6    |
    | 6 approved    | 30                    | 6        | 24      | 0    |
    """
    assert keep(stocked, "item:SOAP", 20) == 20
    assert keep(stocked, "item:SOAP", 7) == 27
    reference = ask(stocked, asked("SOAP", 6)).reference
    with pytest.raises(NotEnoughStock) as refused:
        approve(stocked, reference, 6)
    assert refused.value.message.startswith(
        "Only 3 of Soap free at Devizes store (30 in date there, 27 in the surge reserve). Approve 3 or fewer."
    )
    assert free_up(stocked, "item:SOAP", 3) == 24
    approve(stocked, reference, 6)
    store = stocked.places["STORE"]
    soap = {each.key: each for each in levels(store, scope=Scope.everywhere(), on=AT.date())}["item:SOAP"]
    assert (soap.on_hand_count, soap.kept_count, soap.reserve_count, soap.usable_count) == (30, 6, 24, 0)
    assert "24 of them in the surge reserve" in soap.reason
    held = next(each for each in items_held(store, scope=Scope.everywhere()).values() if each.reserved_count)
    assert (held.promised_count, held.reserved_count) == (6, 24)
    assert [(thing.name, count) for thing, count in queries.in_reserve(store)] == [("Soap", 24)]


def test_nothing_ordinary_goes_below_the_reserve(stocked: World) -> None:
    keep(stocked, "item:TOWEL", 12)
    keep(stocked, "bag:ADULT-M", 3)
    with (
        pytest.raises(NotEnoughStock, match="Only 11 of Towel would be left and 12 are in the surge reserve"),
        transaction(),
    ):
        bags.pack_run(
            "ADULT-M",
            place_code="STORE",
            seal_numbers=["S-900"],
            contents=[PackedLine("L-00002", 1), PackedLine("L-00004", 1)],
            happened_at=AT,
            **act(stocked, "storekeeper"),
        )
    reference = ask(stocked, asked("ADULT-M", 1)).reference
    with pytest.raises(NotEnoughStock, match="Only 0 of Go Bag, Adult M free at Devizes store"):
        approve(stocked, reference, 1)
    free_up(stocked, "bag:ADULT-M", 1)
    approve(stocked, reference, 1)


def test_a_reserve_is_refused_in_words_and_nothing_changes(stocked: World) -> None:
    keep(stocked, "item:SOAP", 20)
    with pytest.raises(NotEnoughStock, match=r"Only 10 of Soap free at Devizes store\. Put 10 or fewer"):
        keep(stocked, "item:SOAP", 11)
    with pytest.raises(NotEnoughStock, match="Only 20 of Soap in the reserve of Devizes store"):
        free_up(stocked, "item:SOAP", 21)
    for count in (0, -1):
        with pytest.raises(RuleBroken, match="Quantity must be between 1 and 100,000"):
            keep(stocked, "item:SOAP", count)
    with pytest.raises(RuleBroken, match="Enter a reason"):
        free_up(stocked, "item:SOAP", 1, reason=" ")
    with pytest.raises(RuleBroken, match="Select what it is from the list"):
        keep(stocked, "item:NOTHING", 1)
    with pytest.raises(NotFound), transaction():
        services.keep_back("SALISBURY", "item:SOAP", 1, **act(stocked, "approver"))
    with pytest.raises(NotFound), transaction():
        services.keep_back("STORE", "item:SOAP", 1, **act(stocked, "sergeant"))
    assert rows() == 1
    told = act(stocked, "storekeeper")
    for _ in range(2):
        with transaction():
            assert services.keep_back("STORE", "item:SOAP", 1, **told) == 21
    assert rows() == 2


def test_a_reserve_is_of_what_is_in_date_and_no_spoilt_unit_stands_for_it(stocked: World) -> None:
    """
    | step                                 | soap on hand | in date | reserve | promised | may be used |
    | ------------------------------------ | ------------ | ------- | ------- | -------- | ----------- |
    | kept back                            | 35           | 30      | 29      | 0        | 1           |
    | 2 to be packed, or put into bags     |              | refused |         |          |             |
    | 19 released, 10 approved             | 35           | 30      | 10      | 10       | 10          |
    | 1 September 2026: 10 more expire     | 35           | 20      | 10      | 10       | 0           |
    | 10 sent to the place they are for    | 25           | 10      | 10      | 0        | 0           |
    | 1 more approved before, sent         |              | refused |         |          |             |
    """
    keep(stocked, "item:SOAP", 29)
    proposal = bag_queries.proposed_contents(
        "ADULT-M", stocked.places["STORE"], bag_count=2, on=AT.date(), scope=EVERYWHERE
    )
    assert [(line.wanted.name, line.short_count) for line in proposal.short] == [("Soap", 1)]
    with pytest.raises(NotEnoughStock) as refused:
        pack(stocked, "L-00002", "S-900", "S-901")
    assert refused.value.message == (
        "Only 28 of Soap in date and on no hold would be left and 29 are in the surge reserve. Nothing has been "
        "recorded. Have an approver release some of the reserve first"
    )
    free_up(stocked, "item:SOAP", 19)
    first, second = (ask(stocked, asked("SOAP", count)).reference for count in (10, 1))
    approve(stocked, first, 10)
    approve(stocked, second, 1)
    later = datetime(2026, 9, 1, 9, tzinfo=AT.tzinfo)
    send(stocked, first, PickedLot(1, "L-00003", 10), at=later)
    with pytest.raises(
        NotEnoughStock, match="Only 9 of Soap in date and on no hold would be left and 10 are in the su"
    ):
        send(stocked, second, PickedLot(1, "L-00003", 1), at=later)


def test_go_bags_of_the_reserve_stay_ready_whatever_is_done_with_the_others(stocked: World) -> None:
    """Three stand ready and two are kept back: one may be opened, stands there still, and is no reserve."""
    keep(stocked, "bag:ADULT-M", 2)
    take_out(stocked, "GB-00001", "S-900")
    words = (
        "Only 0 left. Nothing has been recorded: Devizes store has 3 of Adult M, 2 of them ready, and 2 are in the "
        "surge reserve. Have an approver release some of the reserve first"
    )
    for act_on_it in (take_out, issue, retire):
        with pytest.raises(NotEnoughStock) as refused:
            act_on_it(stocked, "GB-00002", "S-901")
        assert refused.value.message == words
    issue(stocked, "GB-00001", "")
    with pytest.raises(NotEnoughStock, match="Devizes store has 2 of Adult M and 2 are in the surge reserve"):
        issue(stocked, "GB-00002", "")


def test_two_people_who_take_two_lots_at_once_leave_the_reserve_together(app: Flask, stocked: World) -> None:
    """30 soaps are in date and 29 in the reserve: each finds one to take, as long as it does not see the other."""
    with transaction():
        told = act(stocked, "storekeeper")
        bags.take_out("GB-00001", "L-00002", 1, fate=Fate.USED, reason="Wet", seal_number="S-900", **told)
    keep(stocked, "item:SOAP", 29)
    both = Barrier(2)

    def before_the_other_is_committed(do: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            do()
            with suppress(BrokenBarrierError):
                both.wait(timeout=0.4)

        return run

    came = at_once(
        app,
        before_the_other_is_committed(lambda: packed(stocked, "L-00002", "S-901")),
        before_the_other_is_committed(lambda: put_in(stocked, "GB-00001", "L-00003", "S-902")),
    )
    assert came == {"done": 1, "NotEnoughStock": 1}


def test_a_go_bag_is_not_sent_while_the_reserve_needs_every_ready_one(stocked: World) -> None:
    """GB-00004 alone is in date on 1 September 2026; three others stand there still."""
    pack(stocked, "L-00003", "S-900")
    keep(stocked, "bag:ADULT-M", 1)
    reference = ask(stocked, asked("ADULT-M", 1)).reference
    approve(stocked, reference, 1)
    later = datetime(2026, 9, 1, 9, tzinfo=AT.tzinfo)
    with pytest.raises(NotEnoughStock, match="Only 0 such Go Bags ready would be left and 1 is in the surge reserve"):
        send(stocked, reference, PickedBag(1, "GB-00004"), at=later)
    free_up(stocked, "bag:ADULT-M", 1)
    send(stocked, reference, PickedBag(1, "GB-00004"), at=later)
