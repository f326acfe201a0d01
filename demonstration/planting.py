"""Errors planted in the demonstration year through the ordinary services, so that a new auditor can practise.

Every service takes them as it takes what is right: no rule can tell. Each is found by following the auditor's desk, and
none is said anywhere but in ``answers``. They are recorded at the end of the year: no signed claim rests on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import and_, case, or_, select

from core.access import Actor
from core.db import db
from core.money import Pence, vat_on
from demonstration.acts import Acts
from demonstration.money import EARLIER, MAIN, Bought, terms_of
from demonstration.people import STORE, address
from grants.spending import services as spending
from grants.spending.models import SpendingRow, SupplierInvoice
from grants.spending.rules import NewOrderLine, NewRow, Share, SpendingKind
from grants.spending.services.billing import ReceivedRow
from inventory.deliveries.rules import DeliveredLine
from organisation.accounts import queries as accounts_read
from organisation.accounts import services as accounts
from organisation.accounts.models import Account
from organisation.suppliers.models import Supplier


@dataclass(frozen=True)
class Planted:
    """An error in the books.

    Attributes:
        supplier, number: the supplier's code and its invoice's number, by which it is found again; % for any signs.
        wrong: what is wrong, with the figures.
        way: how an auditor comes upon it.
    """

    supplier: str
    number: str
    wrong: str
    way: str


TWICE = Planted(
    "MOONRAKER", "MOO-%A",
    "The storage of the second quarter, £180.00 net, is in the books twice: this invoice repeats another of the same "
    "supplier over the same total, under a number with one letter more, four days later.",
    "What looks wrong: “Looks like the same invoice twice”. The supplier’s statement lists one.",
)  # fmt: skip
TRANSPOSED = Planted(
    "AVONMED", "AVO-51163",
    "Two digits are turned about: 19 wash kits at £7.20 are £136.80 net, and £163.80 is in the books, £27.00 too much.",
    "What looks wrong: “Invoiced at another price than ordered”. Or compare the row with its order.",
)  # fmt: skip
TOO_LATE = Planted(
    "PLAINPRINT", "PLA-51180",
    "20 security cards came ten days after the end of the award they are charged to, £7.00.",
    "What looks wrong: “Goods after the end of the award”. Or compare the delivery’s day with the award’s last.",
)  # fmt: skip
ONE_PERSON = Planted(
    "WESSEX", "WES-51197",
    "The grant officer ordered 12 towels, counted them in as the storekeeper’s deputy, and entered and charged the "
    "invoice: £37.20 without a second person.",
    "What looks wrong: “One person ordered, received and reconciled”. Or read the history of the invoice and delivery.",
)  # fmt: skip
WRONG_LINE = Planted(
    "PLAINPRINT", "PLA-51214",
    "30 security cards were ordered for line C and £10.50 is charged to line D, booklets.",
    "What looks wrong: “Charged to another grant line than ordered for”. Or follow the pound of line D.",
)  # fmt: skip
UNDER = Planted(
    "LANTERN", "LAN-51231",
    "“Briefing materials” for £495.00 with VAT, a round sum £5.00 under what must be published, without an order.",
    "What looks wrong: “Round sum just under a threshold”. Nothing says who agreed to it.",
)  # fmt: skip

ALL: Sequence[Planted] = (TWICE, TRANSPOSED, TOO_LATE, ONE_PERSON, WRONG_LINE, UNDER)
"""Every planted error."""


def plant(acts: Acts) -> None:
    """Plant every error on the last day of the year."""
    acts.go_on(minutes=15)
    with acts.together():
        _enter_twice(acts)
        _transpose(acts)
        _deliver_too_late(acts)
        _do_everything(acts)
        _charge_another_line(acts)
        _stay_under(acts)


def _enter_twice(acts: Acts) -> None:
    """Record once more the invoice of the second quarter's storage, under a number a letter longer."""
    asked = select(SupplierInvoice).join(Supplier).where(Supplier.code == TWICE.supplier)
    first = db.session.scalars(asked.order_by(SupplierInvoice.id.desc()).limit(1)).one()
    row = NewRow("Storage, second quarter", Pence(18_000), SpendingKind.SERVICE, 2000, vat_on(Pence(18_000), 2000))
    again = replace(TWICE, number=f"{first.number}A")
    _charged(acts, again, row, first.invoiced_on + timedelta(days=4), f"{MAIN}/E")


def _transpose(acts: Acts) -> None:
    """Enter £163.80 for what was ordered, and is invoiced on paper, at £136.80."""
    bought, day = Bought("WASH", 19), acts.at.date() - timedelta(days=3)
    order = _order(acts, TRANSPOSED, bought, MAIN, day - timedelta(days=6))
    row = _row(bought, Pence(163_80))
    invoice = _charged(acts, TRANSPOSED, row, day, f"{MAIN}/A", order=order)
    _receive(acts, invoice, bought, acts.at.date(), acts.people["storekeeper"])


