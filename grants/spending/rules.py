"""Kinds of spending, what a person enters of it, and the arithmetic of invoices, orders and apportionment.

VAT is suggested from the rate, and what the invoice prints is recorded: suppliers round in more ways than one.
An order converts into spending, it never adds to it: what is still committed is what has not been invoiced.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.dates import day_text, period_text
from core.errors import OverLimit, RuleBroken
from core.money import BASIS_POINTS, Pence, pounds, share, units_cost, vat_on


class SpendingKind(StrEnum):
    """What a spending row is. Goods are received and become lots; the others are not."""

    GOODS = "goods"
    SERVICE = "service"
    CREDIT = "credit note"
    JOURNAL = "journal"
    RECHARGE = "recharge"
    CARD = "purchase card"
    PAYROLL = "payroll"


ON_INVOICES = (SpendingKind.GOODS, SpendingKind.SERVICE, SpendingKind.CREDIT)
"""Kinds a supplier invoice's rows can be."""

WITHOUT_INVOICE = (SpendingKind.JOURNAL, SpendingKind.RECHARGE, SpendingKind.CARD, SpendingKind.PAYROLL)
"""Kinds of spending no supplier invoice stands behind."""

VAT_RATES = (2000, 500, 0)
"""UK VAT rates in basis points: standard 20%, reduced 5%, zero."""


@dataclass(frozen=True)
class NewOrderLine:
    """One thing to order, at a net price for all its units, for a grant line by its full code."""

    description: str
    grant_line: str
    net_pence: Pence
    unit_count: int = 1
    item_code: str | None = None


@dataclass(frozen=True)
class NewRow:
    """One row of an invoice or credit note as printed.

    Attributes:
        vat_pence: the VAT the invoice prints; None takes the suggestion.
        item_code: what was bought, for goods.
        order_line_position: the line of the invoice's order that the row bills, from 1.
        credits: reference of the row a credit (whose net is negative) gives money back for.
    """

    description: str
    net_pence: Pence
    kind: SpendingKind = SpendingKind.GOODS
    vat_rate_points: int = 2000
    vat_pence: Pence | None = None
    vat_recoverable: bool = True
    item_code: str | None = None
    unit_count: int | None = None
    order_line_position: int | None = None
    credits: str | None = None

    @property
    def printed_vat_pence(self) -> Pence:
        """The VAT to record: as printed, else as suggested."""
        return vat_on(self.net_pence, self.vat_rate_points) if self.vat_pence is None else self.vat_pence


@dataclass(frozen=True)
class Share:
    """So many pence for a grant line, named by its full code."""

    line: str
    pence: Pence


def normalised_number(number: str) -> str:
    """Give an invoice number as duplicates are looked for: letters and digits only, upper case, no leading zeros.

    Invisible characters, spaces, dashes, wide letters and case are how the same invoice gets in twice.
    """
    kept = "".join(sign for sign in unicodedata.normalize("NFKC", number).upper() if sign.isalnum())
    return kept.lstrip("0") or "0"


def cost_pence(net_pence: int, vat_pence: int, *, vat_recoverable: bool) -> int:
    """Give what a row costs a grant: net of recoverable VAT, gross of irrecoverable.

    Source: HO-3; VAT-1, section 33 VAT Act 1994, under which police bodies recover VAT on non-business purchases.
    """
    return net_pence if vat_recoverable else net_pence + vat_pence


def demand_sound_rows(rows: Sequence[NewRow], gross_pence: Pence) -> None:
    """Refuse an invoice whose rows contradict themselves or its total.

    Raises:
        RuleBroken: no rows, a row that cannot be, or rows that do not add up to the invoice to the penny.
    """
    if not rows:
        raise RuleBroken("Enter at least one row of the invoice")
    for position, row in enumerate(rows, start=1):
        _demand_sound_row(row, f"Row {position}")
    total = sum(row.net_pence + row.printed_vat_pence for row in rows)
    if total != gross_pence:
        raise RuleBroken(f"Lines add up to {pounds(total)}, the invoice is {pounds(gross_pence)}", "gross")


