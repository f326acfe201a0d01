"""Run the benchmark: ``python -m bench [--sizes 10000,100000] [--repeats 15]``."""

from __future__ import annotations

import argparse
import json
import platform
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import TextClause, text

from app import create_app
from bench import books, papers, proof
from bench import force as forces
from bench.measure import Timing, seconds, timed
from bench.rows import Row
from core import schema, trail
from core.db import db, journal_mode, transaction
from inventory.counts import services as counts
from inventory.counts.models import StockCount
from inventory.stock.rules import Movement, PostingKind
from inventory.stock.services import post

ANCHOR = {
    "one place, on hand": (
        "SELECT l.item_id, sum(b.unit_count) FROM balance b JOIN lot l ON l.id = b.lot_id "
        "WHERE b.place_id = :place AND b.unit_count > 0 GROUP BY l.item_id"
    ),
    "every move of the ledger, summed": (
        "SELECT to_place_id, lot_id, sum(unit_count) FROM move GROUP BY to_place_id, lot_id"
    ),
}
"""The same questions as one bare statement, on the same database and in the same run."""

PAGES = {
    "sergeant's home": ("sergeant", "/station/S00", 40),
    "ask for restock": ("sergeant", "/requests/new?place=S00", 40),
    "store's home": ("storekeeper", "/store/STORE", 40),
    "stock of a place and its timeline": ("sergeant", "/stock/places/S00", 40),
    "stock of a place as at a past day": ("sergeant", "/stock/places/S00?as_at=2024-12-31", 40),
    "a lot's timeline": ("storekeeper", "/stock/lots/{lot}", 40),
    "a Go Bag and its timeline": ("storekeeper", "/bags/{tag}", 40),
    "a count under way": ("sergeant", "/counts/{count}", 40),
    "grant position": ("grants", "/grants/G1-2025", 40),
    "a grant line, followed": ("grants", "/grants/G1-2025/lines/A", 120),
    "a quarter reconciled": ("grants", "/reconciliation/G1-2025/2026-04-01", 5_000),
    "statement of grant usage": ("grants", "/reports/statement/G1-2025?first=2025-07-01&last=2026-06-30", 5_000),
}
"""What is asked → who asks, the page, and the target of its median in milliseconds (performance.md 8)."""


