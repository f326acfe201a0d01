"""Settings an award can have. Every threshold is a setting of the award, never a constant (domain.md 1)."""

from enum import StrEnum


class Cadence(StrEnum):
    """How often the funder wants a claim."""

    QUARTERLY = "quarterly"
    SIX_MONTHLY = "six-monthly"
    YEARLY = "yearly"


class Basis(StrEnum):
    """When cost counts: when goods are received, or when the invoice is paid."""

    ACCRUALS = "accruals"
    DEFRAYED = "defrayed"
