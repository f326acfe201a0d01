"""A chart says every value, is told apart without colour, and is the same picture on a page."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import segno
from pikepdf import Pdf, parse_content_stream

from core.pdf import Bar, BarChart, chart, h2, para, qr, svg
from core.pdf.charts import _COLOURS
from core.pdf.figures import Figure
from core.pdf.qr import qr_drawing
from tests.core.pdf.samples import PICTURE, faults, painted, read, tags, text_of

NAMESPACE = "{http://www.w3.org/2000/svg}"


def drawn(picture: BarChart, name: str = "position") -> ET.Element:
    return ET.fromstring(svg(picture, name))


def contrast_with_white(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def test_a_chart_says_every_value() -> None:
    assert PICTURE.words() == (
        "Bar chart: Grant position by line. "
        "A Contents and clothing: Claimed £5,018.00, Forecast £2,291.00; budget £9,600.00. "
        "B Phones, SIMs, credit: Claimed £2,240.00, Forecast £1,080.00; budget £4,400.00. "
        "C Security cards: Claimed £1,240.00, Forecast £260.00; budget £1,760.00."
    )
    [figure] = tags(painted([chart(PICTURE)]), "Figure")
    assert figure["/Alt"] == PICTURE.words()


def test_a_withheld_part_is_neither_painted_nor_said() -> None:
    picture = BarChart("Issued", ("Used", "Other"), (Bar("Salisbury", (None, 7)),))
    assert picture.words() == "Bar chart: Issued. Salisbury: Used withheld, Other 7."
    assert "7" not in [text.text for text in drawn(picture).iter(f"{NAMESPACE}text")][:2]


def test_colours_stand_out_from_white_and_patterns_differ() -> None:
    assert [colour for colour in _COLOURS if contrast_with_white(colour) < 3] == []
    stripes = []
    for place in range(5):
        parts = tuple(100 if at == place else 0 for at in range(5))
        lines = drawn(BarChart("x", tuple("abcde"), (Bar("a", parts),))).findall(f"{NAMESPACE}line")
        stripes.append(tuple(tuple(sorted(line.items())) for line in lines[:4]))
    assert len(set(stripes)) == 5


def test_bars_are_on_one_scale() -> None:
    widths = [
        float(shape.get("width", "0"))
        for shape in drawn(BarChart("x", ("a",), (Bar("whole", (100,)), Bar("half", (50,))))).iter(f"{NAMESPACE}rect")
        if shape.get("fill") == "#12284b"
    ]
    assert widths == [329.0, 164.0, 12.0]


def test_the_legend_is_in_words() -> None:
    texts = [text.text for text in drawn(PICTURE).iter(f"{NAMESPACE}text")]
    assert texts[-3:] == ["Claimed", "Forecast", "budget"]


def test_a_chart_of_other_shape_than_its_legend_is_refused() -> None:
    with pytest.raises(ValueError, match="'A' needs 2 parts"):
        BarChart("x", ("a", "b"), (Bar("A", (1,)),))
    with pytest.raises(ValueError, match="1 to 5 parts, not 6"):
        BarChart("x", tuple("abcdef"), ())


def test_a_chart_with_many_bars_goes_on_as_further_figures_on_one_scale() -> None:
    many = replace(PICTURE, bars=tuple(Bar(f"Station {count}", (count, 1), 60) for count in range(40)))
    data = painted([h2("Stations"), chart(many)])
    figures = tags(data, "Figure")
    assert len(figures) == len(read(data).pages) > 1
    said = " ".join(figure["/Alt"] for figure in figures)
    assert [count for count in range(40) if said.count(f"Station {count}:") != 1] == []
    assert faults(data) == []


def test_a_chart_without_bars_or_values_is_painted() -> None:
    for picture in (BarChart("None", ("a",), ()), BarChart("Zero", ("a",), (Bar("x", (0,), 0), Bar("minus", (-5,))))):
        assert faults(painted([chart(picture)])) == []
        drawn(picture)


def test_svg_has_a_role_a_title_a_description_and_ids_of_its_own() -> None:
    picture = drawn(PICTURE, "line-a")
    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby") == "line-a-title line-a-desc"
    assert [(part.get("id"), part.text) for part in list(picture)[:2]] == [
        ("line-a-title", "Grant position by line"),
        ("line-a-desc", PICTURE.words()),
    ]
    assert [part for part in list(picture)[2:] if part.get("id")] == []


def test_svg_needs_no_inline_style_and_no_script() -> None:
    shown = svg(PICTURE, "a")
    assert "style" not in shown
    assert "<?xml" not in shown
    assert {part.tag.removeprefix(NAMESPACE) for part in ET.fromstring(shown).iter()} <= {
        "svg", "title", "desc", "rect", "line", "text",
    }  # fmt: skip


def test_svg_stays_inside_its_box_and_repeats_itself() -> None:
    picture = drawn(PICTURE)
    wide, high = (float(part) for part in picture.get("viewBox", "").split()[2:])
    for shape in picture.iter(f"{NAMESPACE}rect"):
        x, y, w, h = (float(shape.get(key, "0")) for key in ("x", "y", "width", "height"))
        assert 0 <= x <= x + w <= wide + 0.01
        assert 0 <= y <= y + h <= high + 0.01
    assert svg(PICTURE, "a") == svg(PICTURE, "a")


def test_a_figure_needs_words() -> None:
    with pytest.raises(ValueError, match="needs a text alternative"):
        Figure(qr_drawing("x"), "  ")


def test_a_qr_code_is_a_figure_that_says_what_it_opens() -> None:
    data = painted([qr("https://example.org/verify/1", "Opens the verification page")])
    assert [figure["/Alt"] for figure in tags(data, "Figure")] == ["Opens the verification page"]


def test_a_qr_code_is_painted_dark_where_its_code_is_dark_and_nowhere_else() -> None:
    text, wide = "https://example.org/verify/CLM-2022-017?d=2022-11-22", 96
    code = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=4)]
    unit, painted_dark = wide / len(code), [[0] * len(code) for _ in code]
    with Pdf.open(BytesIO(painted([qr(text, "Opens the verification page", wide)]))) as pdf:
        operations = [(str(each.operator), list(each.operands)) for each in parse_content_stream(pdf.pages[0], "m l h")]
    corners: list[list[Any]] = []
    for operator, numbers in operations:
        corners = [numbers] if operator == "m" else [*corners, numbers] if operator == "l" else corners
        if operator == "h":
            across, up = ({round(float(corner[axis]) / unit) for corner in corners} for axis in (0, 1))
            assert max(up) - min(up) == 1
            for at in range(min(across), max(across)):
                painted_dark[len(code) - max(up)][at] += 1
    assert painted_dark == code


def test_a_picture_larger_than_a_page_shrinks() -> None:
    data = painted([Figure(qr_drawing("x", 3_000), "A very large code"), para("after")])
    assert faults(data) == []
    assert "after" in text_of(data)
