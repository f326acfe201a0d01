"""What may be evidence, what it proves, and what every record of a kind should have."""

from grants.evidence.rules.files import LARGEST_BYTES, CheckedFile, FileKind, checked_file
from grants.evidence.rules.proof import (
    EXPECTED,
    PROOFS_OF,
    SPENDING_PAPERS,
    Proof,
    RecordKind,
    record_named,
)

__all__ = [
    "EXPECTED",
    "LARGEST_BYTES",
    "PROOFS_OF",
    "SPENDING_PAPERS",
    "CheckedFile",
    "FileKind",
    "Proof",
    "RecordKind",
    "checked_file",
    "record_named",
]
