"""Invariants of claims through any order of acts, against a model that shares no code with the product.

I5, I7 to I11, I17, I19 and I20: an award of two lines and two half years. What is eligible by the end of a period is
what is apportioned of work invoiced, and of goods received, by that day; a claim asks for it less what the claims
before asked for. What of it the finance system has booked, and when, changes only what of a claim is accrued.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import invariant
from openpyxl.reader.excel import load_workbook
from sqlalchemy import func, select

from core.db import db
from core.figures import FileKind
from core.money import Pence
from grants.awards import services as awards
from grants.awards.models import AwardClosure, GrantLine
from grants.awards.queries import revised_budgets
from grants.awards.rules import AwardTerms, Basis, Cadence, NewLine
from grants.claims import services as claims
from grants.claims.models import Claim, ClaimEvent, SignedClaim, SignedLine
from grants.claims.pdf import file_of
from grants.claims.queries import claim_by_reference
from grants.claims.report import draft_of, pack_of
from grants.claims.rules.course import ClaimAct
from grants.claims.services.drafting import Forecast
from grants.closing import services as closing
from grants.ledgers import services as ledgers
from grants.ledgers.models import LedgerLine
from grants.ledgers.rules import guess_layout, read_table
from grants.reconciliation import services as reconciliation
from grants.reconciliation.models import Reconciliation, SignedReconciliation
from grants.spending import services as spending
from grants.spending.models import Apportionment, SpendingRow
from grants.spending.rules import NewRow, Share, SpendingKind
from grants.spending.services.billing import ReceivedRow
from inventory.catalogue import services as catalogue
from inventory.catalogue.rules import ItemKind
from inventory.deliveries.rules import DeliveredLine
from organisation.suppliers import services as suppliers
from tests.conftest import Databases
from tests.factories import World
from tests.grants.claims.story import extract_of
from tests.invariants.acting import Acting, act, hold_through

BUDGETS = {"A": 1_000_00, "B": 600_00}
PERIODS = ((date(2026, 4, 1), date(2026, 9, 30)), (date(2026, 10, 1), date(2027, 3, 31)))
SIGNED = ("certified", "submitted", "queried", "paid")
LATEST = date(2027, 6, 30)


@dataclass
class Asked:
    """A claim, as the model has it; ``stale`` when its figures changed after it was prepared, ``settled`` when paid."""

    reference: str
    last: date
    state: str = "draft"
    stale: bool = False
    claimed: int = 0
    paid: int = 0
    settled: bool = False
    certified_on: date | None = None


@dataclass
class Charged:
    """An apportionment that stands; eligible on a day, or on none while its goods have not come."""

    row: str
    line: str
    pence: int
    eligible_on: date | None


class Money(Acting):
    """A grant officer, a reviewer, a chief finance officer, and the storekeeper who receives."""

    revised: dict[str, int]
    costs: dict[str, int]  # row → pence
    charged: dict[int, Charged]
    awaited: dict[str, str]  # row of goods that have not come → its invoice
    claims: list[Asked]
    claimed: Counter[str]  # line → pence in signed claims
    booked: set[str]  # rows that the finance system has
    signed_off: set[date]
    closed: bool

    def __init__(self) -> None:
        super().__init__()
        self.frozen: set[str] = set()

    def start(self) -> None:
        self.at += timedelta(days=154)  # 5 October: the first half year is over
        self.revised, self.claimed = dict(BUDGETS), Counter()
        self.costs, self.charged, self.awaited = {}, {}, {}
        self.claims, self.booked, self.signed_off, self.closed = [], set(), set(), False

    def tell(self) -> None:
        self.do("grants", suppliers.add_supplier, code="ACME", name="Acme Goods")
        self.do("storekeeper", catalogue.add_item, code="TOWEL", name="Towel", kind=ItemKind.CONTENT)
        terms = AwardTerms(
            "G1", "Grant", "Home Office", "HO/1", "OPCC", "PX1", Pence(sum(BUDGETS.values())), date(2026, 3, 1),
            PERIODS[0][0], PERIODS[1][1], Cadence.SIX_MONTHLY, Basis.ACCRUALS,
        )  # fmt: skip
        lines = [NewLine(code, f"Line {code}", "Things for victims", Pence(each)) for code, each in BUDGETS.items()]
        self.do("grants", awards.record_award, terms, lines)
        self.do("grants", ledgers.open_ledger, "GL", "General ledger")
        self._spend("A", 123_45, date(2026, 5, 20), goods=False)
        self._spend("B", 200_00, date(2026, 7, 1), goods=False)
        self._spend("A", 77_77, date(2026, 9, 1), goods=True)
        self._open()

    # ---- What the model knows ---------------------------------------------------------------------

    @property
    def today(self) -> date:
        return self.at.date()

    @property
    def newest(self) -> Asked | None:
        return self.claims[-1] if self.claims else None

    def in_hand(self) -> Asked | None:
        """The claim that somebody has prepared and nobody certified."""
        return self.newest if self.newest and self.newest.state in ("prepared", "reviewed") else None

    def spent(self, line: str) -> int:
        return sum(each.pence for each in self.charged.values() if each.line == line)

    def eligible(self, line: str, last: date) -> int:
        return sum(
            each.pence
            for each in self.charged.values()
            if each.line == line and each.eligible_on is not None and each.eligible_on <= last
        )

    def changed(self, eligible_on: date | None) -> None:
        """Remember that the figures of the claim in hand are no longer those that were prepared."""
        claim = self.in_hand()
        if claim and (eligible_on is None or eligible_on <= claim.last):
            claim.stale = True

    # ---- Spending ---------------------------------------------------------------------------------

    @act(line=st.sampled_from("AB"), pence=st.integers(1, 300_00), back=st.integers(0, 400), goods=st.booleans())
    def spend(self, line: str, pence: int, back: int, goods: bool) -> None:
        """Buy work or goods and charge a line with it: never beyond its budget, nor a closed award."""
        claim = self.in_hand()
        latest = min(self.today, claim.last if claim else PERIODS[1][1])
        on = max(PERIODS[0][0], latest - timedelta(days=back))
        self._spend(line, pence, on, goods=goods and claim is None)

    def _spend(self, line: str, pence: int, on: date, *, goods: bool) -> None:
        row = NewRow("Work", Pence(pence), SpendingKind.SERVICE, 0, Pence(0))
        if goods:
            row = NewRow("Towels", Pence(pence), SpendingKind.GOODS, 0, Pence(0), item_code="TOWEL", unit_count=3)
        invoice = self.do(
            "grants", spending.record_invoice, [row], supplier_code="ACME", number=f"N{len(self.costs) + 1}",
            invoiced_on=on, gross_pence=Pence(pence),
        )  # fmt: skip
        reference = invoice.rows[0].reference
        self.costs[reference] = pence
        may = not self.closed and self.spent(line) + pence <= self.revised[line]
        if self.do_if(may, "grants", spending.apportion, reference, [Share(f"G1/{line}", Pence(pence))]):
            made = db.session.scalars(select(func.max(Apportionment.id))).one()
            self.charged[made] = Charged(reference, line, pence, None if goods else on)
            self.changed(on)
            if goods:
                self.awaited[reference] = invoice.reference

    @act(when=lambda self: self.awaited and not self.in_hand() and self.today <= PERIODS[1][1])
    def receive(self, data: st.DataObject) -> None:
        """Receive goods that were bought: from that day they are eligible."""
        self._receive(data.draw(st.sampled_from(sorted(self.awaited))))

    def _receive(self, row: str) -> None:
        self.do(
            "storekeeper", spending.receive_against_invoice, self.awaited.pop(row),
            [ReceivedRow(row, DeliveredLine("TOWEL", 3))], place_code="STORE", delivery_note=f"DN {row}",
            received_on=self.today,
        )  # fmt: skip
        for each in self.charged.values():
            if each.row == row:
                each.eligible_on = self.today

    @act(when=lambda self: self.costs.keys() - self.booked and not self.in_hand(), back=st.integers(0, 400))
    def book(self, data: st.DataObject, back: int) -> None:
        """Import what the finance system booked for something bought and match it; a second time is refused."""
        row = data.draw(st.sampled_from(sorted(self.costs.keys() - self.booked)))
        on = max(PERIODS[0][0], self.today - timedelta(days=back))
        self.booked.add(row)
        name = f"extract-{len(self.booked)}.csv"
        extract = extract_of([(f"T{len(self.booked)}", on, self.costs[row], row)])
        layout = guess_layout(read_table(extract, name))
        self.do("grants", ledgers.import_extract, "GL", extract, name, layout)
        line = db.session.scalars(select(LedgerLine).order_by(LedgerLine.id.desc()).limit(1)).one().name
        self.do("grants", ledgers.match, line, row)
        with self.refused():
            self.do("grants", ledgers.match, line, row)

    @act(when=lambda self: self.charged)
    def reverse(self, data: st.DataObject) -> None:
        """Take a charge back by its opposite; of a closed award it is refused, and so is a second time."""
        chosen = data.draw(st.sampled_from(sorted(self.charged)))
        if not self.do_if(not self.closed, "grants", spending.reverse_apportionment, chosen):
            return
        with self.refused():
            self.do("grants", spending.reverse_apportionment, chosen)
        gone = self.charged.pop(chosen)
        original, opposite = (
            db.session.scalars(select(Apportionment.pence).where(each == chosen)).one()
            for each in (Apportionment.id, Apportionment.reverses_id)
        )
        assert (original, opposite) == (gone.pence, -gone.pence)
        if gone.eligible_on is not None:
            self.changed(gone.eligible_on)
        self.awaited.pop(gone.row, None)

    @act(giving=st.sampled_from("AB"), tenths=st.integers(1, 12))
    def move_budget(self, giving: str, tenths: int) -> None:
        """Move budget to the other line: never what is spent already, nor of a closed award."""
        taking = "B" if giving == "A" else "A"
        left = self.revised[giving] - self.spent(giving)
        pence = max(1, left * tenths // 10)
        facts = {"from_line": f"G1/{giving}", "to_line": f"G1/{taking}", "pence": Pence(pence), "reason": None}
        facts |= {"agreed_on": self.today, "consent_reference": "HO 9"}
        if self.do_if(not self.closed and pence <= left, "grants", awards.change_budget, **facts):
            self.revised[giving] -= pence
            self.revised[taking] += pence
            self.changed(None)

    # ---- Claims -----------------------------------------------------------------------------------

    @act()
    def open_claim(self) -> None:
        """Open the next period's claim, once the one before is certified and the period has begun."""
        self._open()

    def _open(self) -> None:
        following = PERIODS[len(self.claims)] if len(self.claims) < len(PERIODS) else None
        ready = self.newest is None or self.newest.state in SIGNED
        may = not self.closed and ready and following is not None and following[0] <= self.today
        if not may:
            with self.refused():
                self.do("grants", claims.open_claim, "G1")
        elif following is not None:
            self.claims.append(Asked(self.do("grants", claims.open_claim, "G1").reference, following[1]))

    @act(when=lambda self: self.newest, through=st.booleans())
    def prepare(self, through: bool) -> None:
        """Forecast, let pass what may be, and say that a claim is complete; and have it signed at once, or not."""
        self._prepare()
        if through:
            self._review()
            self._certify()

    def _prepare(self) -> None:
        claim = self._newest()
        draft = claim.state == "draft"
        if draft and self.today > claim.last:
            left = {line: self.revised[line] - self.eligible(line, claim.last) for line in BUDGETS}
            said = [Forecast(line, Pence(pence), "As planned") for line, pence in left.items()]
            self.do("grants", claims.forecast, claim.reference, said)
            for finding in draft_of(claim_by_reference(claim.reference), at=self.at).failing:
                self.do("grants", claims.waive, claim.reference, finding.key, reason="Looked at with the auditor")
        if self.do_if(draft and self.today > claim.last, "grants", claims.prepare_claim, claim.reference):
            claim.state, claim.stale = "prepared", False

    @act(when=lambda self: self.newest)
    def review(self) -> None:
        """Review what somebody else prepared and nothing changed in."""
        self._review()

    def _review(self) -> None:
        claim = self._newest()
        with self.refused():
            self.do("grants", claims.review_claim, claim.reference)
        may = claim.state == "prepared" and not claim.stale
        if self.do_if(may, "reviewer", claims.review_claim, claim.reference):
            claim.state = "reviewed"

    @act(when=lambda self: self.newest)
    def certify(self) -> None:
        """Certify what two others prepared and reviewed: its figures are frozen."""
        self._certify()

    def _certify(self) -> None:
        claim = self._newest()
        for who in ("grants", "reviewer"):
            with self.refused():
                self.do(who, claims.certify_claim, claim.reference)
        may = claim.state == "reviewed" and not claim.stale
        if self.do_if(may, "finance", claims.certify_claim, claim.reference):
            claim.state, claim.certified_on = "certified", self.today
            for line in BUDGETS:
                claim.claimed += self.eligible(line, claim.last) - self.claimed[line]
                self.claimed[line] = self.eligible(line, claim.last)
                assert self.claimed[line] <= self.revised[line]
            self.files_say(claim)

    @act(when=lambda self: self.in_hand())
    def send_back(self) -> None:
        """Send a claim back to its drafter."""
        claim = self._newest()
        self.do("reviewer", claims.send_back, claim.reference, reason="Look at line A again")
        claim.state = "draft"

    def _newest(self) -> Asked:
        assert self.newest is not None
        return self.newest

    def files_say(self, claim: Asked) -> None:
        """I20: the CSV and the workbook of a signed claim say in pence what the model has."""
        signed = db.session.scalars(select(SignedClaim).order_by(SignedClaim.id.desc())).first()
        assert signed is not None
        assert signed.eligible_pence == claim.claimed
        pack = pack_of(signed.pack_json)
        read = csv.reader(io.StringIO(file_of(pack, FileKind.CSV).decode("utf-8-sig")))
        totals = [row for row in read if row[:2] == ["Claim", "total"] and row[4] == "Eligible this period"]
        assert [each[5] for each in totals] == [f"{claim.claimed / 100:.2f}"]
        book = load_workbook(io.BytesIO(file_of(pack, FileKind.XLSX)), read_only=True)
        (total,) = [row for row in book["Claim"].iter_rows(values_only=True) if row[0] == "Total"]
        assert round(float(total[8] or 0) * 100) == claim.claimed

    # ---- The funder -------------------------------------------------------------------------------

    def _some(self, data: st.DataObject) -> Asked:
        return data.draw(st.sampled_from(self.claims), "claim")

    @act(when=lambda self: self.claims)
    def submit(self, data: st.DataObject) -> None:
        """Send a certified claim, once."""
        claim = self._some(data)
        if self.do_if(claim.state == "certified", "grants", claims.submit_claim, claim.reference, sent_on=self.today):
            claim.state = "submitted"

    @act(when=lambda self: self.claims)
    def query(self, data: st.DataObject) -> None:
        """Record a question about a claim that was sent, or the answer to the one that is open."""
        claim = self._some(data)
        if claim.state == "queried":
            self.do("grants", claims.answer_query, claim.reference, answered_on=self.today, answer="See the invoice")
            claim.state = "paid" if claim.settled else "submitted"
            return
        facts = {"asked_on": self.today, "question": "What is the work on line A?"}
        if self.do_if(claim.state in ("submitted", "paid"), "grants", claims.query_claim, claim.reference, **facts):
            claim.state = "queried"

    @act(when=lambda self: self.claims, tenths=st.integers(1, 12))
    def pay(self, data: st.DataObject, tenths: int) -> None:
        """Record a payment, of part or all of what was claimed; more than that is refused."""
        claim = self._some(data)
        left = claim.claimed - claim.paid
        pence = left * tenths // 10 or left
        may = claim.state in ("submitted", "queried") and not claim.settled and abs(pence) <= abs(left)
        facts = {"paid_on": self.today, "remittance": "HO 1"}
        if self.do_if(may, "grants", claims.record_payment, claim.reference, Pence(pence), **facts):
            claim.paid += pence
            claim.settled = claim.paid == claim.claimed
            if claim.settled and claim.state == "submitted":
                claim.state = "paid"

    # ---- Periods and the end ----------------------------------------------------------------------

    @act(period=st.sampled_from(PERIODS))
    def sign_off(self, period: tuple[date, date]) -> None:
        """Reconcile a period that is over; whoever prepared it does not sign it, and it is signed once."""
        self._sign_off(*period)

    def _sign_off(self, first: date, last: date) -> None:
        may = self.today > last and first not in self.signed_off
        if self.do_if(may, "grants", reconciliation.prepare_reconciliation, "G1", first, note=None):
            with self.refused():
                self.do("grants", reconciliation.sign_reconciliation, "G1", first)
            self.do("finance", reconciliation.sign_reconciliation, "G1", first)
            self.signed_off.add(first)

    @act()
    def close(self) -> None:
        """Close the award: everything claimed, certified and signed off, and nothing apportioned beyond the claims."""
        self._close()

    def _close(self) -> None:
        done = len(self.claims) == len(PERIODS) and all(each.state in SIGNED for each in self.claims)
        level = sum(each.pence for each in self.charged.values()) == sum(self.claimed.values())
        may = not self.closed and done and level and len(self.signed_off) == len(PERIODS)
        if self.do_if(may, "finance", closing.close_award, "G1"):
            self.closed = True

    @act(again=st.booleans())
    def reopen(self, again: bool) -> None:
        """Reopen a closed award, with a reason; and close it again at once, or not."""
        if self.do_if(self.closed, "finance", closing.reopen_award, "G1", reason="An invoice came late"):
            self.closed = False
            if again:
                self._close()

    @act(when=lambda self: self.today < LATEST, days=st.sampled_from((3, 90, 180)))
    def wait(self, days: int) -> None:
        """Let time pass."""
        self.at += timedelta(days=days)

    # ---- What always holds ------------------------------------------------------------------------

    @invariant()
    def charges_are_the_model_s(self) -> None:
        """I5, I7, I8: of each row and line what the model charged, never more than the row costs, in whole pence."""
        found = db.session.execute(
            select(SpendingRow.reference, GrantLine.code, func.sum(Apportionment.pence))
            .join(SpendingRow, SpendingRow.id == Apportionment.row_id)
            .join(GrantLine, GrantLine.id == Apportionment.grant_line_id)
            .group_by(SpendingRow.reference, GrantLine.code)
        )
        charged = {(row, line): int(pence) for row, line, pence in found if pence}
        assert charged == {(each.row, each.line): each.pence for each in self.charged.values()}
        assert all(0 <= pence <= self.costs[row] for (row, _), pence in charged.items())

    @invariant()
    def budgets_net_to_the_award(self) -> None:
        """I10: each line's budget is the model's, and moving it makes no money; nothing is spent beyond it."""
        codes = dict(db.session.execute(select(GrantLine.id, GrantLine.code)).all())
        found = {codes[line_id]: int(pence) for line_id, pence in revised_budgets(codes).items()}
        assert found == self.revised
        assert sum(found.values()) == sum(BUDGETS.values())
        assert all(self.spent(line) <= pence for line, pence in found.items())

    @invariant()
    def each_penny_is_claimed_once(self) -> None:
        """I9: the signed claims of a line add up to what was eligible of it when the newest was signed."""
        found = db.session.execute(
            select(GrantLine.code, func.sum(SignedLine.eligible_pence))
            .join(GrantLine, GrantLine.id == SignedLine.grant_line_id)
            .group_by(GrantLine.code)
        )
        assert {line: int(pence) for line, pence in found if pence} == {k: v for k, v in self.claimed.items() if v}
        paid = db.session.execute(
            select(Claim.reference, func.sum(ClaimEvent.pence))
            .join(Claim, Claim.id == ClaimEvent.claim_id)
            .where(ClaimEvent.act == ClaimAct.PAY)
            .group_by(Claim.reference)
        )
        assert {claim: int(pence) for claim, pence in paid if pence} == {
            claim.reference: claim.paid for claim in self.claims if claim.paid
        }
        assert all(abs(claim.paid) <= abs(claim.claimed) for claim in self.claims)

    @invariant()
    def what_is_signed_stays_and_other_hands_signed_it(self) -> None:
        """I11, I19: no signed text changes, each is what its digest says; and nobody signed what they prepared."""
        texts = [
            *db.session.execute(select(SignedClaim.digest, SignedClaim.pack_json).order_by(SignedClaim.id)),
            *db.session.execute(select(SignedReconciliation.digest, SignedReconciliation.figures_json)),
            *db.session.execute(select(AwardClosure.digest, AwardClosure.outturn_json)),
        ]
        assert all(hashlib.sha256(text.encode()).hexdigest() == digest for digest, text in texts if text)
        signed = {digest for digest, _ in texts if digest}
        assert self.frozen <= signed
        self.frozen = signed
        hands = db.session.execute(
            select(ClaimEvent.claim_id, ClaimEvent.act, ClaimEvent.account_id)
            .where(ClaimEvent.claim_id.in_(select(SignedClaim.claim_id)))
            .order_by(ClaimEvent.id)
        )
        by_claim: dict[int, dict[ClaimAct, int]] = {}
        for claim_id, what, account_id in hands:
            by_claim.setdefault(claim_id, {})[what] = account_id
        for who in by_claim.values():
            assert len({who[each] for each in (ClaimAct.PREPARE, ClaimAct.REVIEW, ClaimAct.CERTIFY)}) == 3
        same = (
            select(func.count())
            .select_from(SignedReconciliation)
            .join(Reconciliation, Reconciliation.id == SignedReconciliation.reconciliation_id)
        )
        assert db.session.scalar(same.where(Reconciliation.account_id == SignedReconciliation.account_id)) == 0


