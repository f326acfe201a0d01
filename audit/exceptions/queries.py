"""The facts of exceptions, each sort in one statement whatever the number of rows. An auditor reads every place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import String, cast, func, literal, select, union_all
from sqlalchemy.orm import aliased

from audit.exceptions.rules import Decision, Leads, Oddity, Pair, Row, Share, late_issue
from core.dates import day_bounds
from core.db import db
from core.periods import Period
from grants.awards.models import Award, GrantLine
from grants.claims.models import Claim, ClaimEvent, ClaimWaiver
from grants.claims.rules.course import ClaimAct
from grants.reconciliation.models import Reconciliation, SignedReconciliation
from grants.spending.models import Apportionment, BilledDelivery, OrderLine, PurchaseOrder, SpendingRow, SupplierInvoice
from grants.spending.queries import links_stand
from grants.spending.rules import SpendingKind
from inventory.bags.models import Bag, Issue
from inventory.deliveries.models import Delivery, DeliveryLine
from inventory.requests.models import RequestEvent, RestockRequest
from inventory.requests.rules import RequestAct
from inventory.stock.models import Posting
from organisation.accounts.models import Account
from organisation.places.models import Place
from organisation.suppliers.models import Supplier

MOST_ROWS = 5_000
"""Spending rows of a period that are looked at, the newest first; a page says so where there are more."""

WAIVED = "waived"

_APPROVED = (RequestAct.APPROVED, RequestAct.APPROVED_IN_PART)


def rows_of(period: Period) -> dict[int, Row]:
    """Read the spending rows dated in a period, credits left out: spending row id → row."""
    ordered_for = aliased(GrantLine)
    asked = (
        select(
            SpendingRow.id, SpendingRow.reference, SpendingRow.description, SpendingRow.incurred_on,
            SpendingRow.net_pence, SpendingRow.unit_count, PurchaseOrder.reference, PurchaseOrder.ordered_on,
            OrderLine.grant_line_id, ordered_for.code, OrderLine.net_pence, OrderLine.unit_count,
        )
        .outerjoin(OrderLine, OrderLine.id == SpendingRow.order_line_id)
        .outerjoin(PurchaseOrder, PurchaseOrder.id == OrderLine.order_id)
        .outerjoin(ordered_for, ordered_for.id == OrderLine.grant_line_id)
        .where(
            SpendingRow.incurred_on >= period.first,
            SpendingRow.incurred_on <= period.last,
            SpendingRow.kind != SpendingKind.CREDIT,
        )
        .order_by(SpendingRow.incurred_on.desc(), SpendingRow.id.desc())
        .limit(MOST_ROWS)
    )  # fmt: skip
    facts = db.session.execute(asked).all()
    ids = [row[0] for row in facts]
    shares, received = _shares(ids), _received(ids)
    return {row[0]: _row(row, shares[row[0]], received[row[0]]) for row in facts}


def _row(facts: Any, shares: list[Share], received: list[date]) -> Row:
    _, reference, words, on, net, units, order, ordered_on, line_id, line, ordered_net, ordered_units = facts
    return Row(
        reference, f"{words} ({reference})", on, int(net), units, order or "", ordered_on, line_id, line or "",
        int(ordered_net or 0), int(ordered_units or 1), tuple(shares), tuple(received),
    )  # fmt: skip


def _shares(row_ids: Sequence[int]) -> dict[int, list[Share]]:
    asked = (
        select(
            Apportionment.row_id, GrantLine.id, Award.code, GrantLine.code, Award.ends_on, Apportionment.pence,
            Apportionment.reverses_id, Apportionment.recorded_at,
        )
        .join(GrantLine, GrantLine.id == Apportionment.grant_line_id)
        .join(Award, Award.id == GrantLine.award_id)
        .where(Apportionment.row_id.in_(row_ids))
        .order_by(Apportionment.id)
    )  # fmt: skip
    found: dict[int, list[Share]] = defaultdict(list)
    for row_id, line_id, award, line, ends_on, pence, reverses, at in db.session.execute(asked):
        found[row_id].append(Share(line_id, f"{award}/{line}", ends_on, int(pence), reverses is not None, at))
    return found


def _received(row_ids: Sequence[int]) -> dict[int, list[date]]:
    asked = (
        select(BilledDelivery.row_id, Delivery.received_on)
        .join(DeliveryLine, DeliveryLine.id == BilledDelivery.delivery_line_id)
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(links_stand(), BilledDelivery.row_id.in_(row_ids))
    )
    found: dict[int, list[date]] = defaultdict(list)
    for row_id, day in db.session.execute(asked):
        found[row_id].append(day)
    return found


@dataclass(frozen=True)
class Billed:
    """An invoice: its own reference, the supplier's number and name, its day and total."""

    reference: str
    number: str
    supplier: str
    on: date
    gross_pence: int


