"""Writing a sealed pack: figures, rows, logs, proofs, checkpoints and the program that checks them, in one file.

The pack is written from one cut: a checkpoint made for it, or where nothing can be signed, how far everything goes
now, and then the pack says since when it is unsigned. Nothing of it is held in memory but a chunk of rows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO
from zipfile import ZipFile

from audit.packs import queries
from audit.packs.rules import PackWriter, manifest_note, manifest_text
from core.access import Scope
from core.db import db
from core.figures import FileKind
from core.periods import Period
from core.trail import Checkpoint, Log, checkpoints, kept, merkle
from core.trail.checkpoints import Cut
from core.trail.keys import CannotSign, signing_key
from core.trail.queries import head
from core.trail.rules import canonical, moment
from core.trail.signing import sign
from grants.awards import queries as awards
from grants.reports.report import freeze_statement
from inventory.usage.report import freeze_usage

ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = {"FORMAT.md": ROOT / "docs" / "PACK.md", "verify.py": ROOT / "audit" / "verify.py"}
"""What every pack brings along: its own description, and the program that checks it."""

MOST_PROOFS = 500
"""Checkpoints before the newest that a consistency proof is given for, the newest first."""

ON_PAPER_TOO = (FileKind.CSV, FileKind.PDF)

Wrote = Callable[[int], object]
"""Told how many more rows are written, now and then; what it raises breaks the writing off."""

TOLD_EVERY = 2_000
"""Rows after which whoever waits is told."""


@dataclass(frozen=True)
class SealedPack:
    """A pack that somebody asked for; what is in it beside the figures of its period is whole, as at its checkpoint."""

    period: Period
    title: str = field(default="Sealed pack", init=False)

    @property
    def reference(self) -> str:
        """Its own name, the same in every version."""
        return f"pack-{self.period.first:%Y%m%d}-{self.period.last:%Y%m%d}"

    @property
    def filters(self) -> tuple[tuple[str, str], ...]:
        """What was asked for."""
        return (("Report", self.title), ("Figures of", self.period.words))


def row_count() -> int:
    """Count the rows and entries a pack would have now: how far it is, is told by them."""
    return queries.row_count()


@dataclass(frozen=True)
class Packed:
    """A pack that was written.

    Attributes:
        checkpoint: the checkpoint it was made at, or None when nothing could be signed.
        why_unsigned: why not, or nothing.
        manifest_sha256: 64 hexadecimal digits, which name the pack in the access log.
    """

    period: Period
    checkpoint: Checkpoint | None
    why_unsigned: str
    manifest_sha256: str
    file_count: int
    byte_count: int


def write_pack(
    out: IO[bytes],
    *,
    period: Period,
    at: datetime,
    evidence_folder: Path | None = None,
    forms: Sequence[FileKind] = ON_PAPER_TOO,
    wrote: Wrote = lambda _: None,
) -> Packed:
    """Write a pack.

    Args:
        period: what the figures are of. Rows and logs are whole: a balance is the sum of all moves there ever were.
        forms: in which forms the reports of the period are in it.
        evidence_folder: where the files of papers lie; none of them is in the pack without it.
        wrote: told of the rows and entries that are written.
    """
    checkpoint, why = _checkpoint(at)
    cut = checkpoints.cut_of(checkpoint) if checkpoint else checkpoints.cut_now()
    newest = checkpoint or checkpoints.newest_checkpoint()
    with PackWriter(out) as pack:
        for name, source in SHIPPED.items():
            pack.add(name, [source.read_bytes()])
        _add_checkpoints(pack, newest, cut)
        _add_logs(pack, cut, wrote)
        for name, table in queries.tables().items():
            pack.add_lines(f"rows/{name}.jsonl", _told(queries.rows(table, cut=cut), wrote))
        _add_figures(pack, period, cut, forms)
        for digest, parts in queries.evidence(evidence_folder, cut=cut) if evidence_folder else ():
            pack.add(f"evidence/{digest}", parts)
        origin, manifest = _add_manifest(pack, checkpoint, why, period, cut)
        if checkpoint:
            _add_signature(pack, origin, manifest)
    db.session.rollback()  # a reader of its own would keep the access log's short transaction waiting
    digest = pack.files["manifest.json"][1]
    return Packed(period, checkpoint, why, digest, len(pack.files), sum(size for size, _ in pack.files.values()))


def _told(lines: Iterable[str], wrote: Wrote) -> Iterator[str]:
    """Pass lines on, and tell of them when they are written."""
    count = 0
    for line in lines:
        yield line
        count += 1
        if count == TOLD_EVERY:
            wrote(count)
            count = 0
    wrote(count)


def manifest_digest(pack: IO[bytes]) -> str:
    """Give the SHA-256 of a pack's manifest, which names the pack in the access log."""
    with ZipFile(pack) as files:
        return sha256(files.read("manifest.json")).hexdigest()


