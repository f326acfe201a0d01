"""Two quarters of the award of the worked claim, through the real services, small enough to add up by hand.

Source: the worked claim for Quarter 2 of our grant notes, of which these are the kinds of row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import select

from core.access import Scope
from core.db import db, transaction
from core.money import Pence
from core.periods import Period, named
from grants.awards import services as awards
from grants.ledgers.models import (
    FinanceLedger,
    LedgerImport,
    LedgerLayout,
    LedgerLine,
    LedgerMatch,
    MatchedBy,
)
from grants.spending import services as spending
from grants.spending.models import SpendingRow, SupplierInvoice
from grants.spending.rules import NewRow, Share, SpendingKind
from grants.spending.services import ReceivedRow
from inventory.deliveries.rules import DeliveredLine
from tests.factories import World, submission
from tests.grants.factories import add_award, add_catalogue, courier, gross, towels

QUARTER_1 = named(date(2026, 4, 1), date(2026, 6, 30))
QUARTER_2 = named(date(2026, 7, 1), date(2026, 9, 30))
LATE = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
"""When everything is recorded: Monday 5 October 2026, 10:00 in London."""


@dataclass
class Story:
    """The small force, and what it takes to add to its story."""

    world: World
    import_id: int

    def invoice(self, number: str, on: date, *rows: NewRow, supplier: str = "BULK") -> SupplierInvoice:
        """Record a supplier's invoice."""
        with transaction():
            return spending.record_invoice(
                rows,
                supplier_code=supplier,
                number=number,
                invoiced_on=on,
                gross_pence=gross(rows),
                by=self.world.actor("grants"),
                at=LATE,
                submission_id=submission(),
            )

    def receive(self, row: str, item: str, count: int, on: date, note: str) -> None:
        """Receive units of an invoice row at the store."""
        with transaction():
            spending.receive_against_invoice(
                row.rpartition("-")[0],
                [ReceivedRow(row, DeliveredLine(item, count))],
                place_code="STORE",
                delivery_note=note,
                received_on=on,
                scope=Scope.everywhere(),
                by=self.world.actor("grants"),
                at=LATE,
                submission_id=submission(),
            )

    def split(self, row: str, **pence: int) -> None:
        """Apportion a row to lines of the award by their codes."""
        shares = [Share(f"GB2026/{code}", Pence(each)) for code, each in pence.items()]
        with transaction():
            spending.apportion(row, shares, by=self.world.actor("grants"), at=LATE, submission_id=submission())

    def book(self, transaction_number: str, on: date, net_pence: int, *, code: str = "P4471", says: str = "") -> int:
        """Put a line of the finance extract on the books; give its id."""
        with transaction():
            kept = db.session.get_one(LedgerImport, self.import_id)
            line = LedgerLine(
                ledger_id=kept.ledger_id,
                import_id=kept.id,
                row_number=1,
                transaction_number=transaction_number,
                line_number="",
                occurrence=1,
                dated_on=on,
                supplier_name="BULK HYGIENE",
                supplier_code="",
                reference="",
                order_reference="",
                description=says,
                cost_centre=code,
                project="",
                account_code="",
                kind="",
                is_vat=False,
                net_pence=net_pence,
                flag="",
                raw_json="[]",
            )
            db.session.add(line)
            db.session.flush()
            return line.id

    def match(self, line_id: int, row: str, pence: int) -> None:
        """Match pence of a ledger line to a spending row."""
        with transaction():
            row_id = db.session.scalar(select(SpendingRow.id).where(SpendingRow.reference == row))
            assert row_id is not None
            db.session.add(
                LedgerMatch(
                    reference="M-00001",
                    line_id=line_id,
                    row_id=row_id,
                    pence=pence,
                    matched_by=MatchedBy.PERSON,
                    reasons="same amount",
                    account_id=self.world.actor("grants").account_id,
                    matched_at=LATE,
                )
            )


