"""What a claim says: made from facts, audited, frozen as text when it is signed, and compared with what comes after."""

from grants.claims.report.draft import Draft, draft_of
from grants.claims.report.known import KnownNow, known_now
from grants.claims.report.pack import ClaimPack, Signature
from grants.claims.report.storing import digest_of, figures_digest, pack_of, text_of

__all__ = [
    "ClaimPack",
    "Draft",
    "KnownNow",
    "Signature",
    "digest_of",
    "draft_of",
    "figures_digest",
    "known_now",
    "pack_of",
    "text_of",
]
