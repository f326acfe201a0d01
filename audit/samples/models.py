"""Samples with their frozen population, the rows drawn, and what was found of each. All append-only.

A result is corrected by a further one; the newest counts. The population is kept as text (a reference and pence a
line), so that a sample can be drawn again whatever becomes known later.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from audit.samples.rules import Asked, Method, Outcome, PopulationKind
from core.db import APPEND_ONLY, Base, Key, PenceColumn, words_of
from core.trail import Note
from organisation.accounts.models import Account


class AuditSample(Base):
    """Rows an auditor drew from a population, with the seed that draws them again."""

    __tablename__ = "audit_sample"
    __table_args__ = (
        UniqueConstraint("reference"),
        CheckConstraint("asked_count > 1", name="at_least_two"),
        CheckConstraint("population_count > 0", name="from_something"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    kind: Mapped[PopulationKind] = mapped_column(words_of(PopulationKind))
    subject: Mapped[str] = mapped_column(String(40))
    first_on: Mapped[date | None]
    last_on: Mapped[date | None]
    method: Mapped[Method] = mapped_column(words_of(Method))
    asked_count: Mapped[int]
    confidence: Mapped[int]
    seed: Mapped[str] = mapped_column(String(40))
    population_count: Mapped[int]
    population_pence: Mapped[PenceColumn | None]
    population_text: Mapped[str] = mapped_column(String, deferred=True)
    population_digest: Mapped[str] = mapped_column(String(64))
    left_out_count: Mapped[int]
    left_out_pence: Mapped[PenceColumn]
    known_at: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
    rows: Mapped[list[SampleRow]] = relationship(order_by="SampleRow.position", viewonly=True)

    @property
    def asked(self) -> Asked:
        """What the auditor asked for."""
        return Asked(
            self.kind, self.subject, self.first_on, self.last_on, self.method, self.asked_count, self.confidence,
            self.seed,
        )  # fmt: skip


class SampleRow(Base):
    """One row that was drawn; ``pence`` is what the books said of it then, ``mark`` what drew it."""

    __tablename__ = "sample_row"
    __table_args__ = (
        UniqueConstraint("sample_id", "position"),
        UniqueConstraint("sample_id", "row_reference"),
        CheckConstraint("hits > 0", name="hit"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    sample_id: Mapped[int] = mapped_column(ForeignKey("audit_sample.id"))
    position: Mapped[int]
    row_reference: Mapped[str] = mapped_column(String(80))
    record: Mapped[str] = mapped_column(String(80))
    about: Mapped[str] = mapped_column(String(300))
    pence: Mapped[PenceColumn | None]
    hits: Mapped[int]
    mark: Mapped[str] = mapped_column(String(20))

    sample: Mapped[AuditSample] = relationship(back_populates="rows")
    results: Mapped[list[SampleResult]] = relationship(order_by="SampleResult.id", viewonly=True)

    @property
    def result(self) -> SampleResult | None:
        """The result that counts: the newest."""
        return self.results[-1] if self.results else None


class SampleResult(Base):
    """What an auditor found of a row: it agrees, it is wrong (and by what amount it is right), or it cannot be seen."""

    __tablename__ = "sample_result"
    __table_args__ = (
        Index("ix_sample_result_row_id", "row_id"),
        CheckConstraint("right_pence IS NULL OR outcome = 'error'", name="only_an_error_is_put_right"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    row_id: Mapped[int] = mapped_column(ForeignKey("sample_row.id"))
    outcome: Mapped[Outcome] = mapped_column(words_of(Outcome))
    right_pence: Mapped[PenceColumn | None]
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
    note: Mapped[Note | None] = relationship()
