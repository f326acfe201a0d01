"""What the demonstration buys, is given and pays for, and when."""

from __future__ import annotations

from datetime import timedelta

from core.money import Pence, vat_on
from demonstration.diary import Diary
from demonstration.money import EARLIER, MAIN, Bought, Purchases, contents_for, move_budget, printing
from grants.spending import services as spending
from grants.spending.models import SupplierInvoice
from grants.spending.rules import NewRow, Share, SpendingKind
from inventory.catalogue import services as catalogue
from inventory.deliveries import services as deliveries
from inventory.deliveries.rules import DeliveredLine


class Buying:
    """Orders, invoices, splits and deliveries, entered in the diary one from the other."""

    def __init__(self, diary: Diary, purchases: Purchases) -> None:
        self.diary, self.purchases = diary, purchases
        self.acts, self.calendar = diary.acts, diary.calendar
        self.start = (self.calendar.award_year.first - self.calendar.first).days
        """Day of the year on which the main award begins."""

    def plan(self) -> None:
        """Enter the year's buying."""
        start = self.start
        first = contents_for(34, 22, 14, lasts_days=372)
        first["PLAINPRINT"] = printing(60, 60, edition=1)
        self._buy(1, first)
        self._enter(start + 2, lambda: move_budget(self.acts, self.acts.at.date()))
        second = contents_for(30, 18, 10, lasts_days=300)
        second["PLAINPRINT"] = printing(60, 0, edition=1)
        self._buy(start + 9, second)
        self._service(start + 30, "MOONRAKER", "Storage, first quarter", 18_000, {"E": 18_000})
        self._enter(start + 44, self._gift)
        self._service(start + 58, "LANTERN", "Briefing of 24 officers", 42_000, {"F": 42_000})
        self._enter(start + 72, self._new_editions)
        reprint = printing(0, 60, edition=2, languages=["ro", "sq"])
        self._buy(start + 74, {"PLAINPRINT": reprint})
        self._enter(start + 98, self._credit)
        self._service(start + 121, "MOONRAKER", "Storage, second quarter", 18_000, {"E": 18_000})
        self._service(start + 122, "PLAINPRINT", "Artwork, cards and booklets", 38_005, {"C": 12_668, "D": 25_337})
        self._buy(start + 126, contents_for(30, 18, 8, lasts_days=420))
        self._buy(start + 133, {"AVONMED": [Bought("SNACK", 12, lasts_days=88)]})
        self._enter(start + 190, self._recharge)
        self._last_weeks()

    def _last_weeks(self) -> None:
        """Leave what any ordinary day finds: goods without an invoice, an order on its way, a row to split.

        And an invoice whose goods the storekeeper is to count in.
        """
        self._buy(338, contents_for(6, 4, 2), invoiced=False)
        self._buy(352, contents_for(10, 6, 4), invoiced=False, received=False)
        self._buy(354, {"PLAINPRINT": printing(40, 30, edition=1, languages=["vi", "en"])}, received=False)
        self._service(358, "PLAINPRINT", "Carriage of cards and booklets", 4_600, {})

    def _enter(self, number: int, act: object) -> None:
        assert callable(act)
        self.diary.enter(number, act, hour=10)

    def award_on(self, number: int) -> str:
        """Give the award that pays for what is bought on a day of the year."""
        return MAIN if number >= self.start else EARLIER

    def _buy(
        self, number: int, goods: dict[str, list[Bought]], *, invoiced: bool = True, received: bool = True
    ) -> None:
        """Enter an order, its invoice five days later, and its goods after seven."""
        award = self.award_on(number)
        for place, (supplier, bought) in enumerate(goods.items(), start=1):
            self._order(number, award, supplier, bought, f"DN-{number:03d}-{place}", invoiced, received)

    def _order(
        self, number: int, award: str, supplier: str, bought: list[Bought], note: str, invoiced: bool, received: bool
    ) -> None:
        made: dict[str, SupplierInvoice] = {}

        def order() -> None:
            reference = self.purchases.order(award, supplier, bought)
            if invoiced:
                self.diary.enter(number + 5, lambda: invoice(reference), hour=11)
            if invoiced and received:
                self.diary.enter(number + 7, lambda: self.purchases.receive(made["invoice"], bought, note), hour=9)
            elif received:
                self.diary.enter(number + 7, lambda: self.purchases.receive_alone(supplier, bought, note), hour=9)

        def invoice(reference: str) -> None:
            day = self.acts.at.date() - timedelta(days=1)
            made["invoice"] = self.purchases.invoice_goods(supplier, bought, day, order=reference, award=award)
            self.purchases.apportion_whole(made["invoice"], award, bought)

        self.diary.enter(number, order, hour=10)

    def _service(self, number: int, supplier: str, what: str, net: int, shares: dict[str, int]) -> None:
        """Enter an invoice for a service, charged to lines of the main award in pence, or not yet at all."""

        def pay() -> None:
            row = NewRow(what, Pence(net), SpendingKind.SERVICE, 2000, vat_on(Pence(net), 2000))
            invoice = self.purchases.invoice(supplier, [row], self.acts.at.date(), award=MAIN)
            if shares:
                split = [Share(f"{MAIN}/{line}", Pence(pence)) for line, pence in shares.items()]
                self.acts.do("grants", spending.apportion, invoice.rows[0].reference, split)

        self.diary.enter(number, pay, hour=12)

    def _gift(self) -> None:
        """Receive wash kits and period packs that the Soroptimists give: £0, and counted all the same."""
        day = self.acts.at.date()
        self.acts.do(
            "storekeeper", deliveries.receive_delivery, supplier_code="SOROPT", place_code="STORE",
            delivery_note="GIFT-1", received_on=day,
            lines=[
                DeliveredLine("WASH", 12, expires_on=day + timedelta(days=400)),
                DeliveredLine("PERIOD", 10, expires_on=day + timedelta(days=700)),
            ],
        )  # fmt: skip

    def _new_editions(self) -> None:
        """Publish a second edition of the Romanian and Albanian booklets."""
        day = self.acts.at.date()
        for code in ("BOOK-RO", "BOOK-SQ"):
            self.acts.do(
                "storekeeper", catalogue.publish_edition, item_code=code, number=2, published_on=day,
                review_on=day + timedelta(days=540),
            )  # fmt: skip

    def _credit(self) -> None:
        """Record a credit note for damaged joggers of the last clothing invoice, and take it off its line."""
        clothing = [made for made, _ in self.purchases.invoices if made.supplier.code == "WESSEX"]
        row = next(row for row in clothing[-1].rows if row.description.startswith("Joggers"))
        credit = NewRow(
            "Joggers, damaged", Pence(-5_700), SpendingKind.CREDIT, row.vat_rate_points,
            vat_on(Pence(-5_700), row.vat_rate_points), credits=row.reference,
        )  # fmt: skip
        invoice = self.purchases.invoice("WESSEX", [credit], self.acts.at.date(), award=MAIN)
        self.acts.do("grants", spending.apportion, invoice.rows[0].reference, [Share(f"{MAIN}/A", Pence(-5_700))])

    def _recharge(self) -> None:
        """Record the courier that the force recharges to the OPCC: spending with no invoice."""
        row = self.acts.do(
            "grants", spending.record_other_spending, kind=SpendingKind.RECHARGE,
            description="Courier to stations, recharged", net_pence=Pence(6_450),
            incurred_on=self.acts.at.date(), reason="Journal J-2291 of the force",
        )  # fmt: skip
        self.acts.do("grants", spending.apportion, row.reference, [Share(f"{MAIN}/E", Pence(6_450))])
