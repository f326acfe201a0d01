"""The page of checkpoints, and the pack it gives."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from audit.packs import queries
from core.trail import Log
from core.trail.signing import CheckingKey
from tests.audit.packs.checking import checked
from tests.audit.signing import made
from tests.factories import PASSWORD, World
from tests.site import Site


@pytest.fixture
def auditor(app: Flask, month: World, signing: CheckingKey) -> Site:
    """The auditor, signed in, of a service whose log is signed."""
    made()
    return Site(app, PASSWORD).sign_in("auditor@test.example")


def test_the_page_shows_the_key_and_the_newest_checkpoint(auditor: Site, signing: CheckingKey) -> None:
    page = auditor.get("/audit/packs/")
    assert page.heading == "Sealed pack and checkpoints"
    assert str(signing) in page.text
    assert "The log is signed up to entry" in page.text
    assert page.table("The checkpoint")[1][:1] == ["1 as text"]
    assert len(page.statements) <= 12
    assert "The log is signed up to entry" in auditor.get("/audit/").text


def test_a_checkpoint_is_given_as_text(auditor: Site, outside: Path) -> None:
    given = auditor.get("/audit/packs/checkpoints/1", strict=False).response
    assert [file.read_bytes() for file in outside.iterdir()] == [given.data]
    auditor.get("/audit/packs/checkpoints/99", status=404)


def test_the_pack_that_is_given_is_sound_and_its_leaving_is_logged(
    auditor: Site, signing: CheckingKey, tmp_path: Path
) -> None:
    given = auditor.submit(auditor.get("/audit/packs/"), first=["1", "4", "2026"], last=["30", "6", "2026"]).response
    assert given.headers["Content-Disposition"] == 'attachment; filename="pack-20260401-20260630.zip"'
    assert zipfile.is_zipfile(io.BytesIO(given.data))
    assert checked(given.data, str(signing), tmp_path)[0] == 0
    leaf = list(queries.leaves(Log.ACCESS, until=10**9))[-1][0]
    assert '"act":"pack.take"' in leaf
    assert '"subject":"pack-20260401-20260630"' in leaf


def test_days_that_are_no_period_are_refused(auditor: Site) -> None:
    page = auditor.submit(auditor.get("/audit/packs/"), first=["30", "6", "2026"], last=["1", "4", "2026"])
    assert page.errors == ["The last day must be the same as or after the first day"]


def test_a_service_without_its_key_says_since_when_it_is_unsigned(app: Flask, auditor: Site) -> None:
    Path(app.config["CHECKPOINT_KEY"]).unlink()
    assert "Unsigned since 4 May 2026" in auditor.get("/audit/packs/").text
    assert "Unsigned since 4 May 2026" in auditor.get("/audit/").text
