"""A claim pack as text and back: what is signed is this text, and what is painted later is read from it.

How any frozen object is written and read stands in ``core/figures/storing.py``.
"""

from __future__ import annotations

from core.figures.storing import digest_of, digest_of_parts, frozen_of, text_of
from grants.claims.report.pack import ClaimPack

_SEEN = ("lines", "walk", "rows", "estimates", "waivers", "papers", "due_on")
"""What people see and sign of a pack."""


def figures_digest(pack: ClaimPack) -> str:
    """Fingerprint what a person prepares, reviews or certifies: the figures, without who signed and the checkpoint.

    It changes with every penny, row, estimate, forecast and waiver, and with nothing else.
    """
    return digest_of_parts(pack, _SEEN)


def pack_of(text: str) -> ClaimPack:
    """Read a pack from its text."""
    return frozen_of(ClaimPack, text)


__all__ = ["digest_of", "figures_digest", "pack_of", "text_of"]
