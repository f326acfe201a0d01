"""As submitted and as known now: what a signed claim would say today, row by row, and why it differs.

Nothing here changes the claim. Each difference names the claim that takes it up: the first that was not yet signed
when the difference became known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from core.dates import moment_text
from core.figures import Figures
from core.periods import Period, named
from core.sheets import Column, Kind
from grants.awards.rules import Basis
from grants.claims import queries
from grants.claims.models import Claim, SignedClaim
from grants.claims.rules.later import Cause, Difference, LaterClaim, carried_by, cause_of
from grants.reports import queries as facts
from grants.reports.queries import Spending
from grants.reports.rules import figures_of


@dataclass(frozen=True)
class KnownNow:
    """A signed claim beside what is known now, in pence."""

    submitted_pence: int
    signed_at: datetime
    at: datetime
    differences: tuple[Difference, ...]

    @property
    def change(self) -> int:
        """What later claims carry of it."""
        return sum(each.change for each in self.differences)

    @property
    def known_pence(self) -> int:
        """What the claims up to this one would add up to now, less what they did, on top of what it asked for."""
        return self.submitted_pence + self.change

    @property
    def table(self) -> Figures:
        """The differences, one a row."""
        return Figures(
            "Known now",
            f"Known at {moment_text(self.at)} and not when it was signed, in pounds",
            (
                Column("Row"),
                Column("Line", width=6),
                Column("Description", width=36),
                Column("As submitted", Kind.MONEY, "Claimed from the start of the award to this claim."),
                Column("Known now", Kind.MONEY),
                Column("Difference", Kind.MONEY),
                Column("Cause", width=40),
                Column("Carried by", width=20),
            ),
            tuple(
                (d.reference, d.line, d.description, d.submitted, d.known, d.change, _capital(d.cause), d.carried_by)
                for d in self.differences
            ),
            ("Total", None, None, sum(d.submitted for d in self.differences), sum(d.known for d in self.differences),
             self.change, None, None),
            empty="Nothing is known now that was not known when it was signed.",
        )  # fmt: skip


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def known_now(claim: Claim, signed: SignedClaim, *, at: datetime) -> KnownNow:
    """Compare what was submitted with what is known at a moment."""
    comparing = _Comparing(claim, signed, at)
    found = [*comparing.rows(), *comparing.estimates()]
    return KnownNow(signed.eligible_pence, signed.signed_at, at, tuple(found))


class _Comparing:
    """One comparison: the facts read once."""

    def __init__(self, claim: Claim, signed: SignedClaim, at: datetime) -> None:
        self.claim, self.signed = claim, signed
        award = claim.award
        self.codes = {line.id: line.code for line in award.lines}
        self.submitted = queries.signed_rows_of(claim)
        period = named(claim.first_on, claim.last_on)
        self.spending: Spending = facts.spending(award, period, at=at)
        self.known = _cumulative(
            self.spending, period, Period(award.starts_on, award.ends_on), defrayed=award.basis is Basis.DEFRAYED
        )
        self.later = [LaterClaim(each.reference, cut_off) for each, cut_off in queries.later_claims(claim)]

    def rows(self) -> Iterator[Difference]:
        """Give the differences of spending rows, by line."""
        keys = sorted({*self.submitted, *self.known}, key=lambda key: (self.codes[key[1]], key[0]))
        differ = [key for key in keys if self.known.get(key, 0) != self.submitted.get(key, 0)]
        since = queries.touched_since([row_id for row_id, _ in differ], self.signed.cut_off) if differ else {}
        for row_id, line_id in differ:
            name = self.spending.names[row_id]
            yield Difference(
                name.reference,
                name.description,
                self.codes[line_id],
                self.submitted.get((row_id, line_id), 0),
                self.known.get((row_id, line_id), 0),
                cause_of(since[row_id].touched),
                self._carrier(since[row_id].newest_at),
            )

    def estimates(self) -> Iterator[Difference]:
        """Give the estimates of the claim whose invoice has come."""
        accrued = [each for each in queries.estimates_of(self.claim.id) if each.pence and each.delivery_line_id]
        lines = [each.delivery_line_id for each in accrued if each.delivery_line_id]
        billed = queries.billed_since(lines, self.signed.cut_off) if lines else {}
        for each in accrued:
            if each.delivery_line_id in billed:
                yield Difference(
                    f"Accrual {each.id}",
                    each.description,
                    each.grant_line.code,
                    each.pence,
                    0,
                    Cause.INVOICE,
                    self._carrier(billed[each.delivery_line_id]),
                )

    def _carrier(self, recorded_at: datetime | None) -> str:
        return carried_by(recorded_at, self.later, last_of_award=self.claim.is_final)


def _cumulative(spending: Spending, period: Period, funded: Period, *, defrayed: bool) -> dict[tuple[int, int], int]:
    """Give what is eligible from the start of the award to the end of the period, as known now, by row and line."""
    found = {}
    for row_id, row in spending.facts.items():
        for line_id, figures in figures_of(row, period, funded, defrayed=defrayed).items():
            if figures.cumulative:
                found[(row_id, line_id)] = figures.cumulative
    return found
