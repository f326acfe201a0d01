"""Terms and conditions of an award on plain values, and the arithmetic of its budget and periods."""

from grants.awards.rules.conditions import Breach, Condition, ConditionKind, Spent, breaches, demand_sound_condition
from grants.awards.rules.terms import (
    AwardTerms,
    Basis,
    Cadence,
    ClaimPeriod,
    ClosingAct,
    NewLine,
    Side,
    VatTreatment,
    claim_periods,
    consent_needed,
    demand_sound_terms,
    percent_of,
    points_text,
    working_days_after,
)

__all__ = [
    "AwardTerms",
    "Basis",
    "Breach",
    "Cadence",
    "ClaimPeriod",
    "ClosingAct",
    "Condition",
    "ConditionKind",
    "NewLine",
    "Side",
    "Spent",
    "VatTreatment",
    "breaches",
    "claim_periods",
    "consent_needed",
    "demand_sound_condition",
    "demand_sound_terms",
    "percent_of",
    "points_text",
    "working_days_after",
]
