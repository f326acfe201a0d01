"""What speaks for a ledger line and a spending row belonging together, in points.

Points are about the logarithm (to base two) of how much likelier a sight is for a true pair than for a
chance one: the same invoice number counts much, a date some days later a little, another supplier's name
counts against. They are added up, so that two middling signs can do what one strong sign does.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from math import log2

from grants.ledgers.rules.matching.facts import LedgerLineFacts, SpendingRowFacts
from grants.ledgers.rules.matching.wording import (
    FIRST_WORD,
    PART_OF_NAME,
    SAME_NAME,
    SupplierNames,
    mentioned_keys,
    name_words,
    one_edit_apart,
    reference_key,
)

_SHORTEST_TELLING_KEY = 3
_SHORTEST_EDITED_KEY = 5
EARLIEST_DAYS, LATEST_DAYS = -31, 120
_MOST_SHARED = 2
NAME_POINTS = {SAME_NAME: 6, PART_OF_NAME: 5, FIRST_WORD: 3}
OTHER_NAME, STRANGE_NAME = -8, -2


class Reference(IntEnum):
    """How a line's reference compares with an invoice; the value is its points."""

    SAME_ORDER = 11
    SAME_NUMBER = 9
    MENTIONED = 7
    ONE_EDIT = 6
    SHORT_NUMBER = 4
    ONE_EDIT_OF_TWO = 2
    NONE = 0
    UNLIKE = -4
    ANOTHER = -6


@dataclass(slots=True)
class LineView:
    """A ledger line made ready to compare.

    Attributes:
        position: place among the lines given.
        facts: as given.
        pence: net pence.
        day: proleptic day number.
        key: key of the reference.
        order_key: key of the purchase order.
        mentions: keys of codes the description mentions.
        named: supplier → how surely the line names it.
        strange: the line names a supplier that none of the rows has.
        has_known_key: the reference is the invoice number of some row.
    """

    position: int
    facts: LedgerLineFacts
    pence: int
    day: int
    key: str
    order_key: str
    mentions: frozenset[str]
    named: dict[str, int]
    strange: bool
    has_known_key: bool


@dataclass(slots=True)
class Target:
    """A spending row, or all rows of one invoice, made ready to compare.

    Attributes:
        position: place among the targets.
        rows: places among the rows given.
        facts: the first row.
        pence: net pence of the rows together.
        gross: net and VAT of the rows together.
        day: proleptic day number.
        key: key of the invoice number.
        order_key: key of the purchase order.
    """

    position: int
    rows: tuple[int, ...]
    facts: SpendingRowFacts
    pence: int
    gross: int
    day: int
    key: str
    order_key: str


def line_views(lines: Sequence[LedgerLineFacts], names: SupplierNames, known_keys: Set[str]) -> list[LineView]:
    """Prepare ledger lines in the order given."""
    views = []
    for position, facts in enumerate(lines):
        named = names.named_in(facts.supplier) if facts.supplier else {}
        strange = not named and bool(name_words(facts.supplier))
        if not named and facts.description:
            named = names.named_in(facts.description)
        mentions = mentioned_keys(facts.description) if facts.description else frozenset[str]()
        key, order_key = reference_key(facts.reference), reference_key(facts.order_reference)
        day = facts.dated_on.toordinal()
        views.append(
            LineView(position, facts, facts.net_pence, day, key, order_key, mentions, named, strange, key in known_keys)
        )
    return views


def targets_of(rows: Sequence[SpendingRowFacts]) -> list[Target]:
    """Prepare each row as a target, then each invoice of several rows of one sign."""
    targets: list[Target] = []
    invoices: dict[tuple[str, str, date], list[int]] = {}
    for position, row in enumerate(rows):
        targets.append(_target(len(targets), (position,), rows))
        key = reference_key(row.invoice_number)
        if key:
            invoices.setdefault((row.supplier, key, row.invoiced_on), []).append(position)
    for places in invoices.values():
        if len(places) > 1 and len({rows[place].net_pence > 0 for place in places}) == 1:
            targets.append(_target(len(targets), tuple(places), rows))
    return targets


