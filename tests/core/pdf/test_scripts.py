"""Every language of the booklets is painted with its own shapes, in its own direction, and reads back."""

from __future__ import annotations

from itertools import pairwise
from unicodedata import normalize

import pytest

from core.pdf import listing, para, table
from core.pdf.fonts import faces
from core.pdf.lines import lines, single_line
from core.pdf.rows import ListColumn
from core.pdf.scripts import glyphs, levels, runs
from core.pdf.text import Span
from tests.core.pdf.samples import LANGUAGES, code_of, faults, painted, tags, text_of

PLAIN = ("Welsh", "Vietnamese", "Russian", "Greek", "Chinese", "Amharic")


def painted_words(data: bytes) -> str:
    """Give what the marked content says it means."""
    said = [part.split(">")[0] for part in code_of(data).split("/ActualText<feff")[1:]]
    return "".join(bytes.fromhex(part).decode("utf-16-be") for part in said)


@pytest.mark.parametrize("language", PLAIN)
def test_text_of_simple_scripts_reads_back(language: str) -> None:
    text = LANGUAGES[language]
    assert text in normalize("NFC", text_of(painted([para(text), table(["A", "B"], [("x", text)])])))


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - set(PLAIN)))
def test_text_of_shaped_scripts_says_what_it_means(language: str) -> None:
    data = painted([para(LANGUAGES[language])])
    # A word whose letters keep their order reads back from its glyphs; any other says what it means.
    read_back = (text_of(data), painted_words(data))
    words = [word for word in LANGUAGES[language].split() if not word.isascii()]
    assert [word for word in words if not any(word in part for part in read_back)] == []
    assert faults(data) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_needs_a_missing_glyph(language: str) -> None:
    for bold in (False, True):
        for run in (run for word in LANGUAGES[language].split() for run in glyphs(word, bold)):
            assert 0 not in [glyph for glyph, _ in run.texts]
        assert [text for face, text in runs(LANGUAGES[language], bold) if face is None] == []


def test_arabic_letters_join() -> None:
    alone = [pair[0] for letter in "دليل" for run in glyphs(letter, False, True) for pair in run.texts]
    [word] = glyphs("دليل", False, True)
    assert {glyph for glyph, _ in word.texts} != set(alone)


def test_a_hindi_cluster_is_one_shape_that_stands_for_three_characters() -> None:
    [word] = glyphs("क्ष", False)
    assert word.texts[0][1] == "क्ष"
    assert len(word.texts) == 1


def test_words_of_an_arabic_line_run_from_right_to_left_and_figures_from_left_to_right() -> None:
    """The line reads "booklet", 2022, "new"; on the page the last word stands leftmost."""
    line = single_line("كتيب 2022 جديد", False)
    places = {atom.run.text: offset for offset, atom in line.placed() if not atom.space}
    assert places["جديد"] < places["2022"] < places["كتيب"]
    assert levels("كتيب 2022") == [1, 1, 1, 1, 1, 2, 2, 2, 2]


def test_runs_stand_side_by_side_without_overlap() -> None:
    line = single_line("Order 12 كتيب جديد (two) 援助", False)
    spans = sorted((offset, offset + atom.run.width) for offset, atom in line.placed())
    assert [end == start for (_, end), (start, _) in pairwise(spans)] == [True] * (len(spans) - 1)
    assert spans[-1][1] == line.width


def test_a_paragraph_of_hebrew_begins_at_the_right_edge() -> None:
    def left_edges(text: str) -> list[float]:
        code = code_of(painted([para(text)])).split()
        return [float(code[at - 2]) for at, part in enumerate(code) if part == "Tm"]

    assert max(left_edges("שלום")) > 440
    assert max(left_edges("shalom")) < 440


def test_a_paragraph_may_say_its_language() -> None:
    data = painted([para("Dim byd", language="cy")])
    assert [element["/Lang"] for element in tags(data, "P") if "/Lang" in element] == ["cy"]


def test_lines_break_at_spaces_and_never_before_a_mark() -> None:
    text = "e\u0301" * 50
    broken = lines((Span(text),), 5_000)
    parts = ["".join(atom.run.text for atom in line.atoms) for line in broken]
    assert "".join(parts) == text
    assert [part for part in parts if part.startswith("\u0301")] == []
    assert max(line.width for line in broken) <= 5_000


def test_lines_break_after_a_hyphen_between_letters_but_not_in_figures() -> None:
    words = lines((Span("goods-received"),), 5_000)
    assert ["".join(atom.run.text for atom in line.atoms) for line in words] == ["goods-", "received"]
    figures = lines((Span("x -1,234.50 2022-23"),), 4_800)
    assert ["".join(atom.run.text for atom in line.atoms) for line in figures] == ["x", "-1,234.50", "2022-23"]


def test_broken_lines_are_joined_by_a_space_when_read() -> None:
    sentence = "Every pound is evidenced by an order, a delivery and an invoice. " * 4
    assert sentence.strip() in text_of(painted([para(sentence)]))


def test_a_listing_sets_every_language() -> None:
    rows = [(language, text) for language, text in LANGUAGES.items()]
    data = painted([listing([ListColumn("Language"), ListColumn("Title", 3)], rows)])
    assert faults(data) == []
    assert [text for language, text in rows if language in PLAIN and text not in text_of(data)] == []


def test_chinese_in_bold_uses_the_one_chinese_face() -> None:
    assert faces(True)[-1] is faces(False)[-1]
    assert faces(True)[0].name == "NotoSans-Bold"
