"""Every select of claims: records, what earlier claims carry over, and the facts a claim is made from."""

from grants.claims.queries.carried import CarriedOver, carried_over, signed_rows_of
from grants.claims.queries.claimed import LineClaimed, claimed_of_lines, rows_claimed
from grants.claims.queries.evidence import (
    Evidence,
    Paper,
    evidence_of,
    extract_read_at,
    invoices_like,
    names_of,
    papers_beside,
)
from grants.claims.queries.reached import reached
from grants.claims.queries.records import (
    Summary,
    claim_by_reference,
    claims_of,
    course_of,
    estimates_of,
    forecasts_of,
    is_settled,
    later_claims,
    lock_claim,
    next_period,
    paid_pence,
    signed_of,
    summaries,
    waivers_of,
    was_made_before,
)
from grants.claims.queries.since import Since, billed_since, touched_since
from grants.claims.queries.uninvoiced import Uninvoiced, uninvoiced

__all__ = [
    "CarriedOver",
    "Evidence",
    "LineClaimed",
    "Paper",
    "Since",
    "Summary",
    "Uninvoiced",
    "billed_since",
    "carried_over",
    "claim_by_reference",
    "claimed_of_lines",
    "claims_of",
    "course_of",
    "estimates_of",
    "evidence_of",
    "extract_read_at",
    "forecasts_of",
    "invoices_like",
    "is_settled",
    "later_claims",
    "lock_claim",
    "names_of",
    "next_period",
    "paid_pence",
    "papers_beside",
    "reached",
    "rows_claimed",
    "signed_of",
    "signed_rows_of",
    "summaries",
    "touched_since",
    "uninvoiced",
    "waivers_of",
    "was_made_before",
]
