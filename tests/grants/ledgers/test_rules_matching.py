"""Ledger lines and spending rows are matched by evidence that can be read out, and rather not than wrongly.

The noise maker at the end books invoices as finance staff do: late, in parts, twice, reversed, with typing
errors in references and amounts, with the supplier cut short or replaced by a cheque number.
"""

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.money import Pence
from grants.ledgers.rules.matching import (
    LedgerLineFacts,
    MatchedPair,
    MatchKind,
    Proposal,
    SpendingRowFacts,
    propose_matches,
)

DAY = date(2026, 4, 10)


def line(
    line_id: int,
    pence: int,
    *,
    reference: str = "",
    supplier: str = "",
    days: int = 0,
    transaction: str = "",
    order: str | None = None,
    description: str = "",
) -> LedgerLineFacts:
    return LedgerLineFacts(
        id=line_id,
        transaction=transaction or f"T{line_id}",
        reference=reference,
        supplier=supplier,
        dated_on=DAY + timedelta(days=days),
        net_pence=Pence(pence),
        order_reference=order,
        description=description,
    )


def row(
    row_id: int,
    pence: int,
    *,
    number: str = "INV-00417",
    supplier: str = "Hope Supplies Ltd",
    vat: int = 0,
    days: int = 0,
    order: str | None = None,
    description: str = "",
) -> SpendingRowFacts:
    return SpendingRowFacts(
        row_id, number, supplier, DAY + timedelta(days=days), Pence(pence), Pence(vat), order, description
    )


def only(lines: Sequence[LedgerLineFacts], rows: Sequence[SpendingRowFacts]) -> Proposal:
    proposals = propose_matches(lines, rows)
    assert len(proposals) == 1
    return proposals[0]


# ---- Twins: rows of one invoice with one amount ------------------------------------------------


def sure(lines: Sequence[LedgerLineFacts], rows: Sequence[SpendingRowFacts]) -> set[tuple[int, int]]:
    """Give the pairs of line and row that are certain."""
    return {
        (p.line_ids[0], p.row_ids[0]) for p in propose_matches(lines, rows) if p.certain and p.kind == MatchKind.SAME
    }


def booked(line_id: int, words: str) -> LedgerLineFacts:
    return line(line_id, 45_00, reference="INV-00417", supplier="HOPE SUPPLIES", description=words)


TWINS = [row(1, 45_00, description="Toothbrushes, adult"), row(2, 45_00, description="Flannels, cotton")]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("TOOTHBRUSHES ADULT", "FLANNELS COTTON"),
        ("Hope toothbru", "Hope flannels"),
        ("Go bags flannels", "Go bags toothbrushes"),
    ],
)
def test_twins_are_told_apart_by_their_wording(first: str, second: str) -> None:
    swapped = "flannels" in first
    wanted = {(10, 2), (11, 1)} if swapped else {(10, 1), (11, 2)}
    assert sure([booked(10, first), booked(11, second)], TWINS) == wanted
    assert sure([booked(11, second), booked(10, first)], TWINS[::-1]) == wanted


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("", ""),
        ("Consumables", "Consumables"),
        ("Toothbrushes", "Toothbrushes adult"),
        ("Toothbrushes and flannels", "Flannels and toothbrushes"),
        ("Toothbrushes", "Toothbrushes"),
    ],
)
def test_twins_whose_wording_leaves_a_doubt_are_left_to_a_person(first: str, second: str) -> None:
    assert (10, 1) not in sure([booked(10, first), booked(11, second)], TWINS)
    assert (10, 2) not in sure([booked(10, first), booked(11, second)], TWINS)


def test_the_reason_of_a_twin_can_be_read_out() -> None:
    found = propose_matches([booked(10, "Toothbrushes"), booked(11, "Flannels")], TWINS)
    assert all("wording tells it from its twin" in proposal.reasons for proposal in found)


# ---- One line, one row --------------------------------------------------------------------------


