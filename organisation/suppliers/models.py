"""Suppliers and donors."""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, Key


class Supplier(Base):
    """Who goods or services come from; a donor gives at £0."""

    __tablename__ = "supplier"
    __table_args__ = (UniqueConstraint("code"), UniqueConstraint("name"))

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    donor: Mapped[bool] = mapped_column(default=False)
