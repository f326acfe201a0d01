"""What the statement of grant usage is made from, read in a fixed number of statements whatever the rows.

Everything is read *as known at* a moment: rows recorded later do not count, so a report made while others work
still agrees with itself. Money is kept for the whole organisation, so no scope belongs here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    String,
    and_,
    cast,
    func,
    null,
    or_,
    select,
    union,
    union_all,
)

from core.db import db
from core.periods import Period
from core.trail.queries import unsealed_leaves
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
    back = _taken_back(at).label("pence")
    rows = db.session.execute(
        select(LedgerLine.id, back).where(_booked_under(project_code), *_dated_in(period), back != 0)
    )
    return {line_id: int(pence) for line_id, pence in rows}


def _taken_back(at: datetime) -> ColumnElement[int]:
    """Add up, in SQL, what cancellations explain of a ledger line, whichever side of them it is."""
    sides = [
        select(func.coalesce(func.sum(LedgerCancellation.pence), 0))
        .where(side == LedgerLine.id, LedgerCancellation.matched_at <= at)
        .correlate(LedgerLine)
        .scalar_subquery()
        for side in (LedgerCancellation.line_id, LedgerCancellation.taken_back_by_id)
    ]
    return sides[0] - sides[1]


@dataclass(frozen=True)
class LinesConcerned:
    """The ledger lines a statement concerns: ledger line id → line.

    Attributes:
        extract: those of the finance extract.
        others: those outside it that rows the statement concerns are matched to.
        taken_back: of lines of the extract, the pence that other lines take back.
    """

    extract: dict[int, LineName]
    others: dict[int, LineName]
    taken_back: dict[int, int]


def lines_concerned(award: Award, period: Period, *, at: datetime) -> LinesConcerned:
    """Read the finance extract of an award for a period and what else its rows are matched to, in one statement."""
    within = and_(_booked_under(award.project_code), *_dated_in(period))
    matched = select(LedgerMatch.line_id).where(
        LedgerMatch.row_id.in_(_rows_wanted(award, period, at)), LedgerMatch.matched_at <= at
    )
    asked = _known_lines(at).where(within | LedgerLine.id.in_(matched)).add_columns(within, _taken_back(at))
    found = LinesConcerned({}, {}, {})
    for line_id, *facts, in_extract, back in db.session.execute(asked):
        (found.extract if in_extract else found.others)[line_id] = LineName(*facts)
        if in_extract and back:
            found.taken_back[line_id] = int(back)
    return found


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
    by_line, by_award, receipts, bookings = _strands(award, wanted, at)
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


Strands = tuple[
    dict[int, dict[int, int]], dict[int, dict[str, int]], dict[int, list[Receipt]], dict[int, list[Booking]]
]
"""By spending row id: grant line id → pence; other award's code → pence; receipts; bookings."""


def _strands(award: Award, wanted: Select[int], at: datetime) -> Strands:
    """Read in one statement how rows are apportioned, what was received of them and what the ledger books of them."""
    by_line: dict[int, dict[int, int]] = defaultdict(dict)
    by_award: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    receipts: dict[int, list[Receipt]] = defaultdict(list)
    bookings: dict[int, list[Booking]] = defaultdict(list)
    parts = union_all(_charged(wanted, at), _received(wanted, at), _booked(wanted, at))
    for row_id, award_code, of_id, day, amount in db.session.execute(parts):
        if award_code == award.code:
            by_line[row_id][of_id] = int(amount)
        elif award_code is not None:
            by_award[row_id][award_code] += int(amount)
        elif of_id is None:
            receipts[row_id].append(Receipt(day, int(amount)))
        else:
            bookings[row_id].append(Booking(of_id, day, int(amount)))
    return by_line, by_award, receipts, bookings


Part = Select[*tuple[Any, ...]]
"""(spending row id, award's code or None, grant or ledger line id or None, day or None, pence or units)."""

_NO_CODE, _NO_LINE, _NO_DAY = cast(null(), String), cast(null(), BigInteger), cast(null(), Date)


def _charged(wanted: Select[int], at: datetime) -> Part:
    """Apportionments by grant line, reversals included."""
    return (
        select(Apportionment.row_id, Award.code, GrantLine.id, _NO_DAY, func.sum(Apportionment.pence))
        .join(GrantLine, GrantLine.id == Apportionment.grant_line_id)
        .join(Award, Award.id == GrantLine.award_id)
        .where(Apportionment.row_id.in_(wanted), Apportionment.recorded_at <= at)
        .group_by(Apportionment.row_id, GrantLine.id, Award.code)
    )


def _received(wanted: Select[int], at: datetime) -> Part:
    """Units received by day, links that were taken back left out."""
    units = func.sum(BilledDelivery.unit_count)
    return (
        select(BilledDelivery.row_id, _NO_CODE, _NO_LINE, Delivery.received_on, units)
        .join(DeliveryLine, DeliveryLine.id == BilledDelivery.delivery_line_id)
        .join(Delivery, Delivery.id == DeliveryLine.delivery_id)
        .where(BilledDelivery.row_id.in_(wanted), BilledDelivery.recorded_at <= at)
        .group_by(BilledDelivery.row_id, Delivery.received_on)
        .having(units > 0)
    )


def _booked(wanted: Select[int], at: datetime) -> Part:
    """Pence by ledger line, undone matches left out."""
    pence = func.sum(LedgerMatch.pence)
    return (
        select(LedgerMatch.row_id, _NO_CODE, LedgerLine.id, LedgerLine.dated_on, pence)
        .join(LedgerLine, LedgerLine.id == LedgerMatch.line_id)
        .where(LedgerMatch.row_id.in_(wanted), LedgerMatch.matched_at <= at)
        .group_by(LedgerMatch.row_id, LedgerLine.id, LedgerLine.dated_on)
        .having(pence != 0)
    )


def ends_of_data(project_code: str, *, at: datetime) -> tuple[date | None, int]:
    """Tell the day of the newest ledger line of a project, and how many leaves no log has sealed yet.

    Both are asked in one statement: the foot of a statement says how far its data go.
    """
    newest = (
        select(func.max(LedgerLine.dated_on))
        .join(LedgerImport, LedgerImport.id == LedgerLine.import_id)
        .where(_booked_under(project_code), LedgerImport.imported_at <= at)
    )
    day, unsealed = db.session.execute(select(newest.scalar_subquery(), unsealed_leaves())).one()
    return day, int(unsealed)
