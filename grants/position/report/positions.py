"""An award's position, frozen: one row per grant line, what wants attention, and bars of one length.

Page, PDF, CSV and XLSX paint the same object, so no figure can differ between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime

from core.dates import day_text, period_text
from core.figures import AsKnown, Checkpoint, Figures
from core.money import Pence, pounds
from core.sheets import Column, Kind
from core.trail.queries import Head, head
from grants.awards.models import Award
from grants.position import queries
from grants.position.queries import LinePosition
from grants.position.report.bars import Bar, bar_of
from grants.position.report.notices import Notice, notices_of


@dataclass(frozen=True)
class Position(AsKnown):
    """Where an award stands on a day, as known at its checkpoint.

    Attributes:
        award_title, body: the award's title, and whose it is.
        period: the funding period, in words.
        day: the day that deadlines are counted from.
        lines, total: each grant line in the agreement's order, and all of them together.
    """

    code: str
    award_title: str
    body: str
    funder: str
    agreement_reference: str
    period: str
    amount_pence: Pence
    day: date
    checkpoint: Checkpoint
    lines: tuple[LinePosition, ...]
    total: LinePosition
    notices: tuple[Notice, ...]
    title: str = field(default="Grant position", init=False)

    @property
    def reference(self) -> str:
        """The same award on the same day always has the same."""
        return f"POS-{self.code}-{self.day:%Y%m%d}"

    @property
    def bars(self) -> tuple[Bar, ...]:
        """Each line's budget as one length."""
        return tuple(bar_of(line) for line in self.lines)

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What it was asked for."""
        return (("Grant", self.code), ("On", day_text(self.day)))

    @property
    def sentence(self) -> str:
        """What remains, in words."""
        total = self.total
        left = total.remaining_pence
        rest = f"{pounds(left)} remains" if left >= 0 else f"that is {pounds(-left)} more than the budget"
        spent, promised = pounds(total.apportioned_pence), pounds(total.committed_pence)
        return f"Of {pounds(total.revised_pence)}, {spent} is apportioned and {promised} is ordered; {rest}."

    @property
    def note(self) -> str:
        """How its figures are made."""
        return NOTE

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the front says beside title and period."""
        return (*self._award_facts, *self.checkpoint.on_front)

    @property
    def _award_facts(self) -> tuple[tuple[str, str], ...]:
        return (
            ("Award", f"{self.code}, {self.award_title}"),
            ("Funder", self.funder),
            ("Agreement", self.agreement_reference),
            ("Awarded", pounds(self.amount_pence)),
            ("Funding period", self.period),
        )

    @property
    def preface(self) -> tuple[tuple[str, str], ...]:
        """What stands above the tables of a CSV or workbook."""
        return (
            ("Report", self.title),
            ("Reference", self.reference),
            ("Version", self.version),
            ("Organisation", self.body),
            *self._award_facts,
            ("On", day_text(self.day)),
            ("Data cut-off", self.cut_off_words),
            ("What it says", self.sentence),
            ("Note", self.note),
            *self.checkpoint.printed,
        )

    @property
    def tables(self) -> tuple[Figures, ...]:
        """Every table of it."""
        return (self.lines_table, self.goods_table, self.notices_table)

    @property
    def lines_table(self) -> Figures:
        """The budget of each line and what has become of it."""
        rows, total = [_money_row(line) for line in self.lines], _money_row(self.total)
        caption = "Position of each grant line, in pounds"
        return Figures("Position", caption, MONEY_COLUMNS, tuple(rows), total, empty=NO_LINES)

    @property
    def goods_table(self) -> Figures:
        """What of each line's goods is unused, and what is still to come."""
        rows, total = [_goods_row(line) for line in self.lines], _goods_row(self.total)
        return Figures(
            "Goods", "Goods of each grant line, in pounds", GOODS_COLUMNS, tuple(rows), total, empty=NO_LINES
        )

    @property
    def notices_table(self) -> Figures:
        """What wants attention."""
        rows = tuple((notice.words, "Yes" if notice.urgent else "No") for notice in self.notices)
        return Figures(
            "Attention",
            "What wants attention, the nearest deadline first",
            NOTICE_COLUMNS,
            rows,
            empty="Nothing wants attention.",
        )


NO_LINES = "The award has no grant lines."
NOTE = (
    "Remaining is the budget less what is apportioned and what is ordered and not yet invoiced. Goods received counts "
    "goods that an invoice stands behind, wherever they are now. Claimed is what signed claims ask for; the forecast "
    "outturn is that and what the newest of them expects to the end of the award."
)
_LINE = Column("Grant line", width=34)
_MONEY = {
    "Approved budget": "As the agreement has it.",
    "Budget": "As approved, with every budget change since.",
    "Committed": "Ordered and not yet invoiced.",
    "Goods received": "Goods that an invoice stands behind, wherever they are now.",
    "Apportioned": "Spending given to the line.",
    "In the ledger": "Of what is apportioned, what ledger lines are matched to.",
    "Claimed": "What signed claims ask for.",
    "Remaining": "The budget less what is apportioned and what is committed.",
    "Forecast outturn": "Claimed, and what the newest claim expects to the end of the award.",
}
_GOODS = {
    "Goods received": _MONEY["Goods received"],
    "Unused": "Goods received that have not yet reached anybody.",
    "Still to come": "Invoiced goods that have not arrived.",
}
MONEY_COLUMNS = (_LINE, *(Column(heading, Kind.MONEY, note) for heading, note in _MONEY.items()))
GOODS_COLUMNS = (_LINE, *(Column(heading, Kind.MONEY, note) for heading, note in _GOODS.items()))
NOTICE_COLUMNS = (Column("What wants attention", width=80), Column("Urgent"))


def _name(line: LinePosition) -> str:
    return f"{line.code} {line.heading}".strip()


def _money_row(line: LinePosition) -> tuple[str | int | None, ...]:
    return (
        _name(line), line.approved_pence, line.revised_pence, line.committed_pence, line.received_pence,
        line.apportioned_pence, line.ledger_pence, line.claimed_pence, line.remaining_pence, line.forecast_pence,
    )  # fmt: skip


def _goods_row(line: LinePosition) -> tuple[str | int | None, ...]:
    return (_name(line), line.received_pence, line.unused_pence, line.to_come_pence)


def freeze_position(award: Award, *, at: datetime, today: date, log: Head | None = None) -> Position:
    """Read an award's position and freeze it.

    Args:
        at: the moment it is as known at.
        today: the day deadlines are counted from.
        log: the end of the log of changes, where it has been read already.
    """
    lines, facts = queries.award_standing(award)
    total, log = _total(lines), log or head()
    return Position(
        code=award.code,
        award_title=award.title,
        body=award.body.name,
        funder=award.funder,
        agreement_reference=award.agreement_reference,
        period=period_text(award.starts_on, award.ends_on),
        amount_pence=Pence(award.amount_pence),
        day=today,
        checkpoint=Checkpoint(log.sequence, log.chain_hash, at),
        lines=tuple(lines),
        total=total,
        notices=tuple(notices_of(award, total, facts, today)),
    )


def _total(lines: Sequence[LinePosition]) -> LinePosition:
    """Add every line up."""
    sums = {
        each.name: Pence(sum(getattr(line, each.name) for line in lines))
        for each in fields(LinePosition)
        if each.name.endswith("_pence") and each.name != "forecast_pence"
    }
    said = [line.forecast_pence for line in lines if line.forecast_pence is not None]
    forecast = Pence(sum(said)) if said else None
    return LinePosition(line_id=0, code="", heading="Total", forecast_pence=forecast, **sums)
