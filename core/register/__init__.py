"""The register of issued reports: what left the service, in which bytes, resting on what, and who took it.

A report is registered when it leaves (``core.figures.answers.issue`` and its like for commands). Its **reference** is
the beginning of the SHA-256 of its frozen figures, so it stands before anything is painted and can be printed in every
form; the same figures have the same reference, one entry, and as many downloads as there were. What is printed beside
the reference (the address to verify it at, the signed checkpoint) is decided once, with the entry, so that the same
figures go on giving the same bytes. The entry keeps the figures: the report can be made again, byte for byte.

An entry is written in the transaction that writes the download into the access log, never in a change of stock or
money: taking a report home must not make the next one another version. Reading and judging documents is
``audit/issued``.
"""

from core.register.models import IssuedDownload, IssuedFile, IssuedReport, IssuedSignature, VerifyAttempt
from core.register.rules import Entry, Painted, reference_of
from core.register.services import imprint_of, keep
from core.register.signing import sign_once, with_signature

__all__ = [
    "Entry",
    "IssuedDownload",
    "IssuedFile",
    "IssuedReport",
    "IssuedSignature",
    "Painted",
    "VerifyAttempt",
    "imprint_of",
    "keep",
    "reference_of",
    "sign_once",
    "with_signature",
]
