"""Processes of their own for tests: each begins in a second, since it is forked from one that has the product imported.

They share nothing with the process of the tests, or with each other, but a database and a pipe.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from typing import Any

FORKS: ForkServerContext = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.imported"])

READY = "ready"
PATIENCE_SECONDS = 60


@contextmanager
def forked(work: Callable[..., None], *facts: Any) -> Iterator[Connection]:
    """Run ``work(pipe, *facts)`` in a process of its own; give this end of the pipe once it has said it is ready.

    At the end of the block it is sent None, and must come to its own end.
    """
    ours, theirs = FORKS.Pipe()
    process = FORKS.Process(target=work, args=(theirs, *facts), daemon=True)
    process.start()
    theirs.close()
    try:
        assert hear(ours) == READY
        yield ours
    finally:
        ours.send(None)
        process.join(PATIENCE_SECONDS)
        ours.close()
    assert process.exitcode == 0


def hear(pipe: Connection) -> Any:
    """Wait for what the other side of a pipe says."""
    assert pipe.poll(PATIENCE_SECONDS), "the other process says nothing"
    return pipe.recv()
