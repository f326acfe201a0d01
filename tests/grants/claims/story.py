"""The worked claim of our grant notes, lived through the real services: two quarters of the award of £22,460.00.

| what                                   | cost     | to | received      | in the ledger |
|----------------------------------------|---------:|----|---------------|---------------|
| SI-1 towels, 100                       | 1,900.00 | A  | 10 May        | 20 May        |
| SI-2 towels, 100 (invoiced in July)    |   410.40 | A  | 20 June       | 10 July       |
| MP-1 handsets' credit (service)        |   980.00 | B  | 12 May        | 22 May        |
| MP-2 printing of cards (service)       | 1,240.00 | C  | 1 June        | 11 June       |
| SI-5 carriage (service)                |   150.00 | E  | 3 June        | 13 June       |
| SI-3 towels, 100                       | 2,455.60 | A  | 15 July       | 20 July       |
| SI-3C credit for towels                |   −60.00 | A  | 20 August     | 1 September   |
| SI-4 towels, 50                        |   312.00 | A  | 25 September  | not yet       |
| MP-3 handsets' credit (service)        | 1,260.00 | B  | 10 July       | 20 July       |
| MP-4 printing of booklets (service)    | 1,890.00 | D  | 1 August      | 11 August     |
| Romanian booklets, no invoice yet      |   640.00 | D  | 28 September  |               |
| SI-6 carriage (service)                |   180.00 | E  | 3 September   | 13 September  |
| SI-0 towels, 20                        |   150.40 | –  | 28 March      | 3 July        |
| uniform, miscoded                      |   500.00 | –  |               | 14 July       |
| launch refreshments                    |    84.95 | –  |               | 16 July       |

Source: the worked claim for Quarter 2 of our grant notes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from core.access import Scope
from core.db import db, transaction
from core.money import Pence, plain_pounds
from demonstration.extract import HEADINGS
from grants.awards import services as awards
from grants.claims import services as claims
from grants.claims.models import Claim
from grants.claims.queries import claim_by_reference
from grants.claims.report import draft_of
from grants.claims.rules.findings import FindingKind
from grants.claims.services.drafting import Forecast
from grants.ledgers import services as ledgers
from grants.ledgers.models import LedgerLine
from grants.ledgers.rules import guess_layout, read_table
from grants.spending import services as spending
from grants.spending.rules import NewOrderLine, NewRow, Share, SpendingKind
from grants.spending.services import ReceivedRow
from inventory.deliveries import services as deliveries
from inventory.deliveries.models import Delivery, DeliveryLine
from inventory.deliveries.rules import DeliveredLine
from tests.factories import World, submission
from tests.grants.factories import add_award, add_catalogue, credit, gross, towels

JULY = datetime(2026, 7, 6, 9, 0, tzinfo=UTC)
OCTOBER = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
EARLY = {"A": 7_289_60, "B": 3_420_00, "C": 920_00, "D": 4_300_00, "E": 850_00, "F": 1_000_00}
"""Forecasts of the first quarter: every line ends at its budget."""
FORECASTS = {"A": 4_400_00, "B": 2_100_00, "C": 500_00, "D": 2_100_00, "E": 600_00, "F": 900_00}


@dataclass
class Story:
    """The small force, the moment it acts at, and the lines its finance system has booked so far."""

    world: World
    at: datetime = JULY
    booked: list[tuple[str, date, int, str]] = field(default_factory=list)

    _open: bool = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """Do several things in one transaction, which spares the disk; each still writes its own leaf."""
        with transaction():
            self._open = True
            try:
                yield
            finally:
                self._open = False

    def do(self, service: Callable[..., Any], *args: Any, who: str = "grants", **facts: Any) -> Any:
        """Have somebody do one thing."""
        with nullcontext() if self._open else transaction():
            return service(*args, by=self.world.actor(who), at=self.at, submission_id=submission(), **facts)

    def order(self, supplier: str, on: date, *lines: NewOrderLine) -> str:
        """Place an order; give its reference."""
        return str(self.do(spending.place_order, lines, supplier_code=supplier, ordered_on=on).reference)

    def invoice(
        self, number: str, on: date, *rows: NewRow, supplier: str = "BULK", order: str | None = None, **pence: int
    ) -> str:
        """Record an invoice and apportion its first row; give that row's reference."""
        made = self.do(
            spending.record_invoice, rows, supplier_code=supplier, number=number, invoiced_on=on,
            gross_pence=gross(rows), order_reference=order,
        )  # fmt: skip
        reference = str(made.rows[0].reference)
        if pence:
            self.split(reference, **pence)
        return reference

    def split(self, row: str, **pence: int) -> None:
        """Apportion a row to lines of the award by their codes."""
        self.do(spending.apportion, row, [Share(f"GB2026/{code}", Pence(each)) for code, each in pence.items()])

    def receive(self, row: str, count: int, on: date, note: str) -> None:
        """Receive towels of an invoice row at the store, as its storekeeper."""
        self.do(
            spending.receive_against_invoice, row.rpartition("-")[0],
            [ReceivedRow(row, DeliveredLine("TOWEL", count))], place_code="STORE", delivery_note=note, received_on=on,
            scope=Scope.everywhere(), who="storekeeper",
        )  # fmt: skip

    def deliver(self, count: int, on: date, note: str) -> Delivery:
        """Receive towels whose invoice has not come."""
        made: Delivery = self.do(
            deliveries.receive_delivery, supplier_code="BULK", place_code="STORE", delivery_note=note, received_on=on,
            lines=[DeliveredLine("TOWEL", count)], scope=Scope.everywhere(), who="storekeeper",
        )  # fmt: skip
        return made

    def bill(self, row: str, delivery: Delivery, count: int) -> None:
        """Link a delivery to the invoice row that came later."""
        line = db.session.query(DeliveryLine).filter_by(delivery_id=delivery.id).one()
        self.do(spending.bill_delivery, row, line.id, count)

    def book(self, number: str, on: date, pence: int, row: str | None = None, says: str = "") -> None:
        """Have the finance system book a line, and remember which row it is of."""
        self.booked.append((number, on, pence, row or says))

    def import_booked(self, name: str) -> None:
        """Import everything booked so far, and match or record each new line."""
        data = extract_of(self.booked)
        layout = guess_layout(read_table(data, name))
        self.do(ledgers.import_extract, "GL", data, name, layout)
        for number, _, _, what in self.booked:
            line = db.session.query(LedgerLine).filter_by(transaction_number=number).one()
            if what.startswith("INV-"):
                self.do(ledgers.match, line.name, what)
            elif what:
                description, _, reason = what.partition(": ")
                self.do(
                    ledgers.record_spending_of_line, line.name, kind=SpendingKind.CARD, description=description,
                    reason=reason,
                )  # fmt: skip
        self.booked = []

    def claim(self) -> str:
        """Open the claim of the next period; give its reference."""
        return str(self.do(claims.open_claim, "GB2026").reference)

    def forecast(self, claim: str, pence: dict[str, int]) -> None:
        """Enter what each line will still cost."""
        self.do(claims.forecast, claim, [Forecast(code, Pence(each)) for code, each in pence.items()])

    def waive_papers(self, claim: str) -> None:
        """Let pass that no paper is kept in the service, which this story does without."""
        failing = draft_of(claim_by_reference(claim), at=self.at).failing
        for finding in failing:
            if finding.kind is FindingKind.NO_PAPER:
                self.do(claims.waive, claim, finding.key, reason="Originals are in the finance folder")

    def sign(self, claim: str) -> Claim:
        """Prepare, review and certify, each by somebody else."""
        self.waive_papers(claim)
        self.do(claims.prepare_claim, claim)
        self.do(claims.review_claim, claim, who="reviewer")
        made: Claim = self.do(claims.certify_claim, claim, who="finance")
        return made


