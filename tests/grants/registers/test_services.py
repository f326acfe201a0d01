"""The registers over real stock and money on both databases, and what people say for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from core.db import db, transaction
from core.errors import AlreadyDone, NotFound, RuleBroken
from core.figures.storing import frozen_of, text_of
from core.money import Pence
from core.periods import named
from core.trail import AuditLeaf
from grants.registers import queries
from grants.registers import services as registers
from grants.registers.models import AssetDetail, AssetDisposal, LossNotice, Recipient, ValueReason
from grants.registers.report import Register, freeze_items, freeze_spending, spending_csv
from grants.registers.rules import DISPOSED
from grants.spending import services as spending
from grants.spending.models import Apportionment
from grants.spending.rules import Share, SpendingKind
from inventory.bags.models import Bag
from inventory.bags.services import hand_back
from inventory.stock.queries import outside
from inventory.stock.rules import BagMovement, PostingKind
from inventory.stock.services import post
from organisation.places.rules import PlaceKind
from tests.factories import World
from tests.grants.factories import TERMS, acting, add_award, split
from tests.grants.registers.conftest import ON
from tests.inventory.shelves import IMEIS, LATER, who

HOLDER = "Office of the Police and Crime Commissioner"
YEAR = named(date(2026, 4, 1), date(2027, 3, 31))


def counted() -> list[int]:
    db.session.rollback()
    return [
        db.session.scalar(select(func.count()).select_from(table)) or 0
        for table in (AssetDetail, AssetDisposal, LossNotice, Recipient, ValueReason, AuditLeaf)
    ]


def test_handsets_cost_what_their_invoice_did_and_one_given_away_names_nobody(told: World) -> None:
    """100.03 for 4: 25.00, 25.01, 25.01, 25.01."""
    found = [each for each in queries.registered_items() if each.kind == "Attractive item"]
    assert sum(each.pence for each in found) == 100_03
    assert sorted(each.pence for each in found) == [25_00, 25_01, 25_01, 25_01]
    assert {each.lines for each in found} == {"GB2026/B"}
    (gone,) = [each for each in found if each.disposed]
    assert (gone.disposed, gone.disposed_on, gone.location) == (DISPOSED, ON, "")
    assert {each.location for each in found if not each.disposed} == {"Devizes store"}
    assert not any(number in str(found) for number in IMEIS)


def test_the_register_of_items_parts_what_is_held_from_what_is_gone_and_adds_both_up(told: World) -> None:
    """4 handsets of 100.03 and a printer of 10,000.01: the handset that left cost 25.00."""
    made = freeze_items(at=LATER)
    assert made.sentence == "4 of 5 registered items are held. All of them cost £10,100.04."
    held, gone = made.tables
    assert (held.total, gone.total) == (
        ("Total", None, None, None, 10_075_04, None, None),
        ("Total", None, None, None, 25_00, None, None, None),
    )
    assert [row[3:] for row in gone.rows] == [(ON, 25_00, "GB2026/B", ON, DISPOSED)]
    assert frozen_of(Register, text_of(made)) == made


def test_a_handset_in_a_bag_that_was_issued_came_back_and_is_missing_left_on_the_day_it_went_missing(
    told: World,
) -> None:
    bag = db.session.scalars(select(Bag)).one()
    sergeant, lost_at = told.actor("sergeant"), datetime(2026, 5, 20, 9, 0, tzinfo=UTC)
    with transaction():
        hand_back(
            bag.tag, reason="Not needed", scope=sergeant.scope, **who(sergeant, datetime(2026, 5, 10, tzinfo=UTC))
        )
        post(
            PostingKind.COUNT, [], by=sergeant, at=lost_at, happened_at=lost_at, document="C-00002",
            bag_movements=[BagMovement(bag.id, told.places["SALISBURY"], outside(PlaceKind.LOST_AND_FOUND))],
        )  # fmt: skip
    (gone,) = [each for each in queries.registered_items() if each.disposed]
    assert (gone.disposed_on, gone.disposed) == (date(2026, 5, 20), "Missing: nil proceeds")


def test_what_costs_more_than_the_awards_threshold_is_a_fixed_asset(told: World) -> None:
    (asset,) = [each for each in queries.registered_items() if each.kind == "Fixed asset"]
    assert (asset.row_reference, asset.pence, asset.lines) == ("INV-00002-1", 10_000_01, "GB2026/C")


def test_a_fixed_asset_is_somewhere_until_it_leaves_and_the_newest_word_on_it_counts(told: World) -> None:
    said: dict[str, Any] = {
        "location": "Devizes",
        "serial_number": "PR-77",
        "deeds": "",
        "depreciation": "over 4 years",
    }
    before = counted()
    wrongs: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("INV-00001-1", {}, "is not on the register of fixed assets"),
        ("INV-00002-1", {"location": " "}, "Say where it is"),
        ("INV-00002-1", {"serial_number": "x" * 61}, "Must be 60 characters or fewer"),
        ("INV-00002-1", {"deeds": "with Ann, born 3 May 1990"}, "Remove details that could identify a person"),
    )
    for row, changed, words in wrongs:
        with pytest.raises(RuleBroken, match=words), transaction():
            registers.describe_asset(row, **said | changed, **acting(told))
    assert counted() == before
    first = acting(told)
    for filled, place in ((first, "Devizes"), (first, "Devizes"), (acting(told), "Salisbury")):
        with transaction():
            registers.describe_asset("INV-00002-1", **said | {"location": place}, **filled)
    (asset,) = queries.fixed_assets()
    assert (asset.location, asset.item) == (
        "Salisbury", "Delivery charge; serial number PR-77; depreciation: over 4 years",
    )  # fmt: skip
    assert db.session.scalar(select(func.count()).select_from(AssetDetail)) == 2
    with transaction():
        registers.dispose_of_asset(
            "INV-00002-1", disposed_on=ON, proceeds_pence=Pence(0), words="Scrapped", **acting(told, at=LATER)
        )
    assert [each.location for each in queries.fixed_assets()] == [""]


def test_a_makers_number_that_could_be_somebodys_is_a_serial_number_all_the_same(told: World) -> None:
    with transaction():
        registers.describe_asset(
            "INV-00002-1", location="Devizes", serial_number="943 476 5919", deeds="", depreciation="", **acting(told)
        )
    assert [each.item for each in queries.fixed_assets()] == ["Delivery charge; serial number 943 476 5919"]


def test_a_fixed_asset_leaves_on_a_day_that_can_be_and_the_newest_word_on_it_counts(told: World) -> None:
    sold: dict[str, Any] = {"disposed_on": ON, "proceeds_pence": Pence(1_250_00), "words": "Sold at auction"}
    before = counted()
    wrongs: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("INV-00001-1", {}, "INV-00001-1 is not on the register of fixed assets"),
        ("INV-00002-1", {"disposed_on": date(2026, 4, 1)}, r"It was bought on \d+ April 2026"),
        ("INV-00002-1", {"disposed_on": date(2026, 5, 5)}, "Enter that day or a later one in the past"),
        ("INV-00002-1", {"proceeds_pence": Pence(-1)}, r"£0\.00 or more"),
        ("INV-00002-1", {"words": " "}, "Say how it left"),
        ("INV-00002-1", {"words": "Given to Maria Ionescu, born 3 May 1990"}, "person"),
    )
    for row, changed, said in wrongs:
        with pytest.raises(RuleBroken, match=said), transaction():
            registers.dispose_of_asset(row, **sold | changed, **acting(told))
    with pytest.raises(NotFound), transaction():
        registers.dispose_of_asset("INV-9", **sold, **acting(told))
    assert counted() == before
    form = acting(told)
    for _ in range(2):
        with transaction():
            registers.dispose_of_asset("INV-00002-1", **sold, **form)
    (asset,) = queries.fixed_assets()
    assert (asset.disposed_on, asset.disposed) == (ON, "Sold at auction: proceeds of £1,250.00")
    with transaction():
        registers.dispose_of_asset("INV-00002-1", **sold | {"proceeds_pence": Pence(0)}, **acting(told))
    assert [each.disposed for each in queries.fixed_assets()] == ["Sold at auction: nil proceeds"]
    assert [row[0] for row in freeze_items(at=LATER).tables[1].rows].count("INV-00002-1") == 1
    assert db.session.scalar(select(func.count()).select_from(AssetDisposal)) == 2


def test_losses_are_priced_unit_by_unit_to_the_line_that_paid(told: World) -> None:
    """Ten towels cost 10.00; three are written off and one is missing."""
    found = [(each.document, each.unit_count, each.by_line, each.place) for each in queries.losses()]
    assert sorted(found) == [
        ("C-00001", 1, (("GB2026/A", 1_00),), "Devizes store"),
        ("WO-1", 3, (("GB2026/A", 3_00),), "Devizes store"),
    ]


def test_the_funder_is_told_once_on_a_day_that_can_be(told: World) -> None:
    loss = next(each for each in queries.losses() if each.document == "WO-1")
    before = counted()
    for day in (date(2026, 5, 3), date(2026, 5, 5)):
        with pytest.raises(RuleBroken, match="It happened on 4 May 2026"), transaction():
            registers.record_notice(loss.posting_id, notified_on=day, outside_reference="", **acting(told))
    with pytest.raises(NotFound), transaction():
        registers.record_notice(10**6, notified_on=ON, outside_reference="", **acting(told))
    assert counted() == before
    with transaction():
        registers.record_notice(loss.posting_id, notified_on=ON, outside_reference="HO/77", **acting(told))
    found = {each.document: (each.notified_on, each.notice) for each in queries.losses()}
    assert found == {"WO-1": (ON, "HO/77"), "C-00001": (None, "")}
    with pytest.raises(AlreadyDone, match="The funder was told on 4 May 2026"), transaction():
        registers.record_notice(loss.posting_id, notified_on=ON, outside_reference="HO/78", **acting(told))


def test_spending_without_an_invoice_says_who_was_paid_and_why_and_by_whose_award(told: World) -> None:
    """A recharge of 600.00, then a journal of −600.00; both count, neither has a supplier."""
    for kind, pence in ((SpendingKind.RECHARGE, 600_00), (SpendingKind.JOURNAL, -600_00)):
        with transaction():
            spending.record_other_spending(
                kind=kind, description="Rent", net_pence=Pence(pence), incurred_on=ON, **acting(told, at=LATER)
            )
    split(told, "SP-00001", A=1_00)
    made = freeze_spending(YEAR, at=LATER)
    assert [each.recipient for each in made.items if each.row.startswith("SP-")] == ["", ""]
    assert (made.lacking, made.unsaid) == (("INV-00002",), ("SP-00001", "SP-00002"))
    before = counted()
    for payee, words in ((" ", "Lowest"), ("x" * 121, "Lowest"), ("A shop", " "), ("Ion, born 3 May 1990", "Lowest")):
        with pytest.raises(RuleBroken), transaction():
            registers.say_recipient("SP-00001", payee=payee, words=words, **acting(told))
    with pytest.raises(RuleBroken, match="Say it of INV-00002"), transaction():
        registers.say_recipient("INV-00002-1", payee="A shop", words="Lowest", **acting(told))
    assert counted() == before
    for payee in ("The force", "Chief Constable of Wiltshire"):
        with transaction():
            registers.say_recipient("SP-00001", payee=payee, words="Shared store", **acting(told))
    made = freeze_spending(YEAR, at=LATER)
    assert made.unsaid == ("SP-00002",)
    (line,) = [each for each in spending_csv(made).decode().splitlines() if "SP-00001" in each]
    assert line == f"{HOLDER},2026-05-04,Chief Constable of Wiltshire,SP-00001,Rent,600.00,0.00,600.00,Shared store"


def test_spending_is_published_in_the_name_of_the_body_whose_awards_pay_most_of_it_now(told: World) -> None:
    """600.00, of which 1.00 was split to the Commissioner's award first and 599.00 to the Chief Constable's later."""
    with transaction():
        spending.record_other_spending(
            kind=SpendingKind.RECHARGE, description="Rent", net_pence=Pence(600_00), incurred_on=ON,
            **acting(told, at=LATER),
        )  # fmt: skip
    add_award(told, replace(TERMS, code="FORCE26", body_code="FORCE"))
    split(told, "SP-00001", A=1_00)
    with transaction():
        row = spending.apportion("SP-00001", [Share("FORCE26/A", Pence(599_00))], **acting(told))
    assert published_for("SP-00001") == "Chief Constable"
    asked = select(Apportionment.id).where(Apportionment.row_id == row.id, Apportionment.pence == 599_00)
    with transaction():
        spending.reverse_apportionment(db.session.scalars(asked).one(), **acting(told))
    assert published_for("SP-00001") == HOLDER


def published_for(row: str) -> str:
    return next(each.body for each in queries.published_spending(YEAR) if each.row == row)


def test_invoices_above_500_pounds_with_vat_are_published_with_their_reason(told: World) -> None:
    found = queries.published_spending(YEAR)
    assert [(each.row, each.total_pence) for each in found] == [("INV-00002-1", 12_000_01)]
    before = counted()
    for words in (" ", "x" * 301, "Bought for Maria Ionescu, born 3 May 1990"):
        with pytest.raises(RuleBroken), transaction():
            registers.say_value("INV-00002", words=words, **acting(told))
    assert counted() == before
    for words in ("Lowest of two", "Lowest of three quotations"):
        with transaction():
            registers.say_value("INV-00002", words=words, **acting(told))
    assert [each.value_reason for each in queries.published_spending(YEAR)] == ["Lowest of three quotations"]
