"""What the statement of grant usage is made from, read in a fixed number of statements whatever the rows.

Everything is read *as known at* a moment: rows recorded later do not count, so a report made while others work
still agrees with itself. Money is kept for the whole organisation, so no scope belongs here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, or_, select, union

from core.db import db
from core.periods import Period
from grants.awards.models import Award, BudgetChange, GrantLine
from grants.ledgers.models import FinanceLedger, LedgerCancellation, LedgerImport, LedgerLine, LedgerMatch
from grants.reports.rules import Booking, Receipt, RowFacts, shares_of
from grants.spending.models import Apportionment, BilledDelivery, SpendingRow, SupplierInvoice
from grants.spending.rules import cost_pence
from inventory.deliveries.models import Delivery, DeliveryLine
from organisation.suppliers.models import Supplier


@dataclass(frozen=True)
class RowName:
    """How a spending row is named on paper."""

    reference: str
    description: str
    supplier: str
    invoice_number: str
    incurred_on: date
    net_pence: int
    vat_pence: int
    vat_recoverable: bool


@dataclass(frozen=True)
class LineName:
    """How a ledger line is named on paper, and its net amount in pence."""

    transaction: str
    supplier: str
    description: str
    cost_centre: str
    dated_on: date
    net_pence: int
    import_id: int


@dataclass(frozen=True)
class ImportName:
    """A reading of a finance extract: which file it was, to the bit."""

    reference: str
    ledger: str
    filename: str
    file_hash: str
    imported_at: datetime


@dataclass(frozen=True)
class Spending:
    """Spending rows: id → facts and names."""

    facts: dict[int, RowFacts]
    names: dict[int, RowName]


def budget_changes(award_id: int, *, until: date, at: datetime) -> dict[int, int]:
    """Add up the virements agreed until a day: grant line id → pence, below nothing where budget left."""
    lines = select(GrantLine.id).where(GrantLine.award_id == award_id)
    rows = db.session.execute(
        select(BudgetChange.from_line_id, BudgetChange.to_line_id, BudgetChange.pence).where(
            BudgetChange.from_line_id.in_(lines),
            BudgetChange.agreed_on <= until,
            BudgetChange.recorded_at <= at,
        )
    )
    change: dict[int, int] = defaultdict(int)
    for from_id, to_id, pence in rows:
        change[from_id] -= pence
        change[to_id] += pence
    return dict(change)


def extract_lines(project_code: str, period: Period, *, at: datetime) -> dict[int, LineName]:
    """List the finance extract of a project for a period: ledger line id → line."""
    return _lines(_known_lines(at).where(_booked_under(project_code), *_dated_in(period)))


def _booked_under(project_code: str) -> ColumnElement[bool]:
    """Say how a ledger books an award's spending: under its project, or its cost centre where it has no projects."""
    return or_(LedgerLine.project == project_code, LedgerLine.cost_centre == project_code)


def _dated_in(period: Period) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return LedgerLine.dated_on >= period.first, LedgerLine.dated_on <= period.last


def taken_back(project_code: str, period: Period, *, at: datetime) -> dict[int, int]:
    """Add up what lines of an extract take back of each other: ledger line id → its pence so explained."""
    found: dict[int, int] = defaultdict(int)
    for side, sign in ((LedgerCancellation.line_id, 1), (LedgerCancellation.taken_back_by_id, -1)):
        rows = db.session.execute(
            select(side, func.sum(LedgerCancellation.pence))
            .join(LedgerLine, LedgerLine.id == side)
            .where(_booked_under(project_code), *_dated_in(period), LedgerCancellation.matched_at <= at)
            .group_by(side)
        )
        for line_id, pence in rows:
            found[line_id] += sign * int(pence)
    return {line_id: pence for line_id, pence in found.items() if pence}


def lines_named(line_ids: Sequence[int], *, at: datetime) -> dict[int, LineName]:
    """Name ledger lines: ledger line id → line."""
    found: dict[int, LineName] = {}
    for start in range(0, len(line_ids), 500):
        found |= _lines(_known_lines(at).where(LedgerLine.id.in_(line_ids[start : start + 500])))
    return found


def _known_lines(at: datetime) -> Select[int, str, str, str, str, date, int, int]:
    return (
        select(
            LedgerLine.id,
            LedgerLine.transaction_number,
            LedgerLine.supplier_name,
            LedgerLine.description,
            LedgerLine.cost_centre,
            LedgerLine.dated_on,
            LedgerLine.net_pence,
            LedgerLine.import_id,
        )
        .join(LedgerImport, LedgerImport.id == LedgerLine.import_id)
        .where(LedgerImport.imported_at <= at)
        .order_by(LedgerLine.dated_on, LedgerLine.id)
    )


def _lines(asked: Select[int, str, str, str, str, date, int, int]) -> dict[int, LineName]:
    return {row[0]: LineName(*row[1:]) for row in db.session.execute(asked)}


def imports_of(import_ids: Sequence[int]) -> list[ImportName]:
    """Name the readings that ledger lines came from, oldest first."""
    rows = db.session.execute(
        select(
            LedgerImport.reference,
            FinanceLedger.name,
            LedgerImport.filename,
            LedgerImport.file_hash,
            LedgerImport.imported_at,
        )
        .join(FinanceLedger, FinanceLedger.id == LedgerImport.ledger_id)
        .where(LedgerImport.id.in_(import_ids))
        .order_by(LedgerImport.id)
    )
    return [ImportName(*facts) for facts in rows]


