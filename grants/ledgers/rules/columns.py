"""What the cells of a column say, whatever its heading claims.

Shares are taken over a sample spread evenly through the file, so that a long extract is judged in
milliseconds and its last month counts as much as its first.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grants.ledgers.rules.notation import DateNotation, DecimalMark, NotInNotation, amount_pence, read_date
from grants.ledgers.rules.roles import AMOUNT_ROLES, Role

SAMPLE_SIZE = 600
MOST = 0.9
DAY_NOTATIONS = (
    DateNotation.ISO,
    DateNotation.DAY_FIRST,
    DateNotation.MONTH_FIRST,
    DateNotation.MONTH_NAME,
    DateNotation.COMPACT,
)
_PERIOD = re.compile(r"(?:19|20)[0-9]{2}[-/ ]?[PM]?(?:0[1-9]|1[0-5])")
_DIGIT = re.compile(r"[0-9]")
_TOTAL = re.compile(r"\s*(?:(?:grand|sub|report|overall)[ -]?)?total\s*:?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """Shares of a column's filled cells, each from 0 to 1.

    Attributes:
        filled: share of all sampled rows in which the cell is filled.
        amounts: share that are amounts in either decimal mark.
        decimals: share of amounts that show pence.
        periods: share that look like an accounting period.
        day_numbers: share that are a spreadsheet's numbers of days, which other numbers can look like.
        with_digits: share that contain a digit.
        with_letters: share that contain a letter.
        distinct: distinct values to filled cells.
        dates: share readable in each date notation.
        spaced: share that contain a space.
    """

    filled: float
    amounts: float
    decimals: float
    periods: float
    day_numbers: float
    with_digits: float
    with_letters: float
    distinct: float
    spaced: float
    dates: tuple[tuple[DateNotation, float], ...]

    @property
    def best_date(self) -> float:
        """Give the share readable in the notation that reads most."""
        return max(share for _, share in self.dates)

    def can_be(self, role: Role) -> bool:
        """Say whether the cells allow the role; an empty column allows any."""
        if not self.filled:
            return role not in (Role.DATE, Role.TRANSACTION, Role.NET)
        if role in AMOUNT_ROLES:
            return self.amounts >= MOST
        return _GATES[role](self) if role in _GATES else True


_GATES: dict[Role, Callable[["ColumnFacts"], bool]] = {
    Role.DATE: lambda facts: facts.best_date >= MOST or facts.day_numbers >= MOST,
    Role.PERIOD: lambda facts: facts.periods >= MOST or facts.best_date < MOST,
    Role.SUPPLIER: lambda facts: facts.with_letters >= 0.5,
    Role.SUPPLIER_CODE: lambda facts: facts.with_digits >= 0.5,
    Role.TRANSACTION: lambda facts: facts.with_digits >= 0.5 and facts.filled >= 0.5 and not _is_date(facts),
    Role.LINE: lambda facts: facts.amounts >= MOST and not facts.decimals,
    Role.REFERENCE: lambda facts: not _is_date(facts),
}


def _is_date(facts: ColumnFacts) -> bool:
    """Say whether the cells are dates in a notation that numbers are not written in."""
    return any(share >= MOST for notation, share in facts.dates if notation is not DateNotation.COMPACT)


def sampled(rows: Sequence[Sequence[str]], header: Sequence[str]) -> list[Sequence[str]]:
    """Take rows of data spread evenly through the table: no totals, notes or repeated headers."""
    step = max(1, -(-len(rows) // (2 * SAMPLE_SIZE)))
    some = [cells for cells in rows[::step] if any(cells)]
    usual = Counter(_filled(cells) for cells in some).most_common(1)
    full = [cells for cells in some if 2 * _filled(cells) >= usual[0][0]]
    headings = {heading.casefold() for heading in header if heading}
    data = [
        cells
        for cells in full
        if not any(map(_TOTAL.match, cells)) and {cell.strip().casefold() for cell in cells if cell} != headings
    ]
    return data or some


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell and not cell.isspace())


def column_facts(sample: Sequence[Sequence[str]], column: int) -> ColumnFacts:
    """Measure one column of a sample."""
    cells = [row[column].strip() for row in sample if column < len(row)]
    texts = [cell for cell in cells if cell]
    count = len(texts) or 1
    amounts = [text for text in texts if _amount_in_any(text)]
    return ColumnFacts(
        filled=len(texts) / (len(sample) or 1),
        amounts=len(amounts) / count,
        decimals=sum("." in text or "," in text[-3:] for text in amounts) / (len(amounts) or 1),
        periods=sum(_PERIOD.fullmatch(text) is not None for text in texts) / count,
        day_numbers=_date_share(texts, DateNotation.DAY_NUMBER),
        with_digits=sum(_DIGIT.search(text) is not None for text in texts) / count,
        with_letters=sum(any(map(str.isalpha, text)) for text in texts) / count,
        distinct=len(set(texts)) / count,
        spaced=sum(" " in text for text in texts) / count,
        dates=tuple((notation, _date_share(texts, notation)) for notation in DAY_NOTATIONS),
    )


def _amount_in_any(text: str) -> bool:
    for mark in DecimalMark:
        try:
            amount_pence(text, mark)
        except NotInNotation:
            continue
        return True
    return False


def _date_share(texts: Sequence[str], notation: DateNotation) -> float:
    """Give the share of texts readable in a notation; the first few decide when none is."""
    if not any(_reads(text, notation) for text in texts[:20]):
        return 0.0
    return sum(_reads(text, notation) for text in texts) / len(texts)


def _reads(text: str, notation: DateNotation) -> bool:
    try:
        read_date(text, notation)
    except NotInNotation:
        return False
    return True
