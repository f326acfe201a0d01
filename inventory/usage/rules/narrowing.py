"""What a report of usage is narrowed to: a place, a variant, a language, an item; each named in the address."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import RuleBroken
from core.languages import language


@dataclass(frozen=True)
class Named:
    """A record to choose, by its id, code and name; an item printed in a language has the code of it."""

    key: int
    code: str
    name: str
    language: str | None = None


@dataclass(frozen=True)
class Choices:
    """What there is to choose from: places in scope, kinds of Go Bag, items, and languages (code, name)."""

    places: tuple[Named, ...]
    variants: tuple[Named, ...]
    items: tuple[Named, ...]
    languages: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Asked:
    """What an address names, by code; empty where it names nothing."""

    place: str = ""
    variant: str = ""
    language: str = ""
    item: str = ""

    @property
    def named(self) -> dict[str, str]:
        """What is asked for, as it stands in the address."""
        parts = {"place": self.place, "variant": self.variant, "language": self.language, "item": self.item}
        return {name: code for name, code in parts.items() if code}


@dataclass(frozen=True)
class Narrowing:
    """What a report is narrowed to; None where it is not."""

    place: Named | None = None
    variant: Named | None = None
    language: tuple[str, str] | None = None
    item: Named | None = None

    @property
    def words(self) -> tuple[tuple[str, str], ...]:
        """What it is narrowed to: label and words."""
        found = (
            ("Place", self.place.name if self.place else ""),
            ("Variant", self.variant.name if self.variant else ""),
            ("Language", self.language[1] if self.language else ""),
            ("Item", self.item.name if self.item else ""),
        )
        return tuple((label, words) for label, words in found if words)

    @property
    def mark(self) -> str:
        """Eight letters and digits that are the same for the same narrowing; none where it is not narrowed."""
        codes = [
            each.code if isinstance(each, Named) else each[0] if each else ""
            for each in (self.place, self.variant, self.language, self.item)
        ]
        return hashlib.sha256("\n".join(codes).encode()).hexdigest()[:8].upper() if any(codes) else ""

    @property
    def has_bag_account(self) -> bool:
        """Whether the account of Go Bags can be given: it is kept by place alone."""
        return not (self.variant or self.language or self.item)

    @property
    def has_item_account(self) -> bool:
        """Whether the account of loose items can be given: it is kept by place and item."""
        return not (self.variant or self.language)


def narrowed(asked: Asked, choices: Choices) -> Narrowing:
    """Find what an address names.

    Raises:
        RuleBroken: there is no such place in scope, variant, language or item.
    """
    spoken = language(asked.language, field="language") if asked.language else None
    return Narrowing(
        _chosen(asked.place, choices.places, "place"),
        _chosen(asked.variant, choices.variants, "variant"),
        (spoken.code, spoken.english) if spoken else None,
        _chosen(asked.item, choices.items, "item"),
    )


def _chosen(code: str, among: Sequence[Named], noun: str) -> Named | None:
    if not code:
        return None
    for each in among:
        if each.code == code:
            return each
    article = "an" if noun == "item" else "a"
    raise RuleBroken(f"Choose {article} {noun} from the list", noun)
