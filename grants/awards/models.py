"""Awards, grant lines and the changes between their budgets."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    cast,
    func,
    select,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from core.db import APPEND_ONLY, Base, Key, PenceColumn, words_of
from core.trail import Note
from grants.awards.rules import Basis, Cadence, ClosingAct, ConditionKind, VatTreatment
from organisation.accounts.models import Account
from organisation.places.models import Body


class Award(Base):
    """A grant as its offer letter gives it, with the terms its agreement sets. Percentages are basis points."""

    __tablename__ = "award"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("amount_pence > 0", name="amount_above_zero"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(120))
    funder: Mapped[str] = mapped_column(String(120))
    agreement_reference: Mapped[str] = mapped_column(String(60))
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    project_code: Mapped[str] = mapped_column(String(40))
    """Cost centre or project under which the finance system books this award's spending."""
    amount_pence: Mapped[PenceColumn]
    offered_on: Mapped[date]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    cadence: Mapped[Cadence] = mapped_column(words_of(Cadence))
    basis: Mapped[Basis] = mapped_column(words_of(Basis))
    claim_due_days: Mapped[int]
    virement_limit_points: Mapped[int]
    variance_limit_points: Mapped[int]
    suppression_threshold: Mapped[int]
    retention_years: Mapped[int]
    payment_days: Mapped[int]
    vat_treatment: Mapped[VatTreatment] = mapped_column(words_of(VatTreatment))
    asset_threshold_pence: Mapped[PenceColumn]
    certifier_office: Mapped[str] = mapped_column(String(120))
    price_tolerance_points: Mapped[int]
    price_tolerance_pence: Mapped[PenceColumn]
    """By how much an invoice's price may differ from its order's: the share, or the amount where that is more."""

    body: Mapped[Body] = relationship()
    lines: Mapped[list[GrantLine]] = relationship(order_by="GrantLine.position", back_populates="award")


class GrantLine(Base):
    """One line of an award's budget, with its purpose quoted from the agreement.

    What was recorded first stays; heading, purpose and budget are read with what corrected them since.
    """

    __tablename__ = "grant_line"
    __table_args__ = (
        UniqueConstraint("award_id", "code"),
        CheckConstraint("budget_pence >= 0", name="budget_not_below_zero"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(10))
    recorded_heading: Mapped[str] = mapped_column("heading", String(120))
    recorded_purpose: Mapped[str] = mapped_column("purpose", String(500))
    recorded_pence: Mapped[PenceColumn] = mapped_column("budget_pence")
    if TYPE_CHECKING:
        heading: Mapped[str]
        purpose: Mapped[str]
        budget_pence: Mapped[int]

    award: Mapped[Award] = relationship(back_populates="lines")

    @property
    def full_code(self) -> str:
        """The line's name among all awards, such as "GB2022/A"."""
        return f"{self.award.code}/{self.code}"


class LineCorrection(Base):
    """That a grant line was copied wrong: its words as they should be, and by how many pence its budget was out."""

    __tablename__ = "line_correction"
    __table_args__ = (Index("ix_line_correction_grant_line_id", "grant_line_id"), APPEND_ONLY)

    id: Mapped[Key]
    grant_line_id: Mapped[int] = mapped_column(ForeignKey("grant_line.id"))
    heading: Mapped[str] = mapped_column(String(120))
    purpose: Mapped[str] = mapped_column(String(500))
    pence: Mapped[PenceColumn]
    shown_by: Mapped[str] = mapped_column(String(60))
    """What shows it: the page of the agreement."""
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    line: Mapped[GrantLine] = relationship()
    account: Mapped[Account] = relationship()
    note: Mapped[Note] = relationship()


def _of_newest(column: Any) -> Any:
    """Select a column of a grant line's newest correction."""
    newest = select(column).where(LineCorrection.grant_line_id == GrantLine.id).order_by(LineCorrection.id.desc())
    return newest.limit(1).correlate_except(LineCorrection).scalar_subquery()


def _corrected() -> dict[str, Any]:
    """Say how a grant line reads once corrections are heeded: attribute → expression."""
    added = select(func.coalesce(func.sum(LineCorrection.pence), 0))
    by = added.where(LineCorrection.grant_line_id == GrantLine.id).correlate_except(LineCorrection).scalar_subquery()
    return {
        "heading": func.coalesce(_of_newest(LineCorrection.heading), GrantLine.recorded_heading),
        "purpose": func.coalesce(_of_newest(LineCorrection.purpose), GrantLine.recorded_purpose),
        "budget_pence": GrantLine.recorded_pence + cast(by, BigInteger),
    }


for _name, _expression in _corrected().items():
    GrantLine.__mapper__.add_property(_name, column_property(_expression))


class AwardCondition(Base):
    """A condition of an award that is tested whenever its money is spent, quoted from the agreement."""

    __tablename__ = "award_condition"
    __table_args__ = (Index("ix_award_condition_award_id", "award_id"), APPEND_ONLY)

    id: Mapped[Key]
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    grant_line_id: Mapped[int | None] = mapped_column(ForeignKey("grant_line.id"))
    kind: Mapped[ConditionKind] = mapped_column(words_of(ConditionKind))
    clause: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(500))
    pence: Mapped[PenceColumn | None]
    excluded: Mapped[str] = mapped_column(String(200))
    admitted: Mapped[str] = mapped_column(String(200), server_default="")
    share_points: Mapped[int | None]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    award: Mapped[Award] = relationship()
    line: Mapped[GrantLine | None] = relationship()