def _demand_sound_row(row: NewRow, name: str) -> None:
    """Refuse a row that cannot be."""
    if row.kind not in ON_INVOICES:
        raise RuleBroken(f"{name}: an invoice holds goods, services and credits, not a {row.kind}")
    if (row.kind is SpendingKind.GOODS) != (row.item_code is not None):
        raise RuleBroken(f"{name}: choose the item for goods, and none for a {SpendingKind.SERVICE} or credit")
    if (row.item_code is None) != (row.unit_count is None) or (row.unit_count or 1) < 1:
        raise RuleBroken(f"{name}: enter how many were bought, 1 or more")
    if (row.kind is SpendingKind.CREDIT) != (row.credits is not None):
        raise RuleBroken(f"{name}: choose the invoice row this credit is for")
    if row.kind is SpendingKind.CREDIT and row.net_pence >= 0:
        raise RuleBroken(f"{name}: enter a credit as a negative amount, like -60.00")
    if row.kind is not SpendingKind.CREDIT and row.net_pence < 0:
        raise RuleBroken(f"{name}: only a credit can be negative. Choose the row it credits")
    demand_sound_vat(row.net_pence, row.vat_rate_points, row.printed_vat_pence, name)


def demand_sound_vat(net_pence: Pence, rate_points: int, vat_pence: Pence, name: str) -> None:
    """Refuse VAT that no rounding explains: at another rate's sign, on a zero rate, or more than the net.

    Raises:
        RuleBroken: with the figure the rate would give.
    """
    if rate_points not in VAT_RATES:
        raise RuleBroken(f"{name}: choose a VAT rate of 20%, 5% or 0%")
    if rate_points == 0 and vat_pence != 0:
        raise RuleBroken(f"{name}: the rate is 0%, so the VAT is £0.00. You entered {pounds(vat_pence)}")
    if vat_pence * net_pence < 0 or abs(vat_pence) > abs(net_pence):
        raise RuleBroken(
            f"{name}: VAT on {pounds(net_pence)} at {rate_points // 100}% is about "
            f"{pounds(vat_on(net_pence, rate_points))}. You entered {pounds(vat_pence)}"
        )


def vat_by_rate(net_pence: int, rate_points: int, vat_pence: int, unit_count: int | None) -> Pence | None:
    """Give the VAT that the rate makes, where what was printed is further from it than rounding each unit explains.

    Such VAT is recorded as printed: a discount for early payment lowers it, for one. Somebody looks at it.
    """
    by_rate = vat_on(Pence(net_pence), rate_points)
    return by_rate if abs(vat_pence - by_rate) > max(5, unit_count or 1) else None


@dataclass(frozen=True)
class Amounts:
    """Net and VAT of a row, or of several together."""

    net_pence: int
    vat_pence: int


def demand_credit_within(name: str, charged: Amounts, before: Amounts, back: Amounts, *, vat_recoverable: bool) -> None:
    """Refuse credits that give back more than a row cost, by its net and, where that is cost as well, by its VAT.

    Suppliers round the VAT of each credit note, so the VAT of several can come to pennies more than was charged;
    a grant would then be given back more than it paid. VAT that is recovered is no cost, so it may round as it will.

    Args:
        before: what was credited before, above 0.
        back: what is to be credited now, above 0.

    Raises:
        OverLimit: with what is left to credit.
    """
    parts = [("net", charged.net_pence, before.net_pence, back.net_pence)]
    if not vat_recoverable:
        parts.append(("VAT", charged.vat_pence, before.vat_pence, back.vat_pence))
    for part, whole, given, more in parts:
        if given + more > whole:
            raise OverLimit(
                f"{name} was {pounds(whole)} {part} and {pounds(given)} of it has been credited before. "
                f"Credit {pounds(whole - given)} {part} or less, not {pounds(more)}"
            )