def test_the_same_number_amount_and_supplier_are_certain_and_said_in_words() -> None:
    found = only([line(1, 12_500, reference="inv 00417", supplier="HOPE SUPPLIES", days=4)], [row(7, 12_500)])
    assert (found.kind, found.certain) == (MatchKind.SAME, True)
    assert found.pairs == (MatchedPair(1, 7, Pence(12_500)),)
    assert found.reasons == ("same amount", "same invoice number", "same supplier", "4 days later")


def test_a_reference_one_sign_apart_is_certain_with_the_supplier() -> None:
    found = only([line(1, 12_500, reference="INV-0417", supplier="Hope Supplies Ltd")], [row(7, 12_500)])
    assert found.certain
    assert "invoice number one sign apart" in found.reasons


def test_the_purchase_order_stands_in_for_the_invoice_number() -> None:
    rows = [row(7, 12_000, order="PO-31"), row(8, 12_000, number="INV-00418", order="PO-32")]
    found = only([line(1, 12_000, order="po 32", days=2)], rows)
    assert (found.row_ids, found.certain) == ((8,), True)
    assert "same purchase order" in found.reasons


def test_a_number_in_the_description_counts() -> None:
    rows = [row(7, 12_000), row(8, 12_000, number="INV-00418")]
    found = only([line(1, 12_000, supplier="Hope Supplies", description="Bags INV-00418 April")], rows)
    assert (found.row_ids, found.certain) == ((8,), True)


def test_a_gross_amount_is_matched_with_net_and_vat_together() -> None:
    found = only([line(1, 12_000, reference="INV-00417", supplier="Hope Supplies")], [row(7, 10_000, vat=2_000)])
    assert (found.kind, found.certain, found.pairs[0].pence) == (MatchKind.SAME, True, 12_000)
    assert found.reasons[0] == "same amount, VAT included"


def test_a_credit_note_is_matched_with_its_own_row() -> None:
    found = only([line(1, -4_000, reference="CN-00009", supplier="Hope Supplies")], [row(7, -4_000, number="CN-00009")])
    assert (found.kind, found.certain, found.pairs[0].pence) == (MatchKind.SAME, True, -4_000)


# ---- Rather not than wrongly --------------------------------------------------------------------


def test_another_supplier_with_the_same_round_amount_is_not_matched_by_itself() -> None:
    rows = [row(7, 12_000), row(8, 12_000, supplier="Beacon Foods", number="BF-100200")]
    found = propose_matches([line(1, 12_000, supplier="Zebra Cleaning Ltd", reference="ZC-881231")], rows)
    assert [p for p in found if p.certain] == []


def test_two_rows_that_nothing_tells_apart_are_not_certain() -> None:
    rows = [row(7, 12_000, number="INV-00417"), row(8, 12_000, number="INV-00418", days=1)]
    found = only([line(1, 12_000, supplier="Hope Supplies Ltd", days=3)], rows)
    assert not found.certain


def test_a_common_amount_on_the_same_day_is_not_enough() -> None:
    assert propose_matches([line(1, 10_000)], [row(7, 10_000)]) == []


def test_an_amount_months_before_the_invoice_is_not_certain_even_with_its_number() -> None:
    found = propose_matches([line(1, 12_500, reference="INV-00417", days=-90)], [row(7, 12_500)])
    assert not any(p.certain for p in found)


def test_nothing_is_matched_with_a_line_of_no_amount() -> None:
    assert propose_matches([line(1, 0, reference="INV-00417")], [row(7, 0)]) == []


def test_another_amount_under_the_same_number_is_proposed_for_the_smaller_and_never_certain() -> None:
    found = only([line(1, 9_000, reference="INV-00417", supplier="Hope Supplies")], [row(7, 12_512)])
    assert (found.kind, found.certain) == (MatchKind.DIFFERENT, False)
    assert found.pairs == (MatchedPair(1, 7, Pence(9_000)),)
    assert found.reasons[0] == "another amount: the ledger has £90.00 and the invoice £125.12, £35.12 apart"