class ConditionEnd(Base):
    """That a condition no longer holds: it was copied wrong, or the funder let it go. What it refused stays refused."""

    __tablename__ = "condition_end"
    __table_args__ = (UniqueConstraint("condition_id"), APPEND_ONLY)

    id: Mapped[Key]
    condition_id: Mapped[int] = mapped_column(ForeignKey("award_condition.id"))
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    condition: Mapped[AwardCondition] = relationship()
    note: Mapped[Note] = relationship()


class Amendment(Base):
    """One term of an award that was agreed anew, or had been copied wrong: what it was and what it became, in words.

    The award itself holds the terms as they are now.
    """

    __tablename__ = "amendment"
    __table_args__ = (Index("ix_amendment_award_id", "award_id"), APPEND_ONLY)

    id: Mapped[Key]
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    term: Mapped[str] = mapped_column(String(40))
    was: Mapped[str] = mapped_column(String(120))
    becomes: Mapped[str] = mapped_column(String(120))
    shown_by: Mapped[str] = mapped_column(String(60))
    """What shows it: the funder's letter, or the page of the agreement."""
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
    note: Mapped[Note] = relationship()


class BudgetChange(Base):
    """Budget moved from one line of an award to another; nothing is overwritten."""

    __tablename__ = "budget_change"
    __table_args__ = (
        CheckConstraint("pence > 0", name="moves_something"),
        CheckConstraint("from_line_id <> to_line_id", name="goes_somewhere"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    from_line_id: Mapped[int] = mapped_column(ForeignKey("grant_line.id"))
    to_line_id: Mapped[int] = mapped_column(ForeignKey("grant_line.id"))
    pence: Mapped[PenceColumn]
    agreed_on: Mapped[date]
    consent_reference: Mapped[str | None] = mapped_column(String(60))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    from_line: Mapped[GrantLine] = relationship(foreign_keys=[from_line_id])
    to_line: Mapped[GrantLine] = relationship(foreign_keys=[to_line_id])
    note: Mapped[Note | None] = relationship()


class AwardClosure(Base):
    """That an award was closed, with its outturn whole, or reopened, with the reason; the newest counts.

    The database takes no apportionment and no claim of an award that is closed.
    """

    __tablename__ = "award_closure"
    __table_args__ = (
        CheckConstraint("(act = 'closed') = (outturn_json IS NOT NULL)", name="closed_with_its_outturn"),
        CheckConstraint("(outturn_json IS NULL) = (digest IS NULL)", name="outturn_has_its_digest"),
        CheckConstraint("act = 'closed' OR note_id IS NOT NULL", name="reopened_for_a_reason"),
        Index("ix_award_closure_award_id", "award_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id"))
    act: Mapped[ClosingAct] = mapped_column(words_of(ClosingAct))
    outturn_json: Mapped[str | None] = mapped_column(String, deferred=True)
    digest: Mapped[str | None] = mapped_column(String(64))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
    note: Mapped[Note | None] = relationship()
