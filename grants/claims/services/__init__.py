"""What people do with claims: open, draft, prepare, review, certify, send, answer, and record what was paid."""

from grants.claims.services.drafting import accrue, accrue_at_order_prices, forecast, waive
from grants.claims.services.opening import open_claim
from grants.claims.services.paying import answer_query, query_claim, record_payment, submit_claim
from grants.claims.services.signing import certify_claim, prepare_claim, review_claim, send_back

__all__ = [
    "accrue",
    "accrue_at_order_prices",
    "answer_query",
    "certify_claim",
    "forecast",
    "open_claim",
    "prepare_claim",
    "query_claim",
    "record_payment",
    "review_claim",
    "send_back",
    "submit_claim",
    "waive",
]
