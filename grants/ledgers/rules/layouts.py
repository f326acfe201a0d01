"""How one finance system lays out its extracts: what each column means and how it is written.

A layout is guessed once, checked by an officer and remembered. The header row's signature recognises the
next extract from the same system. It is plain data, so it can be kept as JSON and shown in a form.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from core.errors import RuleBroken
from grants.ledgers.rules.notation import DateNotation, DecimalMark
from grants.ledgers.rules.roles import REPEATABLE_ROLES, Role

SUFFIX_MARKS = ("", "_", "/", "-", ".")


class Confidence(StrEnum):
    """How far a guessed layout can be trusted."""

    SURE = "sure"
    CHECK = "check"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Layout:
    """The meaning of a header row.

    Attributes:
        headings: the header cells in order.
        roles: the role of each column, one for each heading.
        date_notation: how the date column is written.
        decimal_mark: the sign between pounds and pence.
        line_suffix: the mark that parts the line number from the transaction number within one cell
            (``_`` in ``46289405_1``), or nothing.
        credit_words: values of the type column that mark a credit note whose amount is written positive
            and must be read as negative, in lower case.
        doubts: what the officer should look at, in words; empty once confirmed.
        credits_negative: whether the credit column writes money that came back with a minus.
    """

    headings: tuple[str, ...]
    roles: tuple[Role, ...]
    date_notation: DateNotation = DateNotation.DAY_FIRST
    decimal_mark: DecimalMark = DecimalMark.POINT
    line_suffix: str = ""
    credit_words: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    credits_negative: bool = False

    def __post_init__(self) -> None:
        if len(self.headings) != len(self.roles):
            raise RuleBroken(f"The layout names {len(self.roles)} roles for {len(self.headings)} columns")
        for role in self.roles:
            if role not in REPEATABLE_ROLES and self.roles.count(role) > 1:
                raise RuleBroken(f"Only one column can be '{role.label}'. Choose which")
        if self.line_suffix not in SUFFIX_MARKS:
            raise RuleBroken("A line number can follow one of _ / - . only")

    @property
    def signature(self) -> str:
        """Recognise the header row, whatever its capitals and spaces."""
        return signature_of(self.headings)

    @property
    def missing(self) -> tuple[str, ...]:
        """Name what must still be pointed at before rows can be read, in words."""
        lacking = []
        if self.column(Role.TRANSACTION) is None:
            lacking.append("the transaction number")
        if self.column(Role.DATE) is None and self.column(Role.PERIOD) is None:
            lacking.append("the date")
        if not {Role.NET, Role.GROSS, Role.DEBIT, Role.CREDIT} & set(self.roles):
            lacking.append("the amount")
        return tuple(lacking)

    @property
    def confidence(self) -> Confidence:
        """Rate the layout: incomplete, to be checked, or sure."""
        if self.missing:
            return Confidence.INCOMPLETE
        return Confidence.CHECK if self.doubts else Confidence.SURE

    def column(self, role: Role) -> int | None:
        """Give the first column with a role, from 0, or None."""
        return self.roles.index(role) if role in self.roles else None

    def columns(self, role: Role) -> tuple[int, ...]:
        """Give every column with a role, from 0."""
        return tuple(column for column, held in enumerate(self.roles) if held is role)

    def remapped(self, roles: Sequence[Role]) -> Self:
        """Give the layout with other roles, as an officer chose them, and no doubts.

        Raises:
            RuleBroken: a role given to two columns, or too few or too many roles.
        """
        return replace(self, roles=tuple(roles), doubts=())

    def to_plain(self) -> dict[str, object]:
        """Give the layout as plain JSON types."""
        return {
            "headings": list(self.headings),
            "roles": [role.value for role in self.roles],
            "date_notation": self.date_notation.value,
            "decimal_mark": self.decimal_mark.value,
            "line_suffix": self.line_suffix,
            "credit_words": list(self.credit_words),
            "doubts": list(self.doubts),
            "credits_negative": self.credits_negative,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> Self:
        """Rebuild a layout from ``to_plain``.

        Raises:
            RuleBroken: a key is missing or unknown, or a value is not one the layout can hold.
        """
        try:
            if set(plain) - {"credits_negative"} != _KEYS:  # layouts remembered before it was known have none
                raise ValueError("keys")
            return cls(
                headings=_texts(plain["headings"]),
                roles=tuple(Role(text) for text in _texts(plain["roles"])),
                date_notation=DateNotation(_text(plain["date_notation"])),
                decimal_mark=DecimalMark(_text(plain["decimal_mark"])),
                line_suffix=_text(plain["line_suffix"]),
                credit_words=_texts(plain["credit_words"]),
                doubts=_texts(plain["doubts"]),
                credits_negative=plain.get("credits_negative") is True,
            )
        except ValueError:
            raise RuleBroken("This layout cannot be read. Map the columns again") from None


_KEYS = {"headings", "roles", "date_notation", "decimal_mark", "line_suffix", "credit_words", "doubts"}


def signature_of(headings: Sequence[str]) -> str:
    """Give 32 hexadecimal digits that two header rows share exactly when their words agree in order."""
    words = "\x1f".join(" ".join(heading.casefold().split()) for heading in headings)
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(value)
    return tuple(_text(item) for item in value)