# ---- Several lines, several rows ----------------------------------------------------------------


def test_one_line_for_all_rows_of_an_invoice_pays_each_in_full() -> None:
    rows = [row(7, 7_000, vat=1_400), row(8, 3_050, vat=610), row(9, 500, number="OTHER-99")]
    found = only([line(1, 10_050, reference="INV-00417", supplier="Hope Supplies")], rows)
    assert (found.kind, found.certain, found.row_ids) == (MatchKind.WHOLE_INVOICE, True, (7, 8))
    assert found.pairs == (MatchedPair(1, 7, Pence(7_000)), MatchedPair(1, 8, Pence(3_050)))


def test_one_gross_line_for_all_rows_of_an_invoice_covers_their_vat() -> None:
    rows = [row(7, 7_000, vat=1_400), row(8, 3_050, vat=610)]
    found = only([line(1, 12_060, reference="INV-00417", supplier="Hope Supplies")], rows)
    assert [pair.pence for pair in found.pairs] == [8_400, 3_660]


def test_lines_of_one_transaction_add_up_to_a_row() -> None:
    lines = [
        line(n, pence, transaction="5100", reference="INV-00417", supplier="Hope Supplies")
        for n, pence in enumerate((5_111, 4_222, 3_167), start=1)
    ]
    found = only(lines, [row(7, 12_500)])
    assert (found.kind, found.certain, found.line_ids) == (MatchKind.PARTS, True, (1, 2, 3))
    assert [pair.pence for pair in found.pairs] == [5_111, 4_222, 3_167]


def test_two_lines_on_different_days_add_up_to_a_row() -> None:
    lines = [
        line(1, 8_113, reference="INV-00417", supplier="Hope Supplies", days=3),
        line(2, 4_387, supplier="HOPE SUPP", days=20),
        line(3, 9_999, supplier="Beacon Foods", days=5),
    ]
    found = [p for p in propose_matches(lines, [row(7, 12_500), row(8, 600, supplier="Beacon Foods")]) if p.certain]
    assert [(p.kind, p.line_ids, p.row_ids) for p in found] == [(MatchKind.PARTS, (1, 2), (7,))]


def test_lines_split_otherwise_than_the_invoice_are_poured_into_its_rows() -> None:
    lines = [
        line(1, 9_000, transaction="5100", reference="INV-00417", supplier="Hope Supplies"),
        line(2, 1_050, transaction="5100", reference="INV-00417", supplier="Hope Supplies"),
    ]
    found = only(lines, [row(7, 7_000), row(8, 3_050)])
    assert (found.kind, found.certain) == (MatchKind.PARTS, True)
    assert found.pairs == (
        MatchedPair(1, 7, Pence(7_000)),
        MatchedPair(1, 8, Pence(2_000)),
        MatchedPair(2, 8, Pence(1_050)),
    )


def test_vat_booked_as_a_line_of_its_own_is_explained_by_the_row_it_belongs_to() -> None:
    lines = [
        line(1, 224_000, transaction="46289405", supplier="Infomill", reference="INV-00417"),
        line(2, 44_800, transaction="46289405", supplier="Infomill", description="VAT Pro Forma Invoices"),
    ]
    found = propose_matches(lines, [row(7, 224_000, vat=44_800, supplier="Infomill")])
    assert [(p.kind, p.certain, p.pairs) for p in found] == [
        (MatchKind.SAME, True, (MatchedPair(1, 7, Pence(224_000)),)),
        (MatchKind.VAT, True, (MatchedPair(2, 7, Pence(44_800)),)),
    ]


