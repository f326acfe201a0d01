"""Papers beside records: kept once, set aside with a reason, and their folder looked after."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core.access import Scope
from core.db import db, transaction
from core.errors import NotFound, RuleBroken, Unavailable
from grants.evidence import queries, services
from grants.evidence.models import Evidence
from grants.evidence.rules import CheckedFile, FileKind, Proof, RecordKind
from inventory.deliveries.rules import DeliveredLine
from tests.factories import AT, World, submission
from tests.grants.evidence.clamd import EICAR, scanner
from tests.grants.factories import add_award, add_catalogue, add_invoice, bill, deliver, split, towels

EVERYWHERE = Scope.everywhere()


@pytest.fixture
def grant(world: World) -> World:
    """An award, an invoice of £120.00 apportioned to line A, and the delivery it billed."""
    add_award(world)
    add_catalogue(world)
    delivery = deliver(world, DeliveredLine("TOWEL", 60))
    add_invoice(world, towels(60, 120_00))
    split(world, "INV-00001-1", A=120_00)
    bill(world, "INV-00001-1", delivery, 60)
    return world


@pytest.fixture
def folder(tmp_path: Path) -> services.Folder:
    return services.Folder(tmp_path / "evidence")


def keep(
    grant: World,
    folder: services.Folder,
    *,
    kind: RecordKind = RecordKind.INVOICE,
    reference: str = "INV-00001",
    proof: Proof = Proof.INVOICE,
    data: bytes = b"%PDF-1",
    sent: str | None = None,
    scope: Scope = EVERYWHERE,
) -> Evidence:
    with transaction():
        return services.keep_paper(
            kind,
            reference,
            proof,
            CheckedFile("paper.pdf", FileKind.PDF, data),
            folder=folder,
            scope=scope,
            by=grant.actor("grants"),
            at=AT,
            submission_id=sent or submission(),
        )


def aside(grant: World, reference: str, reason: str) -> None:
    with transaction():
        services.set_aside(
            reference, reason, scope=EVERYWHERE, by=grant.actor("grants"), at=AT, submission_id=submission()
        )


def papers() -> int:
    return int(db.session.scalar(select(func.count()).select_from(Evidence)) or 0)


def test_a_paper_is_kept_whole_with_its_digest(grant: World, folder: services.Folder) -> None:
    kept = keep(grant, folder)
    assert (kept.reference, kept.sha256) == ("EV-00001", hashlib.sha256(b"%PDF-1").hexdigest())
    assert folder.read(kept.stored_name, sha256=kept.sha256) == b"%PDF-1"
    assert [each.name for each in folder.path.iterdir()] == [kept.stored_name]


def test_the_same_form_sent_twice_keeps_one_paper_and_one_file(grant: World, folder: services.Folder) -> None:
    sent = submission()
    assert keep(grant, folder, sent=sent).reference == keep(grant, folder, sent=sent).reference
    assert (papers(), len(list(folder.path.iterdir()))) == (1, 1)


def test_the_same_file_beside_the_same_record_is_refused(grant: World, folder: services.Folder) -> None:
    keep(grant, folder)
    with pytest.raises(RuleBroken, match=r"here already, as EV-00001 \(invoice\)"):
        keep(grant, folder, proof=Proof.PAYMENT)
    assert (papers(), len(list(folder.path.iterdir()))) == (1, 1)


def test_a_paper_that_proves_nothing_of_such_a_record_is_refused(grant: World, folder: services.Folder) -> None:
    with pytest.raises(RuleBroken, match="Choose what the paper is"):
        keep(grant, folder, proof=Proof.CONSENT)
    with pytest.raises(NotFound):
        keep(grant, folder, reference="INV-00009")
    assert papers() == 0


def test_a_delivery_of_another_place_is_not_found(grant: World, folder: services.Folder) -> None:
    asked: dict[str, Any] = {"kind": RecordKind.DELIVERY, "reference": "DEL-00001", "proof": Proof.DELIVERY_NOTE}
    with pytest.raises(NotFound):
        keep(grant, folder, scope=grant.actor("sergeant").scope, **asked)
    assert keep(grant, folder, scope=grant.actor("storekeeper").scope, **asked).proof is Proof.DELIVERY_NOTE


def test_what_lacks_its_paper_is_listed_the_dearest_first(grant: World, folder: services.Folder) -> None:
    def lacking() -> list[tuple[str, int]]:
        return [(each.reference, each.cost_pence) for each in queries.lacking()]

    assert lacking() == [("INV-00001", 120_00), ("GB2026", 0), ("DEL-00001", 0)]
    kept = keep(grant, folder)
    assert lacking() == [("GB2026", 0), ("DEL-00001", 0)]
    aside(grant, kept.reference, "Not the invoice but the quotation")
    assert lacking() == [("INV-00001", 120_00), ("GB2026", 0), ("DEL-00001", 0)]


def test_a_paper_set_aside_stays_with_its_reason_and_is_set_aside_once(grant: World, folder: services.Folder) -> None:
    kept = keep(grant, folder)
    aside(grant, kept.reference, "Not the invoice but the quotation")
    (seen,) = queries.papers(RecordKind.INVOICE, "INV-00001")
    assert seen.set_aside is not None
    assert str(seen.set_aside.note) == "Not the invoice but the quotation"
    with pytest.raises(RuleBroken, match="EV-00001 was set aside before"):
        aside(grant, kept.reference, "Again")
    assert folder.read(kept.stored_name, sha256=kept.sha256) == b"%PDF-1"
    assert keep(grant, folder).reference == "EV-00002"


def test_a_changed_a_missing_and_a_nameless_file_are_found(grant: World, folder: services.Folder) -> None:
    first, second = keep(grant, folder), keep(grant, folder, data=b"%PDF-2")
    orphan = folder.write(b"of a change that was undone")
    assert folder.look(queries.stored_names()) == services.Looked((), (), (orphan,))
    (folder.path / first.stored_name).write_bytes(b"%PDF-9")
    (folder.path / second.stored_name).unlink()
    looked = folder.look(queries.stored_names())
    assert (looked.changed, looked.missing, looked.sound) == (("EV-00001",), ("EV-00002",), False)
    with pytest.raises(Unavailable, match="not the one that was kept"):
        folder.read(first.stored_name, sha256=first.sha256)
    with pytest.raises(NotFound):
        folder.read(second.stored_name, sha256=second.sha256)


def test_only_a_nameless_file_older_than_a_day_is_swept(folder: services.Folder) -> None:
    fresh, old = folder.write(b"fresh"), folder.write(b"old")
    written = (folder.path / fresh).stat().st_mtime
    os.utime(folder.path / old, (written - 100_000, written - 100_000))
    at = datetime.fromtimestamp(written, UTC) + timedelta(minutes=1)
    assert folder.sweep([fresh, old], at=at) == 1
    assert [each.name for each in folder.path.iterdir()] == [fresh]


def test_a_folder_that_cannot_be_written_saves_nothing(grant: World, tmp_path: Path) -> None:
    (tmp_path / "full").write_text("a file where the folder should be")
    with pytest.raises(Unavailable, match="could not be stored"):
        keep(grant, services.Folder(tmp_path / "full"))
    assert papers() == 0


def test_a_virus_is_refused_and_a_scanner_that_is_down_lets_nothing_through(tmp_path: Path) -> None:
    with scanner(tmp_path) as socket:
        services.scan(b"%PDF-1" * 20_000, scanner=socket)
        with pytest.raises(RuleBroken, match="may contain a virus"):
            services.scan(b"%PDF-" + EICAR, scanner=socket)
    with pytest.raises(Unavailable, match="The virus scanner does not answer"):
        services.scan(b"%PDF-1", scanner=tmp_path / "nobody.sock")
    services.scan(b"%PDF-" + EICAR, scanner=None)
