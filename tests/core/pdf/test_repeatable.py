"""The same report is the same bytes: in another process, time zone, locale, hash seed, or after other reports."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

import pytest

from core.pdf import ListColumn, h2, listing, objects, paint, paint_to, para
from tests.core.pdf.samples import AT, FRONT, LANGUAGES, everything, info_of, painted

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import hashlib, locale, sys, time
time.tzset()
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
from tests.core.pdf.samples import painted, LANGUAGES
from core.pdf import para
if "others" in sys.argv:
    painted([para(text[::-1]) for text in reversed(list(LANGUAGES.values()))])
    painted(landscape=True)
print(hashlib.sha256(painted()).hexdigest())
"""


def digest_elsewhere(*arguments: str, **changes: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **changes}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_another_process_paints_the_same_bytes() -> None:
    here = hashlib.sha256(painted()).hexdigest()
    assert digest_elsewhere(PYTHONHASHSEED="1", TZ="Pacific/Apia", LC_ALL="C") == here
    assert digest_elsewhere("others", PYTHONHASHSEED="4242", TZ="Asia/Kathmandu", LC_ALL="C.UTF-8") == here


def test_other_reports_painted_before_change_nothing() -> None:
    first = painted()
    for text in reversed(LANGUAGES.values()):
        painted([para(text[::-1] * 3)])
    assert painted() == first


def test_the_same_story_may_be_painted_twice() -> None:
    story = everything()[:-1]
    assert painted(story) == painted(story)


def test_the_moment_of_the_report_is_the_only_clock() -> None:
    info = info_of(painted([para("x")]))
    assert info["/CreationDate"] == info["/ModDate"] == "D:20221005093000+00'00"


def test_another_moment_text_or_version_gives_other_bytes() -> None:
    plain = painted([para("x")])
    assert paint([para("x")], front=FRONT, at=AT + timedelta(days=1)) != plain
    assert painted([para("y")]) != plain
    assert painted([para("x")], replace(FRONT, version="1.1")) != plain


def test_a_moment_keeps_its_own_offset() -> None:
    summer = timezone(timedelta(hours=1))
    data = paint([h2("x")], front=FRONT, at=datetime(2022, 8, 5, 10, tzinfo=summer))
    assert info_of(data)["/CreationDate"] == "D:20220805100000+01'00"
    assert b"<xmp:CreateDate>2022-08-05T10:00:00+01:00</xmp:CreateDate>" in data


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        paint([para("x")], front=FRONT, at=datetime(2022, 8, 5, 10))  # noqa: DTZ001 (the refusal is the test)


def test_a_page_goes_out_before_the_rows_of_the_next_are_read() -> None:
    """So a listing is never held whole; what goes out is what ``paint`` gives, and reads the rows once."""
    out, begun = BytesIO(), list[int]()

    def rows() -> Iterator[list[str]]:
        for number in range(400):
            begun.append(out.tell())
            yield [f"{number}", "Salisbury"]

    story = [listing([ListColumn("Number"), ListColumn("Place")], rows())]
    paint_to(out, story, front=FRONT, at=AT)
    assert [later > earlier for earlier, later in zip(begun[60::60], begun[120::60], strict=False)] == [True] * 5
    again = [listing([ListColumn("Number"), ListColumn("Place")], rows())]
    assert paint(again, front=FRONT, at=AT) == out.getvalue()


def test_the_cross_reference_is_the_same_in_blocks_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    story = [para(f"Paragraph {number}") for number in range(30)]
    whole = paint(story, front=FRONT, at=AT)
    monkeypatch.setattr(objects, "_BLOCK", 7)
    assert paint(story, front=FRONT, at=AT) == whole
