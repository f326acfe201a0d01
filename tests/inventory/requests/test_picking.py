"""What is proposed to be picked first, and what others know of lots that keeps them at the store."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.db import db, transaction
from core.errors import RuleBroken
from inventory.catalogue import services as catalogue
from inventory.deliveries import services as deliveries
from inventory.deliveries.rules import DeliveredLine
from inventory.requests import queries
from inventory.requests.models import Dispatch
from inventory.requests.services import AskedLine, PickedBag
from inventory.stock.models import Lot
from inventory.stock.rules import PickPolicy, UseBy
from tests.factories import AT, World
from tests.inventory.phones.phones import ICCIDS, have_phones, line, operator, record
from tests.inventory.restock import EVERYWHERE, act, approve, ask, asked, send
from tests.inventory.shelves import who

TODAY = AT.date()


def lot(code: str) -> int:
    return db.session.scalars(select(Lot.id).where(Lot.code == code)).one()


def test_sims_go_in_the_order_they_lapse_and_one_that_has_lapsed_is_not_proposed(world: World) -> None:
    """Ninety days after activation: the 1st lapsed 10 days ago, the 2nd lapses in 80 days, the 3rd in 40; the 4th tells
    nothing."""
    have_phones(world, received_on=TODAY - timedelta(days=120), at=AT - timedelta(days=120))
    northway = operator(world)
    sims = (
        line(number, row=number + 1, activated_on=TODAY - timedelta(days=ago))
        for number, ago in ((0, 100), (1, 10), (2, 50))
    )
    record(world, *sims, operator_code=northway.code)
    request = approve(world, ask(world, AskedLine(4, item_code="SIM", confirmed_count=4)).reference, 4)

    pick = queries.proposed_picks(request, queries.course_of(request), on=TODAY, scope=EVERYWHERE)[1]

    assert pick.serials == {"L-00002": [ICCIDS[2], ICCIDS[1], ICCIDS[3], ICCIDS[0]]}
    assert pick.proposed == {"L-00002": 3}
    assert pick.use_by == {"L-00002": UseBy(TODAY + timedelta(days=40), "a SIM lapses")}


def test_an_edition_that_was_replaced_is_sent_when_nothing_newer_is_left(stocked: World) -> None:
    """8 booklets are of edition 1 (L-00005); 3 of edition 2 come (L-00007), which is in use from today."""
    keeper = who(stocked.actor("storekeeper"))
    with transaction():
        catalogue.publish_edition("BK-RO", number=2, published_on=TODAY, **keeper)
        deliveries.record_opening_stock(
            place_code="STORE", counted_on=TODAY, lines=[DeliveredLine("BK-RO", 3, edition_number=2)],
            **act(stocked, "storekeeper"),
        )  # fmt: skip
    request = approve(stocked, ask(stocked, asked("BK-RO", 5)).reference, 5)

    (pick,) = queries.proposed_picks(request, queries.course_of(request), on=TODAY, scope=EVERYWHERE).values()

    assert [lot.edition_number for lot in pick.lots] == [2, 1]
    assert list(pick.proposed.values()) == [3, 2]
    assert pick.replaced_by == {"L-00005": 2}


def test_a_sealed_bag_is_used_and_kept_at_home_for_what_is_in_it(stocked: World) -> None:
    """Each bag holds a soap of L-00002, which expires on 31 August 2026, and a towel of L-00004."""
    request = approve(stocked, ask(stocked, asked("ADULT-M", 2)).reference, 2)
    course = queries.course_of(request)
    soon = UseBy(TODAY + timedelta(days=7), "grant GB2026 ends")

    (pick,) = queries.proposed_picks(
        request, course, on=TODAY, scope=EVERYWHERE, policy=PickPolicy(ends={lot("L-00004"): soon})
    ).values()
    assert pick.use_by == dict.fromkeys(("GB-00001", "GB-00002", "GB-00003"), soon)
    assert pick.about(pick.bags[0]) == "Use by 11 May 2026, when grant GB2026 ends"

    others = PickPolicy(kept_from={lot("L-00004"): "It was bought for Trowbridge"})
    (pick,) = queries.proposed_picks(request, course, on=TODAY, scope=EVERYWHERE, policy=others).values()
    assert (pick.proposed_tags, pick.left_out[0]) == ([], "GB-00001 left out: It was bought for Trowbridge")
    with pytest.raises(RuleBroken, match="Go Bag GB-00001 may not go to Salisbury: It was bought for Trowbridge"):
        send(stocked, request.reference, PickedBag(1, "GB-00001"), policy=others)
    assert db.session.scalar(select(func.count()).select_from(Dispatch)) == 0
