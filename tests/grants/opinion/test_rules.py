"""The ledger in two programs' languages; no database, no program."""

from __future__ import annotations

from datetime import date

from grants.opinion.rules import Amount, Books, Entry, Form, between, lines, part, unbalanced

STORE = ("Assets", "Stock", "STORE", "L-00001")
SUPPLIERS = ("Equity", "Outside", "SUPPLIERS", "L-00001")
BOOKS = Books(
    (
        Entry(date(2026, 5, 5), "later", between(SUPPLIERS, STORE, 2, "L-00001")),
        Entry(
            date(2026, 5, 4),
            "delivery DEL-00001",
            (*between(SUPPLIERS, STORE, 3, "L-00001"), *between(SUPPLIERS, STORE, 1000)),
        ),
    ),
    (Amount(STORE, 5, "L-00001"), Amount(STORE, 1000)),
)


def test_hledger_reads_quoted_commodities_and_assertions() -> None:
    assert "\n".join(lines(BOOKS, Form.HLEDGER)).partition("\n\n")[2] == (
        "2026-05-04 * delivery DEL-00001\n"
        '    Assets:Stock:STORE:L-00001  3 "L-00001"\n'
        '    Equity:Outside:SUPPLIERS:L-00001  -3 "L-00001"\n'
        '    Assets:Stock:STORE:L-00001  10.00 "GBP"\n'
        '    Equity:Outside:SUPPLIERS:L-00001  -10.00 "GBP"\n'
        "\n"
        "2026-05-05 * later\n"
        '    Assets:Stock:STORE:L-00001  2 "L-00001"\n'
        '    Equity:Outside:SUPPLIERS:L-00001  -2 "L-00001"\n'
        "\n"
        "2026-05-06 * what the service says it comes to\n"
        '    Assets:Stock:STORE:L-00001  0 "L-00001" = 5 "L-00001"\n'
        '    Assets:Stock:STORE:L-00001  0.00 "GBP" = 10.00 "GBP"'
    )


def test_beancount_opens_accounts_and_forgives_nothing() -> None:
    told = list(lines(BOOKS, Form.BEANCOUNT))
    assert 'option "tolerance_multiplier" "0"' in told
    assert "2026-05-04 open Assets:Stock:STORE:L-00001" in told
    assert told[-2:] == [
        "2026-05-06 balance Assets:Stock:STORE:L-00001  5 ~ 0 L-00001",
        "2026-05-06 balance Assets:Stock:STORE:L-00001  10.00 ~ 0 GBP",
    ]


def test_an_entry_that_does_not_add_up_is_known() -> None:
    assert [unbalanced(entry) for entry in BOOKS.entries] == [[], []]
    bent = Entry(date(2026, 5, 4), "bent", (Amount(STORE, 3, "L-00001"), Amount(SUPPLIERS, -2, "L-00001")))
    assert unbalanced(bent) == ["L-00001"]


def test_a_code_no_program_takes_is_spelt_out() -> None:
    assert part("LOST-FOUND") == "LOST-FOUND"
    assert part("Ty Gŵydd") == "X547920 47c5b5796464".replace(" ", "")
    assert part("a:b") == "X613a62"
