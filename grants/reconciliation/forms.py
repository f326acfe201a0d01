"""Preparing and signing a reconciliation, over the figures that were shown."""

from __future__ import annotations

from core.forms import Form, HiddenField, Note


class SignForm(Form):
    """Signing the figures on the page."""

    seen = HiddenField()

    @property
    def seen_digest(self) -> str:
        """Fingerprint of the figures the person saw; nothing when the form carried none, which no figures have."""
        return self.seen.data or ""


class PrepareForm(SignForm):
    """Saying that a period is reconciled."""

    note = Note(
        "What is not explained",
        optional=True,
        hint="Needed while something is unexplained: why it is, and who looks into it",
    )
