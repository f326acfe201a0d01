"""The register itself, on both databases: one entry for the same figures, a report made again, a document judged."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from audit.issued import commands, queries, services
from audit.issued.queries import Asked
from audit.issued.report import figures_stand, proofs
from audit.issued.rules import MOST_ASKED
from core.db import db, now, transaction
from core.errors import NotFound, TooMany
from core.figures import FileKind, Imprint
from core.register import Entry, IssuedDownload, IssuedFile, IssuedReport, Painted, keep
from core.trail import AuditLeaf, Log
from grants.reports.report import freeze_statement
from tests.audit.issued.taking import only, something_happens, statement, take
from tests.audit.tampering import tamper
from tests.factories import World
from tests.grants.reports.story import LATE, QUARTER_1


def counted() -> tuple[int, ...]:
    """Count the rows of the register: reports, files, downloads."""
    tables = (IssuedReport, IssuedFile, IssuedDownload)
    return tuple(db.session.scalar(select(func.count()).select_from(each)) or 0 for each in tables)


def test_the_same_figures_have_one_entry_the_same_bytes_and_as_many_downloads(quarters: World) -> None:
    """
    taken        reports  files  downloads
    csv          1        1      1
    csv again    1        1      2
    pdf          1        2      3
    """
    by = quarters.actor("auditor")
    first = take(statement(), by=by)
    assert counted() == (1, 1, 1)
    assert take(statement(), by=by) == first
    assert counted() == (1, 1, 2)
    take(statement(), FileKind.PDF, by=by)
    assert counted() == (1, 2, 3)
    report = only()
    assert (report.sort, report.document) == ("statement", "SGU-GB2026-20260701-20260930")
    assert queries.filters_of(report) == [("Grant", "GB2026"), ("Period", statement().period_words)]
    assert f"Register reference,{report.reference}" in first.decode()
    assert f"Verify at,https://localhost/verify/{report.reference}" in first.decode()


def test_a_change_makes_another_version_and_taking_a_report_makes_none(quarters: World) -> None:
    take(statement())
    take(statement())
    first = only()
    something_happens(quarters)
    take(statement())
    assert counted()[0] == 2
    newest, oldest = queries.versions(first, most=9)
    assert (newest.sequence, oldest.id) == (first.sequence + 1, first.id)
    assert queries.later_than(first) == newest.issued_at
    assert queries.later_than(newest) is None


def test_a_report_is_made_again_byte_for_byte_after_the_records_changed(quarters: World) -> None:
    first = {kind: take(statement(), kind) for kind in FileKind}
    something_happens(quarters)
    report = queries.report_by_reference(only().reference, whole=True)
    assert figures_stand(report)
    assert [(each.file.kind, each.agrees) for each in proofs(report)] == [(kind, True) for kind in first]


def test_figures_that_were_tampered_with_are_named(quarters: World) -> None:
    take(statement())
    tamper("issued_report", "UPDATE issued_report SET frozen_json = replace(frozen_json, '34366', '34367')")
    report = queries.report_by_reference(only().reference, whole=True)
    assert not figures_stand(report)
    assert [each.agrees for each in proofs(report)] == [False]


def test_two_who_register_the_same_figures_at_once_take_the_same_bytes(quarters: World) -> None:
    take(statement())
    kept = only()
    entry = Entry(
        kept.sort, kept.document, kept.title, [], kept.marking, kept.sequence, kept.chain_hash, kept.cut_off, "{}",
        kept.frozen_sha256,
    )  # fmt: skip
    late = Imprint(kept.reference, kept.verify_at, "None yet")
    db.session.rollback()
    other = keep(entry, late, Painted.of(FileKind.CSV, b"painted with another imprint"), by=None, at=now())
    assert other == Imprint(kept.reference, kept.verify_at, kept.signed)
    assert counted() == (1, 1, 1)


def test_a_download_is_in_the_access_log_with_its_reference_and_a_command_has_nobody(quarters: World) -> None:
    take(statement(), by=quarters.actor("auditor"))
    take(statement())
    leaves = select(AuditLeaf.text).where(AuditLeaf.log == Log.ACCESS, AuditLeaf.act == "report.download")
    by_auditor, by_command = [json.loads(text) for text in db.session.scalars(leaves.order_by(AuditLeaf.id))]
    assert by_auditor["facts"]["registered"] == only().reference
    assert (by_auditor["role"], by_command["by"], by_command["role"]) == ("auditor", None, None)
    assert [row[2] for row in queries.downloads(only(), most=9)] == [None, "Auditor"]


# ---- The list, and the limit --------------------------------------------------------------------


def test_the_register_is_filtered_and_ordered(quarters: World) -> None:
    second = freeze_statement("GB2026", QUARTER_1, at=LATE)
    take(statement())
    take(statement())
    take(second)
    names = {"q2": statement().reference, "q1": second.reference}

    def listed(asked: Asked) -> list[str]:
        return [row[0].document for row in queries.reports(asked, page=1).rows]

    assert listed(Asked()) == [names["q1"], names["q2"]]
    assert listed(Asked(order="oldest")) == [names["q2"], names["q1"]]
    assert listed(Asked(order="taken")) == [names["q2"], names["q1"]]
    assert listed(Asked(order="document")) == [names["q1"], names["q2"]]
    assert listed(Asked(words="quarter 1")) == [names["q1"]]
    assert listed(Asked(words="20260701")) == [names["q2"]]
    assert listed(Asked(sort="usage")) == []
    assert listed(Asked(first=date(2030, 1, 1))) == []
    assert len(listed(Asked(first=date(2020, 1, 1), last=date(2100, 1, 1)))) == 2
    with pytest.raises(NotFound):
        queries.reports(Asked(), page=2)


def test_whoever_asks_too_often_waits(database: None) -> None:
    at = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
    for count in range(MOST_ASKED):
        with transaction():
            services.count_asking("192.0.2.1", at=at + timedelta(seconds=count))
    with pytest.raises(TooMany, match=r"Too many documents\. Try again in 10 minutes"), transaction():
        services.count_asking("192.0.2.1", at=at + timedelta(seconds=MOST_ASKED))
    with transaction():
        services.count_asking("192.0.2.2", at=at + timedelta(seconds=MOST_ASKED))
    with transaction():
        services.count_asking("192.0.2.1", at=at + timedelta(minutes=11))


def test_a_file_too_large_to_be_held_is_judged_by_its_digest_and_by_the_reference_it_bears(
    app: Flask, quarters: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an audit extract of hundreds of megabytes is; here whatever is longer than 100 bytes."""
    monkeypatch.setattr(commands, "LARGEST_FILE", 100)
    data = take(statement())
    db.session.rollback()
    at = data.index(b"GBR-")
    monkeypatch.setattr(commands, "LOOKED_AT", at + 30)

    def said(name: str, written: bytes) -> tuple[int, str]:
        (tmp_path / name).write_bytes(written)
        run = app.test_cli_runner().invoke(args=["issued", "check", str(tmp_path / name)])
        return run.exit_code, run.output.partition("\n")[0]

    assert said("whole.csv", data) == (0, "This is the document that was issued.")
    assert said("changed.csv", data + b"more") == (1, "This is not the document that was issued.")
    assert said("other.csv", b"x" * len(data)) == (1, "This document is not in the register.")
