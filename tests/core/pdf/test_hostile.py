"""Text from outside is painted as it is, cut with a notice where it is too long, and never an error."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from reportlab.platypus.flowables import Flowable

from core.pdf import (
    Attachment,
    Bar,
    BarChart,
    Column,
    Front,
    ListColumn,
    Span,
    bullets,
    chart,
    facts,
    h2,
    listing,
    money_table,
    note,
    para,
    qr,
    signature_block,
    svg,
    table,
)
from core.pdf.scripts import clean
from core.pdf.text import cut
from tests.core.pdf.samples import FRONT, code_of, faults, info_of, painted, read, text_of

MARKUP = [
    "M&S <b>5 < 6",
    "<img src=/etc/passwd>",
    '<font color="[[…">',
    "{{7*7}}",
    "]]> & &amp; \\ ) ( %s %%",
    "' OR 1=1--",
]
UGLY = [
    "",
    " ",
    "\n\n",
    "a\x00b\x07c",
    "\ud800 lone surrogate",
    "\u202egnp.exe",
    "e" + "\u0301" * 500,
    "👩‍👩‍👧‍👦 🇬🇧 ☐ ✓ →",
    "\u200b\u200d\ufeff",
    "(شركة) Ltd 123 (ab) עברית",
    "क" + "्क" * 300,
    "\U0010ffff\U000e0041",
    "a\u00a0b\u2028c\u2029d\te",
]
LONG = {
    "twenty thousand words": "evidence " * 20_000,
    "a token of two hundred thousand characters": "W" * 200_000,
    "a token of joined letters": "بسم" * 60_000,
    "a token of Chinese": "援" * 200_000,
    "a token of marks": "\u0301" * 200_000,
    "a thousand lines": "line\n" * 20_000,
}


def everywhere(text: str) -> list[Flowable]:
    """Put a text into everything that takes one."""
    return [
        h2(text or "Heading"),
        para(text),
        para([text, Span(text, link=f"https://example.org/{text[:50]}")]),
        note(text),
        *bullets([text, text]),
        facts([(text, text)], caption=text),
        money_table([text, Column(text), text], [(text, text, 100)], (text, text, 100), caption=text),
        table([text, "B"], [(text, text)]),
        chart(BarChart(text or "Chart", (text, "b"), (Bar(text, (1, 2), 4),), whole_name=text)),
        *signature_block(text, role=text, name=text),
        listing([ListColumn(text), ListColumn("Net", 1, True)], [(text, 5), (text, text)]),
    ]


@pytest.mark.parametrize("text", MARKUP)
def test_markup_is_painted_literally_everywhere(text: str) -> None:
    data = painted([h2("Heading"), para(text), table(["A", "B"], [("x", text)]), listing([ListColumn("A")], [(text,)])])
    assert text_of(data).count(text) == 3
    assert faults(data) == []


def test_markup_opens_no_file_and_no_address(tmp_path: Path) -> None:
    data = painted([para(f"<img src='{tmp_path}'/> <a href='https://example.org'>go</a> <para>")])
    assert b"https://example.org" not in data
    assert "/Annots" not in read(data).pages[0]


def test_ugly_text_passes_the_gate_everywhere() -> None:
    assert faults(painted([flowable for text in UGLY for flowable in everywhere(text)])) == []


def test_a_front_made_of_ugly_text_passes_the_gate() -> None:
    ugly = "\u202e<b>\x00(\\)" * 200
    front = Front(ugly, ugly, ugly, ugly, ugly, ugly, ugly, False, subject=ugly, more=((ugly, ugly),))
    data = painted([para("x")], front, attachments=[Attachment("a(b)\\<c>.csv", b"", ugly)])
    assert faults(data) == []
    assert info_of(data)["/Title"].startswith("<b>(\\)<b>")


@pytest.mark.parametrize("name", LONG)
def test_long_text_is_cut_with_a_notice_within_five_seconds(name: str) -> None:
    begun = time.process_time()
    text = LONG[name]
    painted([h2(text), para(text), table([text, "B"], [("x", text)]), listing([ListColumn(text)], [(text,)])])
    assert time.process_time() - begun < 5
    assert "[shortened here: " in text_of(painted([table(["A", "B"], [("x", LONG[name])])]))


def test_long_text_passes_the_gate_everywhere() -> None:
    assert faults(painted(everywhere(LONG["twenty thousand words"]))) == []


def test_the_notice_says_how_much_is_missing() -> None:
    assert cut("x" * 25_000, 20_000).endswith("x … [shortened here: 5,000 more characters]")
    assert cut("x" * 20_000, 20_000) == "x" * 20_000
    data = painted([para("W" * 200_000)])
    assert "[shortened here: 180,000 more characters]" in text_of(data)


def test_a_cell_that_would_fill_the_page_is_cut_and_its_neighbours_stay_whole() -> None:
    data = painted([money_table(["Line", Column("Note"), "Net £"], [("A", "word " * 20_000, 123_456)])])
    assert "1,234.56" in text_of(data)
    assert "shortened here" in text_of(data)
    assert len(read(data).pages) <= 2


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\tb\u3000c", "a b c"),
        ("safe\u202e\u2066text\u200b", "safetext"),
        ("\ud800", "\ufffd"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_cleaning_keeps_what_can_be_read_and_drops_what_deceives(text: str, wanted: str) -> None:
    assert clean(text) == wanted


def test_a_character_without_a_glyph_is_shown_as_missing_and_can_still_be_copied() -> None:
    data = painted([para("Tick 😀 here")])
    assert faults(data) == []
    assert "/ActualText<feffd83dde00>" in code_of(data)


@pytest.mark.parametrize(
    "make",
    [
        lambda: svg(BarChart("</svg><script>", ("<b>",), (Bar("&", (1,)),)), "a"),
        lambda: painted([qr("https://example.org/" + "x" * 500, "<QR>")]),
    ],
)
def test_pictures_take_hostile_text(make: Callable[[], str | bytes]) -> None:
    made = make()
    if isinstance(made, str):
        assert "<script>" not in made
        assert "&lt;/svg&gt;&lt;script&gt;" in made
    else:
        assert faults(made) == []


def test_a_table_row_of_the_wrong_length_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="Each row needs 2 cells"):
        table(["A", "B"], [("only one",)])


def test_a_report_without_a_title_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a title"):
        painted([para("x")], replace(FRONT, title="  "))


def test_the_front_of_the_samples_is_whole() -> None:
    assert FRONT.title in text_of(painted([para("x")]))
