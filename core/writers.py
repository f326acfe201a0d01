"""The queue of SQLite writers.

SQLite lets one connection write at a time and its busy handler polls: measured with eight clients, the slowest
got 1 to 14 per cent of the fastest one's postings and single posts waited over two seconds. So writers of one
database file queue here first, on a lock file beside it (between processes) and a lock (between threads).
The operating system frees the lock file when a process dies, however it dies. PostgreSQL needs none of this.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

_threads: dict[str, threading.Lock] = {}


@contextmanager
def writers_of(engine: Engine) -> Iterator[None]:
    """Wait for this process's and thread's turn to write to the engine's database."""
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database or database == ":memory:":
        yield
        return
    with _threads.setdefault(database, threading.Lock()):
        handle = os.open(f"{database}.writers", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