def _checkpoint(at: datetime) -> tuple[Checkpoint | None, str]:
    """Make the checkpoint of the pack, or say why not."""
    try:
        return checkpoints.make_checkpoint(at=at, occasion="pack.take"), ""
    except CannotSign as problem:
        return None, str(problem)


def _add_checkpoints(pack: PackWriter, newest: Checkpoint | None, cut: Cut) -> None:
    if newest:
        pack.add("checkpoint.txt", [newest.note.encode()])
    known = [str(key) for key, _ in checkpoints.known_keys()]
    pack.add_lines("keys.txt", known)
    until = newest.id if newest else 0
    pack.add_lines("checkpoints.jsonl", map(_checkpoint_line, queries.checkpoints(until=until)))
    if newest:
        pack.add_lines("proofs/consistency.jsonl", _proofs(newest))
    tables = kept.tables_read(newest.tables_json) if newest else {}
    for log in Log:
        pack.add_lines(f"kept/{log.value}.txt", queries.kept_hashes(log.value, size=cut.sizes[log]))
    for name, grown in tables.items():
        pack.add_lines(f"kept/table/{name}.txt", queries.kept_hashes(f"table:{name}", size=grown.size))


def _checkpoint_line(checkpoint: queries.CheckpointFacts) -> str:
    return canonical(
        {
            "id": checkpoint.id,
            "occasion": checkpoint.occasion,
            "tables": checkpoint.tables_json,
            "note": checkpoint.note,
        }
    )


def _proofs(newest: Checkpoint) -> Iterator[str]:
    """Prove that the newest checkpoint goes on from the ones before it, in both logs."""
    earlier = deque(queries.checkpoints(until=newest.id - 1), maxlen=MOST_PROOFS)
    sizes = {Log.CHANGES: newest.size, Log.ACCESS: newest.access_size}
    for each in earlier:
        ends = {Log.CHANGES: each.size, Log.ACCESS: each.access_size}
        found = {log.value: _consistency(log, ends[log], size) for log, size in sizes.items()}
        yield canonical({"from": each.id, "to": newest.id, **found})


def _consistency(log: Log, earlier: int, size: int) -> list[str]:
    if not earlier:
        return []
    nodes = kept.nodes_of_log(db.session.connection(), log)
    found = [each.hex() for each in merkle.consistency_proof(nodes, earlier, size)]
    db.session.rollback()
    return found


def _add_logs(pack: PackWriter, cut: Cut, wrote: Wrote) -> None:
    for log in Log:
        entries = (text for text, _ in queries.leaves(log, until=cut.sizes[log]))
        pack.add_lines(f"logs/{log.value}.jsonl", _told(entries, wrote))
        pack.add_lines(f"logs/{log.value}.hashes.txt", queries.leaf_hashes(log, until=cut.sizes[log]))


def _add_figures(pack: PackWriter, period: Period, cut: Cut, forms: Sequence[FileKind]) -> None:
    """Write the service's own sums at the cut, and the reports of the period."""
    # Painting is loaded when something is painted, for every start would wait for it.
    from grants.reports import pdf as statements
    from inventory.usage import pdf as usages

    pack.add_lines("figures/stock.jsonl", queries.stock(cut=cut))
    pack.add_lines("figures/grant-lines.jsonl", queries.grant_lines(cut=cut))
    known_at = head().newest_at
    if known_at is None:
        return
    for award in awards.awards():
        if award.starts_on <= period.last and award.ends_on >= period.first:
            statement = freeze_statement(award.code, period, at=known_at)
            for kind in forms:
                pack.add(f"figures/{statement.reference}.{kind}", [statements.file_of(statement, kind)])
    used = freeze_usage(period, scope=Scope.everywhere(), at=known_at)
    for kind in forms:
        pack.add(f"figures/{used.reference}.{kind}", [usages.file_of(used, kind)])


def _add_manifest(
    pack: PackWriter, checkpoint: Checkpoint | None, why: str, period: Period, cut: Cut
) -> tuple[str, str]:
    """Write the manifest; give the origin of the log and the manifest's text."""
    known = checkpoints.known_keys()
    origin = known[-1][0].name if known else ""
    facts: Mapping[str, object] = {
        "origin": origin,
        "checkpoint": checkpoint.id if checkpoint else None,
        "unsigned": why,
        "period": [_day(period.first), _day(period.last)],
        "entries": {log.value: size for log, size in cut.sizes.items()},
        "tables": dict(cut.ids),
        "known_at": moment(known_at) if (known_at := head().newest_at) else None,
    }
    text = manifest_text(facts, pack.files)
    pack.add("manifest.json", [text.encode()])
    return origin, text


def _add_signature(pack: PackWriter, origin: str, manifest: str) -> None:
    key = signing_key(checkpoints.known_keys()[-1][0])
    pack.add("manifest.note", [str(sign(manifest_note(origin, manifest), [key])).encode()])


def _day(day: date) -> str:
    return day.isoformat()


def usual_period(today: date) -> Period:
    """Give the period of a pack that names none: from the first day any award funds until today."""
    first = queries.first_award_day()
    return Period(min(first, today) if first else today, today)
