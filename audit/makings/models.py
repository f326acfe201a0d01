"""The table of makings: who asked for which big report, and how far it is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from audit.makings.rules import State
from core.db import Base, Key, words_of

_UNDER_WAY = text("state IN ('asked', 'running')")


class Making(Base):
    """A big report that somebody asked for.

    ``frozen_json`` is the frozen report: filters and how far the log went when it was asked for, and once its process
    has counted what is to be written, the figures and the imprint. So what is recorded meanwhile is not in it, and the
    same object is painted in any form. A person has one under way.
    """

    __tablename__ = "making"
    __table_args__ = (
        UniqueConstraint("reference"),
        Index(
            "uq_making_one_under_way", "account_id", unique=True, sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY
        ),
        CheckConstraint("done_count >= 0", name="not_before_its_begin"),
        CheckConstraint("state <> 'ready' OR kept_until IS NOT NULL", name="ready_is_kept"),
        CheckConstraint("(state = 'ready') = (sha256 IS NOT NULL)", name="ready_has_digest"),
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    sort: Mapped[str] = mapped_column(String(40))
    frozen_json: Mapped[str] = mapped_column(String)
    state: Mapped[State] = mapped_column(words_of(State))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    done_count: Mapped[int]
    total_count: Mapped[int]
    problem: Mapped[str | None] = mapped_column(String(300))
    sha256: Mapped[str | None] = mapped_column(String(64))
    byte_count: Mapped[int | None]
    kept_until: Mapped[datetime | None]
