"""The check of the ledger, frozen: what was checked, when, and what does not agree, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from audit.desk import queries
from audit.trail import queries as trails
from audit.trail.rules import ChainCheck
from core.damage import damage_of
from core.db import db
from core.trail import Log, kept
from core.trail.checkpoints import newest_checkpoint


@dataclass(frozen=True)
class Checked:
    """One thing that was checked: what it says when it agrees, and what does not."""

    name: str
    agrees: str
    findings: tuple[str, ...]


@dataclass(frozen=True)
class LogState:
    """A log as the check found it: entries, chain hash of the last, and leaves not yet in its order."""

    log: Log
    entry_count: int
    chain_hash: str
    unsealed_count: int


@dataclass(frozen=True)
class LedgerCheck:
    """The whole check, as it stood at a moment."""

    at: datetime
    checks: tuple[Checked, ...]
    logs: tuple[LogState, ...]

    @property
    def agrees(self) -> bool:
        """Whether everything agrees."""
        return not any(check.findings for check in self.checks)

    @property
    def finding_count(self) -> int:
        """How many things do not agree."""
        return sum(len(check.findings) for check in self.checks)

    @property
    def unsealed_count(self) -> int:
        """Leaves committed and not yet in the order of their log."""
        return sum(state.unsealed_count for state in self.logs)


def check_ledger(*, at: datetime, checkpoints: Sequence[tuple[int, str]] = ()) -> LedgerCheck:
    """Check the logs from their first entry, and what is kept against what explains it.

    Args:
        checkpoints: (sequence, chain hash in hexadecimal digits) of the log of changes, as printed on reports kept
            elsewhere: only they can show that the end of the log was cut off.
    """
    states, checks, unsealed = [], [], trails.unsealed()
    for log in Log:
        found = trails.check_log(log)
        states.append(LogState(log, found.count, found.chain.hex(), unsealed[log]))
        checks.append(_log_check(log, found))
    if checkpoints:
        findings = [words for each in checkpoints if (words := _against(*each))]
        many = f"The log holds all {len(checkpoints)} checkpoints." if len(checkpoints) > 1 else "The log holds it."
        checks.append(Checked("Checkpoints kept elsewhere", many, tuple(findings)))
    return LedgerCheck(at, (*checks, *_books()), tuple(states))


_LOOKED_AT = {
    "sqlite": "Its pages are sound.",
    "postgresql": "Not looked at here: PostgreSQL looks after its own pages.",
}


def check_everything(*, at: datetime, checkpoints: Sequence[tuple[int, str]] = ()) -> LedgerCheck:
    """Check the database's own file, the ledger, and every row that was ever signed; it reads all there is.

    Of a file that is damaged nothing else is checked: what is read from it may be anything.
    """
    damaged = tuple(damage_of(db.engine))
    file = Checked("Database file", _LOOKED_AT[db.engine.dialect.name], damaged)
    if damaged:
        return LedgerCheck(at, (file,), ())
    found = check_ledger(at=at, checkpoints=checkpoints)
    newest = newest_checkpoint()
    if newest is None:
        return replace(found, checks=(*found.checks, file))
    with db.engine.connect() as connection:
        changed = tuple(kept.contradictions(connection, kept.tables_read(newest.tables_json)))
    signed = Checked("Signed rows", f"Every row is as checkpoint {newest.id:,} signed it.", changed)
    return replace(found, checks=(*found.checks, file, signed))


def _log_check(log: Log, found: ChainCheck) -> Checked:
    words = f"All {found.count:,} entries follow from the first." if found.count else "It has no entries yet."
    return Checked(f"Log of {log.value}", words, tuple(found.findings))


def _against(sequence: int, chain_hash: str) -> str | None:
    """Say how the log of changes contradicts a checkpoint, or nothing when it holds it."""
    kept = trails.chain_hash_at(Log.CHANGES, sequence)
    if kept is None:
        return f"The log is shorter than checkpoint {sequence:,}: entries were taken off its end."
    if kept.hex() != chain_hash.lower().replace(" ", ""):
        return f"Entry {sequence:,} is not the one the checkpoint names: entries up to it were changed."
    return None


def _books() -> tuple[Checked, ...]:
    """Check what is kept against what explains it."""
    return (
        Checked("Balances", "Every balance is the sum of its moves.", tuple(queries.balances())),
        Checked(
            "Past balances",
            "What each place held at any moment is the sum of its moves, and its acts are those of its moves.",
            (*queries.past_balances(), *queries.acts()),
        ),
        Checked("Numbering", "Every lot's units are numbered as its moves say.", tuple(queries.numberings())),
        Checked("Grant lines", "Every line's kept sums are what its rows give.", tuple(queries.line_sums())),
        Checked("Go Bags", "Every Go Bag stands where its moves say.", tuple(queries.bag_positions())),
        Checked("Phones and SIMs", "Every unit is where its moves say.", tuple(queries.unit_positions())),
        Checked("Invoices", "Every invoice is the sum of its rows.", tuple(queries.invoices())),
        Checked("Apportionment", "No spending is apportioned beyond its cost.", tuple(queries.apportionments())),
    )
