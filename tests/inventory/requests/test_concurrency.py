"""Several people act at once: nothing is promised twice, and the same form is one request."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, select

from core.db import db
from inventory.requests import services
from inventory.requests.models import RestockRequest
from inventory.requests.services import PickedLot
from inventory.stock import queries as stock
from inventory.stock.models import Promise
from tests.factories import AT, World
from tests.inventory.at_once import at_once
from tests.inventory.restock import HOUR, act, approve, ask, asked


def promised() -> int:
    return int(db.session.scalar(select(func.coalesce(func.sum(Promise.unit_count), 0))) or 0)


def test_the_last_towels_are_promised_once(app: Flask, stocked: World) -> None:
    """12 towels are free; each of five requests asks for 8, so one is approved and four find 4 left."""
    references = [ask(stocked, asked("TOWEL", 8, sure=True)).reference for _ in range(5)]

    def approval(reference: str) -> Callable[[], object]:
        return lambda: services.approve(reference, {1: 8}, **act(stocked, "approver"))

    came = at_once(app, *(approval(reference) for reference in references))

    assert came == {"done": 1, "NotEnoughStock": 4}
    assert promised() == 8


def test_the_last_go_bags_are_promised_once(app: Flask, stocked: World) -> None:
    references = [ask(stocked, asked("ADULT-M", 2)).reference for _ in range(4)]

    def approval(reference: str) -> Callable[[], object]:
        return lambda: services.approve(reference, {1: 2}, **act(stocked, "approver"))

    came = at_once(app, *(approval(reference) for reference in references))

    assert came == {"done": 1, "NotEnoughStock": 3}
    assert promised() == 2


def test_the_same_form_sent_ten_times_at_once_is_one_request(app: Flask, stocked: World) -> None:
    same = act(stocked, "sergeant")

    came = at_once(app, *[lambda: services.ask("SALISBURY", [asked("TOWEL", 2)], **same)] * 10)

    assert came == {"done": 10}
    assert db.session.scalar(select(func.count()).select_from(RestockRequest)) == 1


def test_of_a_cancellation_and_a_dispatch_at_once_one_happens(app: Flask, stocked: World) -> None:
    reference = ask(stocked, asked("TOWEL", 2)).reference
    approve(stocked, reference, 2)

    came = at_once(
        app,
        lambda: services.cancel(reference, **act(stocked, "sergeant", at=AT + HOUR)),
        lambda: services.dispatch(reference, [PickedLot(1, "L-00004", 2)], **act(stocked, "storekeeper", at=AT + HOUR)),
    )

    assert came == {"done": 1, "StaleEdit": 1}
    assert promised() == 0
    assert stock.unexplained_balances() == []
