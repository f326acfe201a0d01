"""Conditions of a grant that a program can test, and what breaks them.

A condition is quoted from the agreement with the number of its clause, so that a refusal can quote it too. It holds for
one grant line or for all. What no program can judge (is this a gift?) is caught by words: a description that holds one
of them is refused, and a person who knows better describes the thing as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.errors import RuleBroken
from core.money import pounds
from grants.awards.rules.terms import points_text


class ConditionKind(StrEnum):
    """What a condition limits."""

    UNIT_CAP = "price of one unit"
    CEILING = "ceiling of a line"
    EXCLUDED_KIND = "kind of spending not paid"
    EXCLUDED_WORDS = "things not paid"
    SHARE = "share of a cost"
    PAPERS = "papers to be kept"
    PLACES = "places it is for"


@dataclass(frozen=True)
class Condition:
    """One condition of an award.

    Attributes:
        clause: number in the agreement, such as "7.2".
        words: the agreement's own words.
        line_code: the grant line it is of, or None for all.
        pence: the cap or ceiling, net.
        excluded: the kind of spending, or words parted by commas.
        admitted: kinds of paper, one of which must be kept, or codes of the places goods may go to, parted by commas.
        share_points: the most the grant pays of what a thing costs, in basis points; the rest is match funding.
        agreement: reference of the agreement.
        id: of its record, None before it is recorded.
    """

    kind: ConditionKind
    clause: str
    words: str
    line_code: str | None = None
    pence: int | None = None
    excluded: str = ""
    agreement: str = ""
    admitted: str = ""
    share_points: int | None = None
    id: int | None = None

    @property
    def quoted(self) -> str:
        """The condition as a refusal quotes it."""
        return f"Clause {self.clause} of {self.agreement}: “{self.words}”"

    @property
    def excluded_words(self) -> tuple[str, ...]:
        """The words that must not stand in a description, in lower case."""
        return tuple(word.strip().lower() for word in self.excluded.split(",") if word.strip())

    @property
    def admits(self) -> tuple[str, ...]:
        """The kinds of paper or codes of places that alone will do."""
        return tuple(each.strip() for each in self.admitted.split(",") if each.strip())

    @property
    def limit_words(self) -> str:
        """What it limits to, for a list: an amount, a share, or what is named."""
        if self.pence is not None:
            return pounds(self.pence)
        if self.share_points is not None:
            return points_text(self.share_points)
        return self.admitted or self.excluded


@dataclass(frozen=True)
class Reached:
    """A place that goods have come to, or were issued from.

    Attributes:
        code, name: of the place.
        unit_count: how many of them.
    """

    code: str
    name: str
    unit_count: int


@dataclass(frozen=True)
class Spent:
    """What is ordered, apportioned or claimed on one grant line.

    Attributes:
        kind: of spending, such as "purchase card"; nothing for an order, whose kind its invoice will tell.
        pence: what it costs the line, net of VAT that is recovered.
        unit_count: units it is for; None where it is not counted.
        line_pence: what the line would have spent with it, None where that is not known.
        share_pence: what the grant would pay of it in all, None where nothing is apportioned yet.
        papers: kinds of paper kept beside it, None where it is too early to ask.
        credited_pence: what credit notes take off what it costs, nothing or negative; a price stays what it was.
        reached: where its goods have come; nothing while they are at the store, or it is too early to ask.
    """

    line_code: str
    description: str
    pence: int
    unit_count: int | None = None
    kind: str = ""
    line_pence: int | None = None
    share_pence: int | None = None
    papers: frozenset[str] | None = None
    credited_pence: int = 0
    reached: tuple[Reached, ...] = ()


@dataclass(frozen=True)
class Breach:
    """A condition that is broken, and how."""

    condition: Condition
    words: str

    @property
    def message(self) -> str:
        """What happened, with the figures, and the clause."""
        return f"{self.words}. {self.condition.quoted}"


def breaches(spent: Spent, conditions: Iterable[Condition]) -> Iterator[Breach]:
    """Give every condition that something spent would break."""
    for condition in conditions:
        if condition.line_code in (None, spent.line_code):
            words = _broken(spent, condition)
            if words:
                yield Breach(condition, words)


def _broken(spent: Spent, condition: Condition) -> str | None:
    """Say how one condition is broken, or None."""
    limit = condition.pence or 0
    match condition.kind:
        case ConditionKind.UNIT_CAP if spent.unit_count and spent.pence > limit * spent.unit_count:
            each = -(-spent.pence // spent.unit_count)
            return f"One of {spent.description} costs {pounds(each)}, and {pounds(limit)} is the most"
        case ConditionKind.CEILING if spent.line_pence is not None and spent.line_pence > limit:
            over = spent.line_pence - limit
            return f"Line {spent.line_code} would come to {pounds(spent.line_pence)}, {pounds(over)} over its ceiling"
        case ConditionKind.EXCLUDED_KIND if spent.kind and spent.kind == condition.excluded:
            return f"{spent.description} is {spent.kind}, which this grant does not pay"
        case ConditionKind.EXCLUDED_WORDS:
            found = next((word for word in condition.excluded_words if _holds(spent.description, word)), None)
            return f"{spent.description} names “{found}”, which this grant does not pay" if found else None
        case ConditionKind.SHARE if spent.share_pence is not None:
            return _over_share(spent, spent.share_pence, condition.share_points or 0)
        case ConditionKind.PAPERS if spent.papers is not None and spent.papers.isdisjoint(condition.admits):
            return f"{spent.description} has none of the papers asked for: {_one_of(condition.admits)}"
        case ConditionKind.PLACES if outside := [each for each in spent.reached if each.code not in condition.admits]:
            where = ", ".join(f"{each.unit_count:,} at {each.name}" for each in outside)
            return f"{spent.description} is for {', '.join(condition.admits)} only, and came elsewhere: {where}"
    return None


def _over_share(spent: Spent, share_pence: int, points: int) -> str | None:
    """Say by how much the grant would pay more of a cost than its share; a fraction of a penny is the recipient's."""
    cost = spent.pence + spent.credited_pence
    most = cost * points // 10_000
    if share_pence <= most:
        return None
    return (
        f"The grant pays at most {points_text(points)} of what a thing costs: {pounds(most)} of the "
        f"{pounds(cost)} of {spent.description}. This would make it {pounds(share_pence)}"
    )


