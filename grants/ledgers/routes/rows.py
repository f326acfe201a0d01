"""The spending rows a line may book, as a form offers them."""

from __future__ import annotations

from collections.abc import Sequence

from grants.ledgers.forms import MatchForm
from grants.ledgers.queries import RowState


def offer_rows(form: MatchForm, rows: Sequence[RowState], *, sent: str | None = None) -> None:
    """Let a form take the rows it shows, and the one that was sent: the service checks it again."""
    references = dict.fromkeys(state.row.reference for state in rows)
    if sent:
        references[sent] = None
    form.row.choices = [(reference, reference) for reference in references]
