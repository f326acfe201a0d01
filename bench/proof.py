"""The proof at the size of a force: a checkpoint, a sealed pack, and the one file that checks it offline."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

from audit import verify
from audit.packs.report import write_pack
from bench.force import AT, TODAY
from bench.measure import seconds
from bench.rows import Row
from core.db import transaction
from core.periods import Period
from core.trail import checkpoints


def measure(folder: Path, moves: int) -> list[Row]:
    """Sign the log, seal a pack of the quarter without its papers, and check it as an auditor does."""
    with transaction():
        key = checkpoints.begin_key("bench.example/log", at=AT)
    signed = seconds(lambda: checkpoints.checkpoint_now(at=AT, occasion="bench"))
    file = folder / "pack.zip"
    with file.open("wb") as out:
        sealed = seconds(lambda: write_pack(out, period=Period(TODAY.replace(month=4, day=1), TODAY), at=AT, forms=()))
    said, found = io.StringIO(), list[int]()
    with contextlib.redirect_stdout(said):
        checked = seconds(lambda: found.append(verify.main([str(file), "--key", str(key)])))
    assert found == [0], said.getvalue()
    return [
        Row("proof: first checkpoint over the whole log", moves, signed * 1_000, "ms"),
        Row("proof: sealed pack of a quarter", moves, sealed * 1_000, "ms"),
        Row("proof: checking it offline", moves, checked * 1_000, "ms"),
    ]
