"""What people do with finance ledgers: open one, upload and import an extract, explain its lines."""

from grants.ledgers.services.explaining import record_spending_of_line
from grants.ledgers.services.importing import confirm_waiting, import_extract, import_read
from grants.ledgers.services.matching import MatchRun, accept_proposal, match, match_automatically
from grants.ledgers.services.opening import open_ledger
from grants.ledgers.services.undoing import undo_match
from grants.ledgers.services.waiting import discard_waiting, keep_waiting, map_columns

__all__ = [
    "MatchRun",
    "accept_proposal",
    "confirm_waiting",
    "discard_waiting",
    "import_extract",
    "import_read",
    "keep_waiting",
    "map_columns",
    "match",
    "match_automatically",
    "open_ledger",
    "record_spending_of_line",
    "undo_match",
]
