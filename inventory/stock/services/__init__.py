"""The one writer of stock.

``post`` checks the whole act, locks what the decision rests on, and inserts append-only rows; the database then
keeps the balances, and the numbering of each lot is carried on. On PostgreSQL the balance rows of every place and
lot touched are locked in one order, then the lots' numberings, so two acts on the same stock queue and neither
deadlocks; on SQLite writers queue anyway.
"""

from inventory.stock.services.enough import refuse_broken_promises
from inventory.stock.services.locking import lock_items
from inventory.stock.services.posting import post
from inventory.stock.services.touched import refuse_more_at_closed

__all__ = ["lock_items", "post", "refuse_broken_promises", "refuse_more_at_closed"]
