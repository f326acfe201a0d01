"""The walk from the finance extract to what is claimed. No step is a balancing figure: each adds its own rows up.

What leaves the extract is named. Where few rows leave for one reason, each is a step by its own description, so that
the funder reads "Less launch refreshments" and not a sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.dates import day_text
from grants.claims.rules.figures import known_late
from grants.reports import queries as facts
from grants.reports.queries import LineName
from grants.reports.report.walks import ELIGIBLE, UNEXPLAINED, WalkRow, WalkStep
from grants.reports.rules import Destination, LineFigures, Part, RowFacts, largest_first, parts_of

if TYPE_CHECKING:
    from grants.claims.report.making import Making

MOST_NAMED = 6
"""So many rows leave the extract by their own names; more become one step."""


class Walk:
    """The walk of one claim."""

    def __init__(self, making: Making) -> None:
        self.making = making
        code, period, at = making.award.project_code, making.period, making.at
        self.extract: dict[int, LineName] = facts.extract_lines(code, period, at=at)
        self.taken_back = facts.taken_back(code, period, at=at)
        self.parts: list[Part] = [
            part
            for row in making.spending.facts.values()
            for part in parts_of(row, period, making.funded, defrayed=making.defrayed)
        ]
        booked = {each.ledger_line_id for row in making.spending.facts.values() for each in row.bookings}
        self.elsewhere = facts.lines_named(sorted(booked - self.extract.keys()), at=at)

    def ledger_lines(self, row: RowFacts) -> str:
        """Name the ledger lines that book a row by the end of the period."""
        lines = self.extract | self.elsewhere
        last = self.making.period.last
        booked = [
            lines[each.ledger_line_id].transaction
            for each in row.bookings
            if each.ledger_line_id in lines and each.dated_on <= last
        ]
        return ", ".join(dict.fromkeys(booked))

    def steps(self) -> tuple[WalkStep, ...]:
        """Walk from the extract to the claim."""
        code = self.making.award.project_code
        rows = [_line_row(line, line.net_pence) for line in self.extract.values()]
        extract = _step(f"Finance extract for project {code}, lines dated in the period", rows)
        to_ledger = [
            *_if_any(UNEXPLAINED, self.unexplained()),
            *self._leaving(),
            *_if_any(f"Plus spending of this grant booked under codes other than {code}", self._elsewhere()),
            *_if_any("Plus ledger lines of earlier periods, known since they were claimed", self._late()),
        ]
        ledger = WalkStep("In the ledger for this claim", extract.pence + _sum(to_ledger), is_sum=True)
        to_eligible = self._accruals()
        eligible = WalkStep(ELIGIBLE, ledger.pence + _sum(to_eligible), is_sum=True)
        return (extract, *to_ledger, ledger, *to_eligible, eligible)

    def unexplained(self) -> list[WalkRow]:
        """List what of each ledger line no spending explains, largest first, taken away."""
        explained: dict[int, int] = defaultdict(int, self.taken_back)
        for part in self.parts:
            explained[part.ledger_line_id] += part.pence
        left = [(line, line.net_pence - explained[line_id]) for line_id, line in self.extract.items()]
        rows = [_line_row(line, -pence) for line, pence in left if pence]
        return [rows[at] for at in largest_first([row.pence for row in rows])]

    def _leaving(self) -> list[WalkStep]:
        """Take from the extract what it holds that is not this grant's."""
        back = [_line_row(self.extract[line_id], -pence) for line_id, pence in self.taken_back.items()]
        early = [part for part in self.parts if self._is_outside(part)]
        uncharged = [
            part for part in self.parts if part.destination is Destination.UNCHARGED and not self._is_outside(part)
        ]
        beyond = [part for part in self.parts if part.destination is Destination.BEYOND]
        steps = [
            *_if_any("Less lines that take each other back", back),
            *self._named("Less spending charged to no grant", uncharged),
            *self._named("Less received outside the funding period", early),
            *_if_any("Less VAT and other pence beyond the cost", self._rows(beyond)),
        ]
        for code in sorted({part.other_award for part in self.parts if part.other_award}):
            steps += _if_any(
                f"Less spending of award {code}", self._rows([part for part in self.parts if part.other_award == code])
            )
        return steps

    def _is_outside(self, part: Part) -> bool:
        """Say whether a part was received outside the funding period, charged to the award or to nobody."""
        if part.destination is Destination.OUTSIDE:
            return True
        row = self.making.spending.facts[part.row_id]
        funded = self.making.funded
        return (
            part.destination is Destination.UNCHARGED
            and bool(row.receipts)
            and not any(funded.holds(each.received_on) for each in row.receipts)
        )

    def _named(self, label: str, parts: list[Part]) -> list[WalkStep]:
        """Make a step of each row by its description, or one step where there are many."""
        ours = [part for part in parts if part.ledger_line_id in self.extract]
        by_row: dict[int, list[Part]] = defaultdict(list)
        for part in ours:
            by_row[part.row_id].append(part)
        if len(by_row) > MOST_NAMED:
            return _if_any(label, self._rows(ours))
        return [_step(self._why(row_id), self._rows(each)) for row_id, each in by_row.items()]

    def _why(self, row_id: int) -> str:
        """Say what leaves the extract and why, in one line."""
        name, row = self.making.spending.names[row_id], self.making.spending.facts[row_id]
        reason = self.making.evidence[row_id].reason or "charged to no grant"
        outside = [each.received_on for each in row.receipts if not self.making.funded.holds(each.received_on)]
        if outside:
            side = "before" if min(outside) < self.making.funded.first else "after"
            reason = f"received {day_text(min(outside))}, {side} the funding period"
        return f"Less {name.description} ({name.reference}): {reason}"[:160]

    def _rows(self, parts: Iterable[Part]) -> list[WalkRow]:
        """List what of the extract's lines leaves it, taken away."""
        return [
            self._part_row(self.extract[part.ledger_line_id], part, -part.pence)
            for part in parts
            if part.ledger_line_id in self.extract
        ]

    def _elsewhere(self) -> list[WalkRow]:
        return [
            self._part_row(self.elsewhere[part.ledger_line_id], part, part.pence)
            for part in self.parts
            if part.destination is Destination.LINE and part.ledger_line_id in self.elsewhere
        ]

    def _part_row(self, line: LineName, part: Part, pence: int) -> WalkRow:
        row = self.making.spending.names[part.row_id]
        reference = f"{line.transaction} / {row.reference}"
        return WalkRow(reference, line.dated_on, line.supplier or row.supplier, row.description, pence)

    def _late(self) -> list[WalkRow]:
        """List what the ledger dates before the period and earlier claims did not know there."""
        found: dict[int, int] = defaultdict(int)
        for key, claimed in self.making.claimed.items():
            found[key[0]] += known_late(self.making.now.get(key, LineFigures()), claimed)
        return [self._spent(row_id, pence) for row_id, pence in found.items() if pence]

    def _spent(self, row_id: int, pence: int) -> WalkRow:
        name = self.making.spending.names[row_id]
        return WalkRow(name.reference, name.incurred_on, name.supplier, name.description, pence)

    def _accruals(self) -> list[WalkStep]:
        """Step from the ledger to the claim."""
        opening, closing = self._of("opening"), self._of("closing")
        estimated = [(each, figures) for each, figures in self.making.estimated]
        back = [
            WalkRow(f"Accrual {each.id}", each.received_on, each.supplier_name, each.description, -figures.opening)
            for each, figures in estimated
            if figures.opening
        ]
        made = [
            WalkRow(f"Accrual {each.id}", each.received_on, each.supplier_name, each.description, figures.closing)
            for each, figures in estimated
            if figures.closing
        ]
        return [
            _step(
                "Less opening accruals, reversed from the claim before",
                [*(self._spent(key, -pence) for key, pence in opening.items() if pence > 0), *back],
            ),
            *_if_any(
                "Plus received since, of what the ledger held before the period",
                [self._spent(key, -pence) for key, pence in opening.items() if pence < 0],
            ),
            _step(
                "Plus closing accruals: invoiced, not in the ledger by the end of the period",
                [self._spent(key, pence) for key, pence in closing.items() if pence > 0],
            ),
            *_if_any("Plus closing accruals: received and not invoiced", made),
            *_if_any(
                "Less in the ledger and not received by the end of the period",
                [self._spent(key, pence) for key, pence in closing.items() if pence < 0],
            ),
        ]

    def _of(self, figure: str) -> dict[int, int]:
        """Add a figure up by spending row: row id → pence, rows of nothing left out."""
        found: dict[int, int] = defaultdict(int)
        for (row_id, _), claimed in self.making.claimed.items():
            found[row_id] += getattr(claimed, figure)
        return {row_id: pence for row_id, pence in found.items() if pence}


def _line_row(line: LineName, pence: int) -> WalkRow:
    return WalkRow(line.transaction, line.dated_on, line.supplier, line.description, pence)


def _step(label: str, rows: list[WalkRow]) -> WalkStep:
    return WalkStep(label, sum(row.pence for row in rows), tuple(rows))


def _if_any(label: str, rows: list[WalkRow]) -> list[WalkStep]:
    return [_step(label, rows)] if rows else []


def _sum(steps: Iterable[WalkStep]) -> int:
    return sum(step.pence for step in steps)
