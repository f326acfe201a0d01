"""The organisation's own certificate, and signing a PDF with it: an option that is off until a setting names one.

The signature is PAdES of its basic level (B-B): it says who signed and that no byte was changed. Its time is what this
machine says: a level that proves the time (B-T) asks a time-stamping authority on the network, and the service asks
nobody. It is added behind the bytes of the PDF, into a field that was made with it, so that the structure and the
archive form stay as they were.

pyHanko is installed with ``requirements-signatures.txt`` alone, and loaded when something is signed.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dates import moment_text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates
    from cryptography.x509 import Certificate

CERTIFICATE, PASSPHRASE = "SIGNING_CERTIFICATE", "SIGNING_PASSPHRASE_FILE"
"""Settings: the file of the certificate with its key (PKCS#12), and the file whose one line opens it."""


class CannotCertify(Exception):
    """Nothing can be signed with the certificate; the message says why."""


@dataclass(frozen=True)
class Signer:
    """A certificate with its key, ready to sign.

    Attributes:
        passphrase: what opens its file, or nothing; no log that prints a signer shows it.
        subject: whose certificate it is, as it says itself.
        issuer: who vouches for that.
        sha256: of the certificate, as 64 hexadecimal digits.
    """

    file: Path
    passphrase: bytes | None = field(repr=False)
    subject: str
    issuer: str
    sha256: str
    begins_at: datetime
    ends_at: datetime


def signer_of(settings: Mapping[str, Any], *, at: datetime) -> Signer | None:
    """Read the certificate that the settings name; None where they name none.

    Raises:
        CannotCertify: it cannot be read, opened or used at this moment.
    """
    if not settings.get(CERTIFICATE):
        return None
    file, named = Path(settings[CERTIFICATE]), settings.get(PASSPHRASE)
    passphrase = _read(Path(named)).splitlines()[0].encode() if named else None
    held = _opened(file, passphrase)
    signer = _signer(file, passphrase, held.cert.certificate if held.cert and held.key else None)
    if not signer.begins_at <= at < signer.ends_at:
        raise CannotCertify(
            f"the certificate of {signer.subject} counts from {moment_text(signer.begins_at)} "
            f"until {moment_text(signer.ends_at)}"
        )
    return signer


def _read(file: Path) -> str:
    try:
        return file.read_text() or "\n"
    except OSError as problem:
        raise CannotCertify(f"{file.name} cannot be read: {problem.strerror}") from problem
    except UnicodeDecodeError:
        # Not from it: what cannot be decoded is printed with it.
        raise CannotCertify(f"{file.name} is no text in UTF-8") from None


def _opened(file: Path, passphrase: bytes | None) -> PKCS12KeyAndCertificates:
    # Certificates are loaded when one is read, for every start would wait for them.
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    try:
        return load_pkcs12(file.read_bytes(), passphrase)
    except OSError as problem:
        raise CannotCertify(f"{file.name} cannot be read: {problem.strerror}") from problem
    except ValueError as problem:
        raise CannotCertify(f"{file.name} is no certificate with a key, or its passphrase is another") from problem


def _signer(file: Path, passphrase: bytes | None, held: Certificate | None) -> Signer:
    from cryptography.hazmat.primitives.hashes import SHA256

    if held is None:
        raise CannotCertify(f"{file.name} has no certificate with its key")
    return Signer(
        file, passphrase, held.subject.rfc4514_string(), held.issuer.rfc4514_string(),
        held.fingerprint(SHA256()).hex(), held.not_valid_before_utc, held.not_valid_after_utc,
    )  # fmt: skip


def signature_of(pdf: bytes, field: str, *, by: Signer) -> bytes:
    """Sign a PDF in an empty field of it; give what is added behind its bytes. pyHanko asks the clock by itself.

    Raises:
        CannotCertify: it cannot be signed.
    """
    try:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
        from pyhanko.sign.fields import SigSeedSubFilter
    except ImportError as problem:
        raise CannotCertify("pyHanko is not installed (requirements-signatures.txt)") from problem
    holder = SimpleSigner.load_pkcs12(str(by.file), passphrase=by.passphrase)
    if holder is None:
        raise CannotCertify(f"{by.file.name} cannot be opened to sign with")
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    # Otherwise it writes the metadata anew, in a form that an archive refuses. It has no public way to leave them.
    writer._update_meta = lambda: None  # type: ignore[method-assign]  # requirements-signatures.in pins the version
    about = PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    sign = partial(PdfSigner(about, signer=holder).sign_pdf, writer, existing_fields_only=True, output=io.BytesIO())
    # In a thread of its own: pyHanko begins an event loop, and whoever calls may be within one.
    with ThreadPoolExecutor(max_workers=1) as own:
        signed = own.submit(sign).result()
    data: bytes = signed.getvalue()
    if not data.startswith(pdf):
        raise CannotCertify("the signature was not added behind the bytes of the document")
    return data[len(pdf) :]
