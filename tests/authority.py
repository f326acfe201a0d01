"""A certificate authority of the tests' own, and a force's certificate that it vouches for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

PASSPHRASE = "three geese over water"


@dataclass(frozen=True)
class Authority:
    """An authority with its key."""

    certificate: x509.Certificate
    key: RSAPrivateKey


def _name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, content_commitment=not signs_certificates, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _begun(subject: str, issuer: str, key: RSAPrivateKey, at: datetime, days: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=days))
    )


def found(at: datetime) -> Authority:
    """Found an authority."""
    key = generate_private_key(65537, 2048)
    made = (
        _begun("Authority of the tests", "Authority of the tests", key, at, 30)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Authority(made.sign(key, SHA256()), key)


def certify(authority: Authority, subject: str, file: Path, *, at: datetime, days: int = 20) -> dict[str, str]:
    """Write a certificate with its key into a file; give the settings that name it."""
    key = generate_private_key(65537, 2048)
    made = (
        _begun(subject, "Authority of the tests", key, at, days)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, SHA256())
    )
    locked = BestAvailableEncryption(PASSPHRASE.encode())
    file.write_bytes(serialize_key_and_certificates(b"force", key, made, [authority.certificate], locked))
    words = file.with_suffix(".words")
    words.write_text(f"{PASSPHRASE}\n")
    return {"SIGNING_CERTIFICATE": str(file), "SIGNING_PASSPHRASE_FILE": str(words)}
