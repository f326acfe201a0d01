"""Forms of evidence: a paper to keep, and the reason for setting one aside."""

from __future__ import annotations

from flask_wtf.file import FileRequired

from core.forms import Form, Note, Radios, Upload
from grants.evidence.rules import PROOFS_OF, Proof, RecordKind


class PaperForm(Form):
    """One paper beside one record."""

    proof = Radios("What is it?", required="Choose what the paper is")
    file = Upload(
        "The file",
        hint="A PDF, JPG or PNG of less than 10MB. Its name must not say anything about a victim",
        validators=[FileRequired("Choose a file")],
        render_kw={"accept": ".pdf,.jpg,.jpeg,.png"},
    )

    def offer(self, kind: RecordKind) -> None:
        """Offer the papers that can stand beside a kind of record."""
        self.proof.choices = {proof.value: proof.value.capitalize() for proof in PROOFS_OF[kind]}
        self.proof.data = self.proof.data or PROOFS_OF[kind][0].value

    @property
    def chosen(self) -> Proof:
        """What the paper was said to be; one of those offered."""
        return Proof(self.proof.data)


class SetAsideForm(Form):
    """Why a paper does not count."""

    reason = Note("Why does it not count?", required="Say why it does not count")