def invoices_of(period: Period) -> list[Billed]:
    """Read the invoices dated in a period, credit notes left out."""
    asked = (
        select(
            SupplierInvoice.reference, SupplierInvoice.number, Supplier.name, SupplierInvoice.invoiced_on,
            SupplierInvoice.gross_pence,
        )
        .join(Supplier, Supplier.id == SupplierInvoice.supplier_id)
        .where(
            SupplierInvoice.invoiced_on >= period.first,
            SupplierInvoice.invoiced_on <= period.last,
            SupplierInvoice.gross_pence > 0,
        )
        .order_by(SupplierInvoice.id.desc())
        .limit(MOST_ROWS)
    )  # fmt: skip
    return [Billed(*facts) for facts in db.session.execute(asked)]


def pairs_of(period: Period) -> list[Pair]:
    """Count who asked for and who approved the requests of each place in a period."""
    first, after = day_bounds(period.first, period.last)
    asked_by, approved_by = aliased(Account), aliased(Account)
    asked = (
        select(Place.name, Place.code, asked_by.name, approved_by.name, func.count(), func.max(RequestEvent.at))
        .select_from(RequestEvent)
        .join(RestockRequest, RestockRequest.id == RequestEvent.request_id)
        .join(Place, Place.id == RestockRequest.place_id)
        .join(asked_by, asked_by.id == RestockRequest.requested_by_id)
        .join(approved_by, approved_by.id == RequestEvent.account_id)
        .where(RequestEvent.act.in_(_APPROVED), RequestEvent.at >= first, RequestEvent.at < after)
        .group_by(Place.name, Place.code, asked_by.id, asked_by.name, approved_by.id, approved_by.name)
    )
    return [Pair(*facts) for facts in db.session.execute(asked)]


def decisions_of(period: Period) -> list[Decision]:
    """Read approvals of requests, reviews and certificates of claims, signed reconciliations and waivers."""
    first, after = day_bounds(period.first, period.last)
    approved = (
        select(literal("request"), RestockRequest.reference, literal("approved"), Account.name, RequestEvent.at)
        .join(RestockRequest, RestockRequest.id == RequestEvent.request_id)
        .join(Account, Account.id == RequestEvent.account_id)
        .where(RequestEvent.act.in_(_APPROVED), RequestEvent.at >= first, RequestEvent.at < after)
    )
    claimed = (
        select(literal("claim"), Claim.reference, cast(ClaimEvent.act, String), Account.name, ClaimEvent.recorded_at)
        .join(Claim, Claim.id == ClaimEvent.claim_id)
        .join(Account, Account.id == ClaimEvent.account_id)
        .where(
            ClaimEvent.act.in_([ClaimAct.REVIEW, ClaimAct.CERTIFY]),
            ClaimEvent.recorded_at >= first,
            ClaimEvent.recorded_at < after,
        )
    )
    # A reconciliation's page is named by its award and first day.
    named = Award.code + " " + cast(Reconciliation.first_on, String)
    signed = (
        select(literal("reconciliation"), named, literal("signed off"), Account.name, SignedReconciliation.signed_at)
        .join(Reconciliation, Reconciliation.id == SignedReconciliation.reconciliation_id)
        .join(Award, Award.id == Reconciliation.award_id)
        .join(Account, Account.id == SignedReconciliation.account_id)
        .where(SignedReconciliation.signed_at >= first, SignedReconciliation.signed_at < after)
    )
    waived = (
        select(literal(WAIVED), Claim.reference, ClaimWaiver.words, Account.name, ClaimWaiver.recorded_at)
        .join(Claim, Claim.id == ClaimWaiver.claim_id)
        .join(Account, Account.id == ClaimWaiver.account_id)
        .where(ClaimWaiver.recorded_at >= first, ClaimWaiver.recorded_at < after)
    )
    return [
        Decision(
            Leads.CLAIM if leads == WAIVED else Leads(leads), record, f"{act} {record}", who, at,
            act if leads == WAIVED else "",
        )
        for leads, record, act, who, at in db.session.execute(union_all(approved, claimed, signed, waived))
    ]  # fmt: skip


def late_issues(period: Period) -> list[Oddity]:
    """Find the issues of a period that were recorded late."""
    first, after = day_bounds(period.first, period.last)
    asked = (
        select(Issue.slip, Bag.tag, Place.name, Posting.happened_at, Posting.recorded_at)
        .join(Bag, Bag.id == Issue.bag_id)
        .join(Place, Place.id == Issue.place_id)
        .join(Posting, Posting.id == Issue.posting_id)
        .where(Issue.issued_at >= first, Issue.issued_at < after)
    )
    return [odd for facts in db.session.execute(asked) for odd in late_issue(*facts)]


def names() -> dict[int, str]:
    """Name every account: id → the name colleagues know."""
    found: dict[int, str] = dict(db.session.execute(select(Account.id, Account.name)).all())
    return found
