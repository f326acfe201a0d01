"""A claim that is still being made: its figures, what fails in it, and what waits for a decision."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from core.dates import day_text, local_day
from core.money import Pence, pounds
from grants.awards.queries import conditions_of, moved_without_consent
from grants.awards.rules import Condition, ConditionKind, Reached, Side, Spent, VatTreatment, breaches, points_text
from grants.claims import queries
from grants.claims.models import Claim, ClaimEstimate
from grants.claims.queries import Uninvoiced
from grants.claims.report.making import Making
from grants.claims.report.pack import ClaimPack, PackWaiver
from grants.claims.report.storing import figures_digest
from grants.claims.rules.findings import AuditedRow, Finding, FindingKind, duplicates, of_line, of_row, still_open
from grants.evidence.rules import EXPECTED, RecordKind
from grants.spending import queries as spending
from grants.threeway import queries as threeway
from grants.threeway.rules import Apart

_PROVES = frozenset({EXPECTED[RecordKind.INVOICE], EXPECTED[RecordKind.SPENDING_ROW]})
"""Papers that show a cost."""


@dataclass(frozen=True)
class Draft:
    """A claim before it is signed.

    Attributes:
        findings: everything the self-audit found, waived or not.
        failing: what still has to be cured or waived.
        undecided: goods received and not invoiced, nobody having said what of them to accrue.
        estimates: what was decided about others.
        digest: fingerprint of the figures.
    """

    pack: ClaimPack
    findings: tuple[Finding, ...]
    failing: tuple[Finding, ...]
    undecided: tuple[Uninvoiced, ...]
    estimates: tuple[ClaimEstimate, ...]
    digest: str

    def finding(self, key: str) -> Finding | None:
        """Find a finding by its key, or None when it no longer stands."""
        return next((each for each in self.findings if each.key == key), None)


def draft_of(claim: Claim, *, at: datetime) -> Draft:
    """Make a claim as known at a moment, and audit it."""
    making = Making(claim, at)
    waiting = [] if making.defrayed else queries.uninvoiced(making.award, making.period.last)
    decided = {each.subject for each in making.estimates}
    undecided = [each for each in waiting if each.subject not in decided]
    pack = making.pack()
    audit = _Audit(making, pack, waiting, undecided)
    findings = tuple(audit.findings())
    waived = {key: waiver.words for key, waiver in making.waivers.items()}
    kept = {each.key for each in findings if each.may_be_waived and waived.get(each.key) == each.words}
    pack = replace(pack, waivers=(*making.waived(kept), *audit.explained()))
    return Draft(
        pack,
        findings,
        tuple(still_open(findings, waived)),
        tuple(undecided),
        tuple(making.estimates),
        figures_digest(pack),
    )


class _Audit:
    """The self-audit of one claim."""

    def __init__(self, making: Making, pack: ClaimPack, waiting: list[Uninvoiced], undecided: list[Uninvoiced]) -> None:
        self.making, self.pack = making, pack
        self.waiting = {each.subject: each for each in waiting}
        self.undecided = undecided
        self.eligible, self.prepaid = Counter[int](), Counter[int]()
        for (row_id, _), claimed in making.claimed.items():
            self.eligible[row_id] += claimed.eligible
        for (row_id, _), now in making.now.items():
            self.prepaid[row_id] += now.closing_prepaid
        self.apart = threeway.differences_of([row_id for row_id, pence in self.eligible.items() if pence > 0])

    def findings(self) -> Iterator[Finding]:
        """Give everything that fails, what stops the claim first."""
        yield from self._period()
        award = self.making.award
        for line in self.pack.lines:
            yield from of_line(line, agreement=award.agreement_reference, limit_points=award.variance_limit_points)
        yield from self._forecasts()
        yield from self._consent()
        yield from self._estimates()
        yield from self._ledger()
        yield from self._rows()

    def _period(self) -> Iterator[Finding]:
        last = self.making.period.last
        if local_day(self.making.at) <= last:
            yield Finding(
                FindingKind.NOT_OVER, self.pack.reference, f"The period lasts until {day_text(last)}",
                "Prepare the claim when it is over",
            )  # fmt: skip

    def _forecasts(self) -> Iterator[Finding]:
        without = [line.code for line in self.pack.lines if line.forecast is None]
        if without:
            yield Finding(
                FindingKind.NO_FORECAST, self.pack.reference,
                f"{'Line' if len(without) == 1 else 'Lines'} {', '.join(without)}: no forecast to the end of the award",
                "Enter what each will still cost, £0.00 for nothing",
            )  # fmt: skip

    def _consent(self) -> Iterator[Finding]:
        """Find lines off or onto which more moved than the award lets move without the funder's consent."""
        award = self.making.award
        moved = moved_without_consent([line.id for line in award.lines])
        for line in award.lines:
            side = Side(f"line {line.code}", Pence(line.budget_pence), moved[line.id])
            if moved[line.id] and side.beyond(award.virement_limit_points):
                yield Finding(
                    FindingKind.NO_CONSENT, line.code,
                    f"{pounds(abs(side.moved_pence))} moved without consent is {side.percent} of {side.name}. "
                    f"Agreement {award.agreement_reference} lets {points_text(award.virement_limit_points)} move",
                    "Ask the funder for consent and say where it is kept", abs(side.moved_pence),
                )  # fmt: skip

    def _estimates(self) -> Iterator[Finding]:
        if self.undecided:
            count, known = len(self.undecided), sum(each.proposed_pence or 0 for each in self.undecided)
            yield Finding(
                FindingKind.OPEN_ESTIMATE, self.pack.reference,
                f"{count:,} {'line of goods was' if count == 1 else 'lines of goods were'} received and no invoice "
                f"bills {'it' if count == 1 else 'them'}; at the price of the orders, {pounds(known)}",
                "Accrue what they cost, or leave them out and say why", known,
            )  # fmt: skip
        for made in self.making.estimates:
            there = self.waiting.get(made.subject)
            if made.pence and made.delivery_line_id and (there is None or there.unit_count != made.unit_count):
                yield Finding(
                    FindingKind.STALE_ESTIMATE, made.subject,
                    f"{pounds(made.pence)} is accrued for {made.description}, and its invoice has come since",
                    "Take the accrual back: enter £0.00. The invoice counts by itself", made.pence,
                )  # fmt: skip

    def _ledger(self) -> Iterator[Finding]:
        read_at = queries.extract_read_at(self.making.at)
        last = self.making.period.last
        if read_at is None or local_day(read_at) <= last:
            said = "No finance extract has been read" if read_at is None else (
                f"The newest finance extract was read on {day_text(local_day(read_at))}"
            )  # fmt: skip
            yield Finding(
                FindingKind.LEDGER_SHORT, self.pack.reference, f"{said}, and the period lasts until {day_text(last)}",
                "Import the extract of the whole period and match it",
            )  # fmt: skip
        left = self.making.walk.unexplained()
        if left:
            pence = -sum(row.pence for row in left)
            yield Finding(
                FindingKind.UNEXPLAINED, self.pack.reference,
                f"{pounds(pence)} of the finance extract, in {len(left):,} {'line' if len(left) == 1 else 'lines'}, is "
                "explained by no spending",
                "Match the lines, or record what they are", abs(pence),
            )  # fmt: skip

    def _rows(self) -> Iterator[Finding]:
        vat_counts = self.making.award.vat_treatment is VatTreatment.IRRECOVERABLE
        audited = [self._audited(row_id) for row_id in self.making.spending.facts]
        people = {person for row in audited if (person := row.hands.one_person) is not None}
        names = queries.names_of(people) if people else {}
        for row in audited:
            yield from of_row(row, self.making.funded, vat_counts=vat_counts, names=names)
        yield from self._conditions()
        yield from self._three_way(audited)
        yield from self._papers(audited)
        claimed = [row for row in audited if row.claimed_pence > 0 and row.invoice_pence > 0]
        if claimed:
            yield from duplicates(claimed, queries.invoices_like(row.invoice_pence for row in claimed))

    def _conditions(self) -> Iterator[Finding]:
        """Find what is claimed against a condition of the grant: one recorded since, or spent before it was."""
        making = self.making
        conditions = conditions_of([making.award.id])[making.award.id]
        credited, reached = self._credited(conditions), self._reached(conditions)
        kept: dict[str, set[str]] = defaultdict(set)
        for paper in making.papers:
            kept[paper.record].add(paper.proof)
        for (row_id, line_id), figures in making.claimed.items() if conditions else ():
            if figures.eligible <= 0:
                continue
            facts, name = making.spending.facts[row_id], making.spending.names[row_id]
            evidence = making.evidence[row_id]
            behind = (name.reference, evidence.invoice, evidence.order, *evidence.deliveries)
            less_cost, less_share = credited.get(row_id, (0, 0))
            spent = Spent(
                making.codes[line_id], f"{name.reference} {name.description}", facts.cost_pence, facts.unit_count,
                evidence.kind,
                share_pence=less_share + sum(each.pence for each in facts.shares if each.line_id is not None),
                papers=frozenset[str]().union(*(kept[record] for record in behind if record)),
                credited_pence=less_cost,
                reached=reached.get(row_id, ()),
            )  # fmt: skip
            for breach in breaches(spent, conditions):
                yield Finding(
                    FindingKind.CLAUSE, f"{name.reference}.{breach.condition.clause}", breach.message,
                    "Reverse the apportionment, or say that the funder agreed and where that is kept", figures.eligible,
                )  # fmt: skip
        for line in self.pack.lines if conditions else ():
            spent = Spent(line.code, "", 0, line_pence=line.figures.cumulative)
            for breach in breaches(spent, conditions):
                yield Finding(
                    FindingKind.CLAUSE, f"{line.code}.{breach.condition.clause}", breach.message,
                    "Claim less on the line, or say that the funder agreed and where that is kept",
                )  # fmt: skip

    def _credited(self, conditions: Iterable[Condition]) -> dict[int, tuple[int, int]]:
        """Say what credit notes take off the cost of claimed rows, and off what this award pays of it: row id → pence.

        Nothing is read where no condition limits the share of a cost.
        """
        if not any(each.kind is ConditionKind.SHARE for each in conditions):
            return {}
        making = self.making
        return {
            row_id: (each.cost_pence, sum(pence for line_id, pence in each.shares.items() if line_id in making.codes))
            for row_id, each in spending.credited_of(sorted({row_id for row_id, _ in making.claimed})).items()
        }

    def _reached(self, conditions: Iterable[Condition]) -> dict[int, tuple[Reached, ...]]:
        """Say where claimed goods have come: row id → places. Nothing is read where no condition names places."""
        if not any(each.kind is ConditionKind.PLACES for each in conditions):
            return {}
        return queries.reached(sorted({row_id for row_id, _ in self.making.claimed}))

    def _three_way(self, audited: list[AuditedRow]) -> Iterator[Finding]:
        """Find what is claimed though its order, delivery and invoice differ, and nobody said why.

        What other findings say of the row is left to them: that no order stands behind it, that it has not come.
        """
        by_reference = {row.reference: row for row in audited}
        for each in self.apart.values():
            row = by_reference[each.reference]
            said = {Apart.ORDER} | ({Apart.DELIVERY} if row.left_out_pence > 0 else set())
            words = [words for way, words in each.apart if way not in said]
            if words and each.reason is None:
                yield Finding(
                    FindingKind.THREE_WAY, each.reference, f"{row.name}: {'. '.join(words)}",
                    "Link the delivery, record the credit note, or give the reason under Order, delivery and invoice",
                    row.claimed_pence,
                )  # fmt: skip

    def explained(self) -> tuple[PackWaiver, ...]:
        """List the reasons given at the three-way match for rows that are claimed, in the order they were given."""
        given = [(each.reason, each) for each in self.apart.values() if each.reason is not None]
        return tuple(
            PackWaiver(
                f"{each.reference} {each.description}: {each.words}", self.eligible[each.row_id], reason.account.name,
                local_day(reason.recorded_at), str(reason.note),
            )
            for reason, each in sorted(given, key=lambda pair: pair[0].id)
        )  # fmt: skip

    def _papers(self, audited: list[AuditedRow]) -> Iterator[Finding]:
        """Find what is claimed without the supplier's invoice, or other paper, being kept."""
        kept = {(each.record_kind, each.record) for each in self.making.papers if each.proof in _PROVES}
        lacking: Counter[str] = Counter()
        for row in audited:
            if row.claimed_pence > 0:
                kind = RecordKind.INVOICE if row.invoice_reference else RecordKind.SPENDING_ROW
                record = row.invoice_reference or row.reference
                if (kind, record) not in kept:
                    lacking[record] += row.claimed_pence
        if lacking:
            named = sorted(lacking)
            more = f" and {len(named) - 3:,} more" if len(named) > 3 else ""
            yield Finding(
                FindingKind.NO_PAPER, self.pack.reference,
                f"No paper is kept for {', '.join(named[:3])}{more}: {pounds(lacking.total())} of the claim",
                "Keep the invoice or voucher beside each, or say where they are kept", lacking.total(),
            )  # fmt: skip

    def _audited(self, row_id: int) -> AuditedRow:
        """Put together what the self-audit must know of a row."""
        making = self.making
        facts, name, evidence = making.spending.facts[row_id], making.spending.names[row_id], making.evidence[row_id]
        given = sum(share.pence for share in facts.shares if share.line_id is not None or share.other_award)
        return AuditedRow(
            name.reference,
            f"{name.reference} {name.description}",
            claimed_pence=self.eligible[row_id],
            left_out_pence=self.prepaid[row_id],
            left_pence=facts.cost_pence - given,
            apportioned_pence=given,
            invoiced_on=evidence.invoiced_on,
            invoice_reference=evidence.invoice,
            invoice_number=evidence.invoice_number,
            invoice_pence=evidence.invoice_pence,
            supplier=evidence.supplier,
            vat_in_cost_pence=0 if name.vat_recoverable else name.vat_pence,
            is_goods=facts.unit_count is not None,
            order=evidence.order,
            order_explained=row_id in self.apart and self.apart[row_id].reason is not None,
            has_reason=bool(evidence.reason),
            hands=evidence.hands,
        )