def test_two_lines_that_could_each_be_the_vat_of_a_row_are_both_left_to_a_person() -> None:
    net = line(1, 224_000, transaction="46289405", supplier="Infomill", description="Pro Forma Invoices")
    either = [line(n, 44_800, transaction="46289405", supplier="Infomill", description="Other") for n in (2, 3)]
    found = propose_matches([net, *either], [row(7, 224_000, vat=44_800, supplier="Infomill")])
    assert [(each.kind, each.pairs) for each in found if each.certain] == [
        (MatchKind.SAME, (MatchedPair(1, 7, Pence(224_000)),))
    ]
    assert sum(pair.pence for each in found for pair in each.pairs) <= 224_000 + 44_800


# ---- Reversed, repeated, mistyped ---------------------------------------------------------------


def test_booked_reversed_and_booked_again_leaves_the_row_explained_once() -> None:
    lines = [
        line(1, 12_500, reference="INV-00417", supplier="Hope Supplies"),
        line(2, -12_500, reference="INV-00417", supplier="Hope Supplies", description="REV", days=3),
        line(3, 12_500, reference="inv00417", supplier="Hope Supplies", days=5),
    ]
    found = propose_matches(lines, [row(7, 12_500)])
    assert sorted((p.kind, p.certain) for p in found) == [(MatchKind.REVERSED, True), (MatchKind.SAME, True)]
    assert sum(pair.pence for p in found for pair in p.pairs) == 12_500
    reversed_ = next(p for p in found if p.kind is MatchKind.REVERSED)
    assert reversed_.row_ids == (7,)
    assert sum(pair.pence for pair in reversed_.pairs) == 0
    assert 2 in reversed_.line_ids


def test_a_reversal_of_something_unknown_explains_itself_without_a_row() -> None:
    lines = [
        line(1, 8_137, reference="JNL-1001", description="Room hire"),
        line(2, -8_137, reference="JNL-1001", description="Reversal Room hire", days=8),
    ]
    found = only(lines, [row(7, 500)])
    assert (found.kind, found.certain, found.row_ids, found.pairs) == (MatchKind.REVERSED, True, (), ())


def test_a_line_entered_twice_is_pointed_out_and_explains_no_money() -> None:
    lines = [
        line(1, 12_500, reference="INV-00417", supplier="Hope Supplies"),
        line(2, 12_500, reference="INV-00417", supplier="Hope Supplies", days=9),
    ]
    first, second = propose_matches(lines, [row(7, 12_500)])
    assert (first.kind, first.line_ids) == (MatchKind.SAME, (1,))
    assert (second.kind, second.line_ids, second.row_ids, second.pairs) == (MatchKind.REPEATED, (2,), (7,), ())
    assert second.reasons[0] == "books £125.00 again, as transaction T1 already did"


def test_swapped_digits_are_matched_for_the_smaller_amount_with_the_difference() -> None:
    found = only([line(1, 12_152, reference="INV-00417", supplier="Hope Supplies", days=2)], [row(7, 12_512)])
    assert (found.kind, found.certain) == (MatchKind.DIFFERENT, True)
    assert found.pairs == (MatchedPair(1, 7, Pence(12_152)),)
    assert found.reasons[0] == ("two digits swapped: the ledger has £121.52 and the invoice £125.12, £3.60 apart")


# ---- What always holds --------------------------------------------------------------------------

NAMES = ("Hope Supplies Ltd", "Hope Supply Co", "Beacon Foods", "CHQ 1234", "", "REDACTED PERSONAL DATA")
NUMBERS = ("", "INV-1001", "INV-1002", "inv1001", "INV-101", "7", "PO-55")
AMOUNTS = st.integers(min_value=-1_500, max_value=1_500) | st.sampled_from([1_000, 600, 400, 200, -1_000])
DAYS = st.integers(min_value=-40, max_value=130)
LINES = st.lists(
    st.builds(
        lambda amount, days, number, name, transaction: (amount, days, number, name, transaction),
        AMOUNTS,
        DAYS,
        st.sampled_from(NUMBERS),
        st.sampled_from(NAMES),
        st.sampled_from(["", "A1", "A2"]),
    ),
    max_size=9,
)
ROWS = st.lists(
    st.builds(
        lambda amount, vat, days, number, name: (amount, vat if amount >= 0 else -vat, days, number, name),
        AMOUNTS,
        st.sampled_from([0, 0, 100, 200, 20]),
        DAYS,
        st.sampled_from(NUMBERS),
        st.sampled_from(NAMES),
    ),
    max_size=7,
)


