"""The money of the demonstration: two awards in the shape of Wiltshire's, and all that was bought.

The main award is invented, in the shape real ones have (docs/SOURCES.md, HO-5 and HO-6): £22,460.00 in six lines.
What is bought is written as a list of purchases; quantities come from how many Go Bags they are for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.money import Pence, vat_on
from demonstration.acts import Acts
from demonstration.calendar import Calendar
from demonstration.goods import GOODS, LANGUAGES, Goods
from demonstration.people import STORE
from demonstration.ringing import record_new
from demonstration.serials import handset, sim
from grants.awards import services as awards
from grants.awards.rules import AwardTerms, Basis, Cadence, NewLine
from grants.spending import services as spending
from grants.spending.models import SupplierInvoice
from grants.spending.rules import NewOrderLine, NewRow, Share, SpendingKind
from grants.spending.services.billing import ReceivedRow
from inventory.catalogue.rules import ItemKind
from inventory.deliveries import services as deliveries
from inventory.deliveries.rules import DeliveredLine
from inventory.phones.rules import NUMBER_OF

MAIN, EARLIER = "MSVF", "VSG"

MAIN_LINES = (
    NewLine("A", "Contents and clothing", "Toiletries, a change of clothes and a bag for each victim", Pence(960_000)),
    NewLine("B", "Phones, SIMs, credit", "A basic phone with credit, so that a victim can reach help", Pence(440_000)),
    NewLine("C", "Security cards", "Printed cards with helplines in the languages victims read", Pence(216_000)),
    NewLine("D", "Booklets", "Translated booklets on rights and support, printed and kept current", Pence(430_000)),
    NewLine("E", "Storage, distribution", "Secure storage and carriage to stations and partners", Pence(100_000)),
    NewLine("F", "Briefing", "Briefing of officers and partners who hand Go Bags over", Pence(100_000)),
)
EARLIER_LINES = (
    NewLine("A", "Contents and clothing", "Contents of emergency bags for victims", Pence(600_000)),
    NewLine("B", "Phones and SIMs", "Basic phones with credit", Pence(240_000)),
    NewLine("C", "Security cards", "Printed security cards", Pence(40_000)),
    NewLine("D", "Booklets", "Printed booklets in translation", Pence(100_000)),
)

PROJECT = {MAIN: "PX4471", EARLIER: "PX4126"}
"""Award → the project code under which the finance system books it."""


def terms_of(code: str, calendar: Calendar) -> AwardTerms:
    """Give the terms of an award of the demonstration."""
    year = calendar.award_year if code == MAIN else calendar.earlier_award_year
    title = "Modern Slavery Victim Support Fund" if code == MAIN else "Victim Starter Grant"
    return AwardTerms(
        code=code,
        title=f"{title}, {year.label}",
        funder="Home Office",
        agreement_reference=f"HO/{code}/{year.first.year}",
        body_code="OPCC",
        project_code=PROJECT[code],
        amount_pence=Pence(2_246_000 if code == MAIN else 980_000),
        offered_on=year.first - timedelta(days=30),
        starts_on=year.first,
        ends_on=year.last,
        cadence=Cadence.QUARTERLY if code == MAIN else Cadence.YEARLY,
        basis=Basis.ACCRUALS,
    )


def record_award(acts: Acts, calendar: Calendar, code: str) -> None:
    """Record one of the two awards with its lines."""
    lines = MAIN_LINES if code == MAIN else EARLIER_LINES
    acts.do("grants", awards.record_award, terms_of(code, calendar), lines)


def move_budget(acts: Acts, day: date) -> None:
    """Move £400.00 from security cards to booklets: 18.5% of the one line, so the funder's consent is named."""
    acts.do(
        "grants", awards.change_budget, from_line=f"{MAIN}/C", to_line=f"{MAIN}/D", pence=Pence(40_000),
        agreed_on=day, consent_reference="HO letter 14", reason="More languages are asked for than cards",
    )  # fmt: skip


@dataclass(frozen=True)
class Bought:
    """So many units of an item; ``edition`` for printed matter, ``lasts_days`` for what expires."""

    code: str
    units: int
    edition: int = 1
    lasts_days: int = 540

    @property
    def goods(self) -> Goods:
        """The item as the demonstration buys it."""
        return GOODS[self.code]

    @property
    def net_pence(self) -> Pence:
        """What the units cost without VAT."""
        return Pence(self.units * self.goods.price_pence)


