"""Human references: counted ones for documents, opaque ones for slips.

A counted reference (``R-00042``) comes from a row locked until the change commits, so none is used twice. An
opaque one says nothing about order, place or time, and avoids letters that are misread.
"""

from __future__ import annotations

import secrets

from sqlalchemy import String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, db

_UNMISTAKABLE = "23456789BCDFGHJKMNPQRSTVWXYZ"


class ReferenceSeries(Base):
    """The last number used in a series of references."""

    __tablename__ = "reference_series"

    prefix: Mapped[str] = mapped_column(String(12), primary_key=True)
    last_number: Mapped[int]


def next_reference(prefix: str) -> str:
    """Give the next reference of a series, such as ``R-00042``."""
    dialect = postgresql if db.session.connection().dialect.name == "postgresql" else sqlite
    first = dialect.insert(ReferenceSeries).values(prefix=prefix, last_number=1)
    taken = first.on_conflict_do_update(
        index_elements=["prefix"], set_={"last_number": ReferenceSeries.last_number + 1}
    )
    db.session.execute(taken)
    number = db.session.scalar(select(ReferenceSeries.last_number).where(ReferenceSeries.prefix == prefix))
    return f"{prefix}-{number:05d}"


def opaque_reference(groups: int = 3) -> str:
    """Give a random reference such as ``7K4M-Q2XD-9PBC``: about 19 bits a group, never counted."""
    return "-".join("".join(secrets.choice(_UNMISTAKABLE) for _ in range(4)) for _ in range(groups))
