"""The organisation's digital signature on a certified report: it validates, stands once, and tells a changed byte."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from sqlalchemy import select

from audit.issued import queries, report
from audit.issued.report import Sort, judge_file, made_again, proofs
from core.certificates import CannotCertify, signer_of
from core.db import db, now
from core.errors import RuleBroken
from core.figures import Checkpoint, FileKind
from core.figures.answers import issued
from core.pdf import Front, paint, para, signature_field
from core.register import IssuedFile, IssuedReport, IssuedSignature
from core.trail.queries import head
from tests import authority
from tests.authority import Authority
from tests.core.pdf.samples import faults
from tests.factories import AT, World

FORCE = "Chief Constable of Nowhere"
NOW = now()


@dataclass(frozen=True)
class OneSentence:
    """A report of one sentence, certified or a draft."""

    checkpoint: Checkpoint
    certificate_field: str
    title: str = "Claim"
    reference: str = "CLM-1"


def paint_it(made: OneSentence, kind: FileKind) -> bytes:
    if kind is FileKind.CSV:
        return b"claim\r\n"
    named = made.certificate_field
    field = [signature_field(named, "Digital signature of the certifier")] if named else []
    front = Front(
        title=made.title, reference=made.reference, version="1", organisation="Nowhere", author="Grants",
        period="A quarter", cut_off="A day", subject="A claim", foi_disclosable=True,
    )  # fmt: skip
    return paint([para("All of it is so."), *field], front=front, at=AT)


@pytest.fixture(scope="module")
def vouching() -> Authority:
    return authority.found(NOW)


@pytest.fixture(scope="module")
def held(vouching: Authority, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return authority.certify(vouching, FORCE, tmp_path_factory.mktemp("certificate") / "force.p12", at=NOW)


@pytest.fixture
def signing(app: Flask, held: dict[str, str]) -> Iterator[dict[str, str]]:
    """A service whose settings name the certificate."""
    app.config.update(held)
    yield held
    for name in held:
        app.config.pop(name)


def take(field: str = "Certificate", kind: FileKind = FileKind.PDF) -> bytes:
    log = head()
    made = OneSentence(Checkpoint(log.sequence, log.chain_hash, AT), field)
    return issued(made, kind, paint_it, sort="claim", filters=[], by=None)


def validated(data: bytes, vouching: Authority) -> Any:
    roots = list(load_certs_from_pemder_data(vouching.certificate.public_bytes(Encoding.DER)))
    (signature,) = PdfFileReader(io.BytesIO(data)).embedded_signatures
    context = ValidationContext(trust_roots=roots, allow_fetching=False)
    # In a thread of its own: pyHanko begins an event loop, and a browser of another test may have left one running.
    with ThreadPoolExecutor(max_workers=1) as own:
        return own.submit(validate_pdf_signature, signature, context).result()


def test_a_certified_report_is_signed_once_and_made_again_with_the_same_bytes(
    world: World, vouching: Authority, signing: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = take()
    found = validated(data, vouching)
    assert (found.bottom_line, found.coverage.name) == (True, "ENTIRE_FILE")
    assert found.signing_cert.subject.native == {"common_name": FORCE}
    assert faults(data) == []  # PDF/UA-1 and PDF/A-3a, with the signature
    kept = db.session.scalars(select(IssuedSignature)).one()
    file = db.session.scalars(select(IssuedFile)).one()
    assert (file.sha256, kept.subject) == (kept.sha256, f"CN={FORCE}")
    assert judge_file(data).is_sound
    monkeypatch.setitem(report.SORTS, "claim", Sort("claim", lambda: (OneSentence, paint_it)))
    whole = queries.report_by_reference(db.session.scalars(select(IssuedReport.reference)).one(), whole=True)
    assert [(each.sha256, each.agrees) for each in proofs(whole)] == [(file.sha256, True)]
    assert made_again(whole, FileKind.PDF, by=None) == data
    assert len(db.session.scalars(select(IssuedSignature)).all()) == 1
    assert take(kind=FileKind.CSV) == b"claim\r\n"


def test_a_changed_byte_is_found(world: World, vouching: Authority, signing: dict[str, str]) -> None:
    data = bytearray(take())
    data[data.index(b"endstream") - 9] ^= 1
    assert not validated(bytes(data), vouching).intact
    assert not judge_file(bytes(data)).is_sound


def test_nothing_is_signed_without_a_certificate_and_no_draft_ever(
    app: Flask, world: World, signing: dict[str, str]
) -> None:
    assert b"/ByteRange" not in take(field="")
    for name in signing:
        app.config[name] = None
    assert b"/ByteRange" not in take()
    assert db.session.scalars(select(IssuedSignature)).all() == []


def test_where_the_certificate_cannot_sign_the_pdf_does_not_leave_unsigned(
    app: Flask, world: World, signing: dict[str, str]
) -> None:
    app.config["SIGNING_CERTIFICATE"] = f"{signing['SIGNING_CERTIFICATE']}.gone"
    with pytest.raises(RuleBroken, match=r"force\.p12\.gone cannot be read: No such file or directory\. Nothing has"):
        take()
    assert db.session.scalars(select(IssuedFile)).all() == []
    run = app.test_cli_runner().invoke(args=["issued", "certificate"])
    app.config["SIGNING_CERTIFICATE"] = signing["SIGNING_CERTIFICATE"]
    can = app.test_cli_runner().invoke(args=["issued", "certificate"]).output
    assert can.startswith(f"Claims are signed as CN={FORCE}, issued by CN=Authority of the tests, SHA-256 ")
    assert (run.exit_code, "Claims cannot be signed: force.p12.gone cannot be read" in run.output) == (1, True)


def test_a_certificate_that_cannot_be_used_says_why(vouching: Authority, held: dict[str, str], tmp_path: Path) -> None:
    signer = signer_of(held, at=NOW)
    assert signer is not None
    assert (signer.subject, signer.issuer) == (f"CN={FORCE}", "CN=Authority of the tests")
    with pytest.raises(CannotCertify, match=r"counts from .* until"):
        signer_of(held, at=NOW + timedelta(days=21))
    wrong = tmp_path / "wrong"
    wrong.write_text("another\n")
    with pytest.raises(CannotCertify, match="or its passphrase is another"):
        signer_of({**held, "SIGNING_PASSPHRASE_FILE": str(wrong)}, at=NOW)
    wrong.write_bytes(b"\xffsecret\n")
    with pytest.raises(CannotCertify, match=r"^wrong is no text in UTF-8$"):
        signer_of({**held, "SIGNING_PASSPHRASE_FILE": str(wrong)}, at=NOW)
    assert signer_of({}, at=NOW) is None


def test_a_signer_that_is_printed_shows_no_passphrase(vouching: Authority, held: dict[str, str]) -> None:
    signer = signer_of(held, at=NOW)
    assert signer is not None
    assert signer.passphrase
    assert signer.passphrase.decode() not in repr(signer)