@settings(deadline=None, max_examples=400)
@given(LINES, ROWS)
def test_pence_never_exceed_a_line_or_a_row_and_no_line_is_used_twice(
    given_lines: list[tuple[int, int, str, str, str]], given_rows: list[tuple[int, int, int, str, str]]
) -> None:
    lines = [
        line(100 + n, amount, days=days, reference=number, supplier=name, transaction=transaction)
        for n, (amount, days, number, name, transaction) in enumerate(given_lines)
    ]
    rows = [
        row(500 + n, amount, vat=vat, days=days, number=number, supplier=name)
        for n, (amount, vat, days, number, name) in enumerate(given_rows)
    ]
    proposals = propose_matches(lines, rows)
    used = Counter(line_id for p in proposals for line_id in p.line_ids)
    assert max(used.values(), default=1) == 1
    _pence_fit(proposals, lines, rows)


def _pence_fit(
    proposals: Sequence[Proposal], lines: Sequence[LedgerLineFacts], rows: Sequence[SpendingRowFacts]
) -> None:
    """Check every pair and every sum against both sides."""
    line_pence = {each.id: each.net_pence for each in lines}
    row_facts = {each.id: each for each in rows}
    by_line, by_row = Counter[int](), Counter[int]()
    for proposal in proposals:
        assert proposal.reasons
        for pair in proposal.pairs:
            assert pair.line_id in proposal.line_ids
            assert pair.row_id in proposal.row_ids
            assert pair.pence * line_pence[pair.line_id] > 0
            by_line[pair.line_id] += pair.pence
            by_row[pair.row_id] += pair.pence
    for line_id, pence in by_line.items():
        assert abs(pence) <= abs(line_pence[line_id])
    for row_id, pence in by_row.items():
        most = max(abs(row_facts[row_id].net_pence), abs(row_facts[row_id].net_pence + row_facts[row_id].vat_pence))
        assert abs(pence) <= most


@settings(deadline=None, max_examples=60)
@given(LINES, ROWS)
def test_the_same_facts_give_the_same_proposals(
    given_lines: list[tuple[int, int, str, str, str]], given_rows: list[tuple[int, int, int, str, str]]
) -> None:
    lines = [
        line(n, a, days=d, reference=r, supplier=s, transaction=t) for n, (a, d, r, s, t) in enumerate(given_lines)
    ]
    rows = [row(n, a, vat=v, days=d, number=r, supplier=s) for n, (a, v, d, r, s) in enumerate(given_rows)]
    assert propose_matches(lines, rows) == propose_matches(lines, rows)


def test_thousands_of_equal_amounts_of_one_supplier_take_no_longer() -> None:
    lines = [line(n, 10_000, supplier="Hope Supplies", days=n % 300) for n in range(4_000)]
    rows = [row(n, 10_000, number=f"INV-{n:05}", days=n % 300) for n in range(4_000)]
    started = time.process_time()
    proposals = propose_matches(lines, rows)
    assert time.process_time() - started < 15
    assert [p for p in proposals if p.certain] == []
    _pence_fit(proposals, lines, rows)


# ---- A year of noisy bookings -------------------------------------------------------------------