def contents_for(adult_m: int, adult_l: int, child: int, *, lasts_days: int = 540) -> dict[str, list[Bought]]:
    """Give what so many bags of each kind need, by supplier; hygiene lasts the days given."""
    bags = adult_m + adult_l + child
    sizes = {"M": adult_m, "L": adult_l, "C": child}
    clothes = [Bought(code, bags) for code in ("HOLDALL", "TOWEL", "SOCKS", "SLIDERS")]
    clothes += [
        Bought(f"{worn}-{size}", count)
        for worn in ("JOG", "TEE", "SWT", "UND")
        for size, count in sizes.items()
        if count
    ]
    hygiene = [Bought("WASH", bags, lasts_days=lasts_days), Bought("SNACK", bags, lasts_days=lasts_days)]
    hygiene.append(Bought("PERIOD", max(6, bags // 3), lasts_days=lasts_days + 200))
    phones = [Bought("PHONE", adult_m + adult_l + 6), Bought("SIM", adult_m + adult_l + 6)]
    return {"WESSEX": clothes, "AVONMED": hygiene, "DEVTEL": phones}


def printing(
    per_card: int, per_booklet: int, *, edition: int, languages: Sequence[str] = tuple(LANGUAGES)
) -> list[Bought]:
    """Give a print run of cards and booklets in some languages."""
    cards = [Bought(f"CARD-{code.upper()}", per_card, edition) for code in languages if per_card]
    booklets = [Bought(f"BOOK-{code.upper()}", per_booklet, edition) for code in languages if per_booklet]
    return cards + booklets


class Purchases:
    """Buying for one award: order, invoice, split, and goods received against the invoice."""

    def __init__(self, acts: Acts) -> None:
        self.acts = acts
        self.invoices: list[tuple[SupplierInvoice, str]] = []
        """Every invoice with the code of the award that pays it."""
        self._number = 0
        self._units = {ItemKind.PHONE: 0, ItemKind.SIM: 0, ItemKind.SECURITY_CARD: 0}

    def order(self, award: str, supplier: str, bought: Sequence[Bought]) -> str:
        """Place an order; give its reference."""
        lines = [
            NewOrderLine(each.goods.name, f"{award}/{each.goods.line}", each.net_pence, each.units, item_code=each.code)
            for each in bought
        ]
        placed = self.acts.do(
            "grants", spending.place_order, lines, supplier_code=supplier, ordered_on=self.acts.at.date()
        )
        return placed.reference

    def invoice(
        self, supplier: str, rows: Sequence[NewRow], invoiced_on: date, *, award: str, order: str | None = None
    ) -> SupplierInvoice:
        """Record a supplier's invoice as printed."""
        self._number += 1
        gross = sum(row.net_pence + (row.vat_pence or 0) for row in rows)
        recorded = self.acts.do(
            "grants", spending.record_invoice, rows, supplier_code=supplier,
            number=f"{supplier[:3]}-{40_310 + 17 * self._number}", invoiced_on=invoiced_on,
            gross_pence=Pence(gross), order_reference=order,
        )  # fmt: skip
        self.invoices.append((recorded, award))
        return recorded

    def invoice_goods(
        self, supplier: str, bought: Sequence[Bought], invoiced_on: date, *, order: str | None, award: str
    ) -> SupplierInvoice:
        """Record an invoice for goods, row by row as ordered."""
        rows = [
            NewRow(
                description=each.goods.name, net_pence=each.net_pence, kind=SpendingKind.GOODS,
                vat_rate_points=each.goods.vat_points, vat_pence=vat_on(each.net_pence, each.goods.vat_points),
                item_code=each.code, unit_count=each.units, order_line_position=place if order else None,
            )
            for place, each in enumerate(bought, start=1)
        ]  # fmt: skip
        return self.invoice(supplier, rows, invoiced_on, order=order, award=award)

    def apportion_whole(self, invoice: SupplierInvoice, award: str, bought: Sequence[Bought]) -> None:
        """Charge each row to the line that usually pays for its item."""
        for row, each in zip(invoice.rows, bought, strict=True):
            share = Share(f"{award}/{each.goods.line}", row.cost_pence)
            self.acts.do("grants", spending.apportion, row.reference, [share])

    def receive(self, invoice: SupplierInvoice, bought: Sequence[Bought], note: str) -> None:
        """Receive the goods of an invoice at the store."""
        received = [
            ReceivedRow(row.reference, self._counted(each)) for row, each in zip(invoice.rows, bought, strict=True)
        ]
        self.acts.do(
            "storekeeper", spending.receive_against_invoice, invoice.reference, received, place_code=STORE,
            delivery_note=note, received_on=self.acts.at.date(),
        )  # fmt: skip
        self._record_phones(bought)

    def receive_alone(self, supplier: str, bought: Sequence[Bought], note: str) -> None:
        """Receive goods whose invoice has not come yet."""
        self.acts.do(
            "storekeeper",
            deliveries.receive_delivery,
            supplier_code=supplier,
            place_code=STORE,
            delivery_note=note,
            received_on=self.acts.at.date(),
            lines=[self._counted(each) for each in bought],
        )
        self._record_phones(bought)

    def _record_phones(self, bought: Sequence[Bought]) -> None:
        """Record which SIM is in which of the phones that just came."""
        count = sum(each.units for each in bought if each.goods.kind == ItemKind.SIM)
        if count:
            record_new(self.acts, self._units[ItemKind.SIM] - count, count)

    def _counted(self, each: Bought) -> DeliveredLine:
        """Give what the storekeeper notes of goods: expiry, edition and numbers where the item has them."""
        return DeliveredLine(
            each.code,
            each.units,
            expires_on=self._expiry(each),
            edition_number=each.edition if each.goods.language else None,
            serial_numbers=self._serials(each),
            card_numbers=self._card_numbers(each),
        )

    def _expiry(self, each: Bought) -> date | None:
        return self.acts.at.date() + timedelta(days=each.lasts_days) if each.goods.expires else None

    def _card_numbers(self, each: Bought) -> tuple[str, ...]:
        """Give the range printed on cards, which continues from one delivery to the next."""
        if each.goods.kind is not ItemKind.SECURITY_CARD:
            return ()
        start = self._units[each.goods.kind] + 1
        self._units[each.goods.kind] += each.units
        return (f"SC-{start:06d} to SC-{start + each.units - 1:06d}",)

    def _serials(self, each: Bought) -> tuple[str, ...]:
        """Give the numbers of handsets and SIMs, which continue from one delivery to the next."""
        if each.goods.kind not in NUMBER_OF:
            return ()
        start = self._units[each.goods.kind]
        self._units[each.goods.kind] += each.units
        make = handset if each.goods.kind == ItemKind.PHONE else sim
        return tuple(make(start + number) for number in range(each.units))
