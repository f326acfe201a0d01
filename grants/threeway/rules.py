"""Whether order, delivery and invoice agree, on plain values, and in which words they do not.

Quantities agree or they do not. A price may differ by the tolerance of its award, because suppliers round; what is
dearer or cheaper than that is an exception, and so are goods that are billed and were never ordered, or have not come.
A credit note settles what it gives back. An exception stands until somebody gives the reason for exactly these words:
when the figures move, it stands again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.money import BASIS_POINTS, pounds
from grants.awards.rules import USUAL_TOLERANCE_PENCE, USUAL_TOLERANCE_POINTS


class Apart(StrEnum):
    """A way in which order, delivery and invoice can differ."""

    ORDER = "not ordered"
    COUNT = "more than ordered"
    PRICE = "another price"
    DELIVERY = "not received"


@dataclass(frozen=True)
class Tolerance:
    """By how much a price may differ from the order's: a share in basis points, or pence where that is more."""

    points: int = USUAL_TOLERANCE_POINTS
    pence: int = USUAL_TOLERANCE_PENCE

    def of(self, expected_pence: int) -> int:
        """Give by how many pence a price may differ."""
        return max(self.pence, expected_pence * self.points // BASIS_POINTS)


@dataclass(frozen=True)
class Billed:
    """A row of an invoice beside its order line and its deliveries, in units and net pence.

    Attributes:
        ordered_count, ordered_pence: of the order line, None where no order stands behind it.
        billed_before: units that earlier rows bill of the same order line.
        unit_count: units it bills, None where what it bills is not counted.
        received_count: of these, units that deliveries are linked for.
        credited_pence: what credit notes give back of it, not negative.
        tolerance: of the award its order was placed for; the usual one where no order stands behind it.
    """

    reference: str
    description: str
    net_pence: int
    unit_count: int | None = None
    ordered_count: int | None = None
    ordered_pence: int | None = None
    billed_before: int = 0
    received_count: int = 0
    credited_pence: int = 0
    tolerance: Tolerance = Tolerance()

    @property
    def missing_pence(self) -> int:
        """Net pence of the units that have not come."""
        if not self.unit_count:
            return 0
        return self.net_pence - self.net_pence * self.received_count // self.unit_count


def exceptions(row: Billed) -> tuple[str, ...]:
    """Say where order, delivery and invoice of a row differ beyond the tolerance; nothing where they agree."""
    return tuple(apart(row).values())


def apart(row: Billed) -> dict[Apart, str]:
    """Say in which ways order, delivery and invoice of a row differ beyond the tolerance: way → words."""
    found = {
        Apart.ORDER: _not_ordered(row),
        Apart.COUNT: _over_ordered(row),
        Apart.PRICE: _price(row),
        Apart.DELIVERY: _not_received(row),
    }
    return {way: words for way, words in found.items() if words}


def _not_ordered(row: Billed) -> str | None:
    """Goods are ordered; carriage and the like may come on the invoice alone."""
    if row.ordered_pence is not None or row.unit_count is None:
        return None
    return f"No order stands behind {pounds(row.net_pence)}"


def _over_ordered(row: Billed) -> str | None:
    if row.ordered_count is None or row.unit_count is None:
        return None
    over = row.billed_before + row.unit_count - row.ordered_count
    if over <= 0 or row.credited_pence >= row.net_pence * over // row.unit_count:
        return None
    return f"{row.billed_before + row.unit_count:,} are billed and {row.ordered_count:,} were ordered"


def _price(row: Billed) -> str | None:
    """Compare what is left to pay with the order's price of all units billed, or of those that came."""
    if row.ordered_pence is None or not row.ordered_count:
        return None
    counts = {row.ordered_count} if row.unit_count is None else {row.unit_count, row.received_count or row.unit_count}
    left = row.net_pence - row.credited_pence
    expected = [row.ordered_pence * count // row.ordered_count for count in sorted(counts, reverse=True)]
    if any(abs(paid - each) <= row.tolerance.of(each) for paid in (row.net_pence, left) for each in expected):
        return None
    differs = left - expected[0]
    return (
        f"{pounds(left)} is billed, {pounds(abs(differs))} {'more' if differs > 0 else 'less'} than the order’s "
        f"{pounds(expected[0])}"
    )


def _not_received(row: Billed) -> str | None:
    if row.unit_count is None or row.received_count >= row.unit_count:
        return None
    if row.credited_pence + row.tolerance.of(row.missing_pence) >= row.missing_pence:
        return None
    return f"{row.unit_count:,} are billed and {row.received_count:,} have come"
