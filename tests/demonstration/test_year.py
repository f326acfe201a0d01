"""The demonstration year as it was loaded: the same on every load, whole, and with everything there is to show."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from stdnum import imei, luhn

from core import trail
from core.access import Scope
from core.db import db
from demonstration.year import SURGE_BAGS, SURGE_STATION
from grants.awards.models import Award, GrantLine
from grants.awards.queries import revised_budgets
from grants.ledgers.models import LedgerLine, LedgerMatch
from grants.position.queries import lot_costs
from grants.spending.models import Apportionment, SpendingRow
from inventory.bags.models import Issue
from inventory.catalogue.models import Edition, Item
from inventory.catalogue.rules import ItemKind
from inventory.cupboard.models import CupboardSheet
from inventory.phones.models import SerialUnit
from inventory.phones.rules import NumberKind
from inventory.requests import queries as requests
from inventory.requests.models import ReceiptLine, RestockRequest
from inventory.requests.rules import RequestState
from inventory.stock import queries as stock
from inventory.stock.models import Balance, Lot, Posting, ReserveLevel
from inventory.stock.rules import LotSource
from organisation.accounts import queries as accounts
from organisation.places.models import Place
from organisation.places.queries import place_by_code
from tests.demonstration.year import TODAY, Demonstration

pytestmark = pytest.mark.usefixtures("demonstration_year")

STORY = {
    "bags": """
        SELECT bag.tag, kit_recipe.code, recipe_version.number, seal.number, seal.broken
        FROM bag JOIN recipe_version ON recipe_version.id = bag.recipe_version_id
        JOIN kit_recipe ON kit_recipe.id = recipe_version.recipe_id LEFT JOIN seal ON seal.bag_id = bag.id
        ORDER BY bag.id, seal.id""",
    "issues": """
        SELECT bag.tag, place.code, issue.route, issue.booklet_language, date(issue.issued_at)
        FROM issue JOIN bag ON bag.id = issue.bag_id JOIN place ON place.id = issue.place_id ORDER BY issue.id""",
    "moves": """
        SELECT posting.kind, date(posting.happened_at), lot.code, item.code, began.code, ended.code, move.unit_count
        FROM move JOIN posting ON posting.id = move.posting_id JOIN lot ON lot.id = move.lot_id
        JOIN item ON item.id = lot.item_id JOIN place began ON began.id = move.from_place_id
        JOIN place ended ON ended.id = move.to_place_id ORDER BY move.id""",
    "requests": """
        SELECT request.reference, place.code, request.state, line.position, item.code, kit_recipe.code,
            line.held_count, line.par_count, line.suggested_count, line.asked_count, line.approved_count
        FROM restock_request request JOIN place ON place.id = request.place_id
        JOIN request_line line ON line.request_id = request.id LEFT JOIN item ON item.id = line.item_id
        LEFT JOIN kit_recipe ON kit_recipe.id = line.recipe_id ORDER BY line.id""",
    "spending": """
        SELECT row.reference, supplier.code, invoice.number, invoice.invoiced_on, row.kind, row.description,
            row.unit_count, row.net_pence, row.vat_rate_points, row.vat_pence
        FROM spending_row row LEFT JOIN supplier_invoice invoice ON invoice.id = row.invoice_id
        LEFT JOIN supplier ON supplier.id = invoice.supplier_id ORDER BY row.id""",
    "splits": """
        SELECT row.reference, award.code, line.code, apportionment.pence
        FROM apportionment JOIN spending_row row ON row.id = apportionment.row_id
        JOIN grant_line line ON line.id = apportionment.grant_line_id JOIN award ON award.id = line.award_id
        ORDER BY apportionment.id""",
}
"""What happened, in the words of its documents: neither row numbers nor what is random by design (slips, salts)."""

DIGESTS = {
    "bags": "648ac09d93a8b3e0",
    "issues": "cd9a8fbba6a4bc81",
    "moves": "4171544ed8912426",
    "requests": "54c4683c2041d514",
    "spending": "ad0c5d06719208c7",
    "splits": "fb221783fd5c4c52",
}
"""The first digits of the SHA-256 of each part of the story, as loaded for ``TODAY``.