def begin(world: World) -> Story:
    """Record the award, a catalogue and an empty finance extract."""
    add_award(world)
    add_catalogue(world)
    by = world.actor("grants").account_id
    with transaction():
        ledger = FinanceLedger(code="GL", name="Force general ledger")
        db.session.add(ledger)
        db.session.flush()
        layout = LedgerLayout(
            ledger_id=ledger.id, signature="0" * 32, layout_json="{}", account_id=by, confirmed_at=LATE
        )
        db.session.add(layout)
        db.session.flush()
        reading = LedgerImport(
            reference="LI-00001",
            ledger_id=ledger.id,
            layout_id=layout.id,
            filename="extract-2026-q2.csv",
            file_hash="ab" * 32,
            read_count=0,
            imported_count=0,
            duplicate_count=0,
            changed_count=0,
            refused_count=0,
            skipped_count=0,
            imported_pence=0,
            duplicate_pence=0,
            changed_pence=0,
            duplicate_rows="",
            control_pence=0,
            account_id=by,
            imported_at=LATE,
        )
        db.session.add(reading)
        db.session.flush()
        return Story(world, reading.id)


def tell(world: World) -> Story:
    """Tell two quarters.

    | what                         | cost   | to           | received     | in the ledger        |
    |------------------------------|-------:|--------------|--------------|----------------------|
    | SI-1 towels, 100             | 410.40 | A 410.40     | 20 June      | 10 July              |
    | SI-2 towels, 3 for £10.00    |  10.00 | A 7.50 B 2.50| 2 on 15 July,| 20 July              |
    |                              |        |              | 1 on 2 Oct   |                      |
    | SI-3 towels, 50              | 312.00 | D 312.00     | 25 September | not yet              |
    | SI-4 refreshments (service)  |  84.95 | nobody       |              | 1 August             |
    | SI-5 courier (service)       |  25.00 | E 25.00      | 5 August     | 9 August, code P9999 |
    | uniform, miscoded            | 500.00 |              |              | 3 September          |
    """
    story = begin(world)
    first = story.invoice("SI-1", date(2026, 6, 22), towels(100, 410_40)).rows[0].reference
    second = story.invoice("SI-2", date(2026, 7, 14), towels(3, 10_00)).rows[0].reference
    third = story.invoice("SI-3", date(2026, 9, 26), towels(50, 312_00)).rows[0].reference
    fourth = story.invoice("SI-4", date(2026, 7, 30), refreshments(84_95)).rows[0].reference
    fifth = story.invoice("SI-5", date(2026, 8, 5), courier(25_00)).rows[0].reference
    story.receive(first, "TOWEL", 100, date(2026, 6, 20), "DN-1")
    story.receive(second, "TOWEL", 2, date(2026, 7, 15), "DN-2")
    story.receive(second, "TOWEL", 1, date(2026, 10, 2), "DN-3")
    story.receive(third, "TOWEL", 50, date(2026, 9, 25), "DN-4")
    story.split(first, A=410_40)
    story.split(second, A=7_50, B=2_50)
    story.split(third, D=312_00)
    story.split(fifth, E=25_00)
    story.match(story.book("AP100", date(2026, 7, 10), 410_40), first, 410_40)
    story.match(story.book("AP101", date(2026, 7, 20), 10_00), second, 10_00)
    story.match(story.book("AP102", date(2026, 8, 1), 84_95), fourth, 84_95)
    story.match(story.book("AP103", date(2026, 8, 9), 25_00, code="P9999"), fifth, 25_00)
    story.book("AP104", date(2026, 9, 3), 500_00, says="Uniform")
    with transaction():
        awards.change_budget(
            from_line="GB2026/C",
            to_line="GB2026/D",
            pence=Pence(100_00),
            agreed_on=date(2026, 8, 1),
            consent_reference=None,
            reason=None,
            by=world.actor("grants"),
            at=LATE,
            submission_id=submission(),
        )
    return story


def refreshments(net_pence: int) -> NewRow:
    """Give an invoice row of something no grant pays for."""
    return NewRow("Launch refreshments", Pence(net_pence), kind=SpendingKind.SERVICE)


__all__ = ["LATE", "QUARTER_1", "QUARTER_2", "Period", "Story", "begin", "tell"]