def main() -> None:
    """Measure every size and write the table and build/bench.json."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="10000,100000")
    options.add_argument("--repeats", type=int, default=15)
    chosen = options.parse_args()
    rows: list[Row] = []
    print(HEAD)
    for row in _all([int(each) for each in chosen.sizes.split(",")], chosen.repeats):
        print(_line(row), flush=True)  # the largest size takes minutes
        rows.append(row)
    for row in _growth(rows):
        print(_line(row))
        rows.append(row)
    _write(rows)


def _all(sizes: Sequence[int], repeats: int) -> Iterator[Row]:
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            yield from _measure(Path(folder), size, repeats)
    yield from papers.measure()


def _measure(folder: Path, moves: int, repeats: int) -> Iterator[Row]:
    app = create_app(
        {
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'bench.sqlite3'}",
            "SECRET_KEY": "only-for-the-benchmark-0123456789abcdef",
            "TRUSTED_HOSTS": ["localhost"],
            "SECURE_COOKIES": False,
            "CHECKPOINT_KEY": str(folder / "key"),
        }
    )
    with app.app_context():
        schema.upgrade(db.engine)
        made: list[forces.Force] = []
        took = seconds(lambda: made.append(forces.build(moves)))
        yield Row("build, bulk import included", moves, moves / took, "moves/s")
        yield from _anchors(made[0], moves, repeats)
        yield from _posting(made[0], moves)
        yield from _count(made[0], moves)
        named = {"tag": made[0].tag, "lot": forces.code_of_a_lot(), "count": made[0].count}
        db.session.remove()
    for what in PAGES:
        yield _page(app, what, named, moves, repeats)
    with app.app_context():
        yield from books.measure(made[0], moves)
        yield from proof.measure(folder, moves)
        db.session.remove()


def _anchors(force: forces.Force, moves: int, repeats: int) -> list[Row]:
    place = {"place": force.place_ids["S00"]}
    rows = []
    for what, sql in ANCHOR.items():
        asked = text(sql)

        def ask(asked: TextClause = asked) -> object:
            return db.session.execute(asked, place).all()

        rows.append(_row(f"anchor: {what}", moves, timed(ask, repeats=repeats)))
    return rows


def _posting(force: forces.Force, moves: int, acts: int = 200) -> list[Row]:
    """Post one move at a time, each a durable transaction with form, checks, balances, leaf and place in the log."""
    lot, store, station = forces.a_lot(), force.place_ids["STORE"], force.place_ids["S00"]
    by, at, act = force.people["storekeeper"], forces.AT, "request.dispatch"

    def all_of_them() -> None:
        for _ in range(acts):
            one()

    def one() -> None:
        form = str(uuid.uuid4())
        with transaction():
            trail.earlier(form, by=by, act=act, body=[lot, 1])
            post(
                PostingKind.DISPATCH, [Movement(lot, store, station, 1)], by=by, at=at, happened_at=at,
                document="BENCH", submission_id=form,
            )  # fmt: skip
            trail.record(act=act, subject="BENCH", by=by, at=at, submission_id=form, units=1)

    took = seconds(all_of_them)
    target = 400 if journal_mode(sqlite3.sqlite_version_info) == "WAL" else 250
    return [Row("posting, one move an act", moves, acts / took, "acts/s", target=target)]


def _count(force: forces.Force, moves: int) -> list[Row]:
    """Begin to count a station, and count its first thing."""
    made: list[StockCount] = []
    begun = seconds(lambda: made.append(force.do("sergeant", counts.start, "S00")))
    force.count = made[0].reference
    seen = seconds(lambda: force.do("sergeant", counts.see, force.count, 1, counted_count=3, seen_at=forces.AT))
    return [Row("count: begun", moves, begun * 1_000, "ms"), Row("count: one thing", moves, seen * 1_000, "ms")]


def _page(app: Flask, what: str, named: dict[str, str], moves: int, repeats: int) -> Row:
    who, path, target = PAGES[what]
    client = _signed_in(app, f"{who}@bench.example")

    def read() -> None:
        answer = client.get(path.format(**named))
        assert answer.status_code == 200, f"{path} answered {answer.status_code}"

    return _row(f"page: {what}", moves, timed(read, repeats=repeats), target)


def _signed_in(app: Flask, email: str) -> FlaskClient:
    client = app.test_client()
    form = BeautifulSoup(client.get("/sign-in").get_data(as_text=True), "html.parser").find("form")
    sent = {str(each["name"]): str(each.get("value", "")) for each in form.select("input[name]")} if form else {}
    answer = client.post("/sign-in", data={**sent, "email": email, "password": forces.PASSWORD})
    assert answer.status_code in (302, 303), answer.status_code
    return client


def _row(what: str, moves: int, timing: Timing, target: float | None = None) -> Row:
    return Row(what, moves, timing.p50, "ms", worst=timing.worst, target=target)


def _growth(rows: list[Row]) -> list[Row]:
    """Say how much longer a page takes at the largest size than at the smallest."""
    sizes = sorted({row.moves for row in rows})
    if len(sizes) < 2:
        return []
    pages = {row.what: row.figure for row in rows if row.moves == sizes[0] and row.what.startswith("page:")}
    return [
        Row(f"{row.what}: {sizes[-1]:,} / {sizes[0]:,}", row.moves, row.figure / pages[row.what], "times")
        for row in rows
        if row.moves == sizes[-1] and row.what in pages
    ]


HEAD = f"{'what':<58} {'moves':>9} {'figure':>10} {'unit':<8} {'worst':>8} {'anchor':>8} {'target':>8} met"


def _line(row: Row) -> str:
    worst, anchor, target = (
        f"{each:>8,.1f}" if each is not None else " " * 8 for each in (row.worst, row.anchor, row.target)
    )
    return f"{row.what:<58} {row.moves:>9,} {row.figure:>10,.1f} {row.unit:<8} {worst} {anchor} {target} {row.met}"


def _write(rows: list[Row]) -> None:
    machine: dict[str, Any] = {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "journal": journal_mode(sqlite3.sqlite_version_info),
    }
    target = Path("build/bench.json")
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}, indent=2) + "\n")
    print(f"Written to {target}")


if __name__ == "__main__":
    main()
