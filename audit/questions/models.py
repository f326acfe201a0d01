"""Questions and what followed each. Both are append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from audit.questions.rules import QuestionAct, QuestionState, RecordKind, state_after
from core.db import APPEND_ONLY, Base, Key, words_of
from core.trail import Note
from organisation.accounts.models import Account
from organisation.places.models import Place


class Question(Base):
    """A question about one record, by its own reference. ``place_id`` is whose it is to answer; None for money."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("reference"),
        Index("ix_question_record", "record_kind", "record"),
        Index("ix_question_place_id", "place_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    record_kind: Mapped[RecordKind] = mapped_column(words_of(RecordKind))
    record: Mapped[str] = mapped_column(String(40))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]

    place: Mapped[Place | None] = relationship()
    account: Mapped[Account] = relationship()
    note: Mapped[Note] = relationship()
    steps: Mapped[list[QuestionStep]] = relationship(order_by="QuestionStep.id", viewonly=True)

    @property
    def state(self) -> QuestionState:
        """Whose turn it is."""
        return state_after(self.steps[-1].act if self.steps else None)


class QuestionStep(Base):
    """What was done to a question after it was asked. The database keeps one that is closed closed."""

    __tablename__ = "question_step"
    __table_args__ = (
        CheckConstraint("act = 'closed' OR note_id IS NOT NULL", name="says_something"),
        Index("ix_question_step_question_id", "question_id"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    act: Mapped[QuestionAct] = mapped_column(words_of(QuestionAct))
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]

    account: Mapped[Account] = relationship()
    note: Mapped[Note | None] = relationship()