def _one_of(words: tuple[str, ...]) -> str:
    return " or ".join((", ".join(words[:-1]), words[-1]) if len(words) > 1 else words)


def places_allowed(conditions: Iterable[Condition], line_codes: Iterable[str], place_code: str) -> Condition | None:
    """Find the condition that keeps goods bought on some lines from a place; None where they may go there."""
    codes = set(line_codes)
    for condition in conditions:
        concerned = condition.line_code is None or condition.line_code in codes
        if condition.kind is ConditionKind.PLACES and concerned and place_code not in condition.admits:
            return condition
    return None


def _holds(text: str, word: str) -> bool:
    """Say whether a text holds a word whole, its plural included, whatever the case."""
    return re.search(rf"\b{re.escape(word)}s?\b", text.lower()) is not None


def demand_sound_condition(condition: Condition) -> None:
    """Refuse a condition that could not be tested.

    Raises:
        RuleBroken: no clause or words, a limit without an amount, or an exclusion of nothing.
    """
    if not condition.clause.strip():
        raise RuleBroken("Enter the number of the clause", "clause")
    if not condition.words.strip():
        raise RuleBroken("Enter the agreement's words", "words")
    _demand_limit(condition)
    if condition.kind is ConditionKind.CEILING and condition.line_code is None:
        raise RuleBroken("Choose the line the ceiling is of", "line")


def _demand_limit(condition: Condition) -> None:
    """Refuse a condition without what its kind limits to."""
    match condition.kind:
        case ConditionKind.UNIT_CAP | ConditionKind.CEILING:
            if condition.pence is None or condition.pence <= 0:
                raise RuleBroken("Enter the amount of the limit, more than £0", "pence")
        case ConditionKind.SHARE:
            if condition.share_points is None or not 0 < condition.share_points < 10_000:
                raise RuleBroken("Enter the share the grant pays, more than 0% and less than 100%", "share_points")
        case ConditionKind.PAPERS | ConditionKind.PLACES:
            if not condition.admits:
                raise RuleBroken("Enter what alone will do", "admitted")
        case _:
            if not condition.excluded_words:
                raise RuleBroken("Enter what is not paid", "excluded")
