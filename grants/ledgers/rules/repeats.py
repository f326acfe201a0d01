"""Which lines of an extract the ledger has already: the same again, changed, or new.

A line is known by its transaction and line number. Where a file has several of one number, they are told apart
by what they say before they are told apart by their order, so that the same rows in another order are still the
same rows. A row whose number is known and whose words or figures are not is *changed*: it is listed, never taken
in place of what was there.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.dates import day_text
from core.money import Pence, pounds
from grants.ledgers.rules.readings import ParsedLine

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Content:
    """What a ledger line says, its number apart."""

    dated_on: date
    supplier: str
    supplier_code: str
    reference: str
    order_reference: str
    description: str
    net_pence: int
    vat_pence: int | None
    gross_pence: int | None
    irrecoverable_vat_pence: int | None
    cost_centre: str
    project: str
    account_code: str
    kind: str


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A line the ledger has."""

    id: int
    occurrence: int
    content: Content


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A line that contradicts one the ledger has, and how, in words."""

    line: ParsedLine
    known_id: int
    differences: str


@dataclass(frozen=True, slots=True)
class SortedLines:
    """The lines of an extract by what the ledger knows of them; each in the order of the file."""

    new: tuple[ParsedLine, ...]
    duplicates: tuple[ParsedLine, ...]
    changed: tuple[ChangedLine, ...]

    @property
    def new_pence(self) -> Pence:
        """Net pence of the new lines."""
        return Pence(sum(line.net_pence for line in self.new))

    @property
    def duplicate_pence(self) -> Pence:
        """Net pence of the lines the ledger has."""
        return Pence(sum(line.net_pence for line in self.duplicates))

    @property
    def changed_pence(self) -> Pence:
        """Net pence of the changed lines, as the file has them."""
        return Pence(sum(changed.line.net_pence for changed in self.changed))


def key_of(line: ParsedLine) -> Key:
    """Give what a line is known by."""
    return line.transaction_number, line.line_number or ""


def content_of(line: ParsedLine) -> Content:
    """Give what a line says."""
    return Content(
        line.dated_on, line.supplier, line.supplier_code, line.reference, line.order_reference, line.description,
        line.net_pence, line.vat_pence, line.gross_pence, line.irrecoverable_vat_pence, line.cost_centre,
        line.project, line.account_code, line.kind,
    )  # fmt: skip


def sort_lines(lines: Iterable[ParsedLine], known: Mapping[Key, Sequence[KnownLine]]) -> SortedLines:
    """Tell new lines from those the ledger has and those that contradict it.

    Args:
        known: what the ledger has of the transactions in the file, by key.
    """
    new, again, changed = [], [], []
    waiting: dict[Key, list[ParsedLine]] = defaultdict(list)
    left = {key: list(group) for key, group in known.items()}
    for line in lines:
        key = key_of(line)
        group = left.get(key)
        if group is None:
            new.append(line)
            continue
        same = _first_saying(group, content_of(line))
        if same is None:
            waiting[key].append(line)
        else:
            group.remove(same)
            again.append(line)
    for key, group_lines in waiting.items():
        contradicting, further = _settle(group_lines, left[key], known[key])
        changed += contradicting
        new += further
    return SortedLines(
        tuple(sorted(new, key=lambda line: line.row_number)),
        tuple(again),
        tuple(sorted(changed, key=lambda each: each.line.row_number)),
    )


def _first_saying(group: Sequence[KnownLine], content: Content) -> KnownLine | None:
    return next((known for known in group if known.content == content), None)


def _settle(
    lines: Sequence[ParsedLine], left: list[KnownLine], all_known: Sequence[KnownLine]
) -> tuple[list[ChangedLine], list[ParsedLine]]:
    """Set lines of one number against what is left of it in the ledger; whatever is more than that is new."""
    changed, new = [], []
    last = max(known.occurrence for known in all_known)
    for line in lines:
        if left:
            nearest = next((known for known in left if known.occurrence == line.occurrence), left[0])
            left.remove(nearest)
            changed.append(ChangedLine(line, nearest.id, differences(nearest.content, content_of(line))))
        else:
            last += 1
            new.append(replace(line, occurrence=last))
    return changed, new


_NAMES = {
    "dated_on": "date",
    "supplier": "supplier",
    "supplier_code": "supplier number",
    "reference": "invoice number or reference",
    "order_reference": "purchase order",
    "description": "description",
    "net_pence": "net amount",
    "vat_pence": "VAT",
    "gross_pence": "gross amount",
    "irrecoverable_vat_pence": "irrecoverable VAT",
    "cost_centre": "cost centre",
    "project": "project",
    "account_code": "account code",
    "kind": "type",
}


def differences(before: Content, now: Content) -> str:
    """Say in words what changed, such as "The net amount was £10.00 and is now £12.00"."""
    parts = []
    for field, name in _NAMES.items():
        was, new = getattr(before, field), getattr(now, field)
        if was != new:
            parts.append(f"{name} was {_written(was)} and is now {_written(new)}")
    return f"The {'; the '.join(parts)}"


def _written(value: object) -> str:
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, int):
        return pounds(value)
    return f"'{value}'" if value else "empty"


def ranges(numbers: Iterable[int]) -> str:
    """Write row numbers in ascending order as ranges, such as "2-120, 130"."""
    parts: list[str] = []
    start = end = 0
    for number in numbers:
        if number == end + 1 and start:
            end = number
            continue
        if start:
            parts.append(_range(start, end))
        start = end = number
    if start:
        parts.append(_range(start, end))
    return ", ".join(parts)


def _range(start: int, end: int) -> str:
    return f"{start}" if start == end else f"{start}-{end}"
