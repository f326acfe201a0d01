"""Run the benchmark: ``python -m bench [--sizes 10000,100000] [--repeats 15] [--processor]``."""

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

from app import create_app
from bench import books, logs, papers, proof
from bench import force as forces
from bench.measure import Timing, count_processor_time, machine_speed, seconds, timed
from bench.rows import Row
from bench.workload import asking
from bench.workload.asking import NOT_ASKED
from bench.workload.drawing import draw
from bench.workload.facts import STATION
from bench.workload.loading import Loaded, load
from core import schema, trail
from core.db import db, journal_mode, transaction
from grants.position.commands import keep_up
from inventory.counts import services as counts
from inventory.counts.models import StockCount
from inventory.stock.rules import Movement, PostingKind
from inventory.stock.services import post

PAGES = {
    "sergeant's home": ("sergeant", "/station/S07", 40),
    "ask for restock": ("sergeant", "/requests/new?place=S07", 40),
    "store's home": ("storekeeper", "/store/C01", 40),
    "stock of a place and its timeline": ("sergeant", "/stock/places/S07", 40),
    "stock of a place as at a past day": ("sergeant", "/stock/places/S07?as_at=2024-12-31", 40),
    "a lot's timeline": ("storekeeper", "/stock/lots/{lot}", 40),
    "a Go Bag and its timeline": ("storekeeper", "/bags/{tag}", 40),
    "a count under way": ("sergeant", "/counts/{count}", 40),
    "grant position": ("grants", "/grants/G1-FY26", 40),
    "a grant line, followed": ("grants", "/grants/G1-FY26/lines/L5", 120),
    "a quarter reconciled": ("grants", "/reconciliation/G1-FY26/2026-04-01", 5_000),
    "statement of grant usage": ("grants", "/reports/statement/G1-FY26?first=2025-07-01&last=2026-06-30", 5_000),
}
"""What is asked → who asks, the page, and the target of its median in milliseconds (performance.md 8)."""


def main() -> None:
    """Measure every size and write the table and build/bench.json."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="10000,100000")
    options.add_argument("--repeats", type=int, default=15)
    options.add_argument("--processor", action="store_true", help="count processor time, where others use the machine")
    chosen = options.parse_args()
    if chosen.processor:
        count_processor_time()
    machine = _machine(by_processor=chosen.processor)
    rows: list[Row] = []
    print(", ".join(f"{what} {each}" for what, each in machine.items()))
    print(NOT_ASKED)
    print(HEAD)
    for row in _all([int(each) for each in chosen.sizes.split(",")], chosen.repeats):
        print(_line(row), flush=True)  # the largest size takes minutes
        rows.append(row)
    for row in _growth(rows):
        print(_line(row))
        rows.append(row)
    _write(machine, rows)


def _all(sizes: Sequence[int], repeats: int) -> Iterator[Row]:
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            yield from _measure(Path(folder), size, repeats)
    yield from papers.measure()
    yield from logs.measure()


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
        drawn = draw(moves)
        force, loaded = forces.found(), list[Loaded]()
        took = seconds(lambda: loaded.append(load(force, drawn)))
        kept = seconds(keep_up)  # as the scheduler does after a large import
        yield from _loading(loaded[0], moves, took + kept, kept)
        yield from asking.measure(force, loaded[0], drawn, moves=moves, repeats=repeats)
        forces.furnish(force)
        yield from _posting(force, moves)
        yield from _count(force, moves)
        named = {"tag": force.tag, "lot": forces.code_of_a_lot(), "count": force.count}
        db.session.remove()
    for what in PAGES:
        yield _page(app, what, named, moves, repeats)
    with app.app_context():
        yield from books.measure(force, moves)
        yield from proof.measure(folder, moves)
        db.session.remove()


def _loading(loaded: Loaded, moves: int, took: float, kept: float) -> list[Row]:
    """Say where the time of loading went: lots through services, moves through the import, sums of grant lines."""
    return [
        Row("load: the whole workload", moves, moves / took, "moves/s"),
        Row("load: lots, invoices and deliveries", moves, len(loaded.lot_ids) / loaded.lots_seconds, "lots/s"),
        Row("load: import of past moves", moves, loaded.move_count / loaded.moves_seconds, "moves/s", target=15_000),
        Row("load: sums of grant lines kept", moves, kept * 1_000, "ms"),
    ]


def _posting(force: forces.Force, moves: int, acts: int = 200) -> list[Row]:
    """Post one move at a time, each a durable transaction with form, checks, balances, leaf and place in the log."""
    lot, store, station = forces.a_lot(), force.place_ids[forces.STORE], force.place_ids[STATION]
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
    begun = seconds(lambda: made.append(force.do("sergeant", counts.start, STATION)))
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


HEAD = (
    f"{'what':<50} {'moves':>9} {'figure':>10} {'unit':<8} {'worst':>9} {'anchor':>9} {'ratio':>9} {'target':>9} "
    "met same answer"
)


def _line(row: Row) -> str:
    places = 2 if row.unit == "%" else 1
    worst, anchor, ratio, target = (
        f"{each:>9,.{places}f}" if each is not None else " " * 9
        for each in (row.worst, row.anchor, row.ratio, row.target)
    )
    figure = f"{row.figure:>10,.{places}f} {row.unit:<8}"
    same = {None: "", True: "yes", False: "NO"}[row.same]
    return f"{row.what:<50} {row.moves:>9,} {figure} {worst} {anchor} {ratio} {target} {row.met:<3} {same}".rstrip()


def _machine(*, by_processor: bool) -> dict[str, Any]:
    """Say what the figures were measured on: absolute ones drift by more than two between machines."""
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "journal": journal_mode(sqlite3.sqlite_version_info),
        "sum(range(1000)) in µs": round(machine_speed(), 1),
        "measured by": "processor time" if by_processor else "the clock",
    }


def _write(machine: dict[str, Any], rows: list[Row]) -> None:
    target = Path("build/bench.json")
    target.parent.mkdir(exist_ok=True)
    said = [asdict(row) | {"ratio": row.ratio, "met": row.met} for row in rows]
    target.write_text(json.dumps({"machine": machine, "not_asked": NOT_ASKED, "rows": said}, indent=2) + "\n")
    print(f"Written to {target}")


if __name__ == "__main__":
    main()