class Ending(Money):
    """The same award closed: the first claim is paid in part, the second not yet sent."""

    def tell(self) -> None:
        super().tell()
        self._sign_through()
        first = self._newest()
        self.do("grants", claims.submit_claim, first.reference, sent_on=self.today)
        self.do("grants", claims.record_payment, first.reference, Pence(200_00), paid_on=self.today, remittance="HO 1")
        first.state, first.paid = "submitted", 200_00
        self._sign_off(*PERIODS[0])
        self._receive(min(self.awaited))
        self.at += timedelta(days=185)
        self._spend("B", 99_99, date(2026, 12, 1), goods=False)
        self._open()
        self._sign_through()
        self._sign_off(*PERIODS[1])
        self._close()
        assert self.closed

    def _sign_through(self) -> None:
        self._prepare()
        self._review()
        self._certify()


@pytest.mark.slow
def test_claims_hold_through_any_order_of_acts(app: Flask, databases: Databases, world_template: World) -> None:
    hold_through(Money, app, databases, world_template, examples=3, steps=18)


@pytest.mark.slow
def test_the_end_of_an_award_holds_through_any_order_of_acts(
    app: Flask, databases: Databases, world_template: World
) -> None:
    hold_through(Ending, app, databases, world_template, examples=2, steps=18)