Whoever changes the story on purpose writes the new ones here: the test that fails prints them.
"""


def digest(part: str) -> str:
    """Fold one part of the story, row by row, into a few digits."""
    rows = db.session.execute(text(STORY[part]))
    words = "\n".join("|".join("" if each is None else str(each) for each in row) for row in rows)
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def count(*conditions: Any, of: Any = Posting.id) -> int:
    return db.session.scalar(select(func.count(of)).where(*conditions)) or 0


def test_every_load_of_a_day_tells_the_same_story() -> None:
    assert {part: digest(part) for part in STORY} == DIGESTS


def test_the_moves_explain_every_balance_and_every_leaf_is_in_the_log() -> None:
    assert count(of=Balance.lot_id) > 300
    assert stock.unexplained_balances() == []
    assert trail.unsealed_count() == 0


def test_it_lasts_twelve_months_up_to_yesterday_with_issues_in_each() -> None:
    first, last = db.session.execute(select(func.min(Posting.happened_at), func.max(Posting.happened_at))).one()
    assert TODAY - timedelta(days=365) <= first.date() <= TODAY - timedelta(days=350)
    assert TODAY - timedelta(days=7) <= last.date() < TODAY
    months = {(moment.year, moment.month) for moment in db.session.scalars(select(Issue.issued_at))}
    assert sorted(months) == [(2025, 12), *((2026, month) for month in range(1, 12))]


def test_on_one_day_and_no_other_a_whole_operation_is_supplied() -> None:
    asked = select(func.date(Issue.issued_at), Place.code).join(Place, Place.id == Issue.place_id)
    by_day = Counter(tuple(row) for row in db.session.execute(asked))
    surge, *others = by_day.most_common()
    assert surge == (("2026-08-01", SURGE_STATION), SURGE_BAGS)
    assert max(bags for _, bags in others) <= 2


def test_two_grants_pay_and_no_line_is_overspent() -> None:
    awards = db.session.execute(select(Award.code, Award.amount_pence).order_by(Award.starts_on)).all()
    assert [tuple(award) for award in awards] == [("VSG", 980_000), ("MSVF", 2_246_000)]
    asked = (
        select(GrantLine.id, Award.code, func.sum(Apportionment.pence))
        .join(GrantLine, GrantLine.id == Apportionment.grant_line_id)
        .join(Award, Award.id == GrantLine.award_id)
        .group_by(GrantLine.id, Award.code)
    )
    spent = {line_id: (award, int(pence)) for line_id, award, pence in db.session.execute(asked)}
    assert Counter(award for award, _ in spent.values()) == {"VSG": 4, "MSVF": 6}
    budgets = revised_budgets(spent)
    assert all(0 < pence <= budgets[line_id] for line_id, (_, pence) in spent.items())


def test_one_invoice_has_rows_with_and_without_vat() -> None:
    asked = select(SpendingRow.invoice_id, SpendingRow.vat_rate_points, SpendingRow.net_pence, SpendingRow.vat_pence)
    rates: dict[int | None, set[int]] = {}
    for invoice_id, points, net_pence, vat_pence in db.session.execute(asked):
        rates.setdefault(invoice_id, set()).add(points)
        assert vat_pence == (net_pence * points) // 10_000, "the prices are such that no VAT is rounded"
    assert list(rates.values()).count({0, 2000}) >= 3


def test_a_donation_is_counted_and_costs_nothing() -> None:
    asked = select(Lot.id, Item.code, Lot.unit_count).join(Item, Item.id == Lot.item_id)
    given = db.session.execute(asked.where(Lot.source == LotSource.DONATION).order_by(Lot.id)).all()
    assert [(code, units) for _, code, units in given] == [("WASH", 12), ("PERIOD", 10)]
    for cost in lot_costs([lot_id for lot_id, _, _ in given]).values():
        assert cost.total_pence == 0


def test_toiletries_expire_some_soon_and_some_already() -> None:
    asked = select(Item.code, Lot.expires_on).join(Item, Item.id == Lot.item_id).where(Item.expires)
    assert all(expires_on is not None for _, expires_on in db.session.execute(asked))
    held = select(Item.code, Lot.expires_on).join(Item, Item.id == Lot.item_id).join(Balance, Balance.lot_id == Lot.id)
    there = {tuple(row) for row in db.session.execute(held.where(Balance.unit_count > 0, Item.expires))}
    assert ("SNACK", date(2026, 11, 15)) in there, "expired a week ago"
    assert {("SNACK", date(2026, 12, 7)), ("WASH", date(2026, 12, 7))} <= there, "within thirty days"
    assert {code for code, _ in there} == {"SNACK", "WASH", "PERIOD"}


def test_booklets_are_in_eight_languages_and_two_of_them_in_a_second_edition() -> None:
    asked = select(Item.language, Edition.number).join(Item, Item.id == Edition.item_id)
    editions = sorted(tuple(row) for row in db.session.execute(asked.where(Item.kind == ItemKind.BOOKLET)))
    first = [(language, 1) for language in ("ar", "en", "pl", "ro", "sq", "ti", "vi", "zh")]
    assert editions == sorted([*first, ("ro", 2), ("sq", 2)])
    handed_over = set(db.session.scalars(select(Issue.booklet_language)))
    assert len(handed_over - {None}) >= 6


def test_every_handset_and_sim_has_a_number_of_its_own_that_passes_its_check_digit() -> None:
    numbers: dict[NumberKind, list[str]] = {kind: [] for kind in NumberKind}
    for kind, number in db.session.execute(select(SerialUnit.number_kind, SerialUnit.number)):
        numbers[kind].append(number)
    assert len(numbers[NumberKind.IMEI]) == len(numbers[NumberKind.ICCID]) > 150
    for each in numbers.values():
        assert len(set(each)) == len(each)
        assert all(luhn.is_valid(number) for number in each)
    assert all(imei.is_valid(number) and number.startswith("00") for number in numbers[NumberKind.IMEI])


def test_the_finance_extract_has_what_goes_wrong_in_real_ones() -> None:
    lines = list(db.session.scalars(select(LedgerLine)))
    matched = set(db.session.scalars(select(LedgerMatch.line_id).where(LedgerMatch.reverses_id.is_(None))))
    foreign = [line for line in lines if line.supplier_name in ("CHILTERN UNIFORMS", "THE OLD BAKERY")]
    assert sorted(line.net_pence for line in foreign) == [8_495, 50_000]
    assert not matched & {line.id for line in foreign}, "no grant pays for these"
    booked = Counter((line.reference, line.net_pence) for line in lines)
    taken_back = [(line.reference, -line.net_pence) for line in lines if line.net_pence < 0]
    assert any(booked[once] == 2 for once in taken_back), "booked twice, and one of them taken back"
    mistyped = [line for line in lines if "-" not in line.reference and line not in foreign]
    assert any(line.id in matched for line in mistyped), "a mistyped reference is found all the same"


def test_on_the_last_day_there_is_something_to_do_for_everybody() -> None:
    states = Counter(db.session.scalars(select(RestockRequest.state)))
    assert {RequestState.ASKED, RequestState.APPROVED, RequestState.SENT, RequestState.RECEIVED} <= set(states)
    assert count(ReceiptLine.short_reason.is_not(None), of=ReceiptLine.id) == 1
    split = select(Apportionment.row_id)
    assert count(SpendingRow.id.not_in(split), of=SpendingRow.id) == 1


def test_a_reserve_is_kept_at_the_store_and_a_cupboard_sheet_hangs_at_a_station() -> None:
    kept = db.session.execute(select(Item.code, ReserveLevel.level_count).join(Item).order_by(Item.code)).all()
    assert [tuple(each) for each in kept] == [("BOOK-RO", 10), ("BOOK-VI", 5), ("PHONE", 10)]
    sheet = db.session.scalars(select(CupboardSheet)).one()
    assert (sheet.reference, [line.entry for line in sheet.lines]) == ("CS-00001", [None] * len(sheet.lines))
    assert len(sheet.lines) >= 5


def test_it_says_that_it_is_a_demonstration(demonstration_year: Demonstration) -> None:
    assert accounts.is_demonstration()
    assert demonstration_year.site("auditor").get("/").status == 200


def test_whoever_signs_in_as_sergeant_finds_something_short_that_nobody_has_asked_for() -> None:
    salisbury = place_by_code("SALISBURY", scope=Scope.everywhere())
    levels = requests.levels(salisbury.id, scope=Scope.everywhere(), on=TODAY)
    short = {level.code: level.shortage_count for level in levels if level.shortage_count > 0}
    assert short == {"ADULT-M": 2, "BOOK-TI": 4}
