"""What changes when the terms of an award are agreed anew or were copied wrong, in words, and what must stay.

A period somebody claimed or signed off is a period of the award for good: an amendment may add periods after it, but
never one that would cut through it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

from core.dates import day_text, period_text
from core.errors import RuleBroken
from core.money import Pence, pounds
from grants.awards.rules.terms import AwardTerms, claim_periods, points_text

TERM_NAMES = {
    "title": "Name of the grant",
    "funder": "Funder",
    "agreement_reference": "Agreement",
    "body_code": "Held by",
    "project_code": "Project code",
    "amount_pence": "Amount",
    "offered_on": "Offered",
    "starts_on": "Funding period starts",
    "ends_on": "Funding period ends",
    "cadence": "Claims are made",
    "basis": "Cost counts",
    "claim_due_days": "Working days to claim",
    "virement_limit_points": "Virement without consent",
    "variance_limit_points": "Variance without explanation",
    "suppression_threshold": "Smallest count shown",
    "retention_years": "Years records are kept",
    "payment_days": "Working days to pay",
    "vat_treatment": "VAT",
    "asset_threshold_pence": "Assets registered above",
    "certifier_office": "Certified by",
    "price_tolerance_points": "Price apart from the order’s",
    "price_tolerance_pence": "Price apart from the order’s, at least",
}
"""What each term is called on the award's page. Its code names its lines and its records, and never changes."""

_SETTLED_BY_SIGNING = ("basis", "vat_treatment")


@dataclass(frozen=True)
class ChangedTerm:
    """One term that is no longer what it was, in words."""

    term: str
    was: str
    becomes: str


@dataclass(frozen=True)
class Settled:
    """A period that was claimed or signed off.

    Attributes:
        reference: of the claim or the reconciliation.
        is_final: whether it is the last claim of the award.
        signed: whether its figures are frozen.
    """

    reference: str
    first: date
    last: date
    is_final: bool = False
    signed: bool = False


def changed_terms(before: AwardTerms, after: AwardTerms) -> tuple[ChangedTerm, ...]:
    """Give the terms that differ, in the order of the award's page.

    Raises:
        RuleBroken: none does.
    """
    pairs = ((each.name, getattr(before, each.name), getattr(after, each.name)) for each in fields(AwardTerms))
    found = {name: (was, becomes) for name, was, becomes in pairs if was != becomes and name in TERM_NAMES}
    if not found:
        raise RuleBroken("Nothing is different. Change what was agreed anew, or what was copied wrong")
    return tuple(
        ChangedTerm(name, term_words(name, found[name][0]), term_words(name, found[name][1]))
        for name in TERM_NAMES
        if name in found
    )


def term_words(name: str, value: object) -> str:
    """Write a term as the award's page does."""
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, int) and name.endswith("_pence"):
        return pounds(Pence(value))
    if isinstance(value, int) and name.endswith("_points"):
        return points_text(value)
    return str(value)


def demand_settled_kept(before: AwardTerms, after: AwardTerms, settled: Iterable[Settled]) -> None:
    """Refuse terms under which a period that was claimed or signed off would be none, or would count otherwise.

    Raises:
        RuleBroken: it would; the claim or reconciliation is named.
    """
    dated = claim_periods(after.starts_on, after.ends_on, after.cadence, after.claim_due_days)
    periods = {(each.first, each.last) for each in dated}
    for each in settled:
        said = f"{each.reference} is for {period_text(each.first, each.last)}"
        if (each.first, each.last) not in periods:
            raise RuleBroken(f"{said}, which would no longer be a period of the award", _moved(before, after))
        if each.is_final and after.ends_on != before.ends_on:
            raise RuleBroken(f"{said} and is the final claim, so the award cannot end on another day", "ends_on")
        if each.signed:
            _demand_same_cost(before, after, each)


def _moved(before: AwardTerms, after: AwardTerms) -> str:
    """Name the field that moved the periods."""
    moving = ("starts_on", "cadence", "ends_on")
    return next((name for name in moving if getattr(before, name) != getattr(after, name)), "ends_on")


def _demand_same_cost(before: AwardTerms, after: AwardTerms, signed: Settled) -> None:
    for name in _SETTLED_BY_SIGNING:
        if getattr(before, name) != getattr(after, name):
            raise RuleBroken(
                f"{signed.reference} was signed with this as it is, and every later claim carries on from it", name
            )
