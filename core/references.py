"""Human references: counted ones for documents, opaque ones for slips.

A counted reference (``R-00042``) comes from a row locked until the change commits, so none is used twice. An
opaque one says nothing about order, place or time, and avoids letters that are misread.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import String, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, db

_UNMISTAKABLE = "23456789BCDFGHJKMNPQRSTVWXYZ"


class ReferenceSeries(Base):
    """The last number used in a series of references."""

    __tablename__ = "reference_series"

    prefix: Mapped[str] = mapped_column(String(12), primary_key=True)
    last_number: Mapped[int]


def _taken(dialect: Any) -> Any:
    """Take so many numbers of a series in one statement, giving the last of them."""
    first = dialect.insert(ReferenceSeries).values(prefix=bindparam("series"), last_number=bindparam("count"))
    return first.on_conflict_do_update(
        index_elements=["prefix"], set_={"last_number": ReferenceSeries.last_number + first.excluded.last_number}
    ).returning(ReferenceSeries.last_number)


_TAKEN = {"sqlite": _taken(sqlite), "postgresql": _taken(postgresql)}
"""Built once: preparing a statement costs more than running it."""


def next_reference(prefix: str) -> str:
    """Give the next reference of a series, such as ``R-00042``."""
    return next_references(prefix, 1)[0]


def next_references(prefix: str, count: int) -> list[str]:
    """Give the next references of a series, one after the other."""
    connection = db.session.connection()
    last = connection.execute(_TAKEN[connection.dialect.name], {"series": prefix, "count": count}).scalar_one()
    return [f"{prefix}-{number:05d}" for number in range(last - count + 1, last + 1)]


def derived_reference(digest: bytes, groups: int = 3) -> str:
    """Write the beginning of a digest as a reference such as ``7K4M-Q2XD-9PBC``: the same digest, the same reference.

    Three groups are about 57 bits: no two documents meet in one, and nobody comes upon one by trying.
    """
    number, signs = int.from_bytes(digest, "big"), []
    for _ in range(4 * groups):
        number, sign = divmod(number, len(_UNMISTAKABLE))
        signs.append(_UNMISTAKABLE[sign])
    return "-".join("".join(signs[at : at + 4]) for at in range(0, len(signs), 4))


def opaque_reference(groups: int = 3) -> str:
    """Give a random reference such as ``7K4M-Q2XD-9PBC``: about 19 bits a group, never counted."""
    return "-".join("".join(secrets.choice(_UNMISTAKABLE) for _ in range(4)) for _ in range(groups))