def spending(award: Award, period: Period, *, at: datetime) -> Spending:
    """Read every spending row that pays into the award or that its finance extract of the period is matched to."""
    wanted = _rows_wanted(award, period, at)
    kept = db.session.execute(
        select(
            SpendingRow.id,
            SpendingRow.reference,
            SpendingRow.description,
            func.coalesce(Supplier.name, ""),
            func.coalesce(SupplierInvoice.number, ""),
            SpendingRow.incurred_on,
            SpendingRow.net_pence,
            SpendingRow.vat_pence,
            SpendingRow.vat_recoverable,
            SpendingRow.unit_count,
        )
        .outerjoin(SupplierInvoice, SupplierInvoice.id == SpendingRow.invoice_id)
        .outerjoin(Supplier, Supplier.id == SupplierInvoice.supplier_id)
        .where(SpendingRow.id.in_(wanted))
        .order_by(SpendingRow.incurred_on, SpendingRow.id)
    )
    names, units = {}, {}
    for row_id, *facts, unit_count in kept:
        names[row_id], units[row_id] = RowName(*facts), unit_count
    return Spending(_facts(award, names, units, wanted, at), names)


def _rows_wanted(award: Award, period: Period, at: datetime) -> Select[int]:
    """Select the ids of the rows the statement concerns."""
    lines = select(GrantLine.id).where(GrantLine.award_id == award.id)
    charged = select(Apportionment.row_id.label("row_id")).where(
        Apportionment.grant_line_id.in_(lines), Apportionment.recorded_at <= at
    )
    booked = (
        select(LedgerMatch.row_id.label("row_id"))
        .join(LedgerLine, LedgerLine.id == LedgerMatch.line_id)
        .where(_booked_under(award.project_code), *_dated_in(period), LedgerMatch.matched_at <= at)
    )
    both = union(charged, booked).subquery()
    return select(both.c.row_id)


def _facts(
    award: Award,
    names: dict[int, RowName],
    units: dict[int, int | None],
    wanted: Select[int],
    at: datetime,
) -> dict[int, RowFacts]:
    """Put together what is known of each row."""
    by_line, by_award = _charged(award, wanted, at)
    receipts, bookings = _receipts(wanted, at), _bookings(wanted, at)
    found = {}
    for row_id, name in names.items():
        cost = cost_pence(name.net_pence, name.vat_pence, vat_recoverable=name.vat_recoverable)
        found[row_id] = RowFacts(
            row_id,
            cost,
            shares_of(cost, by_line[row_id], by_award[row_id]),
            name.incurred_on,
            units[row_id],
            tuple(receipts[row_id]),
            tuple(bookings[row_id]),
        )
    return found


def _charged(
    award: Award, wanted: Select[int], at: datetime
) -> tuple[dict[int, dict[int, int]], dict[int, dict[str, int]]]:
    """Add up apportionments: row id → grant line id → pence, and row id → other award's code → pence."""
    rows = db.session.execute(
        select(
            Apportionment.row_id,
            GrantLine.id,
            GrantLine.award_id,
            Award.code,
            func.sum(Apportionment.pence),
        )
        .join(GrantLine, GrantLine.id == Apportionment.grant_line_id)
        .join(Award, Award.id == GrantLine.award_id)
        .where(Apportionment.row_id.in_(wanted), Apportionment.recorded_at <= at)
        .group_by(Apportionment.row_id, GrantLine.id, GrantLine.award_id, Award.code)
    )
    by_line: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    by_award: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row_id, line_id, award_id, code, pence in rows:
        if award_id == award.id:
            by_line[row_id][line_id] += int(pence)
        else:
            by_award[row_id][code] += int(pence)
    return by_line, by_award


def _receipts(wanted: Select[int], at: datetime) -> dict[int, list[Receipt]]:
    """List what was received of each row, links that were taken back left out: row id → receipts."""
    rows = db.session.execute(
        select(BilledDelivery.row_id, Delivery.received_on, func.sum(BilledDelivery.unit_count))
        .join(DeliveryLine, DeliveryLine.id == BilledDelivery.delivery_line_id)
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(BilledDelivery.row_id.in_(wanted), BilledDelivery.recorded_at <= at)
        .group_by(BilledDelivery.row_id, Delivery.received_on)
        .having(func.sum(BilledDelivery.unit_count) > 0)
    )
    found: dict[int, list[Receipt]] = defaultdict(list)
    for row_id, received_on, unit_count in rows:
        found[row_id].append(Receipt(received_on, int(unit_count)))
    return found


def _bookings(wanted: Select[int], at: datetime) -> dict[int, list[Booking]]:
    """List what the ledger holds of each row, undone matches left out: row id → bookings."""
    rows = db.session.execute(
        select(LedgerMatch.row_id, LedgerLine.id, LedgerLine.dated_on, func.sum(LedgerMatch.pence))
        .join(LedgerLine, LedgerLine.id == LedgerMatch.line_id)
        .where(LedgerMatch.row_id.in_(wanted), LedgerMatch.matched_at <= at)
        .group_by(LedgerMatch.row_id, LedgerLine.id, LedgerLine.dated_on)
        .having(func.sum(LedgerMatch.pence) != 0)
    )
    found: dict[int, list[Booking]] = defaultdict(list)
    for row_id, line_id, dated_on, pence in rows:
        found[row_id].append(Booking(line_id, dated_on, int(pence)))
    return found


def newest_ledger_day(project_code: str, *, at: datetime) -> date | None:
    """Tell the day of the newest ledger line of a project."""
    return db.session.scalar(
        select(func.max(LedgerLine.dated_on))
        .join(LedgerImport, LedgerImport.id == LedgerLine.import_id)
        .where(_booked_under(project_code), LedgerImport.imported_at <= at)
    )
