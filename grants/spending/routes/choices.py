"""What the forms of spending offer to choose from."""

from __future__ import annotations

from collections.abc import Iterable

from core.dates import day_text
from core.money import pounds
from grants.awards import queries as awards
from grants.awards.models import Award
from grants.awards.rules import Basis
from grants.spending.models import SpendingRow, SupplierInvoice
from grants.spending.queries import days_of_cost, states_of
from grants.spending.rules import SpendingKind
from inventory.catalogue import queries as catalogue
from inventory.deliveries.models import DeliveryLine
from organisation.suppliers.queries import all_suppliers

SERVICE = {"service": "A service, such as carriage or briefing"}


def suppliers() -> list[tuple[str, str]]:
    """Offer every supplier; donors are not paid."""
    return [(each.code, each.name) for each in all_suppliers() if not each.donor]


def bought() -> dict[str, str]:
    """Offer a service and every item: choice → in words."""
    return SERVICE | {f"item:{item.code}": item.name for item in catalogue.items()}


def credited(invoice: SupplierInvoice) -> dict[str, str]:
    """Offer the rows of an invoice that can be credited: choice → in words."""
    rows = [row for row in invoice.rows if row.kind is not SpendingKind.CREDIT]
    return {
        f"credit:{state.row.reference}": f"Credit for {state.row.reference}, {state.row.description} "
        f"({pounds(state.row.net_pence)} net)"
        for state in states_of(rows)
    }


def grant_lines() -> dict[str, str]:
    """Offer the lines of every open award, one that has ended too, for an order may be recorded late: code → words."""
    return _lines(awards.open_awards())


def lines_for(row: SpendingRow) -> dict[str, str]:
    """Offer the lines of open awards that a row may be apportioned to, by the days its cost counts on: code → words."""
    days = {basis: days_of_cost(row, basis) for basis in Basis}
    return _lines(
        award
        for award in awards.open_awards()
        if all(award.starts_on <= day <= award.ends_on for day in days[award.basis])
    )


def _lines(found: Iterable[Award]) -> dict[str, str]:
    return {line.full_code: f"{line.full_code} {line.heading}" for award in found for line in award.lines}


def delivery_words(line: DeliveryLine, left: int) -> str:
    """Describe a delivery line that no invoice stands behind, or not wholly."""
    delivery = line.delivery
    return f"{delivery.reference}, {day_text(delivery.received_on)}, {delivery.place.name}: {left} not yet invoiced"
