"""Judging a document against the register, and making a report again from its frozen figures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.issued import queries, rules
from audit.issued.rules import Answer, Issued
from core.access import Actor
from core.errors import NotFound, RuleBroken
from core.figures import FileKind, Imprint
from core.figures.answers import imprinted, leave
from core.figures.storing import digest_of
from core.figures.storing import frozen_of as object_of
from core.register import Entry, IssuedFile, IssuedReport, with_signature

Painter = Callable[[Any, FileKind], bytes]


@dataclass(frozen=True)
class Sort:
    """A sort of report.

    Attributes:
        words: what a reader calls it, without a capital.
        again: gives the class of its frozen object and what paints it; None where there is nothing but bytes.
    """

    words: str
    again: Callable[[], tuple[type, Painter]] | None


# Painting is loaded when something is painted, for every start would wait for it.


def _statement() -> tuple[type, Painter]:
    from grants.reports.pdf import file_of
    from grants.reports.report import Statement

    return Statement, file_of


def _claim() -> tuple[type, Painter]:
    from grants.claims.pdf import file_of
    from grants.claims.report import ClaimPack

    return ClaimPack, file_of


def _reconciliation() -> tuple[type, Painter]:
    from grants.reconciliation.pdf import file_of
    from grants.reconciliation.report import ReconciledPeriod

    return ReconciledPeriod, file_of


def _usage() -> tuple[type, Painter]:
    from inventory.usage.pdf import file_of
    from inventory.usage.report import UsageReport

    return UsageReport, file_of


def _outturn() -> tuple[type, Painter]:
    from grants.closing.pdf import file_of
    from grants.closing.report import Outturn

    return Outturn, file_of


def _published() -> tuple[type, Painter]:
    from grants.published.pdf import file_of
    from grants.published.report import ReleasedUsage

    return ReleasedUsage, file_of


def _sample() -> tuple[type, Painter]:
    from audit.samples.pdf import file_of
    from audit.samples.report import WorkingPaper

    return WorkingPaper, file_of


def _partnership() -> tuple[type, Painter]:
    from grants.partnership.pdf import file_of
    from grants.partnership.report import QuarterPack

    return QuarterPack, file_of


def _bid() -> tuple[type, Painter]:
    from grants.bids.pdf import file_of
    from grants.bids.report import Bid

    return Bid, file_of


def _register() -> tuple[type, Painter]:
    from grants.registers.pdf import file_of
    from grants.registers.report import Register

    return Register, file_of


def _spending() -> tuple[type, Painter]:
    from grants.registers.pdf import spending_file
    from grants.registers.report import PublishedSpending

    return PublishedSpending, spending_file


def _position() -> tuple[type, Painter]:
    from grants.position.pdf import file_of
    from grants.position.report import Position

    return Position, file_of


def _exposure() -> tuple[type, Painter]:
    from grants.exposure.pdf import file_of
    from grants.exposure.report import Exposure

    return Exposure, file_of


SORTS: Mapping[str, Sort] = {
    "bid": Sort("bid for next year", _bid),
    "claim": Sort("claim", _claim),
    "extract": Sort("extract of a log", None),
    "exposure": Sort("clawback exposure", _exposure),
    "items": Sort("register of fixed and attractive items", _register),
    "losses": Sort("register of losses and write-offs", _register),
    "outturn": Sort("outturn statement", _outturn),
    "partnership": Sort("pack for the partnership", _partnership),
    "position": Sort("grant position", _position),
    "published": Sort("release of published usage", _published),
    "reconciliation": Sort("reconciliation of a period", _reconciliation),
    "register": Sort("register of spending or awards", None),
    "sample": Sort("working paper of a sample", _sample),
    "spending": Sort("report of spending over £500", _spending),
    "statement": Sort("statement of grant usage", _statement),
    "usage": Sort("report of usage by station", _usage),
}
"""Sort, as whoever issues a report names it → what it is. A sort that is not here cannot be made again."""


def words_of(sort: str) -> str:
    """Say what a sort of report is called."""
    return SORTS[sort].words if sort in SORTS else "report"


# ---- Making again -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proof:
    """Whether a file that was issued comes out of the frozen figures again.

    Attributes:
        sha256: of what was painted now.
        agrees: whether it is the file that was issued, byte for byte.
    """

    file: IssuedFile
    sha256: str
    agrees: bool


def frozen_of(report: IssuedReport) -> tuple[Any, Painter] | None:
    """Give the frozen object of a report and what paints it; None where it cannot be made again."""
    sort = SORTS.get(report.sort)
    if sort is None or sort.again is None or report.frozen_json is None:
        return None
    kind, paint = sort.again()
    return object_of(kind, report.frozen_json), paint


def entry_of(report: IssuedReport) -> Entry:
    """Give the entry of a report as it was registered, so that it leaves once more under the same reference."""
    return Entry(
        report.sort, report.document, report.title, queries.filters_of(report), report.marking,
        report.sequence, report.chain_hash, report.cut_off, report.frozen_json, report.frozen_sha256,
    )  # fmt: skip


def made_again(report: IssuedReport, kind: FileKind, *, by: Actor | None) -> bytes:
    """Make a report again in one of its forms, from its frozen figures, and register that it left once more.

    Raises:
        NotFound: it is only bytes, and cannot be made again.
        RuleBroken: its frozen figures are not those that were issued. Nothing is registered: the register would vouch
            for them.
    """
    made = frozen_of(report)
    if made is None:
        raise NotFound
    if not figures_stand(report):
        raise RuleBroken(
            f"{report.reference} cannot be made again: its frozen figures are not those whose digest the register "
            "keeps. Tell whoever keeps the database, and check the ledger"
        )
    figures, paint = made
    return leave(figures, kind, paint, entry=entry_of(report), by=by)


def proofs(report: IssuedReport) -> list[Proof]:
    """Paint every form of a report again, and compare each with the file that was issued."""
    made = frozen_of(report)
    if made is None:
        return []
    figures, paint = made
    marked = imprinted(figures, Imprint(report.reference, report.verify_at, report.signed))
    found, made_now = [], dict[FileKind, tuple[str, ...]]()
    for file in report.files:
        if file.kind not in made_now:
            made_now[file.kind] = _digests(paint(marked, file.kind))
        same = file.sha256 in made_now[file.kind]
        found.append(Proof(file, file.sha256 if same else made_now[file.kind][0], same))
    return found


def _digests(painted: bytes) -> tuple[str, ...]:
    """Give the digest of a file as it is painted, and where it was signed once, with that signature."""
    signed = with_signature(painted)
    return tuple(hashlib.sha256(each).hexdigest() for each in (painted, signed) if each is not None)


def figures_stand(report: IssuedReport) -> bool:
    """Say whether the frozen figures are those whose digest the register keeps."""
    kept = report.frozen_json
    return kept is not None and digest_of(kept) == report.frozen_sha256


# ---- Judging a document -------------------------------------------------------------------------


def judge_file(data: bytes) -> Answer:
    """Say whether a file is a document that was issued. Nothing of it is kept."""
    same = queries.files_with([hashlib.sha256(data).hexdigest()])
    if same:
        file, report = same[0]
        return rules.is_issued(_told(report), file.kind.upper())
    borne = rules.references_in(data)
    known = queries.reports_with(borne) if borne else []
    for report in known:
        for file in report.files:
            if file.byte_count < len(data) and hashlib.sha256(data[: file.byte_count]).hexdigest() == file.sha256:
                return rules.was_added_to(_told(report), file.kind.upper(), file.byte_count, data[file.byte_count :])
    return _not_issued(known, borne)


def judge_long(digest: str, ends: bytes) -> Answer:
    """Judge a file that is too large to be held whole.

    Args:
        digest: SHA-256 of all of it.
        ends: its beginning and its end, where it bears its reference.
    """
    same = queries.files_with([digest])
    if same:
        file, report = same[0]
        return rules.is_issued(_told(report), file.kind.upper())
    borne = rules.references_in(ends)
    return _not_issued(queries.reports_with(borne) if borne else [], borne)


def _not_issued(known: Sequence[IssuedReport], borne: Sequence[str]) -> Answer:
    """Say of a file that was not issued whether it bears a reference, and one that is known."""
    if known:
        return rules.was_changed(_told(known[0]))
    return rules.was_never_issued(borne[0]) if borne else rules.is_unknown()


def judge_reference(reference: str) -> Answer:
    """Say what was issued under a reference."""
    known = queries.reports_with([reference])
    return rules.is_a_reference(_told(known[0])) if known else rules.is_no_reference(reference)


def _told(report: IssuedReport) -> Issued:
    """Give what may be told of a report."""
    forms = dict.fromkeys(file.kind.upper() for file in report.files)
    return Issued(
        report.reference,
        words_of(report.sort),
        report.version,
        report.marking,
        report.issued_at,
        tuple(forms),
        queries.later_than(report),
    )