def _target(position: int, places: tuple[int, ...], rows: Sequence[SpendingRowFacts]) -> Target:
    first = rows[places[0]]
    net = sum(rows[place].net_pence for place in places)
    gross = net + sum(rows[place].vat_pence for place in places)
    key, order_key = reference_key(first.invoice_number), reference_key(first.order_reference)
    return Target(position, places, first, net, gross, first.invoiced_on.toordinal(), key, order_key)


def reference_of(line: LineView, target: Target) -> Reference:
    """Compare the references of a line with the invoice number and order of a target."""
    key, wanted = line.key, target.key
    if key and key == wanted:
        return Reference.SAME_NUMBER if len(key) >= _SHORTEST_TELLING_KEY else Reference.SHORT_NUMBER
    if target.order_key and target.order_key in (key, line.order_key):
        return Reference.SAME_ORDER
    if wanted in line.mentions or target.order_key in line.mentions:
        return Reference.MENTIONED
    if not key or not wanted:
        return Reference.NONE
    if len(wanted) >= _SHORTEST_EDITED_KEY and one_edit_apart(key, wanted):
        return Reference.ONE_EDIT_OF_TWO if line.has_known_key else Reference.ONE_EDIT
    return Reference.ANOTHER if line.has_known_key else Reference.UNLIKE


def name_points(line: LineView, target: Target) -> int:
    """Give points for what the line says of the supplier."""
    if line.named:
        level = line.named.get(target.facts.supplier)
        return OTHER_NAME if level is None else NAME_POINTS[level]
    return STRANGE_NAME if line.strange else 0


def day_points(days: int) -> int:
    """Give points for a ledger date some days after the invoice date (before it, when negative)."""
    if 0 <= days <= 14:
        return 3 if days == 0 else 2
    if -7 <= days < 0:
        return 0
    if 14 < days <= 45:
        return -1
    return -3 if EARLIEST_DAYS <= days <= LATEST_DAYS else -10


def amount_points(pence: int, sharing: int) -> int:
    """Give points for an equal amount: fewer when it is round or when several rows share it."""
    size = abs(pence)
    unusual = 2 if size % 1000 == 0 else 3 if size % 100 == 0 else 5
    return unusual - min(_MOST_SHARED, round(log2(sharing)))


def pair_points(line: LineView, target: Target) -> int:
    """Give all points but those of the amount."""
    return int(reference_of(line, target)) + name_points(line, target) + day_points(line.day - target.day)


def reasons(line: LineView, target: Target) -> list[str]:
    """Put the evidence for a line and a target into words; the amount is worded by the stage."""
    words = [_REFERENCE_WORDS[found]] if (found := reference_of(line, target)) in _REFERENCE_WORDS else []
    if line.named:
        words.append(_NAME_WORDS.get(line.named.get(target.facts.supplier, 0), "another supplier's name"))
    days = line.day - target.day
    when = "later" if days > 0 else "earlier"
    words.append("same date" if days == 0 else f"{abs(days)} day{'s' if abs(days) != 1 else ''} {when}")
    return words


_REFERENCE_WORDS = {
    Reference.SAME_ORDER: "same purchase order",
    Reference.SAME_NUMBER: "same invoice number",
    Reference.SHORT_NUMBER: "same short invoice number",
    Reference.MENTIONED: "invoice number in the description",
    Reference.ONE_EDIT: "invoice number one sign apart",
    Reference.ONE_EDIT_OF_TWO: "invoice number one sign apart, as others are",
    Reference.UNLIKE: "another reference",
    Reference.ANOTHER: "another invoice's number",
}
_NAME_WORDS = {
    SAME_NAME: "same supplier",
    PART_OF_NAME: "part of the supplier's name",
    FIRST_WORD: "first word of the supplier's name",
}
