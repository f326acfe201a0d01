"""Several people doing things at the same moment, for the tests of what then comes first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask

from core.db import db, transaction
from core.errors import Refusal


def at_once(app: Flask, *acts: Callable[[], object]) -> Counter[str]:
    """Do several things at the same moment, each on a connection of its own; count what came of them.

    What came of one is "done", or the kind of refusal.
    """
    together = Barrier(len(acts))
    db.session.remove()

    def one(do: Callable[[], object]) -> str:
        with app.app_context():
            together.wait(timeout=30)
            try:
                with transaction():
                    do()
            except Refusal as refused:
                return type(refused).__name__
            finally:
                db.session.remove()
            return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(one, acts))