def shares_by_percentage(cost: Pence, points: Sequence[int]) -> tuple[Pence, ...]:
    """Split a row's cost by basis points, largest remainder; what they leave of 100% is left over.

    Raises:
        RuleBroken: a percentage of nothing, or more than 100% together.
    """
    whole = sum(points)
    if not points or min(points) <= 0:
        raise RuleBroken("Enter a percentage of more than 0 for each line")
    if whole > BASIS_POINTS:
        raise RuleBroken(f"Percentages add up to {whole / 100:g}%. Lower them to 100% or less")
    return share(cost, [*points, BASIS_POINTS - whole])[: len(points)]


def shares_by_units(cost: Pence, unit_count: int | None, units: Sequence[int], name: str) -> tuple[Pence, ...]:
    """Split a row's cost by how many of its units are for each line, largest remainder; the other units are left over.

    Args:
        unit_count: units the row bills, None where what it bills is not counted.
        units: for each line, of those.

    Raises:
        RuleBroken: a row that is not counted, no units for a line, or more than the row bills.
    """
    if unit_count is None:
        raise RuleBroken(f"{name} bills nothing that is counted. Split it by pounds or by percentage")
    given = sum(units)
    if not units or min(units) <= 0:
        raise RuleBroken("Enter 1 unit or more for each line")
    if given > unit_count:
        raise RuleBroken(
            f"Units add up to {given:,} and {name} bills {unit_count:,}, {given - unit_count:,} fewer. Lower them"
        )
    return share(cost, [*units, unit_count - given])[: len(units)]


def demand_within_cost(cost: Pence, before: Pence, more: Sequence[Pence], name: str) -> None:
    """Refuse shares of the wrong sign, or more of a row than it costs.

    Raises:
        RuleBroken: a share of nothing, or of the other sign than the row.
        OverLimit: more than is left of the row.
    """
    if not more or 0 in more:
        raise RuleBroken("Enter an amount of more than £0 for each line")
    if any(pence * cost < 0 for pence in more) or cost == 0:
        raise RuleBroken(f"{name} costs {pounds(cost)}. Enter {'negative' if cost < 0 else 'positive'} amounts")
    over = abs(before + sum(more)) - abs(cost)
    if over > 0:
        raise OverLimit(
            f"This is {pounds(over)} more than {name} costs: {pounds(cost)}, of which {pounds(cost - before)} is "
            "left to apportion"
        )


def demand_in_period(days: Sequence[date], starts_on: date, ends_on: date, award_code: str, agreement: str) -> None:
    """Refuse cost from outside an award's funding period.

    Args:
        days: the days the cost counts on: when goods came (accruals), else the date of the invoice or journal.
        agreement: reference of the agreement that sets the period.

    Raises:
        RuleBroken: with the day, the period and the agreement.
    """
    for day in days:
        if not starts_on <= day <= ends_on:
            side = "before" if day < starts_on else "after"
            raise RuleBroken(
                f"The cost is of {day_text(day)}, {side} the funding period of {award_code} "
                f"({period_text(starts_on, ends_on)}, agreement {agreement}). Apportion it to another award"
            )


def still_committed(net: Pence, unit_count: int, invoiced_units: int, invoiced: Pence, *, ended: bool) -> Pence:
    """Give what an order line still commits, in pence: the price of the units not yet invoiced.

    Args:
        invoiced_units: units billed against it; 0 where its rows are not counted (services).
        invoiced: net pence billed against it, which counts where units do not.
        ended: that nothing more will come.
    """
    if ended or invoiced_units >= unit_count:
        return Pence(0)
    if invoiced_units > 0:
        return units_cost(net, unit_count, invoiced_units + 1, unit_count)
    return Pence(max(0, net - invoiced))
