"""Reading ledgers: files and imports, lines, and what is explained.

Money is kept for the whole organisation, so no scope belongs here; only a file in waiting has an owner.
"""

from grants.ledgers.queries.imports import (
    LedgerSummary,
    bytes_waiting,
    earlier_imports_of,
    import_by_reference,
    importer_of,
    imports,
    known_lines,
    layout_for,
    layout_of,
    ledger_by_code,
    ledger_taken,
    ledgers,
    lines_imported,
    remembered_layout,
    sorted_lines,
    summaries,
    unimported_counts,
    unimported_rows,
    waiting_by_slip,
    waiting_of,
)

__all__ = [
    "LedgerSummary",
    "bytes_waiting",
    "earlier_imports_of",
    "import_by_reference",
    "importer_of",
    "imports",
    "known_lines",
    "layout_for",
    "layout_of",
    "ledger_by_code",
    "ledger_taken",
    "ledgers",
    "lines_imported",
    "remembered_layout",
    "sorted_lines",
    "summaries",
    "unimported_counts",
    "unimported_rows",
    "waiting_by_slip",
    "waiting_of",
]
