"""The page of checkpoints, and the pack it gives."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from audit.makings import queries as queries_of_makings
from audit.packs import queries
from core import children
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


def test_the_pack_that_is_asked_for_is_made_beside_the_service_sound_and_its_leaving_is_logged(
    app: Flask, auditor: Site, signing: CheckingKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process is begun as that of every big report; here the command runs instead of it."""
    monkeypatch.setitem(app.config, "REPORTS_DIR", str(tmp_path / "reports"))
    begun: list[str] = []
    monkeypatch.setattr(children, "start", lambda words, **_: begun.append(words[-1]))
    asked = auditor.submit(auditor.get("/audit/extracts/pack"), first=["1", "4", "2026"], last=["30", "6", "2026"])
    assert "Its process is beginning" in asked.text
    (reference,) = begun
    run = app.test_cli_runner().invoke(args=["makings", "make", reference])
    assert run.exit_code == 0, run.output
    ready = auditor.get("/audit/extracts/pack")
    assert "Figures of: Quarter 1 (April to June 2026)" in ready.text
    assert len(ready.statements) <= 12
    made = queries_of_makings.making_by_reference(reference)
    assert made.done_count > 100
    assert abs(made.done_count - made.total_count) <= 5  # the checkpoint of the pack is made after it was counted
    address = f"/audit/extracts/{reference}"
    assert address in ready.links
    assert auditor.client.head(address).status_code == 200
    assert not any("pack.take" in text for text, _ in queries.leaves(Log.ACCESS, until=10**9))
    given = auditor.client.get(address)
    assert given.headers["Content-Disposition"] == 'attachment; filename="pack-20260401-20260630.zip"'
    assert given.headers["Content-Type"] == "application/zip"
    assert checked(given.data, str(signing), tmp_path)[0] == 0
    leaf = json.loads(list(queries.leaves(Log.ACCESS, until=10**9))[-1][0])
    with zipfile.ZipFile(io.BytesIO(given.data)) as pack:
        manifest = hashlib.sha256(pack.read("manifest.json")).hexdigest()
    assert (leaf["act"], leaf["subject"]) == ("pack.take", "pack-20260401-20260630")
    assert leaf["facts"] == {"manifest_sha256": manifest, "sha256": hashlib.sha256(given.data).hexdigest()}


def test_days_that_are_no_period_are_refused(auditor: Site) -> None:
    page = auditor.submit(auditor.get("/audit/extracts/pack"), first=["30", "6", "2026"], last=["1", "4", "2026"])
    assert page.errors == ["The last day must be the same as or after the first day"]


def test_a_service_without_its_key_says_since_when_it_is_unsigned(app: Flask, auditor: Site) -> None:
    Path(app.config["CHECKPOINT_KEY"]).unlink()
    assert "Unsigned since 4 May 2026" in auditor.get("/audit/packs/").text
    assert "Unsigned since 4 May 2026" in auditor.get("/audit/").text
