"""The table of releases. Append-only: what was published cannot be taken back, only known."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from core.db import APPEND_ONLY, Base, Key


class UsageRelease(Base):
    """A release of usage: what was published of it, and the true counts behind, by which later releases are decided.

    ``frozen_json`` is the published object, without anything that was hidden. ``figures_json`` lists every figure with
    what it counts, its true count and whether it was hidden; ``witnesses_json`` what proved it. Neither ever leaves.
    """

    __tablename__ = "usage_release"
    __table_args__ = (
        UniqueConstraint("reference"),
        CheckConstraint("last_on > first_on", name="ends_after_start"),
        CheckConstraint("threshold > 0", name="threshold_above_zero"),
        APPEND_ONLY,
    )

    id: Mapped[Key]
    reference: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    first_on: Mapped[date]
    last_on: Mapped[date]
    threshold: Mapped[int]
    figure_count: Mapped[int]
    hidden_count: Mapped[int]
    cut_off: Mapped[datetime]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    released_at: Mapped[datetime]
    # Read only where a release is shown or the next one decided.
    frozen_json: Mapped[str] = deferred(mapped_column(String, nullable=False))
    figures_json: Mapped[str] = deferred(mapped_column(String, nullable=False))
    witnesses_json: Mapped[str] = deferred(mapped_column(String, nullable=False))
