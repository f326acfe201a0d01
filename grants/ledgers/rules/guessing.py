"""Guessing what each column of an extract means, and saying what is doubtful.

A heading proposes a role and the cells must allow it; where two columns want one role the surer heading
gets it. What only the cells suggest is taken with a doubt. A guess is never silent about a choice that
would change a figure or a date: the officer confirms the layout before anything is imported.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress

from core.dates import day_text
from grants.ledgers.rules.columns import MOST, ColumnFacts, column_facts, sampled
from grants.ledgers.rules.headings import is_unknown, recognised_role, role_weights
from grants.ledgers.rules.layouts import Layout
from grants.ledgers.rules.notation import (
    DateNotation,
    DecimalMark,
    NotInNotation,
    amount_pence,
    read_date,
    reads_as_date,
)
from grants.ledgers.rules.roles import AMOUNT_ROLES, Role
from grants.ledgers.rules.tables import RawTable

_CLOSE_CALL = 6
_CALLED = (Role.TRANSACTION, Role.DATE, Role.NET, Role.GROSS, Role.SUPPLIER, Role.REFERENCE)
_STRICT_SUFFIXES = ("/", "-", ".")
_CREDIT_WORDS = frozenset(
    {"crn", "cr", "cn", "credit", "credit note", "credit memo", "creditnote", "scr", "supplier credit"}
)
_CREDIT_SIDES = {"c": frozenset({"c", "d"}), "h": frozenset({"h", "s"})}
"""A letter that marks a credit where its column holds only it and the letter of a debit: C also means capital."""


def guess_layout(table: RawTable) -> Layout:
    """Guess the role of each column, the notations, and where a line number hides.

    Args:
        table: as read; the whole of it is looked at where a sample could mislead.

    Returns:
        A layout whose ``missing`` and ``doubts`` say in words what the officer must settle.
    """
    sample = sampled(table.rows, table.header)
    facts = [column_facts(sample, column) for column in range(len(table.header))]
    doubts = list(table.notes)
    roles = _roles_by_heading(table.header, facts, doubts)
    _roles_by_content(table.header, facts, roles, doubts)
    _explain_misfits(table, roles, doubts)
    notation = _date_notation(table, roles, doubts)
    mark = _decimal_mark(table, roles)
    suffix = _line_suffix(table, roles, doubts)
    credit_words = _positive_credit_words(table, roles, mark, doubts)
    credits_negative = _negative_credits(table, roles, mark, doubts)
    _doubt_amounts(table.header, roles, doubts)
    return Layout(table.header, tuple(roles), notation, mark, suffix, credit_words, tuple(doubts), credits_negative)


def _roles_by_heading(header: Sequence[str], facts: Sequence[ColumnFacts], doubts: list[str]) -> list[Role]:
    """Give each role to the column whose heading names it most surely and whose cells allow it."""
    wanted = sorted(
        (-weight, column, role)
        for column, heading in enumerate(header)
        for role, weight in role_weights(heading)
        if facts[column].can_be(role)
    )
    roles = [Role.OTHER] * len(header)
    given: dict[Role, tuple[int, int]] = {}
    for negative, column, role in wanted:
        if roles[column] is not Role.OTHER:
            continue
        if role is Role.DESCRIPTION or role not in given:
            roles[column] = role
            given.setdefault(role, (-negative, column))
        elif role in _CALLED and given[role][0] + negative <= _CLOSE_CALL:
            first = header[given[role][1]]
            doubts.append(f"Both '{first}' and '{header[column]}' could be the {role.label.lower()}; '{first}' is used")
    return roles


def _roles_by_content(
    header: Sequence[str], facts: Sequence[ColumnFacts], roles: list[Role], doubts: list[str]
) -> None:
    """Fill a needed role from the cells alone where just one unused column fits."""

    def fill(role: Role, fits: list[int], because: str) -> None:
        if len(fits) == 1:
            roles[fits[0]] = role
            doubts.append(f"'{header[fits[0]]}' is read as the {role.label.lower()} because {because}")

    unused = [column for column, role in enumerate(roles) if role is Role.OTHER and facts[column].filled]
    if Role.DATE not in roles and Role.PERIOD not in roles:
        fill(
            Role.DATE,
            [c for c in unused if facts[c].best_date >= MOST and facts[c].filled >= MOST],
            "its cells are dates",
        )
    if not {Role.NET, Role.GROSS, Role.DEBIT, Role.CREDIT} & set(roles):
        money = [c for c in unused if facts[c].amounts >= MOST and facts[c].decimals > 0.2]
        fill(Role.NET, money, "its cells are amounts with pence")
    unused = [column for column in unused if roles[column] is Role.OTHER]
    if Role.TRANSACTION not in roles:
        coded = [c for c in unused if _looks_like_numbering(facts[c])]
        fill(Role.TRANSACTION, coded, "its cells are codes that seldom repeat")
    if Role.SUPPLIER not in roles:
        named = [c for c in unused if is_unknown(header[c]) and _looks_like_names(facts[c])]
        fill(Role.SUPPLIER, named, "its cells are names")


def _explain_misfits(table: RawTable, roles: Sequence[Role], doubts: list[str]) -> None:
    """Say why a column that is named a date or an amount is not read as one, by its first cell that cannot be."""
    readers: dict[Role, Callable[[str], object]] = {Role.DATE: _any_date, Role.NET: amount_pence}
    for column, heading in enumerate(table.header):
        named = recognised_role(heading)
        if named in readers and roles[column] is Role.OTHER and not _has(roles, named):
            found = next(filter(None, (_misfit(text, readers[named]) for text in _texts(table, column))), None)
            if found is not None:
                doubts.append(f"'{heading}' is not read as the {named.label.lower()}: {found}")


def _any_date(text: str) -> None:
    """Read a date in any notation, or say why it is none."""
    if not any(reads_as_date(text, notation) for notation in DateNotation):
        read_date(text, DateNotation.DAY_FIRST)


def _has(roles: Sequence[Role], role: Role) -> bool:
    """Say whether an extract has a date, or an amount, in one way or another."""
    others = (Role.NET, Role.GROSS, Role.DEBIT, Role.CREDIT) if role is Role.NET else (Role.DATE, Role.PERIOD)
    return any(other in roles for other in others)


def _misfit(text: str, reader: Callable[[str], object]) -> str | None:
    try:
        reader(text)
    except NotInNotation as problem:
        return str(problem)
    return None


def _looks_like_names(facts: ColumnFacts) -> bool:
    """Say whether cells are words of which many differ."""
    return facts.with_letters >= MOST and facts.spaced > 0.5 and facts.distinct > 0.3


def _looks_like_numbering(facts: ColumnFacts) -> bool:
    """Say whether cells are codes of which most differ."""
    return (
        facts.with_digits >= MOST
        and facts.distinct > 0.6
        and not facts.spaced
        and facts.best_date < MOST
        and not facts.decimals
    )


def _texts(table: RawTable, column: int) -> list[str]:
    """Give the filled cells of a column, stripped."""
    return [text for row in table.rows if column < len(row) and (text := row[column].strip())]


def _column(roles: Sequence[Role], role: Role) -> int | None:
    return roles.index(role) if role in roles else None


def _date_notation(table: RawTable, roles: Sequence[Role], doubts: list[str]) -> DateNotation:
    """Find the notation most dates read in; days come first unless the dates prove otherwise."""
    column = _column(roles, Role.DATE)
    if column is None:
        return _period_notation(table, roles, doubts)
    dates = Counter(_texts(table, column))
    usual = [n for n in DateNotation if n not in (DateNotation.FISCAL_PERIOD, DateNotation.CALENDAR_PERIOD)]
    read = {n: sum(count for text, count in dates.items() if reads_as_date(text, n)) for n in usual}
    best = max(usual, key=lambda notation: read[notation])
    if best is DateNotation.DAY_NUMBER:
        text = next(text for text in dates if reads_as_date(text, best))
        day = day_text(read_date(text, best))
        doubts.append(f"'{table.header[column]}' holds a spreadsheet's numbers of days: {text} is read as {day}")
    if best not in (DateNotation.DAY_FIRST, DateNotation.MONTH_FIRST):
        return best
    days, months = read[DateNotation.DAY_FIRST], read[DateNotation.MONTH_FIRST]
    only_months = sum(1 for text in dates if _reads_only(text, DateNotation.MONTH_FIRST, DateNotation.DAY_FIRST))
    only_days = sum(1 for text in dates if _reads_only(text, DateNotation.DAY_FIRST, DateNotation.MONTH_FIRST))
    heading = table.header[column]
    if only_months and not only_days:
        doubts.append(f"'{heading}' is read with the month first: {months - days:,} dates are real only that way")
        return DateNotation.MONTH_FIRST
    if only_months:
        doubts.append(f"'{heading}' mixes days first and months first. It is read as DD/MM/YYYY")
    elif not only_days:
        doubts.append(
            f"No date in '{heading}' shows whether the day or the month comes first. It is read as DD/MM/YYYY"
        )
    return DateNotation.DAY_FIRST


def _reads_only(text: str, this: DateNotation, not_that: DateNotation) -> bool:
    return reads_as_date(text, this) and not reads_as_date(text, not_that)


def _period_notation(table: RawTable, roles: Sequence[Role], doubts: list[str]) -> DateNotation:
    """Choose how an accounting period is counted when it is the only date."""
    column = _column(roles, Role.PERIOD)
    if column is not None:
        doubts.append(
            f"There is no date column. '{table.header[column]}' is read as months from April "
            f"({DateNotation.FISCAL_PERIOD.example}), each line dated its last day"
        )
        return DateNotation.FISCAL_PERIOD
    return DateNotation.DAY_FIRST


def _decimal_mark(table: RawTable, roles: Sequence[Role]) -> DecimalMark:
    """Take the comma as decimal mark only where the point cannot be it and the comma always can."""
    texts = {text for column, role in enumerate(roles) if role in AMOUNT_ROLES for text in _texts(table, column)}
    by_point = _unreadable(texts, DecimalMark.POINT)
    if by_point > len(texts) // 10 and not _unreadable(texts, DecimalMark.COMMA):
        return DecimalMark.COMMA
    return DecimalMark.POINT


def _unreadable(texts: set[str], mark: DecimalMark) -> int:
    count = 0
    for text in texts:
        try:
            amount_pence(text, mark)
        except NotInNotation:
            count += 1
    return count


def _line_suffix(table: RawTable, roles: Sequence[Role], doubts: list[str]) -> str:
    """Find the mark that parts a line number from the transaction number in one cell."""
    column = _column(roles, Role.TRANSACTION)
    if column is None or Role.LINE in roles:
        return ""
    texts = _texts(table, column)
    if texts and all(re.fullmatch(r"[^_]*[0-9][^_]*_[0-9]{1,6}", text) for text in texts):
        return "_"
    for mark in _STRICT_SUFFIXES:
        if _counts_from_one(texts, mark):
            doubts.append(f"'{table.header[column]}' is read as transaction number and line number, parted by '{mark}'")
            return mark
    if len(set(texts)) < len(texts):
        doubts.append(
            f"Numbers in '{table.header[column]}' repeat and no column gives a line number: "
            "such rows are told apart by their order in the file"
        )
    return ""


def _counts_from_one(texts: Sequence[str], mark: str) -> bool:
    """Say whether every cell ends in the mark and a number, and repeated beginnings count up from one."""
    pattern = re.compile(r"(.*[0-9].*)" + re.escape(mark) + r"([0-9]{1,4})")
    endings: dict[str, list[int]] = {}
    for text in texts:
        found = pattern.fullmatch(text)
        if found is None:
            return False
        endings.setdefault(found[1], []).append(int(found[2]))
    repeated = [sorted(numbers) for numbers in endings.values() if len(numbers) > 1]
    return bool(repeated) and all(numbers == list(range(1, len(numbers) + 1)) for numbers in repeated)


def _positive_credit_words(
    table: RawTable, roles: Sequence[Role], mark: DecimalMark, doubts: list[str]
) -> tuple[str, ...]:
    """Find type words of credit notes, or the sign of a credit, whose amounts are all written without a minus."""
    kind, amount = _column(roles, Role.TYPE), _column(roles, Role.NET)
    amount = _column(roles, Role.GROSS) if amount is None else amount
    if kind is None or amount is None:
        return ()
    marks = _credit_marks({text.lower() for text in _texts(table, kind)})
    amounts: dict[str, list[int]] = {}
    for row in table.rows:
        word = row[kind].strip().lower() if kind < len(row) else ""
        if word in marks and amount < len(row):
            try:
                amounts.setdefault(word, []).append(amount_pence(row[amount].strip(), mark))
            except NotInNotation:
                continue
    every = [pence for found in amounts.values() for pence in found]
    if every and min(every) < 0 < max(every):
        doubts.append(
            f"Credits in '{table.header[kind]}' are written with and without a minus. Each is read as it is written"
        )
    if not every or min(every) < 0 or max(every) == 0:
        return ()
    doubts.append(
        f"The {len(every):,} credit notes in '{table.header[kind]}' have no minus. They are read as negative amounts"
    )
    return tuple(sorted(amounts))


def _negative_credits(table: RawTable, roles: Sequence[Role], mark: DecimalMark, doubts: list[str]) -> bool:
    """Say whether the credit column writes money that came back below zero: then it is added, not taken away."""
    column = _column(roles, Role.CREDIT)
    if column is None:
        return False
    amounts = []
    for text in _texts(table, column):
        with suppress(NotInNotation):
            amounts.append(amount_pence(text, mark))
    below, above = any(pence < 0 for pence in amounts), any(pence > 0 for pence in amounts)
    heading = table.header[column]
    if below and above:
        doubts.append(f"'{heading}' has amounts above and below zero. Those below are read as credits taken back")
    elif below:
        doubts.append(f"Every amount in '{heading}' is below zero. Each is read as money that came back")
    return below and not above


def _credit_marks(words: set[str]) -> frozenset[str]:
    """Give the words of a column that mark a credit."""
    sides = frozenset(letter for letter, both in _CREDIT_SIDES.items() if letter in words <= both)
    return _CREDIT_WORDS | sides


def _doubt_amounts(header: Sequence[str], roles: Sequence[Role], doubts: list[str]) -> None:
    """Say where the extract leaves open what an amount includes, or who was paid."""
    net, gross, vat = (_column(roles, role) for role in (Role.NET, Role.GROSS, Role.VAT))
    if net is not None and gross is None and vat is None and "net" not in header[net].lower():
        weights = dict(role_weights(header[net]))
        if weights.get(Role.NET, 0) < 100:
            doubts.append(f"'{header[net]}' does not say whether VAT is in it. It is read as the net amount")
    if net is None and gross is not None and vat is None:
        doubts.append(f"Only '{header[gross]}' gives an amount. It is read as net and as gross")
    if Role.DEBIT in roles and Role.CREDIT not in roles:
        doubts.append("There is a debit column but no credit column. Money coming back cannot be seen")
    if Role.SUPPLIER not in roles:
        doubts.append("No column names the supplier")