def extract_of(booked: list[tuple[str, date, int, str]]) -> bytes:
    """Write lines as the finance system exports them: number, day, pence, what it is of."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    for number, on, pence, what in booked:
        money = plain_pounds(pence)
        writer.writerow(
            [number, "1", on.strftime("%d/%m/%Y"), "BULK HYGIENE", "", what, "P4471", "R4410", money, "0.00", money]
        )
    return out.getvalue().encode()


def service(description: str, net_pence: int) -> NewRow:
    """Give an invoice row of work done."""
    return NewRow(description, Pence(net_pence), kind=SpendingKind.SERVICE)


def _goods(count: int, net_pence: int) -> NewOrderLine:
    return NewOrderLine("Towels", "GB2026/A", Pence(net_pence), count, item_code="TOWEL")


def _bought(count: int, net_pence: int) -> NewRow:
    return towels(count, net_pence, order_line_position=1)


def begin(world: World) -> Story:
    """Record the award and a catalogue."""
    add_award(world)
    add_catalogue(world)
    story = Story(world)
    story.do(ledgers.open_ledger, "GL", "Force general ledger")
    return story


def tell_quarter_1(world: World) -> Story:
    """Tell the first quarter up to its signed claim of £4,680.40, and the invoice that came after it."""
    story = begin(world)
    with story.together():
        first = story.order("BULK", date(2026, 4, 20), _goods(100, 1_900_00))
        story.order("BULK", date(2026, 6, 1), _goods(100, 410_40))
        one = story.invoice("SI-1", date(2026, 5, 11), _bought(100, 1_900_00), order=first, A=1_900_00)
        story.receive(one, 100, date(2026, 5, 10), "DN-1")
        story.deliver(100, date(2026, 6, 20), "DN-2")
        story.book("AP100", date(2026, 5, 20), 1_900_00, one)
        for number, on, booked_on, words, pence, line in (
            ("MP-1", date(2026, 5, 12), date(2026, 5, 22), "Credit for handsets", 980_00, "B"),
            ("MP-2", date(2026, 6, 1), date(2026, 6, 11), "Printing of cards", 1_240_00, "C"),
            ("SI-5", date(2026, 6, 3), date(2026, 6, 13), "Carriage", 150_00, "E"),
        ):
            row = story.invoice(number, on, service(words, pence))
            story.split(row, **{line: pence})
            story.book(f"AP-{number}", booked_on, pence, row)
        story.import_booked("extract-q1.csv")
    claim = story.claim()
    story.do(claims.accrue_at_order_prices, claim)
    story.forecast(claim, EARLY)
    story.sign(claim)
    story.at = datetime(2026, 7, 13, 9, 0, tzinfo=UTC)
    story.do(claims.submit_claim, claim, sent_on=date(2026, 7, 13))
    return story


def tell_quarter_2(story: Story) -> str:
    """Tell the second quarter up to a draft claim that fails in nothing; give its reference."""
    story.at = OCTOBER
    with story.together():
        delivery = db.session.query(Delivery).filter_by(delivery_note="DN-2").one()
        two = story.invoice("SI-2", date(2026, 7, 2), _bought(100, 410_40), order="PO-00002", A=410_40)
        story.bill(two, delivery, 100)
        story.book("AP102", date(2026, 7, 10), 410_40, two)
        third = story.order("BULK", date(2026, 7, 1), _goods(100, 2_455_60))
        three = story.invoice("SI-3", date(2026, 7, 14), _bought(100, 2_455_60), order=third, A=2_455_60)
        story.receive(three, 100, date(2026, 7, 15), "DN-3")
        story.book("AP103", date(2026, 7, 20), 2_455_60, three)
        back = story.invoice("SI-3C", date(2026, 8, 20), credit(three, -60_00), A=-60_00)
        story.book("AP104", date(2026, 9, 1), -60_00, back)
        fourth = story.order("BULK", date(2026, 9, 1), _goods(50, 312_00))
        four = story.invoice("SI-4", date(2026, 9, 26), _bought(50, 312_00), order=fourth, A=312_00)
        story.receive(four, 50, date(2026, 9, 25), "DN-4")
        for number, on, booked_on, words, pence, line in (
            ("MP-3", date(2026, 7, 10), date(2026, 7, 20), "Credit for handsets", 1_260_00, "B"),
            ("MP-4", date(2026, 8, 1), date(2026, 8, 11), "Printing of booklets", 1_890_00, "D"),
            ("SI-6", date(2026, 9, 3), date(2026, 9, 13), "Carriage", 180_00, "E"),
        ):
            row = story.invoice(number, on, service(words, pence))
            story.split(row, **{line: pence})
            story.book(f"AP-{number}", booked_on, pence, row)
        early = story.invoice("SI-0", date(2026, 3, 30), towels(20, 150_40))
        story.receive(early, 20, date(2026, 3, 28), "DN-0")
        story.book("AP105", date(2026, 7, 3), 150_40, early)
        story.book("JN900", date(2026, 7, 14), 500_00, says="Uniform: miscoded, another cost centre's")
        story.book("JN901", date(2026, 7, 16), 84_95, says="Launch refreshments: entertaining, ineligible")
        story.import_booked("extract-q2.csv")
        story.do(
            awards.change_budget, from_line="GB2026/C", to_line="GB2026/D", pence=Pence(400_00),
            agreed_on=date(2026, 8, 1), consent_reference="HO letter 14", reason=None,
        )  # fmt: skip
    claim = story.claim()
    story.do(
        claims.accrue, claim, Pence(640_00), line_code="D", description="400 Romanian booklets",
        supplier="Moonraker Print", received_on=date(2026, 9, 28), reason="Price of quotation MP-77",
    )  # fmt: skip
    story.forecast(claim, FORECASTS)
    story.waive_papers(claim)
    return claim
