"""The forms of an extract: the same entries and figures in each, in volumes where they are many."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

from flask import Flask
from sqlalchemy import select

from audit.issued.report import judge_file
from audit.trail.queries import Asked
from audit.trail.report import A_VOLUME
from core.db import db
from core.figures import FileKind
from core.pdf import VOLUME
from core.register import IssuedFile
from core.trail import Log
from core.trail.queries import head
from tests.audit.issued.taking import something_happens
from tests.audit.trail.extracting import as_csv, as_pdf, as_xlsx, attached, entries, made, printed_numbers, sheets_of
from tests.core.pdf.samples import faults, read
from tests.factories import World


def test_page_csv_workbook_and_paper_have_the_same_entries_and_figures(quarters: World) -> None:
    """The figures are counted again here from the entries of the CSV."""
    extract = made()
    data, book, paper = as_csv(extract), sheets_of(as_xlsx(extract)), as_pdf(extract)
    rows = entries(data)
    assert [tuple("" if cell is None else cell for cell in row[2:]) for row in book["Entries"]] == [
        tuple(row[2:]) for row in rows
    ]
    assert [row[0] for row in book["Entries"]] == [int(row[0]) for row in rows]
    assert attached(paper) == [data]
    assert printed_numbers(paper) == [int(row[0]) for row in rows]
    assert faults(paper) == []
    by_act, by_person = Counter(row[5] for row in rows), Counter(row[2] for row in rows)
    assert {each.act: each.count for each in extract.figures.acts} == by_act
    assert {each.name: each.count for each in extract.figures.people} == by_person
    assert dict(book["By person"][each][:2] for each in range(len(by_person))) == by_person
    assert {row[-1] for name, row in ((name, rows[-1]) for name, rows in book.items() if name == "By act")} == {
        len(rows)
    }
    said = read(paper).pages[1].extract_text()
    assert f"{len(rows):,} entries by {len(by_person) - 1} people and the service itself" in said.replace("\n", " ")
    assert ["Entries", f"{len(rows):,}"] in list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert [as_csv(extract), as_pdf(extract)] == [data, paper]


def test_many_entries_are_on_several_sheets_and_in_volumes_whose_digests_the_front_has(
    quarters: World, small: None
) -> None:
    extract, count = made(), head().sequence
    data = as_csv(extract)
    sheets = sheets_of(as_xlsx(extract))
    names = [name for name in sheets if name.startswith("Entries ")]
    assert names == [f"Entries {number}" for number in range(1, -(-count // 15) + 1)]
    assert [row[0] for name in names for row in sheets[name]] == list(range(1, count + 1))
    whole = -(-count // 12)
    with ZipFile(io.BytesIO(as_pdf(extract))) as bundle:
        papers = {name: bundle.read(name) for name in bundle.namelist()}
    front = papers.pop("log-changes-begin-end-front.pdf")
    assert list(papers) == [f"log-changes-begin-end-volume-{number}-of-{whole}.pdf" for number in range(1, whole + 1)]
    assert [number for paper in papers.values() for number in printed_numbers(paper)] == list(range(1, count + 1))
    assert [row for paper in papers.values() for csv_ in attached(paper) for row in entries(csv_)] == entries(data)
    assert [broken for paper in (front, *papers.values()) for broken in faults(paper)] == []
    told = "".join(page.extract_text() for page in read(front).pages)
    bare = re.sub(r"\s", "", told)
    assert all(sha256(paper).hexdigest() in bare for paper in papers.values())
    assert sum(csv_ is not None for csv_ in attached(front)) == 0


def test_no_volume_is_longer_than_a_listing_may_be() -> None:
    assert A_VOLUME <= VOLUME


def test_an_extract_of_nothing_says_so_in_every_form(quarters: World) -> None:
    extract = made(Asked(Log.CHANGES, subject="NO-SUCH-RECORD"))
    assert extract.sentence == "No entry was recorded that was asked for."
    paper = as_pdf(extract)
    assert faults(paper) == []
    assert "There is no entry." in "".join(page.extract_text() for page in read(paper).pages)
    assert (entries(as_csv(extract)), sheets_of(as_xlsx(extract))["Entries"]) == ([], [])


def test_the_command_makes_each_form_and_the_one_that_left_byte_for_byte(
    app: Flask, quarters: World, tmp_path: Path, small: None
) -> None:
    """Each form has one reference; a volume alone is known as issued, as the ZIP of them is."""

    def run(name: str, *more: str) -> bytes:
        done = app.test_cli_runner().invoke(args=["audit", "extract", str(tmp_path / name), *more])
        assert done.exit_code == 0, done.output
        references.append(re.findall(r"GBR-[\w-]{14}", done.output)[0])
        return (tmp_path / name).read_bytes()

    references: list[str] = []
    first = {kind: run(f"log.{kind}", "--format", kind) for kind in ("csv", "xlsx", "pdf")}
    something_happens(quarters)
    again = {kind: run(f"again.{kind}", "--format", kind, "--again", references[0]) for kind in first}
    assert again == first
    assert len(set(references)) == 1
    with ZipFile(io.BytesIO(first["pdf"])) as bundle:
        volumes = [bundle.read(name) for name in bundle.namelist()]
    assert all(judge_file(data).is_sound for data in (*first.values(), *volumes))
    assert not judge_file(volumes[0].replace(b"%%EOF", b"%%EOG")).is_sound
    kinds = Counter(db.session.scalars(select(IssuedFile.kind)))
    db.session.rollback()
    assert (kinds[FileKind.CSV], kinds[FileKind.XLSX], kinds[FileKind.PDF]) == (1, 1, len(volumes) + 1)
    none = app.test_cli_runner().invoke(args=["audit", "extract", str(tmp_path / "x.csv"), "--again", "GBR-NONE"])
    assert (none.exit_code, "Nothing was issued under GBR-NONE" in none.output) == (1, True)
