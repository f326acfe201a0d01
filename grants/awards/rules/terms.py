"""Terms an award can have, and the arithmetic of moving its budget. Every threshold is a setting of the award.

No Home Office percentage for moving budget between lines was found, so none is written here: the award's own
``virement_limit_points`` decides (foreign agreements commonly say 10%). A change moves the same pounds off one
line and onto another, yet is a different share of each; both shares are tested and the larger counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.dates import months_between
from core.errors import RuleBroken
from core.money import BASIS_POINTS, Pence, pounds


class Cadence(StrEnum):
    """How often the funder wants a claim."""

    QUARTERLY = "quarterly"
    SIX_MONTHLY = "six-monthly"
    YEARLY = "yearly"


class Basis(StrEnum):
    """When cost counts: when goods are received, or when the invoice is paid."""

    ACCRUALS = "accruals"
    DEFRAYED = "defrayed"


class ClosingAct(StrEnum):
    """What ends an award's business, and what begins it again."""

    CLOSED = "closed"
    REOPENED = "reopened"


class VatTreatment(StrEnum):
    """What VAT an award pays. VAT that is recovered is never eligible.

    Source: HO-3; VAT-1, section 33 VAT Act 1994, under which police bodies recover VAT on non-business purchases.
    """

    IRRECOVERABLE = "irrecoverable VAT counts"
    NONE = "no VAT counts"


USUAL_ASSET_THRESHOLD = Pence(10_000_00)
"""What agreements commonly set; each award has its own."""

USUAL_TOLERANCE_POINTS = 100
USUAL_TOLERANCE_PENCE = Pence(1_00)
"""1%, or £1 where that is more: suppliers round. No figure of the Home Office's was found; each award has its own."""


@dataclass(frozen=True)
class AwardTerms:
    """What the offer letter and the agreement say. Limits are basis points (10% is 1000).

    Attributes:
        project_code: under which the finance system books this award's spending.
        claim_due_days: working days after a period's end by which its claim is due.
        virement_limit_points: share of a line that may move without the funder's consent.
        variance_limit_points: share of a line beyond which a variance must be explained.
        suppression_threshold: counts below this are hidden in published tables.
        payment_days: working days in which the funder pays a claim it has received.
        asset_threshold_pence: a purchase above this is agreed with the funder first and registered.
        certifier_office: the office whose holder certifies claims.
        price_tolerance_points: share of an order's price by which an invoice may differ without a reason.
        price_tolerance_pence: what may differ where that share is less.
    """

    code: str
    title: str
    funder: str
    agreement_reference: str
    body_code: str
    project_code: str
    amount_pence: Pence
    offered_on: date
    starts_on: date
    ends_on: date
    cadence: Cadence
    basis: Basis
    claim_due_days: int = 25
    virement_limit_points: int = 1_000
    variance_limit_points: int = 1_000
    suppression_threshold: int = 5
    retention_years: int = 7
    payment_days: int = 21
    vat_treatment: VatTreatment = VatTreatment.IRRECOVERABLE
    asset_threshold_pence: Pence = USUAL_ASSET_THRESHOLD
    certifier_office: str = "Chief Finance Officer"
    price_tolerance_points: int = USUAL_TOLERANCE_POINTS
    price_tolerance_pence: Pence = USUAL_TOLERANCE_PENCE


@dataclass(frozen=True)
class NewLine:
    """One line of the budget as agreed; the purpose is quoted from the agreement."""

    code: str
    heading: str
    purpose: str
    budget_pence: Pence


@dataclass(frozen=True)
class Side:
    """One line's side of a budget change.

    Attributes:
        name: how the line is named to people, such as "line C".
        approved_pence: the line's budget as agreed.
        moved_pence: what has moved on balance without consent, this change included; its size is tested.
    """

    name: str
    approved_pence: Pence
    moved_pence: Pence

    def beyond(self, limit_points: int) -> bool:
        """Say whether more has moved than so many basis points of the line; any of nothing is beyond."""
        return abs(self.moved_pence) * BASIS_POINTS > limit_points * self.approved_pence

    @property
    def percent(self) -> str:
        """The share of the line in words, such as "18.5%"."""
        return percent_of(self.moved_pence, self.approved_pence) or "more than all"


def percent_of(pence: int, whole_pence: int) -> str | None:
    """Write a share as a percentage with one decimal, half up; None when the whole is nothing."""
    if whole_pence <= 0:
        return None
    tenths = (2 * abs(pence) * 1_000 + whole_pence) // (2 * whole_pence)
    return f"{tenths // 10}.{tenths % 10}%"


def points_text(points: int) -> str:
    """Write basis points as a percentage, such as "10%" or "7.5%"."""
    whole, rest = divmod(points, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") + "%"


def consent_needed(sides: Sequence[Side], limit_points: int) -> Side | None:
    """Give the side of a budget change that most exceeds the limit, or None when neither does."""
    beyond = [side for side in sides if side.beyond(limit_points)]
    return max(beyond, key=_share, default=None)


def _share(side: Side) -> tuple[int, int]:
    """Order sides by their share of the line; a line of nothing comes first."""
    if side.approved_pence == 0:
        return (1, abs(side.moved_pence))
    return (0, abs(side.moved_pence) * BASIS_POINTS * BASIS_POINTS // side.approved_pence)


def demand_sound_terms(terms: AwardTerms, lines: Sequence[NewLine]) -> None:
    """Refuse terms that contradict themselves.

    Raises:
        RuleBroken: dates out of order, no lines, a line twice, or lines that add up to more than the award.
    """
    if terms.ends_on < terms.starts_on:
        raise RuleBroken("The funding period must end after it starts", "ends_on")
    if terms.amount_pence <= 0:
        raise RuleBroken("The award must be more than £0", "amount_pence")
    if not lines:
        raise RuleBroken("Enter at least one grant line")
    codes = [line.code for line in lines]
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice is not None:
        raise RuleBroken(f"Line {twice} is there twice. Give each line a code of its own")
    total = sum(line.budget_pence for line in lines)
    if total > terms.amount_pence:
        raise RuleBroken(
            f"Lines add up to {pounds(total)}, {pounds(total - terms.amount_pence)} more than the award of "
            f"{pounds(terms.amount_pence)}. Lower a line or correct the award"
        )


@dataclass(frozen=True)
class ClaimPeriod:
    """A period the funder wants a claim for, and the last day to send it."""

    first: date
    last: date
    due_on: date


_MONTHS_OF = {Cadence.QUARTERLY: 3, Cadence.SIX_MONTHLY: 6, Cadence.YEARLY: 12}


def claim_periods(starts_on: date, ends_on: date, cadence: Cadence, claim_due_days: int) -> tuple[ClaimPeriod, ...]:
    """Part an award's funding period into the periods of its claims, in order.

    Due days are working days: Mondays to Fridays. Bank holidays are counted too, so that a day named here is
    never late.
    """
    months = months_between(starts_on, ends_on)
    size = _MONTHS_OF[cadence]
    groups = [months[at : at + size] for at in range(0, len(months), size)]
    spans = [(max(starts_on, group[0].first), min(ends_on, group[-1].last)) for group in groups]
    return tuple(ClaimPeriod(first, last, working_days_after(last, claim_due_days)) for first, last in spans)


def working_days_after(day: date, count: int) -> date:
    """Give the day so many Mondays to Fridays after a day."""
    weeks, rest = divmod(count, 5)
    day += timedelta(weeks=weeks)
    while rest > 0 or day.weekday() > 4:
        day += timedelta(days=1)
        rest -= day.weekday() < 5 and rest > 0
    return day