@dataclass
class Noise:
    """Books invoices with the slips of a finance office, and remembers the truth.

    Attributes:
        rows: the spending rows.
        lines: the ledger lines.
        truth: line id → row id.
    """

    seed: int
    rows: list[SpendingRowFacts] = field(default_factory=list)
    lines: list[LedgerLineFacts] = field(default_factory=list)
    truth: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        first, last = (
            ["Ashby", "Brook", "Cotswold", "Downs", "Elm", "Forest", "Grove", "Harbour"],
            ["Print", "Foods", "Cabs", "Textiles"],
        )
        self.suppliers = [f"{a} {b} Ltd" for a in first for b in last]

    def book_year(self, count: int) -> None:
        """Issue invoices evenly over a year and book each in one of the ways of an office."""
        for number in range(count):
            supplier = self.chance.choice(self.suppliers)
            usual = self.chance.choice([4_500, 12_000, 25_000]) if self.chance.random() < 0.3 else 0
            amount = usual or self.chance.randint(2_000, 900_000)
            invoice = f"{supplier[:2].upper()}-{20_000 + number // 2}"
            self.rows.append(
                SpendingRowFacts(
                    number,
                    invoice,
                    supplier,
                    DAY + timedelta(days=number * 365 // count),
                    Pence(amount),
                    Pence(0),
                    f"PO{70_000 + number}",
                )
            )
            self._book(self.rows[-1])
        self.chance.shuffle(self.lines)

    def _book(self, invoice: SpendingRowFacts) -> None:
        way = self.chance.random()
        if way < 0.05:
            part = self.chance.randint(1, invoice.net_pence - 1)
            self._line(invoice, part)
            self._line(invoice, invoice.net_pence - part)
        elif way < 0.08:
            booked = self._line(invoice, invoice.net_pence)
            self._add(replace(booked, net_pence=Pence(-booked.net_pence), description="Reversal"), invoice)
            self._line(invoice, invoice.net_pence)
        elif way < 0.095:
            self._line(invoice, invoice.net_pence)
            self._line(invoice, invoice.net_pence)
        elif way < 0.97:
            self._line(invoice, invoice.net_pence)

    def _line(self, invoice: SpendingRowFacts, pence: int) -> LedgerLineFacts:
        facts = LedgerLineFacts(
            0,
            "",
            self._reference(invoice),
            self._supplier(invoice.supplier),
            invoice.invoiced_on + timedelta(days=self.chance.choice([0, 0, 0, 1, 2, 5, 9, 14, 28, -1])),
            Pence(pence),
        )
        return self._add(facts, invoice)

    def _add(self, facts: LedgerLineFacts, invoice: SpendingRowFacts) -> LedgerLineFacts:
        number = len(self.lines)
        self.lines.append(replace(facts, id=number, transaction=f"T{number}"))
        self.truth[number] = invoice.id
        return facts

    def _reference(self, invoice: SpendingRowFacts) -> str:
        way, number = self.chance.random(), invoice.invoice_number
        if way < 0.1:
            return ""
        if way < 0.2:
            return str(invoice.order_reference)
        if way < 0.3:
            return number.replace("-", " ").lower()
        if way < 0.4:
            at = self.chance.randrange(len(number))
            return number[:at] + self.chance.choice("0123456789") + number[at + 1 :]
        return number

    def _supplier(self, name: str) -> str:
        way = self.chance.random()
        return name.upper() if way < 0.7 else name[:12] if way < 0.9 else f"CHQ {self.chance.randint(1000, 9999)}"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_noisy_year_is_matched_almost_whole_and_almost_without_a_mistake(seed: int) -> None:
    noise = Noise(seed)
    noise.book_year(2_000)
    started = time.process_time()
    proposals = propose_matches(noise.lines, noise.rows)
    seconds = time.process_time() - started
    links = {(line_id, row_id) for p in proposals if p.certain for line_id in p.line_ids for row_id in p.row_ids}
    right = sum(noise.truth[line_id] == row_id for line_id, row_id in links)
    assert right / len(links) >= 0.999
    assert right / len(noise.truth) >= 0.97
    assert seconds < 4
    _pence_fit(proposals, noise.lines, noise.rows)
