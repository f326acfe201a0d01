"""Making the statement: facts in, frozen figures out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from core.figures import Checkpoint
from core.periods import Period
from core.trail.queries import Head, head
from grants.awards import queries as awards
from grants.awards.models import Award
from grants.awards.rules import Basis
from grants.position import queries as position
from grants.position.rules import Whereabouts
from grants.reports import queries
from grants.reports.queries import LineName, RowName, Spending
from grants.reports.report.extracts import extracts_of
from grants.reports.report.statement import (
    AwardName,
    BudgetLine,
    Outcome,
    SpendingLine,
    Statement,
)
from grants.reports.report.walks import ELIGIBLE, UNEXPLAINED, WalkRow, WalkStep
from grants.reports.rules import (
    Destination,
    LineFigures,
    Part,
    RowFacts,
    figures_of,
    largest_first,
    parts_of,
)


def freeze_statement(award_code: str, period: Period, *, at: datetime, log: Head | None = None) -> Statement:
    """Make the statement of an award for a period, as known at a moment.

    Args:
        log: how far the log of changes went, when whoever asks has read it already.

    Raises:
        NotFound: there is no such award.
    """
    award = awards.award_by_code(award_code)
    log = log or head()
    making = Making(award, period, at)
    newest, unsealed = queries.ends_of_data(award.project_code, at=at)
    return Statement(
        making.name,
        period,
        Checkpoint(log.sequence, log.chain_hash, at),
        making.budget_lines(),
        making.walk(),
        making.spending_lines(),
        making.outcomes(),
        extracts_of(making.extract.values()),
        newest,
        unsealed,
    )


class Making:
    """One statement while it is being made: the facts read once, and what follows from them.

    The reconciliation of a period (``grants/reconciliation``) is made from the same facts and the same walk.
    """

    def __init__(self, award: Award, period: Period, at: datetime) -> None:
        self.award, self.period, self.at = award, period, at
        self.funded = Period(award.starts_on, award.ends_on)
        self.defrayed = award.basis is Basis.DEFRAYED
        lines = queries.lines_concerned(award, period, at=at)
        self.extract: dict[int, LineName] = lines.extract
        self.taken_back = lines.taken_back
        self.spending: Spending = queries.spending(award, period, at=at)
        self.figures: dict[int, dict[int, LineFigures]] = {
            row_id: figures_of(facts, period, self.funded, defrayed=self.defrayed)
            for row_id, facts in self.spending.facts.items()
        }
        self.parts: list[Part] = [
            part
            for facts in self.spending.facts.values()
            for part in parts_of(facts, period, self.funded, defrayed=self.defrayed)
        ]
        booked = {part.ledger_line_id for part in self.parts}
        self.elsewhere = {line_id: line for line_id, line in lines.others.items() if line_id in booked}

    @property
    def name(self) -> AwardName:
        """The award as its offer letter names it."""
        award = self.award
        return AwardName(
            award.code,
            award.title,
            award.funder,
            award.agreement_reference,
            award.project_code,
            award.body.name,
            award.starts_on,
            award.ends_on,
            award.amount_pence,
            self.defrayed,
        )

    def budget_lines(self) -> tuple[BudgetLine, ...]:
        """Add the figures of every row up by grant line."""
        total: dict[int, LineFigures] = defaultdict(LineFigures)
        for by_line in self.figures.values():
            for line_id, figures in by_line.items():
                total[line_id] += figures
        moved = queries.budget_changes(self.award.id, until=self.period.last, at=self.at)
        return tuple(
            BudgetLine(line.code, line.heading, line.budget_pence, moved.get(line.id, 0), total[line.id])
            for line in self.award.lines
        )

    def walk(self) -> tuple[WalkStep, ...]:
        """Walk from the finance extract to what is eligible; every step keeps the rows behind it."""
        code = self.award.project_code
        extract = _step(f"Finance extract for project {code}, lines dated in the period", self._extract_rows())
        to_ledger = [
            _step(UNEXPLAINED, self._unexplained()),
            *self._leaving(),
            *self._if_any(f"Plus spending of this grant booked under codes other than {code}", self._elsewhere()),
        ]
        booked = WalkStep("In the ledger for this grant", extract.pence + _sum(to_ledger), is_sum=True)
        to_eligible = self._accruals()
        eligible = WalkStep(ELIGIBLE, booked.pence + _sum(to_eligible), is_sum=True)
        return (extract, *to_ledger, booked, *to_eligible, eligible)

    def _extract_rows(self) -> list[WalkRow]:
        return [_line_row(line, line.net_pence) for line in self.extract.values()]

    def _unexplained(self) -> list[WalkRow]:
        """List what of each ledger line no spending explains, largest first."""
        explained: dict[int, int] = defaultdict(int, self.taken_back)
        for part in self.parts:
            explained[part.ledger_line_id] += part.pence
        left = [(line, line.net_pence - explained[line_id]) for line_id, line in self.extract.items()]
        rows = [_line_row(line, -pence) for line, pence in left if pence]
        return [rows[at] for at in largest_first([row.pence for row in rows])]

    def _leaving(self) -> list[WalkStep]:
        """Take from the extract what it holds that is not this grant's."""
        funded = "Less received outside the funding period"
        back = [_line_row(self.extract[line_id], -pence) for line_id, pence in self.taken_back.items()]
        steps = [
            *self._if_any("Less lines that take each other back", back),
            *self._if_any("Less spending charged to no grant", self._parts_to(Destination.UNCHARGED)),
            *self._if_any(funded, self._parts_to(Destination.OUTSIDE)),
            *self._if_any("Less VAT and other pence beyond the cost", self._parts_to(Destination.BEYOND)),
        ]
        codes = sorted({part.other_award for part in self.parts if part.other_award})
        for code in codes:
            rows = self._parts_to(Destination.OTHER_AWARD, code)
            steps += self._if_any(f"Less spending of award {code}", rows)
        return steps

    def _parts_to(self, destination: Destination, other_award: str = "") -> list[WalkRow]:
        """List what of the extract's lines goes to a destination, taken away."""
        return [
            self._part_row(self.extract[part.ledger_line_id], part, -part.pence)
            for part in self.parts
            if part.destination is destination
            and part.other_award == other_award
            and part.ledger_line_id in self.extract
        ]

    def _elsewhere(self) -> list[WalkRow]:
        return [
            self._part_row(self.elsewhere[part.ledger_line_id], part, part.pence)
            for part in self.parts
            if part.destination is Destination.LINE and part.ledger_line_id in self.elsewhere
        ]

    def _part_row(self, line: LineName, part: Part, pence: int) -> WalkRow:
        row = self.spending.names[part.row_id]
        return WalkRow(
            f"{line.transaction} / {row.reference}",
            line.dated_on,
            line.supplier or row.supplier,
            row.description,
            pence,
        )

    def _accruals(self) -> list[WalkStep]:
        """Step from what the ledger holds to what is eligible."""
        return [
            _step(
                "Less opening accruals: received before the period, not in the ledger then",
                self._of("opening_accrual", -1),
            ),
            *self._if_any(
                "Plus received since, of what the ledger held before the period", self._of("opening_prepaid", 1)
            ),
            _step(
                "Plus closing accruals: received, not in the ledger by the end of the period",
                self._of("closing_accrual", 1),
            ),
            *self._if_any(
                "Less in the ledger and not received by the end of the period", self._of("closing_prepaid", -1)
            ),
        ]

    def _of(self, figure: str, sign: int) -> list[WalkRow]:
        """List the spending rows with a figure, with the sign the walk gives it."""
        rows = []
        for row_id, by_line in self.figures.items():
            pence = sum(getattr(figures, figure) for figures in by_line.values())
            if pence:
                name = self.spending.names[row_id]
                rows.append(WalkRow(name.reference, name.incurred_on, name.supplier, name.description, sign * pence))
        return rows

    def _if_any(self, label: str, rows: list[WalkRow]) -> list[WalkStep]:
        return [_step(label, rows)] if rows else []

    def spending_lines(self) -> tuple[SpendingLine, ...]:
        """List every row and line of which something became eligible in the period."""
        codes = {line.id: line.code for line in self.award.lines}
        return tuple(
            self._spending_line(self.spending.facts[row_id], self.spending.names[row_id], codes[line_id], figures)
            for row_id, by_line in self.figures.items()
            for line_id, figures in sorted(by_line.items(), key=lambda each: codes[each[0]])
            if figures.eligible
        )

    def _spending_line(self, facts: RowFacts, name: RowName, code: str, figures: LineFigures) -> SpendingLine:
        received = [each.received_on for each in facts.receipts if self.period.holds(each.received_on)]
        lines = self.extract | self.elsewhere
        booked = [lines[each.ledger_line_id].transaction for each in facts.bookings if each.ledger_line_id in lines]
        return SpendingLine(
            name.reference,
            code,
            name.supplier,
            name.invoice_number,
            name.incurred_on,
            max(received, default=name.incurred_on),
            name.description,
            name.net_pence,
            name.vat_pence,
            figures.eligible,
            bool(figures.closing_accrual),
            ", ".join(dict.fromkeys(booked)),
        )

    def outcomes(self) -> tuple[Outcome, ...]:
        """Say what the goods of each line have become: the five ends of stock, and others only where there are any."""
        found = position.line_outcomes([line.id for line in self.award.lines])
        shown = [
            where
            for where in Whereabouts
            if where in _USUAL or any(each.by_whereabouts.get(where) for each in found.values())
        ]
        return tuple(
            Outcome(
                f"{line.code} {line.heading}",
                int(found[line.id].received_pence),
                tuple((_capital(where), int(found[line.id].by_whereabouts.get(where, 0))) for where in shown),
            )
            for line in self.award.lines
            if line.id in found
        )


_USUAL = (
    Whereabouts.ON_HAND,
    Whereabouts.IN_BAGS,
    Whereabouts.IN_TRANSIT,
    Whereabouts.ISSUED,
    Whereabouts.WRITTEN_OFF,
)


def _capital(where: Whereabouts) -> str:
    return where.value[0].upper() + where.value[1:]


def _line_row(line: LineName, pence: int) -> WalkRow:
    return WalkRow(line.transaction, line.dated_on, line.supplier, line.description, pence)


def _step(label: str, rows: list[WalkRow]) -> WalkStep:
    return WalkStep(label, sum(row.pence for row in rows), tuple(rows))


def _sum(steps: Iterable[WalkStep]) -> int:
    return sum(step.pence for step in steps)