def _deliver_too_late(acts: Acts) -> None:
    """Count in, ten days after its end, what the earlier award paid for."""
    ends, bought = terms_of(EARLIER, acts.calendar).ends_on, Bought("CARD-AR", 20)
    order = _order(acts, TOO_LATE, bought, EARLIER, ends - timedelta(days=20))
    invoice = _charged(acts, TOO_LATE, _row(bought), ends - timedelta(days=6), f"{EARLIER}/C", order=order)
    _receive(acts, invoice, bought, ends + timedelta(days=10), acts.people["storekeeper"])


def _do_everything(acts: Acts) -> None:
    """Have the grant officer order, and as the storekeeper's deputy of a day receive, and enter the invoice."""
    day, bought = acts.at.date(), Bought("TOWEL", 12)
    named = {each: db.session.scalars(select(Account).where(Account.email == address(each))).one() for each in _PAIR}
    absent, officer = (named[each] for each in _PAIR)
    acts.do("admin", accounts.name_deputy, absent.reference, officer.reference, day, day)
    order = _order(acts, ONE_PERSON, bought, MAIN, day - timedelta(days=5))
    invoice = _charged(acts, ONE_PERSON, _row(bought), day - timedelta(days=1), f"{MAIN}/A", order=order)
    _receive(acts, invoice, bought, day, accounts_read.actor_of(officer.id, on=day))


_PAIR = ("storekeeper", "grants")


def _charge_another_line(acts: Acts) -> None:
    """Charge cards that were ordered for their own line to the line of booklets."""
    bought, day = Bought("CARD-TI", 30), acts.at.date() - timedelta(days=2)
    order = _order(acts, WRONG_LINE, bought, MAIN, day - timedelta(days=8))
    invoice = _charged(acts, WRONG_LINE, _row(bought), day, f"{MAIN}/D", order=order)
    _receive(acts, invoice, bought, acts.at.date(), acts.people["storekeeper"])


def _stay_under(acts: Acts) -> None:
    """Enter a service over £495.00 with VAT that nobody ordered."""
    row = NewRow("Briefing materials", Pence(412_50), SpendingKind.SERVICE, 2000, Pence(82_50))
    _charged(acts, UNDER, row, acts.at.date() - timedelta(days=2), f"{MAIN}/F")


def _order(acts: Acts, planted: Planted, bought: Bought, award: str, on: date) -> str:
    goods = bought.goods
    line = NewOrderLine(goods.name, f"{award}/{goods.line}", bought.net_pence, bought.units, item_code=bought.code)
    placed = acts.do("grants", spending.place_order, [line], supplier_code=planted.supplier, ordered_on=on)
    return placed.reference


def _row(bought: Bought, net: Pence | None = None) -> NewRow:
    goods, net = bought.goods, bought.net_pence if net is None else net
    return NewRow(
        goods.name, net, SpendingKind.GOODS, goods.vat_points, vat_on(net, goods.vat_points), item_code=bought.code,
        unit_count=bought.units, order_line_position=1,
    )  # fmt: skip


def _charged(
    acts: Acts, planted: Planted, row: NewRow, on: date, line: str, *, order: str | None = None
) -> SupplierInvoice:
    """Enter an invoice of one row and charge it to a grant line."""
    invoice = acts.do(
        "grants", spending.record_invoice, [row], supplier_code=planted.supplier, number=planted.number, invoiced_on=on,
        gross_pence=Pence(row.net_pence + row.printed_vat_pence), order_reference=order,
    )  # fmt: skip
    acts.do("grants", spending.apportion, invoice.rows[0].reference, [Share(line, row.net_pence)])
    return invoice


def _receive(acts: Acts, invoice: SupplierInvoice, bought: Bought, on: date, who: Actor) -> None:
    goods = bought.goods
    expires = on + timedelta(days=bought.lasts_days) if goods.expires else None
    line = DeliveredLine(bought.code, bought.units, expires_on=expires, edition_number=1 if goods.language else None)
    received = [ReceivedRow(invoice.rows[0].reference, line)]
    acts.do(
        "storekeeper", spending.receive_against_invoice, invoice.reference, received, place_code=STORE,
        delivery_note=f"DN-{invoice.number}", received_on=on, by=who, scope=who.scope,
    )  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """A planted error with the invoice it is in."""

    planted: Planted
    invoice: str
    row: str


def answers() -> list[Answer]:
    """Say where each planted error is in the books."""
    wanted = [and_(Supplier.code == each.supplier, SupplierInvoice.number.like(each.number)) for each in ALL]
    which = case(*((condition, place) for place, condition in enumerate(wanted)))
    asked = (
        select(which, SupplierInvoice.reference, SpendingRow.reference)
        .join(Supplier, Supplier.id == SupplierInvoice.supplier_id)
        .join(SpendingRow, SpendingRow.invoice_id == SupplierInvoice.id)
        .where(or_(*wanted))
        .order_by(which)
    )
    return [Answer(ALL[place], invoice, row) for place, invoice, row in db.session.execute(asked)]
